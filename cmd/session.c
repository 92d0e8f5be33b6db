/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run over targets: open, ask, render, sum up. */
#include "cmd/session.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/priv.h"
#include "cmd/result_json.h"
#include "cmd/result_table.h"
#include "kcore/acpitables.h"
#include "kcore/array.h"
#include "kcore/loss.h"
#include "kcore/open.h"
#include "kcore/root.h"

struct session {
	const struct options *options;
	struct asker asker;
	struct kernelfacts facts;
	session_text_fn render;
	session_read_fn read; /* NULL: the verdict is the answer */
	struct error err;     /* of the target that is asked about */
	struct text text;
	struct table *table; /* of check; NULL: its answers are sentences */
	struct json json;
	struct error *errors;
	size_t nr_errors, errors_room;
	int status; /* EXIT_NO and EXIT_UNDECIDED, as they add up */
	int fatal;  /* EXIT_USAGE or EXIT_BUG: must not hide among findings */
};

static int choose_root(const struct options *options, struct kernel *kernel,
		       struct error *err)
{
	struct root root = kernel->root;
	int r = 0;

	if (options->root.is_given)
		r = root_given(kernel, options->root.value, &root, err);
	else if (options->pid.is_given)
		r = root_of_process(kernel, (int)options->pid.value, &root, err);
	if (r == 0 && options->user_root)
		r = root_user_copy(kernel, &root, &root, err);
	if (r == 0)
		kernel_walk_from(kernel, &root);
	return r;
}

unsigned session_workers(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set)
							    : 1;
}

/* Does the verb run code of the kernel, or keep what that takes? */
static bool runs_or_keeps_all(const struct options *options)
{
	return options->verb->bit == VERB_PREFLIGHT ||
	       (options->verb->bit == VERB_CAPTURE && options->memory);
}

int session_open_source(const struct options *options, struct source *source,
			struct error *err)
{
	/* The kernel that oops is asked about may be another than the one it asks. */
	const char *vmlinux = options->verb->bit == VERB_OOPS ? NULL : options->vmlinux,
		   *types_path = options->btf ?: vmlinux;
	int r = options->core ? source_open_core(source, options->core, err)
			      : source_open_live(source, options->sysroot, err);

	if (r < 0)
		return error_set(err, ERROR_INTERNAL, r, "%s", strerror(-r));
	for (size_t i = 0; r == 0 && i < options->parts.nr; i++)
		r = source_add_part(source, options->parts.words[i], err);
	if (r == 0 && options->verb->needs & PRIV_FORK)
		r = source_open_workers(source, session_workers(), err);
	if (r == 0 && source->is_live && runs_or_keeps_all(options))
		r = firmware_open(&source->firmware, options->sysroot);
	if (r == 0 && types_path)
		r = source_take_btf(source, types_path, err);
	if (r < 0)
		source_close(source);
	if (r < 0)
		return error_set(err, ERROR_INTERNAL, r, "%s", strerror(-r));
	/* The image's name, not that of what was made of it. */
	if (options->is_of_image) {
		free(source->core_path);
		source->core_path = strdup(options->kernel_image);
		if (!source->core_path)
			r = -ENOMEM;
	}
	if (r < 0) {
		source_close(source);
		return r;
	}
	source->symbols = options->symbols;
	source->no_btf = options->no_btf;
	return 0;
}

static void tell_unsteady(const char *path, const char *what)
{
	fputs("kwcheck: ", stderr);
	text_safe(stderr, path);
	fputs(": ", stderr);
	text_safe(stderr, what);
	fputc('\n', stderr);
}

int session_start(const struct options *options, struct source *source,
		  struct kernel *kernel, struct error *err)
{
	int r = priv_drop(options->verb->needs, !options->no_sandbox, err);

	if (r == 0)
		r = kernel_open(kernel, source, err);
	if (r < 0) {
		source_close(source);
		return r;
	}
	if (source->firmware.nr || source->firmware.has_rom) {
		kernel->firmware = source->firmware;
		source->firmware = (struct firmware){0};
		acpitables_place(kernel);
	}
	r = choose_root(options, kernel, err);
	if (r < 0)
		session_close(source, kernel);
	else if (kernel->unsteady_note && !options->quiet && !options->json)
		tell_unsteady(source->core_path,
			      kernel->notes[kernel->unsteady_note - 1]);
	return r;
}

int session_open(const struct options *options, struct source *source,
		 struct kernel *kernel, struct error *err)
{
	struct error not_dropped = {0};
	int r = session_open_source(options, source, err);

	if (r == 0)
		return session_start(options, source, kernel, err);
	/* Such a verb goes on to parse bytes that others wrote, and must not do so with
	 * privileges.
	 */
	if (options->verb->works_without_kernel &&
	    priv_drop(options->verb->needs, !options->no_sandbox, &not_dropped) < 0)
		*err = not_dropped;
	return r;
}

void session_close(struct source *source, struct kernel *kernel)
{
	kernel_close(kernel);
	source_close(source);
}

void session_tell(const struct error *err)
{
	fputs("kwcheck: ", stderr);
	text_safe(stderr, err->message);
	fputc('\n', stderr);
}

int session_fail(const struct options *options, const struct error *err)
{
	if (options->json) {
		struct json json;

		json_begin(&json, options->verb->name, NULL);
		json_end(&json, err, 1);
	}
	if (options->json_lines)
		json_line(json_error(err));
	session_tell(err);
	return error_exit_status(err->code);
}

