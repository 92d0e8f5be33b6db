/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table for people: as wide as the terminal, with the columns that were asked for. */
#include "cmd/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/columns.h"
#include "cmd/terminal.h"
#include "cmd/text.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/nearest.h"

/* What the last column needs to be read, in a terminal; and with how little it stands
 * beside the others at all.
 */
enum { LEAST_LAST = 28, LEAST_BESIDE = 14, BELOW_INDENT = 2 };

static int no_such_column(const struct table *table, const char *word, struct error *err)
{
	char names[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < table->nr_columns; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 i ? ", " : "", table->columns[i].name);
	return error_set(err, ERROR_USAGE, -EINVAL,
			 "--output: %.60s: no such column; there are %s",
			 *word ? word : "''", names);
}

/* What is shown where nothing is asked for. */
static void choose_usual(struct table *table)
{
	for (size_t i = 0; i < table->nr_columns; i++)
		if (!table->columns[i].is_asked)
			table->order[table->nr_shown++] = i;
}

/* "+A,B": those that are shown anyway, with these before the last one, which is wide. */
static int choose(struct table *table, const char *words, struct error *err)
{
	bool adds = *words == '+';
	size_t last = 0;

	table->is_chosen = true;
	if (adds) {
		choose_usual(table);
		last = table->order[--table->nr_shown];
		words++;
	}
	for (;;) {
		size_t bytes = strcspn(words, ","), i = 0;
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)bytes, words);
		while (i < table->nr_columns &&
		       strcasecmp(table->columns[i].name, word) != 0)
			i++;
		if (i == table->nr_columns)
			return no_such_column(table, word, err);
		if (table->nr_shown + adds == TABLE_MAX_COLUMNS)
			return error_set(err, ERROR_USAGE, -E2BIG,
					 "--output: more than %d columns",
					 TABLE_MAX_COLUMNS);
		table->order[table->nr_shown++] = i;
		if (words[bytes] == '\0')
			break;
		words += bytes + 1;
	}
	if (adds)
		table->order[table->nr_shown++] = last;
	return 0;
}

int table_open(struct table *ret, const struct table_column columns[], size_t nr,
	       const struct options *options, struct error *err)
{
	struct table table = {.columns = columns,
			      .nr_columns = nr,
			      .has_headings = !options->noheadings};

	if (options->output) {
		int r = choose(&table, options->output, err);

		if (r < 0)
			return r;
	} else {
		choose_usual(&table);
	}
	*ret = table;
	return 0;
}

int table_check(const struct table_column columns[], size_t nr,
		const struct options *options, struct error *err)
{
	struct table table;

	return table_open(&table, columns, nr, options, err);
}

bool table_is_alone(const struct options *options)
{
	return options->output || options->noheadings;
}

static void free_rows(struct table *table)
{
	for (size_t i = 0; i < table->nr; i++) {
		for (size_t j = 0; j < table->nr_columns; j++)
			free(table->rows[i][j]);
		free(table->rows[i]);
	}
	table->nr = 0;
}

void table_close(struct table *table)
{
	free_rows(table);
	free(table->rows);
	free(table->colors);
	*table = (struct table){0};
}

void table_row(struct table *table)
{
	char **cells = calloc(table->nr_columns, sizeof(*cells));

	if (!cells ||
	    array_reserve(&table->rows, table->nr, &table->rows_room,
			  sizeof(*table->rows)) < 0 ||
	    array_reserve(&table->colors, table->nr, &table->colors_room,
			  sizeof(*table->colors)) < 0) {
		free(cells);
		table->has_failed = true;
		return;
	}
	table->colors[table->nr] = NULL;
	table->rows[table->nr++] = cells;
}

void table_cell(struct table *table, size_t column, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (table->has_failed)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		table->has_failed = true;
		loss_note("a table", ENOMEM);
	} else {
		/* A newline is where a line was broken to fit, and nothing else. */
		for (char *c = text; *c; c++)
			*c = *c == '\n' ? '?' : *c;
		free(table->rows[table->nr - 1][column]);
		table->rows[table->nr - 1][column] = text;
	}
	va_end(args);
}

void table_color(struct table *table, size_t column, const char *color)
{
	table->colored = column;
	if (!table->has_failed)
		table->colors[table->nr - 1] = color;
}

/* In characters, as it is printed (cmd/columns.c): what is no printable ASCII takes
 * four.
 */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (const char *c = text; c && *c; c++)
		width += *c >= 0x20 && *c < 0x7f && (c[0] != '\\' || c[1] != 'x') ? 1 : 4;
	return width;
}

static size_t column_width(const struct table *table, size_t column)
{
	/* libsmartcols has room for headings that are not printed, too. */
	size_t width = strlen(table->columns[column].name);

	for (size_t i = 0; i < table->nr; i++) {
		size_t cell = width_of(table->rows[i][column]);

		width = cell > width ? cell : width;
	}
	return width;
}

/* The width that is left for the last column beside all others. */
static size_t room_for_last(const struct table *table, size_t total)
{
	size_t used = 0;

	for (size_t i = 0; i + 1 < table->nr_shown; i++)
		used += column_width(table, table->order[i]) + 1;
	return used < total ? total - used : 0;
}

