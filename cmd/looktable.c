/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight --kernel=all: modules against every installed kernel. */
#include "cmd/looktable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/priv.h"
#include "cmd/session.h"
#include "cmd/subrun.h"
#include "cmd/table.h"
#include "guest/installed.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* What one kernel's process said. */
struct column {
	struct subrun said;
	json_t *answer; /* owned; NULL: it is no JSON */
};

struct row {
	const char *module, *label; /* of some column's answer */
};

struct answers {
	const struct options *options;
	struct installed kernels;
	struct column *columns;	       /* one for each kernel */
	struct table_column *headings; /* and one before them */
	struct row *rows;
	size_t nr_rows, rows_room;
};

struct question {
	int (*run_one)(const struct options *options, char *path);
	const char *path;
};

static int ask(const struct options *options, void *ctx)
{
	const struct question *question = ctx;
	struct options of_one = *options;

	of_one.json = true;
	of_one.output = NULL; /* of the table of all */
	of_one.noheadings = false;
	return question->run_one(&of_one, strdup(question->path));
}

static json_t *results_of(const struct column *column)
{
	return json_object_get(column->answer, "results");
}

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char *verdict_of(const struct column *column, const char *module)
{
	size_t i;
	json_t *result;

	json_array_foreach(results_of(column), i, result)
	{
		const char *name = string_of(result, "module");

		if (name && strcmp(name, module) == 0)
			return string_of(result, "verdict") ?: "-";
	}
	return "-";
}

static int add_rows(struct answers *table, const struct column *column)
{
	size_t i, k;
	json_t *result;

	json_array_foreach(results_of(column), i, result)
	{
		const char *module = string_of(result, "module");
		const char *file = string_of(result, "file");
		const char *slash = file ? strrchr(file, '/') : NULL;

		if (!module)
			continue;
		for (k = 0; k < table->nr_rows; k++)
			if (strcmp(table->rows[k].module, module) == 0)
				break;
		if (k < table->nr_rows)
			continue;
		if (array_reserve(&table->rows, table->nr_rows, &table->rows_room,
				  sizeof(*table->rows)) < 0)
			return -ENOMEM;
		table->rows[table->nr_rows++] = (struct row){
			module, slash ? slash + 1 : file ?: module};
	}
	return 0;
}

/* A column for each kernel, and a row for each module. */
static int print_table(const struct answers *table, struct error *err)
{
	size_t nr = table->kernels.nr;
	struct table shown;
	int r = table_open(&shown, table->headings, nr + 1, table->options, err);

	if (r < 0)
		return r;
	for (size_t k = 0; k < table->nr_rows; k++) {
		table_row(&shown);
		table_cell(&shown, 0, "%s", table->rows[k].label);
		for (size_t i = 0; i < nr; i++)
			table_cell(&shown, i + 1, "%s",
				   verdict_of(&table->columns[i], table->rows[k].module));
	}
	table_print(&shown, NULL, NULL);
	table_close(&shown);
	if (!table_is_alone(table->options))
		puts("all of one, and what to do: kwcheck preflight --kernel=RELEASE "
		     "MODULE");
	return 0;
}

static void print_json(const struct answers *table)
{
	json_t *kernels = json_array(), *report;

	for (size_t i = 0; i < table->kernels.nr; i++) {
		const struct installed_kernel *kernel = &table->kernels.array[i];
		json_t *answer = table->columns[i].answer;

		json_array_append_new(
			kernels, json_pack("{s:o,s:o,s:i,s:o}", "release",
					   json_text(kernel->release), "image",
					   json_text(kernel->path), "exit_status",
					   table->columns[i].said.status, "answer",
					   answer ? json_incref(answer) : json_null()));
	}
	report = json_head(table->options->verb->name, NULL);
	json_object_set_new(report, "results", kernels);
	json_object_set_new(report, "errors", json_array());
	json_print(stdout, report);
	putchar('\n');
}

/* Our own words, but with names of modules in them: without privileges. */
static int tell(struct answers *table, struct error *err)
{
	int r = priv_drop(0, !table->options->no_sandbox, err);

	for (size_t i = 0; i < table->kernels.nr && r == 0; i++) {
		struct column *column = &table->columns[i];

		column->answer = subrun_json(&column->said);
		if (!column->answer)
			r = error_set(err, ERROR_INTERNAL, -EBADMSG,
				      "%.100s: there is no answer of this kernel",
				      table->kernels.array[i].release);
		else
			r = add_rows(table, column);
	}
	if (r == 0)
		r = loss_check(err);
	if (r < 0 || table->options->quiet)
		return r;
	if (!table->options->json)
		return print_table(table, err);
	print_json(table);
	return 0;
}

/* Before kernels are booted for it. */
static int make_headings(struct answers *table, struct error *err)
{
	size_t nr = table->kernels.nr;

	if (nr + 1 > TABLE_MAX_COLUMNS)
		return error_set(err, ERROR_USAGE, -E2BIG,
				 "--kernel=all: %zu kernels are installed, more than a "
				 "table has room for; ask one by one",
				 nr);
	table->headings = calloc(nr + 1, sizeof(*table->headings));
	if (!table->headings)
		return -ENOMEM;
	table->headings[0].name = "MODULE";
	for (size_t i = 0; i < nr; i++)
		table->headings[i + 1].name = table->kernels.array[i].release;
	return table_check(table->headings, nr + 1, table->options, err);
}

int looktable_run(const struct options *options,
		  int (*run_one)(const struct options *options, char *path))
{
	struct answers table = {.options = options};
	struct error err = {0};
	int status = EXIT_YES, r = installed_list(&table.kernels, options->sysroot, &err);

	if (r == 0) {
		table.columns = calloc(table.kernels.nr, sizeof(*table.columns));
		r = table.columns ? make_headings(&table, &err) : -ENOMEM;
	}
	for (size_t i = 0; i < table.kernels.nr && r == 0; i++)
		r = subrun_do(&table.columns[i].said, ask, options,
			      &(struct question){run_one, table.kernels.array[i].path});
	if (r == 0)
		r = tell(&table, &err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	}
	for (size_t i = 0; i < table.kernels.nr && r == 0; i++)
		status = subrun_sum(status, table.columns[i].said.status);
	for (size_t i = 0; table.columns && i < table.kernels.nr; i++) {
		json_decref(table.columns[i].answer);
		subrun_free(&table.columns[i].said);
	}
	free(table.columns);
	free(table.headings);
	free(table.rows);
	installed_free(&table.kernels);
	return status;
}
