/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every answer for people is made with. */
#include "cmd/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/terminal.h"

bool text_wants_color(enum color color)
{
	const char *no_color = getenv("NO_COLOR");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return terminal_has_color() && !(no_color && *no_color);
}

void text_safe(FILE *file, const char *bytes)
{
	for (const unsigned char *c = (const unsigned char *)bytes; *c; c++) {
		if (*c < 0x20 || *c >= 0x7f)
			fprintf(file, "\\x%02x", *c);
		else
			fputc(*c, file);
	}
}

void text_kernel(const struct text *text)
{
	const struct kernelfacts *facts = text->facts;

	fputs("kernel ", stdout);
	text_safe(stdout, facts->release);
	if (facts->is_unbooted)
		puts(", by its image alone");
	else
		printf(", %u-level tables, names from %s, root %s at physical %016" PRIx64
		       "\n",
		       facts->format.levels, facts->symbols_from, facts->root_name,
		       facts->root_pa);
	for (size_t i = 0; i < facts->nr_notes; i++)
		printf("  note: %s\n", facts->notes[i]);
}

void text_origin(const struct kernelfacts *facts)
{
	fputs("kernel ", stdout);
	text_safe(stdout, facts->release);
	if (facts->host[0]) {
		fputs(" of ", stdout);
		text_safe(stdout, facts->host);
	}
	if (facts->time[0]) {
		fputs(", ", stdout);
		text_safe(stdout, facts->time);
	}
	fputs(", from ", stdout);
	text_safe(stdout, facts->path);
	if (facts->is_unbooted)
		fputs(", which was not booted", stdout);
	puts(", by kwcheck " KWCHECK_VERSION);
}

void text_reads(uint64_t nr_reads)
{
	printf("%" PRIu64 " reads of the core\n", nr_reads);
}

void text_entry_flags(const struct pt_format *format, const struct pt_step *step)
{
	struct pt_flag flags[PT_MAX_FLAGS];
	size_t nr = pt_entry_flags(format, step->value, step->level, flags);

	if (!(step->value & PT_PRESENT))
		fputs(step->value ? " not-present" : " empty", stdout);
	for (size_t i = 0; i < nr; i++)
		printf(" %s", flags[i].name);
}

void text_lines(FILE *file, const char *indent, const struct sourceline lines[],
		size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		fprintf(file, "%s%s", indent, i ? "inlined into " : "source: ");
		text_safe(file, lines[i].function);
		if (lines[i].file[0]) {
			fputs(" at ", file);
			text_safe(file, lines[i].file);
			fprintf(file, ":%d", lines[i].line);
		}
		fputc('\n', file);
	}
}

void text_wrapped(const char *bullet, int indent, const char *words)
{
	text_wrapped_from(printf("%*s", indent, bullet), indent, words);
}

/* Lines of more than WIDEST are hard to read, however wide the terminal is. */
static int width_behind(int indent)
{
	enum { WIDEST = 100, LEAST = 24 };
	int width = terminal_is_one() ? (int)terminal_width() : TEXT_WIDTH;

	width = width > WIDEST ? WIDEST : width;
	return width < indent + LEAST ? indent + LEAST : width;
}

void text_wrapped_from(int column, int indent, const char *words)
{
	int width = width_behind(indent);
	bool is_first = true;

	while (*words) {
		size_t bytes = strcspn(words, " ");

		if (!is_first && column + 1 + (int)bytes > width) {
			putchar('\n');
			column = printf("%*s", indent, "");
			is_first = true;
		}
		if (!is_first)
			column += printf(" ");
		for (size_t i = 0; i < bytes; i++) {
			char byte[2] = {words[i], '\0'};

			text_safe(stdout, byte);
		}
		is_first = false;
		column += (int)bytes;
		words += bytes + (words[bytes] == ' ');
	}
	putchar('\n');
}