/* Leaves out what a narrow terminal has no room for, unless it was asked for. */
static size_t fit(struct table *table, size_t total)
{
	size_t last = column_width(table, table->order[table->nr_shown - 1]);
	size_t wanted = last < LEAST_LAST ? last : LEAST_LAST;

	while (!table->is_chosen && room_for_last(table, total) < wanted) {
		size_t worst = 0;

		for (size_t i = 1; i < table->nr_shown; i++)
			if (table->columns[table->order[i]].yields >
			    table->columns[table->order[worst]].yields)
				worst = i;
		if (!table->columns[table->order[worst]].yields)
			break;
		memmove(&table->order[worst], &table->order[worst + 1],
			(table->nr_shown - worst - 1) * sizeof(table->order[0]));
		table->nr_shown--;
	}
	return room_for_last(table, total);
}

/* @text in lines of @width characters at most, broken at blanks where there are some.
 * NULL: no memory.
 */
static char *broken(const char *text, size_t width)
{
	char *lines = malloc(2 * strlen(text) + 1), *to = lines, *start = lines;
	char *blank = NULL;

	for (; lines && *text; text++) {
		if (*text == ' ')
			blank = to;
		if ((size_t)(to - start) == width && blank) {
			*blank = '\n';
			start = blank + 1;
			blank = NULL;
			/* The blank that broke the line is not copied again. */
			if (start > to) {
				to = start;
				continue;
			}
		} else if ((size_t)(to - start) == width) {
			*to++ = '\n';
			start = to;
		}
		*to++ = *text;
	}
	if (lines)
		*to = '\0';
	return lines;
}

static void break_cells(struct table *table, size_t column, size_t width)
{
	for (size_t i = 0; i < table->nr && width; i++) {
		char **cell = &table->rows[i][column];
		char *lines = *cell ? broken(*cell, width) : NULL;

		if (!lines)
			continue;
		free(*cell);
		*cell = lines;
	}
}

/* Without the blanks at the ends of lines. */
static void print_trimmed(const char *text)
{
	while (*text) {
		size_t bytes = strcspn(text, "\n"), kept = bytes;

		while (kept && text[kept - 1] == ' ')
			kept--;
		fwrite(text, 1, kept, stdout);
		putchar('\n');
		text += bytes + (text[bytes] == '\n');
	}
}

/* The last cell of a row, in lines of its own. */
static int print_last(const struct table *table, size_t row, size_t total)
{
	const char *text = table->rows[row][table->order[table->nr_shown - 1]];
	_cleanup_free_ char *lines = broken(text ? text : "", total - BELOW_INDENT);

	if (!lines)
		return -ENOMEM;
	for (char *save = NULL, *line = strtok_r(lines, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		printf("%*s", BELOW_INDENT, "");
		text_safe(stdout, line);
		putchar('\n');
	}
	return 0;
}

static int print_rows(const struct table *table, struct columns *columns, size_t total,
		      void (*below)(void *ctx, size_t row), void *ctx)
{
	bool is_by_row = below || table->is_last_below;

	for (size_t i = 0; i < table->nr; i = is_by_row ? i + 1 : table->nr) {
		_cleanup_free_ char *text = is_by_row ? columns_row(columns, i)
						      : columns_all(columns);

		if (!text)
			return -ENOMEM;
		print_trimmed(text);
		if (table->is_last_below && print_last(table, i, total) < 0)
			return -ENOMEM;
		if (below)
			below(ctx, i);
	}
	return 0;
}

/* The first row's cells are filled with blanks, which makes the columns as wide. */
static void keep_widths(struct table *table)
{
	for (size_t i = 0; i + 1 < table->nr_shown; i++) {
		size_t column = table->order[i];
		char **cell = &table->rows[0][column], *wide = NULL;
		int width = (int)table->widths[column];
		const char *text = *cell && **cell ? *cell : "-";

		if (asprintf(&wide, table->columns[column].is_right ? "%*s" : "%-*s",
			     width, text) < 0)
			continue;
		free(*cell);
		*cell = wide;
	}
}

void table_print(struct table *table, void (*below)(void *ctx, size_t row), void *ctx)
{
	size_t total = terminal_width();
	struct columns *columns;
	int r = -ENOMEM;

	if (table->has_failed || table->nr == 0)
		return;
	table->is_list = table->is_list && table->order[0] == 0;
	if (table->is_relieved)
		keep_widths(table);
	if (total) {
		size_t room = fit(table, total);
		size_t last = table->order[table->nr_shown - 1];

		table->is_last_below = table->nr_shown > 1 && room < LEAST_BESIDE &&
				       room < column_width(table, last);
		if (!table->is_last_below)
			break_cells(table, last, room);
	}
	columns = columns_make(table, total);
	if (columns) {
		r = print_rows(table, columns, total, below, ctx);
		columns_free(columns);
	}
	if (r < 0)
		loss_note("a table", ENOMEM);
}

void table_relieve(struct table *table)
{
	if (table->nr < TABLE_MANY)
		return;
	table_print(table, NULL, NULL);
	for (size_t i = 0; i < table->nr_columns; i++) {
		size_t width = column_width(table, i);

		if (width > table->widths[i])
			table->widths[i] = width;
	}
	free_rows(table);
	table->has_headings = false;
	table->is_relieved = true;
}
