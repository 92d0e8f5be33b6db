/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" as a table, a row each. */
#include "cmd/result_table.h"

#include <inttypes.h>

#include "cmd/result_text.h"

enum {
	TARGET,
	ADDRESS,
	SIZE,
	VERDICT,
	REGION,
	MODULE,
	TYPE,
	REASON,
	ALIASES,
	WHY,
	NR_COLUMNS
};

static const struct table_column columns[NR_COLUMNS] = {
	[TARGET] = {.name = "TARGET"},
	[ADDRESS] = {.name = "ADDRESS", .yields = 2},
	[SIZE] = {.name = "SIZE", .is_right = true, .yields = 3},
	[VERDICT] = {.name = "VERDICT"},
	[REGION] = {.name = "REGION", .yields = 1},
	[MODULE] = {.name = "MODULE", .is_asked = true},
	[TYPE] = {.name = "TYPE", .is_asked = true},
	[REASON] = {.name = "REASON", .is_asked = true},
	[ALIASES] = {.name = "ALIASES", .is_right = true, .is_asked = true},
	[WHY] = {.name = "WHY"},
};

int result_table_open(struct table *ret, const struct options *options, struct error *err)
{
	return table_open(ret, columns, NR_COLUMNS, options, err);
}

static void add_target(struct table *table, const struct result *result)
{
	const struct symbol *symbol = result->symbol;
	char offset[32] = "";

	if (symbol && result->symbol_offset)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64, result->symbol_offset);
	table_cell(table, TARGET, "%s%s%s%s",
		   symbol && symbol->module ? symbol->module : "",
		   symbol && symbol->module ? ":" : "",
		   symbol ? symbol->name : result->query, offset);
}

void result_table_row(struct table *table, const struct text *text,
		      const struct result *result)
{
	const struct symbol *symbol = result->symbol;
	size_t nr_aliases = 0;

	for (size_t i = 0; i < result->nr_pages; i++)
		nr_aliases += result->pages[i].nr_aliases;
	table_row(table);
	add_target(table, result);
	table_cell(table, ADDRESS, "%016" PRIx64, result->address);
	table_cell(table, SIZE, "%" PRIu64, result->size_bytes);
	if (text->has_color)
		table_color(table, VERDICT, result_text_color(result->verdict));
	table_cell(table, VERDICT, "%s", result_verdict_name(result->verdict));
	table_cell(table, REGION, "%s", result->region->name);
	if (symbol && symbol->module)
		table_cell(table, MODULE, "%s", symbol->module);
	if (symbol)
		table_cell(table, TYPE, "%c", symbol->type);
	table_cell(table, REASON, "%s", result->reason);
	table_cell(table, ALIASES, "%zu", nr_aliases);
	table_cell(table, WHY, "%s%s", result->explanation,
		   result->has_writable_alias
			   ? "; but it can be written through another mapping"
			   : "");
}
