/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck diff: what is sealed in one kernel, and not in another?
 *
 * Each kernel is asked by processes of their own, as for one kernel; this one compares
 * what they printed.
 */
#include "cmd/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/json.h"
#include "cmd/look.h"
#include "cmd/priv.h"
#include "cmd/sealing.h"
#include "cmd/session.h"
#include "cmd/subrun.h"
#include "cmd/verbs.h"
#include "guest/bootimage.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* What is asked of each kernel. */
enum question { ASK_SEALING = 0, ASK_LSM, ASK_MODULES, NR_QUESTIONS };

struct side {
	const char *word; /* the operand */
	struct options options;
	struct subrun said[NR_QUESTIONS];
	json_t *reports[NR_QUESTIONS]; /* owned; NULL: none */
	struct sealing sealing;
	/* Its symbols are functions only, or nothing is known of its security modules:
	 * what is not told may be there.
	 */
	bool lacks_objects, lacks_lsm;
};

struct work {
	const struct options *options;
	struct side sides[2];
	struct diff diff;
	json_t *errors; /* owned: of both sides' questions */
};

/* A vmlinuz is booted; any other file is a capture or a dump. */
static bool is_image(const char *path)
{
	enum { HEAD_BYTES = 64 * 1024 };
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ unsigned char *head = malloc(HEAD_BYTES);
	ssize_t n = fd >= 0 && head ? read(fd, head, HEAD_BYTES) : 0;

	return n > 0 && bootimage_is(head, (size_t)n);
}

/* "live", a file, or the release of an installed kernel. */
static void choose(struct side *side, const struct options *options, const char *word)
{
	bool is_file = strchr(word, '/') || access(word, F_OK) == 0;

	side->word = word;
	side->options = *options;
	side->options.operands = NULL;
	side->options.nr_operands = 0;
	if (strcmp(word, "live") == 0)
		return;
	if (!is_file || is_image(word))
		side->options.kernel = word;
	else
		side->options.core = word;
}

static int run_side(const struct options *options, void *ctx)
{
	(void)ctx;
	return options->kernel ? look_run(options) : options->verb->run(options);
}

static int ask_sealing(struct side *side)
{
	static const struct verb verb = {.name = "diff", .run = sealing_run};
	struct options options = side->options;

	options.verb = &verb;
	return subrun_do(&side->said[ASK_SEALING], run_side, &options, NULL);
}

static int ask_lsm(struct side *side)
{
	char lsm[] = "lsm", *groups[] = {lsm};
	struct options options = side->options;

	options.verb = options.find_verb("audit");
	options.json = true;
	options.quiet = options.verbose = false;
	options.set_version = options.moddir = NULL; /* of the modules */
	options.operands = groups;
	options.nr_operands = 1;
	return subrun_do(&side->said[ASK_LSM], run_side, &options, NULL);
}

static int ask_modules(struct side *side)
{
	struct options options = side->options;
	char *modules[1 + SOURCE_MAX_PARTS];
	size_t nr = 0;

	if (!options.against)
		return 0;
	modules[nr++] = (char *)options.against;
	for (size_t i = 0; i < options.more_against.nr; i++)
		modules[nr++] = (char *)options.more_against.words[i];
	options.verb = options.find_verb("preflight");
	options.json = true;
	options.quiet = options.verbose = false;
	options.operands = modules;
	options.nr_operands = nr;
	return subrun_do(&side->said[ASK_MODULES], run_side, &options, NULL);
}

/* Where a kernel cannot be asked at all the first question says so, and the status. */
static int ask(struct side *side)
{
	int r = ask_sealing(side);

	if (r == 0 && side->said[ASK_SEALING].status == EXIT_YES)
		r = ask_lsm(side);
	if (r == 0 && side->said[ASK_SEALING].status == EXIT_YES)
		r = ask_modules(side);
	return r;
}

