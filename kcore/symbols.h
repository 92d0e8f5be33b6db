/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's symbols, by name and by address. */
#ifndef KWCHECK_KCORE_SYMBOLS_H
#define KWCHECK_KCORE_SYMBOLS_H

#include "kcore/error.h"
#include "kcore/listing.h"
#include "kcore/nameindex.h"
#include "kcore/nearest.h"
#include "kcore/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Symbols that ascend by address. */
struct symbols_part {
	struct symbol *array;
	size_t nr;
	size_t *order; /* indices ascending by address; NULL: the array does */
};

/* Appends the symbols that came after boot, from the kernel's memory, in the order of
 * kallsyms' text. A result other than 0: they cannot be had from there.
 */
typedef int (*symbols_others_fn)(void *ctx, struct symbol_array *ret,
				 struct strings *names);

/* The kernel's own symbols come from its memory (names are made when they are asked for)
 * or from the text of /proc/kallsyms; those of modules, BPF and ftrace from memory or
 * from the text when a question needs them. Borrowed pointers live until
 * symbols_close().
 */
struct symbols {
	struct symbols_part own, others;
	struct kallsyms *table;	    /* NULL: all from text */
	struct listing_text source; /* where the others are read anew */
	bool has_unread_others;
	struct error text_error;       /* why the others are not there */
	symbols_others_fn read_others; /* NULL: from the text */
	void *ctx;
	/* Exported objects of a kernel that lists functions only: for symbols_address()
	 * and its like alone, since nothing tells where one ends.
	 */
	struct symbol_array exported;
	/* Clang's ThinLTO may have called a static NAME.llvm.HASH: where only one is
	 * called like that it is meant by NAME in symbols_address() and its like.
	 */
	bool has_promoted;
	struct nameindex by_name; /* of all: made by the first look-ups of many */
	size_t nr_lookups;
	/* Of listings, whose names point into them: of the first one and, where the
	 * others were read anew, of the last.
	 */
	char *first_text, *text;
	struct strings names; /* made from memory */
};

/* symbols_read - every symbol of /proc/kallsyms' text
 *
 * Lines that are not of kallsyms' form are an error with the line's number: a listing
 * that is damaged must not answer for a part of the kernel. -ENODATA with
 * ERROR_KPTR_RESTRICT where all addresses are zero.
 */
int symbols_read(struct symbols *ret, const struct listing_text *text, struct error *err);

/* symbols_take - the kernel's own symbols from its memory
 *
 * @table: taken over.
 * @read_others: for the others when one is needed; where it is NULL or fails, @text.
 */
int symbols_take(struct symbols *ret, struct kallsyms *table,
		 const struct listing_text *text, symbols_others_fn read_others,
		 void *ctx);
/* symbols_take_listing - the kernel's own symbols from elsewhere, ascending by address
 * @listing: without others; taken over.
 */
void symbols_take_listing(struct symbols *ret, struct listing *listing,
			  const struct listing_text *text, symbols_others_fn read_others,
			  void *ctx);
/* symbols_add_exported - one more of exported; its name is copied. Returns 0 or -ENOMEM.
 */
int symbols_add_exported(struct symbols *symbols, const char *name, uint64_t address);

/* symbols_forget_others - the symbols of modules and of generated code are read anew when
 * the next question needs them
 * Pointers to such symbols end here. A capture's text stays as it is.
 */
void symbols_forget_others(struct symbols *symbols);
void symbols_close(struct symbols *symbols);

/* symbols_find - the next symbol of that name after @prev (NULL: the first)
 * @module: NULL for any, "" or "vmlinux" for the kernel itself, else that module's.
 */
const struct symbol *symbols_find(struct symbols *symbols, const char *name,
				  const char *module, const struct symbol *prev);

/* symbols_find_many - the addresses of all of the kernel's own symbols that have one of
 * @nr @names, in one pass
 * @names: each at least three characters long.
 * @found: gets the name's index and an address; in kallsyms' order. Returns 0, or -errno.
 */
typedef void (*symbols_found_fn)(void *ctx, size_t name, uint64_t address);
int symbols_find_many(struct symbols *symbols, size_t nr, const char *const names[],
		      symbols_found_fn found, void *ctx);

/* symbols_addresses - the addresses of many of the kernel's own symbols in one pass
 * @names: @nr of them, each at least three characters long.
 * @ret: @nr addresses; 0 for a name that is not there. Of several of one name, the first.
 * Returns 0, or -errno (-ENOMEM).
 */
int symbols_addresses(struct symbols *symbols, size_t nr, const char *const names[],
		      uint64_t ret[]);

/* symbols_each - every one of the kernel's own symbols whose name begins with @prefix
 * Those whose names there is no memory for are left out.
 */
typedef void (*symbols_fn)(void *ctx, const struct symbol *symbol);
void symbols_each(struct symbols *symbols, const char *prefix, symbols_fn fn, void *ctx);

/* symbols_index - makes ready for many searches by name
 * The first few dozen searches make the index as well, but in each process anew.
 */
void symbols_index(struct symbols *symbols);

/* The address of the kernel's own symbol @name (the first of several). false: none. */
bool symbols_address(struct symbols *symbols, const char *name, uint64_t *ret);

/* Is a symbol of @module, which is not the kernel itself, at that very address? */
bool symbols_has_at(struct symbols *symbols, uint64_t address, const char *module);

/* The last symbol at or below @address; of several there, the one that kallsyms lists
 * first. NULL: none.
 */
const struct symbol *symbols_at(struct symbols *symbols, uint64_t address);

/* The lowest symbol address above @address; false: none. It bounds the size of what lies
 * at
 * @address, because kallsyms has no sizes.
 */
bool symbols_next_address(struct symbols *symbols, uint64_t address, uint64_t *ret);

/* Symbol @i of all, in kallsyms' order; NULL past the last. */
const struct symbol *symbols_nth(struct symbols *symbols, size_t i);

/* Offers every name: symbols_nearest(symbols, &(struct nearest){.name = ...}). */
void symbols_nearest(struct symbols *symbols, struct nearest *nearest);

#endif
