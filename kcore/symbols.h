/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's symbols, by name and by address. */
#ifndef KWCHECK_KCORE_SYMBOLS_H
#define KWCHECK_KCORE_SYMBOLS_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address;
	const char *name;
	const char
		*module; /* NULL for the kernel itself; "bpf", "__builtin__ftrace", ... */
	char type; /* kallsyms' letter: a hint about the section, never about rights */
};

/* Borrowed pointers in it live until symbols_close(). */
struct symbols {
	struct symbol *array;
	size_t nr;
	size_t nr_sorted; /* array[0..nr_sorted) ascends by address */
	size_t *tail;	  /* the rest, as indices ascending by address */
	size_t *by_name;  /* made by the first look-ups of many; NULL until then */
	size_t nr_lookups;
	char *text;
	size_t text_bytes;
};

/* symbols_read - every symbol of /proc/kallsyms' text
 *
 * @fd: read to its end; it may be at any offset-zero state that read(2) serves.
 * @path: for messages.
 * Lines that are not of kallsyms' form are an error with the line's number: a listing
 * that is damaged must not answer for a part of the kernel. -ENODATA with
 * ERROR_KPTR_RESTRICT where all addresses are zero.
 */
int symbols_read(struct symbols *ret, int fd, const char *path, struct error *err);
void symbols_close(struct symbols *symbols);

/* symbols_find - the next symbol of that name after @prev (NULL: the first)
 * @module: NULL for any, "" or "vmlinux" for the kernel itself, else that module's.
 */
const struct symbol *symbols_find(struct symbols *symbols, const char *name,
				  const char *module, const struct symbol *prev);

/* symbols_addresses - the addresses of many of the kernel's own symbols in one pass
 * @names: @nr of them, each at least three characters long.
 * @ret: @nr addresses; 0 for a name that is not there. Of several of one name, the first.
 */
void symbols_addresses(const struct symbols *symbols, size_t nr,
		       const char *const names[], uint64_t ret[]);

/* The address of the kernel's own symbol @name (the first of several). false: none. */
bool symbols_address(struct symbols *symbols, const char *name, uint64_t *ret);

/* The last symbol at or below @address; of several there, the one that kallsyms lists
 * first. NULL: none.
 */
const struct symbol *symbols_at(const struct symbols *symbols, uint64_t address);

/* The lowest symbol address above @address; false: none. It bounds the size of what lies
 * at
 * @address, because kallsyms has no sizes.
 */
bool symbols_next_address(const struct symbols *symbols, uint64_t address, uint64_t *ret);

/* Up to @nr names nearest to @name by edit distance, nearest first. Returns how many. */
size_t symbols_nearest(const struct symbols *symbols, const char *name, size_t nr,
		       const char *ret[]);

#endif
