/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of symbols, for people, and for kwcheck: the rows are a list of targets. */
#include "cmd/symbol_text.h"

#include <inttypes.h>

enum { NAME, ADDRESS, TYPE, MODULE, SYMBOL, NR_COLUMNS };

static const struct table_column columns[NR_COLUMNS] = {
	[NAME] = {.name = "NAME"},
	[ADDRESS] = {.name = "ADDRESS"},
	[TYPE] = {.name = "TYPE"},
	[MODULE] = {.name = "MODULE", .is_asked = true},
	[SYMBOL] = {.name = "SYMBOL", .is_asked = true},
};

int symbol_text_open(struct table *ret, const struct options *options, struct error *err)
{
	int r = table_open(ret, columns, NR_COLUMNS, options, err);

	if (r == 0)
		ret->is_list = true;
	return r;
}

void symbol_text_row(struct table *table, const struct symbol *symbol)
{
	table_row(table);
	table_cell(table, NAME, "%s%s%s", symbol->module ? symbol->module : "",
		   symbol->module ? ":" : "", symbol->name);
	table_cell(table, ADDRESS, "%016" PRIx64, symbol->address);
	table_cell(table, TYPE, "%c", symbol->type);
	if (symbol->module)
		table_cell(table, MODULE, "%s", symbol->module);
	table_cell(table, SYMBOL, "%s", symbol->name);
}
