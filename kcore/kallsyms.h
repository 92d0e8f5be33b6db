/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own symbols as they lie compressed in its memory: names, types, addresses.
 * What /proc/kallsyms prints of the image, without the text file; modules' symbols are
 * not in it.
 */
#ifndef KWCHECK_KCORE_KALLSYMS_H
#define KWCHECK_KCORE_KALLSYMS_H

#include "kcore/elfcore.h"
#include "kcore/vmcoreinfo.h"

/* KSYM_NAME_LEN is 512 since 6.1. */
enum { KALLSYMS_NAME_BYTES = 512, KALLSYMS_NR_TOKENS = 256 };

/* How an offset becomes an address: kernel/kallsyms.c:kallsyms_sym_address(). */
enum kallsyms_form {
	KALLSYMS_PC_RELATIVE,	  /* to the offset's own place: 7.x */
	KALLSYMS_ABSOLUTE_PERCPU, /* not negative: an absolute value; negative: base - 1 -
				     it */
	KALLSYMS_BASE_RELATIVE,	  /* base plus the offset, unsigned */
	KALLSYMS_NR_FORMS,
};

struct kallsyms {
	size_t nr;
	/* The tables lie next to each other in .rodata; blob is all of them, the rest of
	 * the pointers lead into it.
	 */
	unsigned char *blob;
	size_t blob_bytes;
	uint64_t blob_va;
	const unsigned char *offsets; /* nr of int32_t */
	const unsigned char *names;
	const char *token[KALLSYMS_NR_TOKENS];
	uint32_t *name_at; /* of each symbol, where in names its length byte lies */
	enum kallsyms_form form;
	uint64_t offsets_va, base;
};

/* Where the tables lie. */
struct kallsyms_places {
	uint64_t nr, names, tokens, index, offsets, base;
	bool has_base;
};

/* kallsyms_read - the tables that VMCOREINFO names (6.0 and newer)
 *
 * @image_to_pa: added to an image address gives its physical one.
 * The form is the one under which _stext comes out where VMCOREINFO says it is; where
 * none does the tables are of a layout unknown here and are not used. Returns 0; -ENOENT:
 * VMCOREINFO names no tables; -EINVAL: they do not make sense; or what reading gives.
 */
int kallsyms_read(struct kallsyms *ret, struct elfcore *core,
		  const struct vmcoreinfo *info, uint64_t image_to_pa);

/* The same of tables that were found in another way. */
int kallsyms_read_at(struct kallsyms *ret, struct elfcore *core,
		     const struct kallsyms_places *places, uint64_t stext,
		     uint64_t image_to_pa);
void kallsyms_close(struct kallsyms *kallsyms);

uint64_t kallsyms_address(const struct kallsyms *kallsyms, size_t i);

/* Name of symbol @i with its NUL into @name; returns its type letter. */
char kallsyms_name(const struct kallsyms *kallsyms, size_t i,
		   char name[KALLSYMS_NAME_BYTES]);

/* Index of the first symbol named @name at or after @from; kallsyms->nr: none. */
size_t kallsyms_find(const struct kallsyms *kallsyms, const char *name, size_t from);

/* Every symbol whose name begins with @prefix, by its index. */
typedef void (*kallsyms_fn)(void *ctx, size_t i);
void kallsyms_each(const struct kallsyms *kallsyms, const char *prefix, kallsyms_fn each,
		   void *ctx);

/* kallsyms_find_many - every symbol that has one of @nr @names, in one pass
 * @found: gets the name's and the symbol's index; symbols ascend. Returns 0; -ENOMEM;
 * -E2BIG: more than 65,000 letters in all.
 */
typedef void (*kallsyms_found_fn)(void *ctx, size_t name, size_t i);
int kallsyms_find_many(const struct kallsyms *kallsyms, size_t nr,
		       const char *const names[], kallsyms_found_fn found, void *ctx);

#endif
