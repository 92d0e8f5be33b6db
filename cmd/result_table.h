/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" as a table, a row each. */
#ifndef KWCHECK_CMD_RESULT_TABLE_H
#define KWCHECK_CMD_RESULT_TABLE_H

#include "cmd/result.h"
#include "cmd/table.h"
#include "cmd/text.h"

/* As table_open(). */
int result_table_open(struct table *ret, const struct options *options,
		      struct error *err);
void result_table_row(struct table *table, const struct text *text,
		      const struct result *result);

#endif
