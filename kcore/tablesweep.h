/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sweep over page tables, with the memory that it takes: 4 MiB, whatever they map. */
#ifndef KWCHECK_KCORE_TABLESWEEP_H
#define KWCHECK_KCORE_TABLESWEEP_H

#include "pagetable/sweep.h"

/* tablesweep_run - pt_sweep() with a memo and a batch of its own
 * @ret_nr_tables: NULL, or how many tables were reached below the root, counted once per
 * inherited rights. Returns what pt_sweep() returns; -ENOMEM.
 */
int tablesweep_run(const struct pagetable *pt, uint64_t first, uint64_t last,
		   pt_sweep_fn each, void *ctx, size_t *ret_nr_tables);

#endif
