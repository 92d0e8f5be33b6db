/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's tables of exported symbols, found in its image where no name tells of
 * them.
 */
#ifndef KWCHECK_KCORE_KSYMTAB_H
#define KWCHECK_KCORE_KSYMTAB_H

#include "kcore/kernel.h"

/* struct kernel_symbol with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS (x86-64 since 4.19):
 * { s32 value, s32 name, s32 namespace }, each relative to itself. The namespace came
 * with 5.4.
 */
enum {
	KSYMTAB_ENTRY_BYTES = 12,
	KSYMTAB_VALUE_AT = 0,
	KSYMTAB_NAME_AT = 4,
	KSYMTAB_NAMESPACE_AT = 8,
};

/* Addresses; 0: there is none. */
struct ksymtab {
	uint64_t start, end; /* of both tables, the GPL-only one behind the other */
	uint64_t gpl;	     /* where that begins; 0: all are in one table (6.20) */
	uint64_t crcs;	     /* 4 bytes an entry, in the order of the entries */
	uint64_t flags;	     /* a byte an entry */
	uint64_t strings, strings_end; /* all names and namespaces of the entries */
	bool is_crc_unknown;	       /* whether there are CRCs cannot be told */
};

/* ksymtab_find - by what must be true of the tables
 * Each entry leads to a name and to an address of the image, and names ascend in a table
 * (include/asm-generic/vmlinux.lds.h). Returns 0; -ENOENT: no such tables, or more than
 * one candidate; or -errno.
 */
int ksymtab_find(struct kernel *kernel, struct ksymtab *ret);

/* ksymtab_each - every entry of the tables: its name and the address that it exports
 * @each: a result other than 0 ends it and is returned. Returns 0 or -errno.
 */
typedef int (*ksymtab_fn)(void *ctx, const char *name, uint64_t address);
int ksymtab_each(struct kernel *kernel, const struct ksymtab *tables, ksymtab_fn each,
		 void *ctx);

#endif
