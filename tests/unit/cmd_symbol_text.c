/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/symbol_text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>

static void show(const struct options *options)
{
	const struct symbol own = {
		.name = "init_task", .address = 0xffffffff81000000, .type = 'D'};
	const struct symbol of_module = {
		.name = "x\033", .module = "mod", .address = 0x1000, .type = 't'};
	struct error err = {0};
	struct table table;

	cr_redirect_stdout();
	cr_assert_eq(symbol_text_open(&table, options, &err), 0, "%s", err.message);
	symbol_text_row(&table, &own);
	symbol_text_row(&table, &of_module);
	table_print(&table, NULL, NULL);
	table_close(&table);
	fflush(stdout);
}

/* What is no target is a comment. */
Test(cmd_symbol_text, a_list_of_targets)
{
	show(&(struct options){0});
	cr_assert_stdout_eq_str("# NAME    ADDRESS            TYPE\n"
				"init_task # ffffffff81000000 D\n"
				"mod:x\\x1b # 0000000000001000 t\n");
}

Test(cmd_symbol_text, columns)
{
	show(&(struct options){.output = "module,symbol", .noheadings = true});
	cr_assert_stdout_eq_str("-   init_task\nmod x\\x1b\n");
}
