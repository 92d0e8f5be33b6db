/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms' text as an array of symbols. */
#ifndef KWCHECK_KCORE_LISTING_H
#define KWCHECK_KCORE_LISTING_H

#include "kcore/error.h"
#include "kcore/kallsyms.h"

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

struct symbol_array {
	struct symbol *array;
	size_t nr, room;
};

/* Appends a copy of @symbol. Returns 0 or -ENOMEM. */
int symbol_array_add(struct symbol_array *part, const struct symbol *symbol);

/* kallsyms' text: an open file, read to its end when it is needed, or bytes. */
struct listing_text {
	int fd;		   /* borrowed; -1: none */
	const char *bytes; /* where not NULL, these instead; borrowed */
	size_t size_bytes;
	const char *path; /* for messages */
};

/* Names in it point into text. */
struct listing {
	struct symbol_array own;    /* without a module, in the text's order */
	struct symbol_array others; /* with one */
	char *text;
	size_t text_bytes;
};

/* listing_read - all lines of the text
 *
 * @has_own: false leaves out the lines without a module.
 * Lines that are not of kallsyms' form are an error with the line's number: a listing
 * that is damaged must not answer for a part of the kernel. -ENODATA with
 * ERROR_KPTR_RESTRICT where all addresses are zero.
 */
int listing_read(struct listing *ret, const struct listing_text *text, bool has_own,
		 struct error *err);
void listing_close(struct listing *listing);

#endif
