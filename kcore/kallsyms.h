/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own symbols as they lie compressed in its memory: names, types, addresses.
 * What /proc/kallsyms prints of the image, without the text file; modules' symbols are
 * not in it.
 */
#ifndef KWCHECK_KCORE_KALLSYMS_H
#define KWCHECK_KCORE_KALLSYMS_H

#include <stdbool.h>

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
	size_t tables_bytes; /* of it, without the order of names behind the rest */
	uint64_t blob_va;
	const unsigned char *offsets; /* nr of int32_t */
	const unsigned char *names;
	const char *token[KALLSYMS_NR_TOKENS];
	uint32_t *name_at; /* of each symbol, where in names its length byte lies */
	/* Of the running kernel names are found without looking through all, where these
	 * two tables are there: where every 256th name begins, and the symbols' indices
	 * in the order of strcmp(). name_at is made then when many names are asked for.
	 */
	const unsigned char *markers, *order;
	size_t nr_made; /* names, without name_at */
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

/* kallsyms_index - finds the place of each name, where that is not known yet
 * For who goes through all. Returns 0; -EINVAL: the table is damaged; -ENOMEM.
 */
int kallsyms_index(struct kallsyms *kallsyms);

/* kallsyms_forget_order - has each name looked at
 * For kernels that clang built: up to 6.5 what follows ".llvm." in a name did not count
 * in the order (scripts/kallsyms.c: cleanup_symbol_name()).
 */
void kallsyms_forget_order(struct kallsyms *kallsyms);

/* Do the addresses ascend? */
bool kallsyms_is_ascending(const struct kallsyms *kallsyms);

uint64_t kallsyms_address(const struct kallsyms *kallsyms, size_t i);

/* Name of symbol @i with its NUL into @name; returns its type letter. */
char kallsyms_name(struct kallsyms *kallsyms, size_t i, char name[KALLSYMS_NAME_BYTES]);

/* Index of the first symbol named @name at or after @from; kallsyms->nr: none. */
size_t kallsyms_find(struct kallsyms *kallsyms, const char *name, size_t from);

/* Every symbol whose name begins with @prefix, by its index. */
typedef void (*kallsyms_fn)(void *ctx, size_t i);
void kallsyms_each(struct kallsyms *kallsyms, const char *prefix, kallsyms_fn each,
		   void *ctx);

/* kallsyms_find_many - every symbol that has one of @nr @names, in one pass
 * @found: gets the name's and the symbol's index; symbols ascend. Returns 0; -ENOMEM;
 * -E2BIG: more than 65,000 letters in all.
 */
typedef void (*kallsyms_found_fn)(void *ctx, size_t name, size_t i);
int kallsyms_find_many(struct kallsyms *kallsyms, size_t nr, const char *const names[],
		       kallsyms_found_fn found, void *ctx);

#endif
