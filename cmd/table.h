/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table for people: as wide as the terminal, with the columns that
 * were asked for. Where standard output is no terminal every row is one line, whole.
 */
#ifndef KWCHECK_CMD_TABLE_H
#define KWCHECK_CMD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/options.h"
#include "kcore/error.h"

enum { TABLE_MAX_COLUMNS = 64 };

struct table_column {
	const char *name; /* its heading, and the word for --output */
	bool is_right;
	bool is_asked; /* shown only where --output names it */
	/* Where a terminal is too narrow those with the highest number are left out
	 * first; 0: none is.
	 */
	unsigned yields;
};

struct table {
	const struct table_column *columns;
	size_t nr_columns;
	size_t order[TABLE_MAX_COLUMNS]; /* of columns: those shown */
	size_t nr_shown;
	bool is_chosen; /* by --output */
	bool has_headings;
	/* Rows are a list of targets: headings and all behind the first cell are comments
	 * of it (cmd/target.h).
	 */
	bool is_list;
	bool is_last_below;  /* the last column has no room beside the others */
	char ***rows;	     /* of nr_columns cells each; NULL: empty */
	const char **colors; /* of each row's cell in colored; NULL: none */
	size_t colored;	     /* a column */
	size_t nr, rows_room, colors_room;
	size_t widths[TABLE_MAX_COLUMNS]; /* of columns, in rows that are printed */
	bool is_relieved;		  /* some rows are printed already */
	bool has_failed;		  /* -ENOMEM */
};

/* table_open - a table without rows
 * @columns: borrowed. Returns 0, or -EINVAL with @err filled: --output names no column of
 * it.
 */
int table_open(struct table *ret, const struct table_column columns[], size_t nr,
	       const struct options *options, struct error *err);
/* Would table_open() take it? */
int table_check(const struct table_column columns[], size_t nr,
		const struct options *options, struct error *err);
void table_close(struct table *table);
/* Did the user choose what is printed? Then nothing stands around the table. */
bool table_is_alone(const struct options *options);

void table_row(struct table *table);
/* A cell of the last row. Untrusted bytes are made visible when printed. */
__attribute__((format(printf, 3, 4))) void table_cell(struct table *table, size_t column,
						      const char *format, ...);
/* The colour of the last row's cell in @column, the same one for all rows: "1;31", as
 * long as the table lives.
 */
void table_color(struct table *table, size_t column, const char *color);

/* table_relieve - prints the rows so far where they are many, and goes on without them
 * So a table takes no more memory than TABLE_MANY rows. What comes later stands in
 * columns as wide as those that are printed.
 */
enum { TABLE_MANY = 4096 };
void table_relieve(struct table *table);

/* table_print - headings and rows, on standard output
 * @below: what belongs below a row, or NULL. Nothing is printed of a table without rows.
 */
void table_print(struct table *table, void (*below)(void *ctx, size_t row), void *ctx);

#endif
