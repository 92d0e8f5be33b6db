/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties a kernel's memory, names, types and page tables together and tests them against
 * each other.
 */
#ifndef KWCHECK_KCORE_OPEN_H
#define KWCHECK_KCORE_OPEN_H

#include "kcore/kernel.h"

/* kernel_open - ties what @source holds together and tests it against itself
 *
 * @source: borrowed, must outlive @ret. @ret must not move afterwards: the page-table
 * reader points back to it. Before it returns 0: the two sources of phys_base agree, the
 * reader's own PGD (where BTF finds it) has the same kernel half as swapper_pg_dir, the
 * walk of _stext reaches executable supervisor memory at the address the core's headers
 * give, and the walk of the root's direct-map address reaches the root. Missing symbols
 * are no error (addresses can still be asked): has_symbols, symbols_error. Returns 0, or
 * -errno with @err filled.
 */
int kernel_open(struct kernel *ret, const struct source *source, struct error *err);
void kernel_close(struct kernel *kernel);

#endif