/* The process that asked ended early, or what it printed could not be kept. */
static int no_answer(const struct side *side, struct error *err)
{
	return error_set(err, ERROR_NO_RESOURCES, -EBADMSG,
			 "%.200s: there is no whole answer of this kernel; ask again",
			 side->word);
}

/* --- without privileges --- */

static int read_side(struct side *side, struct error *err)
{
	struct subrun *said = side->said;
	int r = sealing_read(&side->sealing, said[ASK_SEALING].text,
			     said[ASK_SEALING].bytes);

	for (int i = ASK_LSM; i < NR_QUESTIONS && r == 0; i++) {
		side->reports[i] = subrun_json(&said[i]);
		if (said[i].text && !side->reports[i])
			r = -EBADMSG;
	}
	return r == -EBADMSG ? no_answer(side, err) : r;
}

/* How a symbol is in @side; NULL: there is none of that name. */
static const char *symbol_state(const struct side *side, enum sealing_state state)
{
	return sealing_state_name(side->lacks_objects ? SEALING_UNKNOWN : state);
}

static int add_symbol(void *ctx, const char *name, enum sealing_state a,
		      enum sealing_state b)
{
	struct work *work = ctx;
	struct diff_row row = {
		.kind = DIFF_SYMBOL,
		.name = name,
		.a = symbol_state(&work->sides[0], a),
		.b = symbol_state(&work->sides[1], b),
	};

	row.change = diff_change_of(row.a, row.b);
	return diff_add(&work->diff, &row);
}

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "sealed", "writable", "unknown": audit's words for what is looked at here. */
static const char *state_of(const json_t *row)
{
	const char *verdict = string_of(row, "verdict");

	if (verdict && strcmp(verdict, "sealed") == 0)
		return "sealed";
	return verdict && strcmp(verdict, "unsealed") == 0 ? "writable" : "unknown";
}

/* Is anything known of how this kernel calls its security modules? */
static bool knows_lsm(const json_t *report)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(report, "results"), i,
			   row) if (string_of(row, "symbol") &&
				    strcmp(state_of(row), "unknown") != 0) return true;
	return false;
}

/* How @row, or what belongs to it, is in @side; NULL: it is not there. */
static const char *part_state(const struct side *side, const json_t *row)
{
	if (row)
		return state_of(row);
	return side->lacks_lsm ? "unknown" : NULL;
}

/* The result of @report whose @key is @value; NULL: there is none. */
static json_t *find_result(const json_t *report, const char *key, const char *value)
{
	size_t i;
	json_t *result;

	json_array_foreach(json_object_get(report, "results"), i, result)
	{
		const char *found = string_of(result, key);

		if (found && strcmp(found, value) == 0)
			return result;
	}
	return NULL;
}

static bool has_hook(const json_t *row, const char *hook)
{
	size_t i;
	json_t *slot;

	json_array_foreach(json_object_get(row, "slots"), i, slot)
	{
		const char *found = string_of(slot, "hook");

		if (found && strcmp(found, hook) == 0)
			return true;
	}
	return false;
}

/* The hooks of @row, of the security module @owner; those that are in @other are told
 * once, from side A.
 */
static int add_hooks(struct work *work, const json_t *row, const json_t *other,
		     const char *owner, bool is_a)
{
	size_t i;
	json_t *slot;
	int r = 0;

	json_array_foreach(json_object_get(row, "slots"), i, slot)
	{
		const char *hook = string_of(slot, "hook"), *state = state_of(row);
		bool is_there = hook && has_hook(other, hook);
		const char *of_other = part_state(&work->sides[is_a],
						  is_there ? other : NULL);
		struct diff_row added = {.kind = DIFF_HOOK, .name = hook, .owner = owner};

		if (!hook || (is_there && !is_a) || r < 0)
			continue;
		added.a = is_a ? state : of_other;
		added.b = is_a ? of_other : state;
		added.change = diff_change_of(added.a, added.b);
		r = diff_add(&work->diff, &added);
	}
	return r;
}