static int pass(void *ctx, const struct result *result, size_t i, size_t nr)
{
	struct session *session = ctx;
	int status = result_exit_status(result, session->options->expect);
	struct error lost = {0};
	int r = loss_check(&lost);

	if (r < 0)
		return r;
	if (session->read)
		status = session->read(session->options, session->asker.kernel,
				       &session->json, result, &session->err);
	if (status < 0)
		return status;
	session->status |= status;
	if (session->read || session->options->quiet)
		return 0;
	if (session->options->json)
		result_json(&session->json, &session->facts, result);
	else if (session->table)
		result_table_row(session->table, &session->text, result);
	else
		session->render(&session->text, result, i, nr);
	return 0;
}

/* A target without an answer does not take the others' answers away. */
static int keep_error(struct session *session, const struct error *err)
{
	if (array_reserve(&session->errors, session->nr_errors, &session->errors_room,
			  sizeof(*session->errors)) < 0)
		return -ENOMEM;
	session->errors[session->nr_errors++] = *err;
	session_tell(err);
	return 0;
}

/* A verb that was mistyped was taken for a symbol. */
static void suggest_verb(const struct options *options, struct error *err)
{
	char *end = err->message + strlen(err->message);

	if (options->meant)
		snprintf(end, (size_t)(err->message + sizeof(err->message) - end),
			 "%s'kwcheck %s'",
			 strstr(err->message, "did you mean ") ? ", or "
							       : "; did you mean ",
			 options->meant->name);
}

static int ask_all(struct session *session, const struct target_list *targets)
{
	struct error *err = &session->err;

	if (session->asker.wants_aliases && targets->nr > 1)
		for (size_t i = 0; i < targets->nr; i++)
			result_expect(&session->asker, targets->words[i]);
	for (size_t i = 0; i < targets->nr; i++) {
		int r;

		*err = (struct error){0};
		r = result_each(&session->asker, targets->words[i], pass, session, err);
		if (r == 0)
			continue;
		loss_check(err);
		if (err->code == ERROR_NO_SUCH_SYMBOL && i == 0)
			suggest_verb(session->options, err);
		error_set(err, ERROR_INTERNAL, r, "%.200s: %s", targets->words[i],
			  strerror(-r));
		if (error_exit_status(err->code) >= EXIT_USAGE)
			session->fatal = error_exit_status(err->code);
		else
			session->status |= EXIT_UNDECIDED;
		if (keep_error(session, err) < 0)
			return EXIT_BUG;
	}
	return session->fatal ? session->fatal : session->status;
}

static int answer_targets(const struct options *options,
			  const struct target_list *targets, session_text_fn render,
			  session_read_fn read, struct table *table)
{
	struct kernel kernel;
	struct source source;
	struct session session = {
		.options = options,
		.asker = {.kernel = &kernel,
			  .has_cpu = options->cpu.is_given,
			  .cpu = (unsigned)options->cpu.value,
			  .wants_aliases = !options->no_aliases &&
					   options->verb->bit == VERB_CHECK &&
					   (options->json || !options->quiet)},
		.render = render,
		.read = read,
		.table = table,
		.text =
			{
				.facts = &session.facts,
				.is_verbose = options->verbose,
				/* Decided before the privileges are dropped: afterwards
				 * no call tells a terminal from a file.
				 */
				.has_color = text_wants_color(options->color),
			},
	};
	struct error err = {0};
	struct target target;
	int status;

	/* A word that is no target is told where there is no kernel to ask, too. */
	if ((targets->nr == 1 && target_parse(targets->words[0], &target, &err) < 0) ||
	    session_open(options, &source, &kernel, &err) < 0) {
		suggest_verb(options, &err);
		return session_fail(options, &err);
	}
	kernelfacts_of(&kernel, &session.facts);
	/* No table tells of any. */
	session.asker.wants_aliases &= !kernel.is_unbooted;
	if (options->json)
		json_begin(&session.json, options->verb->name, &session.facts);
	else if (options->verbose && !options->quiet && !table)
		text_kernel(&session.text);
	status = ask_all(&session, targets);
	if (options->json)
		json_end(&session.json, session.errors, session.nr_errors);
	else if (table)
		table_print(table, NULL, NULL);
	else if (options->verbose && !options->quiet) {
		text_reads(kernel.core.nr_reads);
		text_origin(&session.facts);
	}
	asker_close(&session.asker);
	free(session.errors);
	session_close(&source, &kernel);
	return status;
}

static int run(const struct options *options, session_text_fn render,
	       session_read_fn read)
{
	struct target_list targets = {0};
	struct error err = {0};
	struct table table = {0};
	bool has_table = options->verb->bit == VERB_CHECK && table_is_alone(options);
	int status, r = has_table ? result_table_open(&table, options, &err) : 0;

	for (size_t i = 0; i < options->nr_operands && r == 0; i++)
		r = target_list_add(&targets, options->operands[i], &err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	} else {
		status = answer_targets(options, &targets, render, read,
					has_table ? &table : NULL);
	}
	table_close(&table);
	target_list_free(&targets);
	return status;
}

int session_run(const struct options *options, session_text_fn render)
{
	return run(options, render, NULL);
}

int session_read(const struct options *options, session_read_fn read)
{
	return run(options, NULL, read);
}
