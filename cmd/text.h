/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every answer for people is made with. */
#ifndef KWCHECK_CMD_TEXT_H
#define KWCHECK_CMD_TEXT_H

#include <stdio.h>

#include "cmd/options.h"
#include "cmd/kernelfacts.h"
#include "kcore/sourceline.h"
#include "pagetable/walk.h"

struct text {
	const struct kernelfacts *facts; /* NULL: no kernel was asked */
	bool has_color;
	bool is_verbose;
};

/* Colour as the option, NO_COLOR (https://no-color.org) and the terminal say. */
bool text_wants_color(enum color color);

/* The kernel's line, for -v. */
/* Which kernel it was, of which host, when, out of which file, and by which kwcheck. */
void text_origin(const struct kernelfacts *facts);
void text_kernel(const struct text *text);

/* The last line, for -v: what the answers cost. */
void text_reads(uint64_t nr_reads);

/* The names of the bits that are set in a walk's entry, each behind a blank. */
void text_entry_flags(const struct pt_format *format, const struct pt_step *step);

/* What a sentence for people is broken at where no terminal tells better. */
enum { TEXT_WIDTH = 80 };

/* A sentence over several lines, each behind @indent blanks. @bullet stands in the first
 * one's.
 */
void text_wrapped(const char *bullet, int indent, const char *words);
/* The same where @column characters stand in the first line already. */
void text_wrapped_from(int column, int indent, const char *words);

/* The functions inlined at a place, a line each, behind @indent. */
void text_lines(FILE *file, const char *indent, const struct sourceline lines[],
		size_t nr);

/* Untrusted bytes with control characters and invalid ones made visible, on @file. */
void text_safe(FILE *file, const char *bytes);

#endif