static int add_parts(struct work *work, int of)
{
	json_t *const reports[] = {work->sides[0].reports[ASK_LSM],
				   work->sides[1].reports[ASK_LSM]};
	size_t i;
	json_t *row;
	int r = 0;

	json_array_foreach(json_object_get(reports[of], "results"), i, row)
	{
		const char *name = string_of(row, "name");
		const json_t *other = name ? find_result(reports[!of], "name", name)
					   : NULL;
		struct diff_row added = {.kind = DIFF_PART, .name = name};

		if (!name || r < 0)
			continue;
		if (!other || of == 0) {
			added.a = part_state(&work->sides[0], of == 0 ? row : other);
			added.b = part_state(&work->sides[1], of == 1 ? row : other);
			added.change = diff_change_of(added.a, added.b);
			r = diff_add(&work->diff, &added);
		}
		if (r == 0)
			r = add_hooks(work, row, other, name, of == 0);
	}
	return r;
}

static bool is_told(const struct work *work, const char *file, const char *symbol)
{
	for (size_t i = 0; i < work->diff.nr_rows; i++) {
		const struct diff_row *row = &work->diff.rows[i];

		if (row->kind == DIFF_TARGET && strcmp(row->owner, file) == 0 &&
		    strcmp(row->name, symbol) == 0)
			return true;
	}
	return false;
}

/* What a module leads to in the kernel itself, in whichever of both it is told. */
static int add_targets(struct work *work, const json_t *result, const char *file)
{
	size_t i;
	json_t *finding;
	int r = 0;

	json_array_foreach(json_object_get(result, "findings"), i, finding)
	{
		const json_t *target = json_object_get(finding, "target");
		const char *symbol = string_of(target, "symbol")
					     ?: string_of(finding, "symbol");
		struct diff_row row = {
			.kind = DIFF_TARGET, .owner = file, .name = symbol};

		if (!symbol || string_of(target, "module") || r < 0 ||
		    is_told(work, file, symbol))
			continue;
		row.a = symbol_state(&work->sides[0],
				     sealing_of(&work->sides[0].sealing, symbol));
		row.b = symbol_state(&work->sides[1],
				     sealing_of(&work->sides[1].sealing, symbol));
		row.change = diff_change_of(row.a, row.b);
		if (row.a || row.b)
			r = diff_add(&work->diff, &row);
	}
	return r;
}

static int add_module(struct work *work, const char *file)
{
	const json_t *const results[] = {
		find_result(work->sides[0].reports[ASK_MODULES], "file", file),
		find_result(work->sides[1].reports[ASK_MODULES], "file", file)};
	struct diff_row row = {.kind = DIFF_MODULE,
			       .name = file,
			       .a = string_of(results[0], "verdict"),
			       .b = string_of(results[1], "verdict")};
	int r;

	row.change = !row.a || !row.b		 ? DIFF_UNKNOWN
		     : strcmp(row.a, row.b) == 0 ? DIFF_SAME
						 : DIFF_CHANGED;
	r = diff_add(&work->diff, &row);
	for (int i = 0; i < 2 && r == 0; i++)
		r = add_targets(work, results[i], file);
	return r;
}

static void tell_lack(const struct work *work, const struct side *side, const char *what)
{
	if (work->options->quiet)
		return;
	fputs("kwcheck: ", stderr);
	text_safe(stderr, side->word);
	fprintf(stderr, ": %s\n", what);
}

static void find_lacks(struct work *work)
{
	for (int i = 0; i < 2; i++) {
		struct side *side = &work->sides[i];

		side->lacks_objects = side->sealing.nr == 0;
		side->lacks_lsm = !knows_lsm(side->reports[ASK_LSM]);
		if (side->lacks_objects)
			tell_lack(work, side,
				  "this kernel lists functions only (it was built "
				  "without KALLSYMS_ALL): nothing is known of its data");
		if (side->lacks_lsm)
			tell_lack(work, side,
				  "nothing is known of its security modules; 'kwcheck "
				  "audit lsm' says why");
	}
}

