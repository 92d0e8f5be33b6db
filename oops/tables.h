/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page-table entries that a log gives, as a walk, and which of them denied the
 * access.
 */
#ifndef KWCHECK_OOPS_TABLES_H
#define KWCHECK_OOPS_TABLES_H

#include "oops/crash.h"
#include "pagetable/walk.h"

enum tables_denial {
	TABLES_UNKNOWN = 0, /* no values, or too few */
	TABLES_NOT_PRESENT,
	TABLES_NO_RW,
	TABLES_NX,
	TABLES_SMAP, /* a page of user space, touched by the kernel without stac */
	TABLES_SMEP, /* a page of user space, executed by the kernel */
	TABLES_SUPERVISOR_ONLY,
	TABLES_RESERVED,
	TABLES_KEY,
	TABLES_RMP, /* SEV-SNP's reverse map, which no entry shows */
	/* The values do not forbid the access: they changed after the fault, the CPU held
	 * an old translation, or the line is damaged.
	 */
	TABLES_PERMITTED,
	TABLES_CONTRADICTION, /* with the error code: a damaged line */
};

struct tables {
	bool has_walk;
	struct pt_format format; /* how the entries were read */
	struct pt_walk walk;
	bool is_cut; /* the values end above a page */
	enum tables_denial denial;
	int denied_by; /* index into walk.steps, -1 where no level can be named */
};

/* tables_read - the walk of @crash's faulting address by the entries of its log
 * @format: of the kernel where it is known, else NULL: all 52 address bits are taken.
 */
void tables_read(const struct crash *crash, const struct pt_format *format,
		 struct tables *ret);

/* "no-rw", "not-present", ...: stable, for machines. */
const char *tables_denial_name(enum tables_denial denial);

#endif
