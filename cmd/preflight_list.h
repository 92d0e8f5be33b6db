/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "preflight" about several modules, kept until all are there. */
#ifndef KWCHECK_CMD_PREFLIGHT_LIST_H
#define KWCHECK_CMD_PREFLIGHT_LIST_H

#include <stddef.h>

#include "preflight/finding.h"

struct preflight_list {
	struct preflight_list_row *rows;
	size_t nr, room;
};

/* preflight_list_add - keeps a copy of what is to be printed of one more module
 * Returns 0 or -ENOMEM.
 */
int preflight_list_add(struct preflight_list *list, enum finding_verdict verdict,
		       const char *bytes, size_t nr_bytes);

/* Prints all, the worst first, of one verdict in the order in which they came. */
void preflight_list_print(const struct preflight_list *list);
void preflight_list_free(struct preflight_list *list);

#endif
