/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of symbols, for people, and for kwcheck: the rows are a list of targets. */
#ifndef KWCHECK_CMD_SYMBOL_TEXT_H
#define KWCHECK_CMD_SYMBOL_TEXT_H

#include "cmd/table.h"
#include "kcore/symbols.h"

/* As table_open(). */
int symbol_text_open(struct table *ret, const struct options *options, struct error *err);
void symbol_text_row(struct table *table, const struct symbol *symbol);

#endif
