/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops --merge: one report of what many runs of oops --json-lines wrote. */
#include "cmd/oops_merge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/logfiles.h"
#include "cmd/oops_groups.h"
#include "cmd/priv.h"
#include "cmd/session.h"
#include "cmd/text.h"
#include "cmd/verbs.h"
#include "kcore/loss.h"

enum { MAX_NAMED = 5, INDENT = 4 };
/* A fleet's of a day. */
enum { MAX_FILES = 200000 };

static int read_file(struct oops_groups *groups, struct logfile *file)
{
	struct kernellog text;
	struct error err = {0};
	int r = logfile_read(file, &text, &err);

	/* A run over nothing writes nothing. */
	if (r == -ENOMSG && file->is_found)
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return oops_groups_error(groups, &err);
	r = oops_groups_read(groups, file->path, text.bytes, text.nr_bytes);
	if (r == 0 && text.is_cut) {
		error_set(&err, ERROR_FILE, -EFBIG,
			  "%.300s: only its first 128 MiB were read; split it",
			  file->path);
		r = oops_groups_error(groups, &err);
	}
	kernellog_free(&text);
	return r;
}

static json_t *names_array(const struct oops_names *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->nr; i++)
		json_array_append_new(array, json_text(names->array[i]));
	return array;
}

static json_t *copy_of(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return value ? json_incref(value) : json_null();
}

static json_t *time_or_null(const char *time)
{
	return *time ? json_text(time) : json_null();
}

static json_t *group_json(const struct oops_group *group, size_t i, size_t nr)
{
	const json_t *example = group->example;
	const json_t *cause = json_object_get(example, "cause");
	json_t *object = json_pack(
		"{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "index",
		(json_int_t)i + 1, "count", (json_int_t)nr, "kind",
		copy_of(example, "kind"), "headline", copy_of(example, "headline"),
		"what", copy_of(example, "what"), "site", copy_of(example, "site"),
		"cause", copy_of(cause, "kind"), "summary", copy_of(cause, "summary"),
		"warning", group->is_warning);

	json_object_set_new(object, "copies", json_integer((json_int_t)group->nr_copies));
	json_object_set_new(object, "crashes",
			    json_integer((json_int_t)group->nr_crashes));
	json_object_set_new(object, "panics", json_integer((json_int_t)group->nr_panics));
	json_object_set_new(object, "hosts",
			    json_integer((json_int_t)oops_group_hosts(group)));
	json_object_set_new(object, "host_names", names_array(&group->hosts));
	json_object_set_new(object, "nameless_logs", names_array(&group->nameless));
	json_object_set_new(object, "releases", names_array(&group->releases));
	json_object_set_new(object, "first_seen", time_or_null(group->first_seen));
	json_object_set_new(object, "last_seen", time_or_null(group->last_seen));
	json_object_set_new(object, "files", names_array(&group->files));
	return object;
}

static void print_names(const char *what, const struct oops_names *names, bool is_all)
{
	if (!names->nr)
		return;
	printf("%*s%s", INDENT, "", what);
	for (size_t i = 0; i < names->nr && (is_all || i < MAX_NAMED); i++) {
		fputs(i ? ", " : " ", stdout);
		text_safe(stdout, names->array[i]);
	}
	if (!is_all && names->nr > MAX_NAMED)
		printf(" and %zu more", names->nr - MAX_NAMED);
	putchar('\n');
}

static const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

static void print_counts(const struct oops_group *group)
{
	size_t nr_hosts = oops_group_hosts(group);

	printf("%*s%zu crash%s on %zu host%s", INDENT, "", group->nr_crashes,
	       group->nr_crashes == 1 ? "" : "es", nr_hosts, plural(nr_hosts));
	if (group->nameless.nr)
		printf(" (%zu log%s no host: each is taken for one)", group->nameless.nr,
		       group->nameless.nr == 1 ? " names" : "s name");
	if (group->nr_panics)
		printf(", %zu panic%s", group->nr_panics, plural(group->nr_panics));
	if (group->nr_copies > group->nr_crashes)
		printf("; told %zu times", group->nr_copies);
	putchar('\n');
	if (group->first_seen[0])
		printf("%*sfirst seen %s, last %s\n", INDENT, "", group->first_seen,
		       group->last_seen);
}

