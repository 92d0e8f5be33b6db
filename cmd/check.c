/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck check: would a write to each target fault? */
#include <errno.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/result_text.h"
#include "cmd/session.h"
#include "cmd/symbol_text.h"
#include "cmd/target.h"
#include "cmd/verbs.h"
#include "kcore/glob.h"
#include "kcore/loss.h"

struct list {
	const struct options *options;
	struct json json;
	struct table table;
	size_t nr;
};

static void list_symbol(void *ctx, const struct symbol *symbol)
{
	struct list *list = ctx;
	char type[] = {symbol->type, '\0'};

	list->nr++;
	if (list->options->quiet)
		return;
	if (list->options->json) {
		json_result(&list->json,
			    json_pack("{s:o, s:o, s:o, s:s}", "name",
				      json_text(symbol->name), "module",
				      json_text(symbol->module), "address",
				      json_address(symbol->address), "type", type));
		return;
	}
	symbol_text_row(&list->table, symbol);
}

/* --list: the names that a pattern matches. */
static int list_symbols(const struct options *options)
{
	struct list list = {.options = options};
	struct kernelfacts facts;
	struct target target;
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	int r = target_parse(options->list, &target, &err);

	if (r == 0 && (!target.is_symbol || target.has_offset))
		r = error_set(&err, ERROR_MALFORMED_TARGET, -EINVAL,
			      "%.200s: no pattern of names, as 'apparmor_*'",
			      options->list);
	if (r == 0)
		r = symbol_text_open(&list.table, options, &err);
	if (r < 0 || session_open(options, &source, &kernel, &err) < 0)
		return session_fail(options, &err);
	kernelfacts_of(&kernel, &facts);
	if (options->json)
		json_begin(&list.json, options->verb->name, &facts);
	if (kernel.has_symbols)
		glob_each(&kernel.symbols, target.name,
			  target.module[0] ? target.module : NULL, list_symbol, &list);
	else
		err = kernel.symbols_error;
	table_print(&list.table, NULL, NULL);
	table_close(&list.table);
	loss_check(&err);
	if (list.nr == 0)
		error_set(&err, ERROR_NO_SUCH_SYMBOL, -ENOENT,
			  "%.200s: no symbol matches", options->list);
	if (options->json)
		json_end(&list.json, &err, err.code != ERROR_NONE);
	if (err.code != ERROR_NONE)
		session_tell(&err);
	session_close(&source, &kernel);
	return err.code == ERROR_NONE ? EXIT_YES : EXIT_UNDECIDED;
}

int check_run(const struct options *options)
{
	return options->list ? list_symbols(options)
			     : session_run(options, result_text_check);
}
