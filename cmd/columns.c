/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a table laid out in columns. */
#include "cmd/columns.h"

#include <errno.h>
#ifdef KWCHECK_SMARTCOLS
#include <libsmartcols.h>
#endif
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

enum { HEADING_BYTES = 64 };

/* Columns that stand side by side. */
static size_t nr_beside(const struct table *table)
{
	return table->nr_shown - (table->is_last_below ? 1 : 0);
}

/* Without headings: nothing, for one that is not printed takes room all the same in some
 * releases of libsmartcols.
 */
static void heading(const struct table *table, size_t shown, char ret[HEADING_BYTES])
{
	snprintf(ret, HEADING_BYTES, "%s%s", table->is_list && shown == 0 ? "# " : "",
		 table->columns[table->order[shown]].name);
	if (!table->has_headings)
		ret[0] = '\0';
}

/* NULL: no memory. */
static char *cell_text(const struct table *table, size_t row, size_t shown)
{
	const char *text = table->rows[row][table->order[shown]];
	const char *empty = shown + 1 == table->nr_shown ? "" : "-";
	char *ret;

	text = text && *text ? text : empty;
	if (asprintf(&ret, "%s%s", table->is_list && shown == 1 ? "# " : "", text) < 0)
		return NULL;
	return ret;
}

#ifdef KWCHECK_SMARTCOLS

struct columns {
	struct libscols_table *scols;
};

static struct libscols_table *make(const struct table *table, size_t total)
{
	struct libscols_table *scols = scols_new_table();

	if (!scols)
		return NULL;
	scols_table_enable_noheadings(scols, !table->has_headings);
	scols_table_enable_colors(scols, true);
	scols_table_set_termforce(scols,
				  total ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (total)
		scols_table_set_termwidth(scols, total);
	for (size_t i = 0; i < nr_beside(table); i++) {
		const struct table_column *column = &table->columns[table->order[i]];
		bool is_broken = total && i + 1 == table->nr_shown;
		struct libscols_column *made;
		char name[HEADING_BYTES];

		heading(table, i, name);
		made = scols_table_new_column(scols, name, 0,
					      (column->is_right ? SCOLS_FL_RIGHT : 0) |
						      (is_broken ? SCOLS_FL_WRAP : 0));

		if (!made || (is_broken && (scols_column_set_safechars(made, "\n") ||
					    scols_column_set_wrapfunc(
						    made, scols_wrapnl_chunksize,
						    scols_wrapnl_nextchunk, NULL)))) {
			scols_unref_table(scols);
			return NULL;
		}
	}
	return scols;
}

static int fill(const struct table *table, struct libscols_table *scols)
{
	for (size_t i = 0; i < table->nr; i++) {
		struct libscols_line *line = scols_table_new_line(scols, NULL);
		char color[32];

		if (!line)
			return -ENOMEM;
		for (size_t j = 0; j < nr_beside(table); j++) {
			_cleanup_free_ char *text = cell_text(table, i, j);

			if (!text || scols_line_set_data(line, j, text))
				return -ENOMEM;
		}
		for (size_t j = 0; j < nr_beside(table) && table->colors[i]; j++) {
			if (table->order[j] != table->colored)
				continue;
			snprintf(color, sizeof(color), "\033[%sm", table->colors[i]);
			if (scols_cell_set_color(scols_line_get_cell(line, j), color))
				return -ENOMEM;
		}
	}
	return 0;
}

struct columns *columns_make(const struct table *table, size_t total)
{
	struct columns *columns = calloc(1, sizeof(*columns));

	if (!columns)
		return NULL;
	columns->scols = make(table, total);
	if (!columns->scols || fill(table, columns->scols) < 0) {
		columns_free(columns);
		return NULL;
	}
	return columns;
}

void columns_free(struct columns *columns)
{
	if (columns->scols)
		scols_unref_table(columns->scols);
	free(columns);
}

char *columns_row(struct columns *columns, size_t row)
{
	struct libscols_line *line = scols_table_get_line(columns->scols, row);
	char *text = NULL;

	if (scols_table_print_range_to_string(columns->scols, line, line, &text))
		return NULL;
	return text;
}

char *columns_all(struct columns *columns)
{
	char *text = NULL;

	return scols_print_table_to_string(columns->scols, &text) ? NULL : text;
}

#else

struct columns {
	const struct table *table;
	size_t widths[TABLE_MAX_COLUMNS];
	bool has_headings; /* still to be printed */
};

/* What is no printable ASCII, and a backslash that could be taken for its sign, as \xNN.
 * Returns the characters printed; @file may be NULL.
 */
static size_t put(FILE *file, const char *text, size_t bytes)
{
	size_t width = 0;

	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_plain = c >= 0x20 && c < 0x7f &&
				(c != '\\' || text[i + 1] != 'x');

		if (file)
			fprintf(file, is_plain ? "%c" : "\\x%02x", c);
		width += is_plain ? 1 : 4;
	}
	return width;
}

