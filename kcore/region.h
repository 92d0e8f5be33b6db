/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What part of the kernel's address space an address lies in, and what the kernel means
 * to do with it. Words beside the verdict, never the ground for one.
 */
#ifndef KWCHECK_KCORE_REGION_H
#define KWCHECK_KCORE_REGION_H

#include "kcore/kernel.h"

enum region_kind {
	REGION_UNKNOWN = 0,
	REGION_USER, /* the lower half: a process's */
	REGION_NON_CANONICAL,
	REGION_FREED_INIT, /* __init code and data, given back after boot */
	REGION_FREED_GAP,  /* padding between image sections, given back */
	REGION_RO_AFTER_INIT,
	REGION_RODATA,
	REGION_TEXT,
	REGION_DATA,
	REGION_BSS,
	REGION_IMAGE, /* the image, no finer part known */
	REGION_MODULES,
	REGION_DIRECT_MAP,
	REGION_VMALLOC,
	REGION_VMEMMAP,
	REGION_CPU_ENTRY_AREA,
	REGION_ESPFIX,
	REGION_EFI,
	REGION_FIXMAP,
	REGION_VSYSCALL,
	REGION_GUARD_HOLE,
	REGION_LDT,
	REGION_NR_KINDS,
};

/* What the kernel means to allow there. */
enum region_intent { REGION_EITHER = 0, REGION_SEALED, REGION_WRITABLE };

struct region {
	enum region_kind kind;
	enum region_intent intent;
	const char *name;    /* ".data..ro_after_init" */
	const char *meaning; /* "sealed after boot" */
};

/* The region that a person calls @name: case, leading dots and the choice between blank,
 * dash and underscore do not matter ("direct-map", "RODATA"). NULL: none.
 */
const struct region *region_find(const char *name);

/* Region @kind, for lists of them. */
const struct region *region_of_kind(enum region_kind kind);

/* region_bounds - where one region may end and another begin
 * Between two neighbours of the list all addresses are of one region.
 * @ret: heap array of @ret_nr, ascending; the caller frees it. Returns 0 or -ENOMEM.
 */
int region_bounds(const struct kernel *kernel, uint64_t **ret, size_t *ret_nr);

/* The region of @va in this kernel. Never NULL. */
const struct region *region_of(const struct kernel *kernel, uint64_t va);

#endif