static int compare(struct work *work)
{
	const struct options *options = work->options;
	int r;

	find_lacks(work);
	r = sealing_compare(&work->sides[0].sealing, &work->sides[1].sealing, add_symbol,
			    work);

	for (int i = 0; i < 2 && r == 0; i++)
		r = add_parts(work, i);
	if (r == 0 && options->against)
		r = add_module(work, options->against);
	for (size_t i = 0; i < options->more_against.nr && r == 0; i++)
		r = add_module(work, options->more_against.words[i]);
	return r;
}

/* A question that found no answer leaves a part of the kernel out. */
static void take_errors(struct work *work, const struct side *side)
{
	for (int i = ASK_LSM; i < NR_QUESTIONS; i++) {
		json_t *errors = json_object_get(side->reports[i], "errors");

		if (errors)
			json_array_extend(work->errors, errors);
	}
}

static int tell(struct work *work, struct error *err)
{
	json_t *reports[2];
	int r = priv_drop(0, !work->options->no_sandbox, err);

	for (int i = 0; i < 2 && r == 0; i++)
		r = read_side(&work->sides[i], err);
	if (r == 0)
		r = compare(work);
	if (r == 0)
		r = loss_check(err);
	for (int i = 0; i < 2 && r == 0; i++)
		take_errors(work, &work->sides[i]);
	if (r < 0 || work->options->quiet)
		return r;
	for (int i = 0; i < 2; i++)
		reports[i] = work->sides[i].reports[ASK_LSM];
	if (work->options->json)
		diff_print_json(&work->diff, work->options, reports, work->errors);
	else
		diff_print(&work->diff, work->options, reports);
	return 0;
}

/* What the first question's process printed is its error, where JSON is wanted. EXIT_YES:
 * none has failed.
 */
static int failed_side(const struct work *work, struct error *err)
{
	for (int i = 0; i < 2; i++) {
		const struct subrun *said = &work->sides[i].said[ASK_SEALING];

		if (said->status == EXIT_YES)
			continue;
		if (!work->options->json)
			return said->status;
		if (said->bytes == 0 || said->text[0] != '{' ||
		    said->text[said->bytes - 1] != '\n')
			return no_answer(&work->sides[i], err);
		fwrite(said->text, 1, said->bytes, stdout);
		return said->status;
	}
	return EXIT_YES;
}

static void close_side(struct side *side)
{
	for (int i = 0; i < NR_QUESTIONS; i++) {
		json_decref(side->reports[i]);
		subrun_free(&side->said[i]);
	}
	sealing_free(&side->sealing);
}

int diff_run(const struct options *options)
{
	struct work work = {.options = options, .errors = json_array()};
	struct error err = {0};
	int status = EXIT_YES, r = 0;

	if (options->nr_operands != 2)
		r = error_set(&err, ERROR_USAGE, -EINVAL,
			      "diff compares two kernels: captures, vmlinuz files, "
			      "releases of installed kernels, or live; %zu were given",
			      options->nr_operands);
	for (int i = 0; i < 2 && r == 0 && status == EXIT_YES; i++) {
		choose(&work.sides[i], options, options->operands[i]);
		r = ask(&work.sides[i]);
		if (r == 0)
			status = failed_side(&work, &err);
		if (status < 0)
			r = status;
	}
	if (r == 0 && status == EXIT_YES) {
		r = tell(&work, &err);
		status = diff_status(&work.diff) |
			 (json_array_size(work.errors) ? EXIT_UNDECIDED : EXIT_YES);
	}
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	}
	for (int i = 0; i < 2; i++)
		close_side(&work.sides[i]);
	json_decref(work.errors);
	diff_free(&work.diff);
	return status;
}
