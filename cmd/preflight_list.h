/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "preflight" about several modules, kept until all are there. */
#ifndef KWCHECK_CMD_PREFLIGHT_LIST_H
#define KWCHECK_CMD_PREFLIGHT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/options.h"
#include "preflight/finding.h"

struct preflight_list {
	struct preflight_list_row *rows;
	size_t nr, room;
	bool is_table; /* rows are preflight_cells()'s, else whole answers */
};

/* preflight_list_check - would preflight_list_print() take the columns of @options? */
int preflight_list_check(const struct options *options, struct error *err);

/* preflight_list_add - keeps a copy of what is to be printed of one more module
 * @bytes: @nr_bytes of it. Returns 0 or -ENOMEM.
 */
int preflight_list_add(struct preflight_list *list, enum finding_verdict verdict,
		       const char *bytes, size_t nr_bytes);

/* The worst verdict first; modules of one verdict in the order in which they were added.
 */
void preflight_list_print(const struct preflight_list *list,
			  const struct options *options, bool has_color);
void preflight_list_free(struct preflight_list *list);

#endif
