/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight --kernel=all: modules against every installed kernel. */
#include "cmd/looktable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/json.h"
#include "cmd/priv.h"
#include "cmd/session.h"
#include "cmd/text.h"
#include "guest/installed.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/scratch.h"

/* What one kernel's process said. */
struct column {
	char *text; /* owned */
	size_t bytes;
	int status;
	json_t *answer; /* owned; NULL: it is no JSON */
};

struct row {
	const char *module, *label; /* of some column's answer */
};

struct table {
	const struct options *options;
	struct installed kernels;
	struct column *columns; /* one for each kernel */
	struct row *rows;
	size_t nr_rows, rows_room;
};

static int read_back(int fd, struct column *column)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0)
		return -errno;
	column->text = malloc((size_t)size + 1);
	if (!column->text)
		return -ENOMEM;
	while (column->bytes < (size_t)size) {
		ssize_t n = pread(fd, column->text + column->bytes,
				  (size_t)size - column->bytes, (off_t)column->bytes);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		column->bytes += (size_t)n;
	}
	return 0;
}

static int ask(const struct options *options, const char *path,
	       int (*run_one)(const struct options *options, char *path),
	       struct column *column)
{
	_cleanup_fd_ int fd = scratch_open("kwcheck-answer");
	pid_t parent = getpid(), child;
	int status = 0;

	if (fd < 0)
		return fd;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct options of_one = *options;

		priv_end_with(parent);
		of_one.json = true;
		if (dup2(fd, STDOUT_FILENO) < 0)
			_exit(EXIT_BUG);
		status = run_one(&of_one, strdup(path));
		if (fflush(stdout) != 0 && status < EXIT_UNDECIDED)
			status |= EXIT_UNDECIDED;
		_exit(status);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0)
		return -EAGAIN;
	column->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BUG;
	return read_back(fd, column);
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

static int add_rows(struct table *table, const struct column *column)
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

static void pad(size_t used, size_t width)
{
	printf("%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static void print_cell(const char *text, size_t width, bool is_last)
{
	text_safe(stdout, text);
	if (!is_last)
		pad(strlen(text), width);
}

static size_t width_of(const struct table *table, size_t i)
{
	size_t width = strlen(table->kernels.array[i].release);

	for (size_t k = 0; k < table->nr_rows; k++) {
		size_t bytes = strlen(
			verdict_of(&table->columns[i], table->rows[k].module));

		width = bytes > width ? bytes : width;
	}
	return width;
}

static void print_table(const struct table *table)
{
	size_t first = strlen("MODULE"), nr = table->kernels.nr;

	for (size_t k = 0; k < table->nr_rows; k++)
		if (strlen(table->rows[k].label) > first)
			first = strlen(table->rows[k].label);
	print_cell("MODULE", first, false);
	for (size_t i = 0; i < nr; i++)
		print_cell(table->kernels.array[i].release, width_of(table, i),
			   i + 1 == nr);
	putchar('\n');
	for (size_t k = 0; k < table->nr_rows; k++) {
		print_cell(table->rows[k].label, first, false);
		for (size_t i = 0; i < nr; i++)
			print_cell(verdict_of(&table->columns[i], table->rows[k].module),
				   width_of(table, i), i + 1 == nr);
		putchar('\n');
	}
	puts("all of one, and what to do: kwcheck preflight --kernel=RELEASE MODULE");
}

static void print_json(const struct table *table)
{
	json_t *kernels = json_array(), *report;

	for (size_t i = 0; i < table->kernels.nr; i++) {
		const struct installed_kernel *kernel = &table->kernels.array[i];
		json_t *answer = table->columns[i].answer;

		json_array_append_new(
			kernels, json_pack("{s:o,s:o,s:i,s:o}", "release",
					   json_text(kernel->release), "image",
					   json_text(kernel->path), "exit_status",
					   table->columns[i].status, "answer",
					   answer ? json_incref(answer) : json_null()));
	}
	report = json_head(table->options->verb->name, NULL);
	json_object_set_new(report, "results", kernels);
	json_object_set_new(report, "errors", json_array());
	json_print(stdout, report);
	putchar('\n');
}

/* Our own words, but with names of modules in them: without privileges. */
static int tell(struct table *table, struct error *err)
{
	int r = priv_drop(0, !table->options->no_sandbox, err);

	for (size_t i = 0; i < table->kernels.nr && r == 0; i++) {
		struct column *column = &table->columns[i];

		column->answer = json_loadb(column->text, column->bytes, 0, NULL);
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
	if (table->options->json)
		print_json(table);
	else
		print_table(table);
	return 0;
}

/* Bits of findings add up; what is no answer must not hide among them. */
static int sum_up(const struct table *table)
{
	int status = 0, fatal = 0;

	for (size_t i = 0; i < table->kernels.nr; i++) {
		if (table->columns[i].status >= EXIT_USAGE)
			fatal = table->columns[i].status;
		else
			status |= table->columns[i].status;
	}
	return fatal ?: status;
}

int looktable_run(const struct options *options,
		  int (*run_one)(const struct options *options, char *path))
{
	struct table table = {.options = options};
	struct error err = {0};
	int status, r = installed_list(&table.kernels, "", &err);

	if (r == 0) {
		table.columns = calloc(table.kernels.nr, sizeof(*table.columns));
		r = table.columns ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < table.kernels.nr && r == 0; i++)
		r = ask(options, table.kernels.array[i].path, run_one, &table.columns[i]);
	if (r == 0)
		r = tell(&table, &err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	} else {
		status = sum_up(&table);
	}
	for (size_t i = 0; table.columns && i < table.kernels.nr; i++) {
		json_decref(table.columns[i].answer);
		free(table.columns[i].text);
	}
	free(table.columns);
	free(table.rows);
	installed_free(&table.kernels);
	return status;
}