static void print_group(const struct text *text, const struct oops_group *group, size_t i,
			size_t nr)
{
	const json_t *cause = json_object_get(group->example, "cause");
	const json_t *site = json_object_get(group->example, "site");
	const char *function = oops_groups_text(site, "function");
	const char *module = oops_groups_text(site, "module");
	const char *summary = oops_groups_text(cause, "summary");

	printf("%s%s%zu of %zu: %s", i ? "\n" : "", text->has_color ? "\033[1m" : "",
	       i + 1, nr, oops_groups_text(group->example, "kind"));
	if (function) {
		fputs(" in ", stdout);
		text_safe(stdout, function);
	}
	if (module) {
		fputs(" of module ", stdout);
		text_safe(stdout, module);
	}
	printf("%s%s\n", group->is_warning ? ", a warning" : "",
	       text->has_color ? "\033[0m" : "");
	print_counts(group);
	printf("%*s", INDENT, "");
	text_safe(stdout, oops_groups_text(group->example, "headline") ?: "");
	putchar('\n');
	if (summary)
		text_wrapped("    cause: ", INDENT + 2, summary);
	print_names("hosts", &group->hosts, text->is_verbose);
	print_names("kernels", &group->releases, text->is_verbose);
	print_names("logs", &group->files, text->is_verbose);
}

static void print_text(const struct text *text, const struct oops_groups *groups)
{
	if (!groups->nr)
		printf("no crash in what %zu run%s of kwcheck oops wrote\n",
		       groups->nr_runs, plural(groups->nr_runs));
	for (size_t i = 0; i < groups->nr; i++)
		print_group(text, groups->array[i], i, groups->nr);
}

static void print_all(const struct options *options, const struct oops_groups *groups,
		      const struct text *text)
{
	struct json json = {0};

	for (size_t i = 0; i < groups->nr_errors; i++) {
		fputs("kwcheck: ", stderr);
		text_safe(stderr, groups->errors[i].message);
		fputc('\n', stderr);
	}
	if (options->quiet)
		return;
	if (!options->json) {
		print_text(text, groups);
		return;
	}
	json_begin(&json, options->verb->name, NULL);
	for (size_t i = 0; i < groups->nr; i++)
		json_result(&json, group_json(groups->array[i], i, groups->nr));
	json_end(&json, groups->errors, groups->nr_errors);
}

static int open_files(const struct options *options, struct logfiles *files,
		      struct error *err)
{
	int r = logfiles_open(files, options->operands, options->nr_operands, MAX_FILES);

	if (r == 0 && !options->nr_operands && !kernellog_is_given())
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--merge: of which files? Give what 'kwcheck oops "
				 "--json-lines' wrote, or the folder that it is in");
	if (r == 0 && !options->nr_operands)
		r = logfiles_add_input(files, false);
	return r == 0 ? priv_drop(0, !options->no_sandbox, err) : r;
}

int oops_merge_run(const struct options *options)
{
	struct text text = {.has_color = text_wants_color(options->color),
			    .is_verbose = options->verbose};
	struct oops_groups groups = {0};
	struct logfiles files = {0};
	struct error err = {0};
	int status, r = open_files(options, &files, &err);

	for (size_t i = 0; i < files.nr && r == 0; i++)
		r = read_file(&groups, &files.array[i]);
	if (r == 0)
		r = loss_check(&err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	} else {
		oops_groups_sort(&groups);
		print_all(options, &groups, &text);
		status = (groups.nr ? EXIT_YES : EXIT_NO) |
			 (groups.nr_errors ? EXIT_UNDECIDED : EXIT_YES);
	}
	oops_groups_free(&groups);
	logfiles_close(&files);
	return status;
}
