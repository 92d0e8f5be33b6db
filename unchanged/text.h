/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel's code leads: every branch in it, in one linear pass. */
#ifndef KWCHECK_UNCHANGED_TEXT_H
#define KWCHECK_UNCHANGED_TEXT_H

#include "audit/report.h"
#include "unchanged/owner.h"

/* The symbols that are asked for; see audit_want(). */
void text_want(struct audit *audit);

/* text_check - adds the row "branches of kernel text"
 *
 * @records: what the kernel has on record now, as for all of this room's checks.
 * Reading starts anew at each symbol. Told is each direct branch, each branch through a
 * fixed place, and each address loaded, whose target is code that is not the image's,
 * unless one of the kernel's own means (unchanged/owner.h) put it there.
 */
void text_check(struct audit *audit, const struct owner_records *records);

/* text_read - bytes of the kernel's text, past the page cache, which would hold them a
 * second time
 * Returns 0 or -errno; -EFAULT: some are not mapped, or not in the core.
 */
int text_read(const struct audit *audit, uint64_t va, uint64_t nr_bytes,
	      unsigned char *ret);

#endif
