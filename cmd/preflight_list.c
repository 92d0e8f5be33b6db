/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "preflight" about several modules, kept until all are there. */
#include "cmd/preflight_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/preflight.h"
#include "cmd/table.h"
#include "kcore/array.h"

struct preflight_list_row {
	enum finding_verdict verdict;
	char *bytes;
	size_t nr_bytes;
};

/* preflight_cells() gives those behind the verdict, in the order of cells[]. */
enum { VERDICT, MODULE, FILE_NAME, KIND, PLACE, WHAT, NR_COLUMNS };

static const struct table_column columns[NR_COLUMNS] = {
	[VERDICT] = {.name = "VERDICT"},
	[MODULE] = {.name = "MODULE"},
	[FILE_NAME] = {.name = "FILE", .is_asked = true},
	[KIND] = {.name = "KIND", .is_asked = true},
	[PLACE] = {.name = "PLACE", .is_asked = true},
	[WHAT] = {.name = "WHAT"},
};
static const size_t cells[] = {MODULE, WHAT, FILE_NAME, KIND, PLACE};

int preflight_list_check(const struct options *options, struct error *err)
{
	return table_check(columns, NR_COLUMNS, options, err);
}

int preflight_list_add(struct preflight_list *list, enum finding_verdict verdict,
		       const char *bytes, size_t nr_bytes)
{
	struct preflight_list_row row = {.verdict = verdict, .nr_bytes = nr_bytes};

	if (array_reserve(&list->rows, list->nr, &list->room, sizeof(row)) < 0)
		return -ENOMEM;
	row.bytes = malloc(nr_bytes + 1);
	if (!row.bytes)
		return -ENOMEM;
	memcpy(row.bytes, bytes, nr_bytes);
	row.bytes[nr_bytes] = '\0';
	list->rows[list->nr++] = row;
	return 0;
}

static void add_row(struct table *table, const struct preflight_list_row *row,
		    bool has_color)
{
	const char *cell = row->bytes, *end = row->bytes + row->nr_bytes;

	table_row(table);
	if (has_color)
		table_color(table, VERDICT, preflight_text_color(row->verdict));
	table_cell(table, VERDICT, "%s", finding_verdict_name(row->verdict));
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]) && cell < end; i++) {
		if (*cell)
			table_cell(table, cells[i], "%s", cell);
		cell += strlen(cell) + 1;
	}
}

void preflight_list_print(const struct preflight_list *list,
			  const struct options *options, bool has_color)
{
	struct error err = {0};
	struct table table;

	if (list->nr == 0 || table_open(&table, columns, NR_COLUMNS, options, &err) < 0)
		return;
	for (unsigned verdict = 0; verdict < FINDING_NR_VERDICTS; verdict++)
		for (size_t i = 0; i < list->nr; i++) {
			const struct preflight_list_row *row = &list->rows[i];

			if (row->verdict != verdict)
				continue;
			if (list->is_table)
				add_row(&table, row, has_color);
			else
				fwrite(row->bytes, 1, row->nr_bytes, stdout);
		}
	table_print(&table, NULL, NULL);
	table_close(&table);
}

void preflight_list_free(struct preflight_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->rows[i].bytes);
	free(list->rows);
	memset(list, 0, sizeof(*list));
}