static void widen(struct columns *columns, size_t shown, const char *text)
{
	for (const char *line = text; *line;) {
		size_t bytes = strcspn(line, "\n");
		size_t width = put(NULL, line, bytes);

		if (width > columns->widths[shown])
			columns->widths[shown] = width;
		line += bytes + (line[bytes] == '\n');
	}
}

static void pad(FILE *file, size_t characters)
{
	fprintf(file, "%*s", (int)characters, "");
}

/* One line of one cell; the last column's needs no blanks behind it. */
static void put_cell(const struct columns *columns, FILE *file, size_t shown,
		     const char *text, const char *color)
{
	const struct table *table = columns->table;
	size_t bytes = strcspn(text, "\n"), width = put(NULL, text, bytes);
	size_t blanks = columns->widths[shown] - width;
	bool is_right = table->columns[table->order[shown]].is_right;

	if (is_right)
		pad(file, blanks);
	if (color)
		fprintf(file, "\033[%sm", color);
	put(file, text, bytes);
	if (color)
		fputs("\033[0m", file);
	if (shown + 1 == nr_beside(table))
		fputc('\n', file);
	else
		pad(file, (is_right ? 0 : blanks) + 1);
}

static void put_headings(struct columns *columns, FILE *file)
{
	for (size_t i = 0; columns->has_headings && i < nr_beside(columns->table); i++) {
		char name[HEADING_BYTES];

		heading(columns->table, i, name);
		put_cell(columns, file, i, name, NULL);
	}
	columns->has_headings = false;
}

static int put_row(const struct columns *columns, FILE *file, size_t row)
{
	const struct table *table = columns->table;
	size_t last = nr_beside(table) - 1, before = 0;
	_cleanup_free_ char *end = NULL;

	for (size_t i = 0; i <= last; i++) {
		_cleanup_free_ char *text = cell_text(table, row, i);

		if (!text)
			return -ENOMEM;
		put_cell(columns, file, i, text,
			 table->order[i] == table->colored ? table->colors[row] : NULL);
		before += i < last ? columns->widths[i] + 1 : 0;
	}
	end = cell_text(table, row, last);
	for (char *line = end ? strchr(end, '\n') : NULL; line;
	     line = strchr(line, '\n')) {
		pad(file, before);
		put_cell(columns, file, last, ++line, NULL);
	}
	return end ? 0 : -ENOMEM;
}

struct columns *columns_make(const struct table *table, size_t total)
{
	struct columns *columns = calloc(1, sizeof(*columns));

	(void)total;
	if (!columns)
		return NULL;
	columns->table = table;
	columns->has_headings = table->has_headings;
	for (size_t i = 0; i < nr_beside(table); i++) {
		char name[HEADING_BYTES];

		heading(table, i, name);
		widen(columns, i, name);
		for (size_t row = 0; row < table->nr; row++) {
			_cleanup_free_ char *text = cell_text(table, row, i);

			if (!text) {
				columns_free(columns);
				return NULL;
			}
			widen(columns, i, text);
		}
	}
	return columns;
}

void columns_free(struct columns *columns)
{
	free(columns);
}

static char *rows_text(struct columns *columns, size_t first, size_t end)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);
	int r = 0;

	if (!file)
		return NULL;
	put_headings(columns, file);
	for (size_t row = first; r == 0 && row < end; row++)
		r = put_row(columns, file, row);
	if (fclose(file) != 0 || r < 0) {
		free(text);
		return NULL;
	}
	return text;
}

char *columns_row(struct columns *columns, size_t row)
{
	return rows_text(columns, row, row + 1);
}

char *columns_all(struct columns *columns)
{
	return rows_text(columns, 0, columns->table->nr);
}

#endif
