/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel ought to have sealed, and whether it has. Everything is decided here;
 * renderers only print.
 */
#ifndef KWCHECK_AUDIT_AUDIT_H
#define KWCHECK_AUDIT_AUDIT_H

#include "audit/report.h"

/* A check fills rows of one group. */
struct audit_check {
	enum audit_group group;
	/* The symbols that the check asks for, see audit_want(); NULL: none. */
	void (*want)(struct audit *audit);
	void (*run)(struct audit *audit, void *ctx);
	void *ctx;
};

/* audit_run - all that is asked for, of one kernel
 * @groups: bits 1 << enum audit_group. @words: borrowed until audit_free(). @above: a
 * check of a higher floor, which runs after all others; NULL: none.
 * Rows come out in the order they were checked, findings by row. A running kernel is
 * looked at again, over fresh memory, until what is told was seen twice in a row: see
 * looks.h. Returns 0, or -errno.
 */
int audit_run(struct audit *ret, struct kernel *kernel, unsigned groups,
	      const struct audit_words *words, const struct audit_check *above);

#endif
