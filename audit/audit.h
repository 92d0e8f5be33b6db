/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel ought to have sealed, and whether it has. Everything is decided here;
 * renderers only print.
 */
#ifndef KWCHECK_AUDIT_AUDIT_H
#define KWCHECK_AUDIT_AUDIT_H

#include "audit/report.h"

/* audit_run - all that is asked for, of one kernel
 * @groups: bits 1 << enum audit_group. @words: borrowed until audit_free().
 * Rows come out in the order they were checked, findings by row. A running kernel is
 * looked at again, over fresh memory, until what is told was seen twice in a row: see
 * looks.h. Returns 0, or -errno.
 */
int audit_run(struct audit *ret, struct kernel *kernel, unsigned groups,
	      const struct audit_words *words);

#endif
