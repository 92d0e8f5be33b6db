/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck preflight: would this module write to sealed memory, once it is loaded? */
#include "cmd/preflight.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/json.h"
#include "cmd/moduletree.h"
#include "cmd/policyfiles.h"
#include "cmd/pool.h"
#include "cmd/priv.h"
#include "cmd/preflight_list.h"
#include "cmd/preflight_sarif.h"
#include "cmd/requested.h"
#include "cmd/scout.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "cmd/shelf.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/nearest.h"
#include "insn/decode.h"
#include "machine/selftest.h"
#include "module/chain.h"
#include "module/lookup.h"
#include "preflight/sight.h"

/* The slowest of 16,365 distribution modules takes a few seconds. */
enum { SECONDS_PER_MODULE = 120 };
/* Needed modules that a worker keeps parsed; drm and its like are needed by hundreds. */
static const size_t MAX_KEPT_BYTES = 24 * 1024 * 1024;

struct run {
	const struct options *options;
	struct lookup names;
	char tree[PATH_MAX];  /* names.tree */
	struct kofile *files; /* one per name; fd -1 where it could not be opened */
	struct error *open_errors;
	size_t *wanted;	      /* numbers of names */
	struct trial *trials; /* one for each of wanted; NULL: none is wanted */
	size_t nr_wanted;
	struct source source;
	bool has_source; /* and no kernel on it yet */
	struct kernel kernel;
	struct kernelfacts facts;
	struct exports exports;
	struct models models;
	struct dryrun_options dry_run;
	struct shelf shelf;
	const char *no_dry_run; /* why there can be none, or NULL */
	struct prototypes prototypes;
	struct policyfiles policy; /* of the running kernel */
	struct text text;
	struct progress progress;
	unsigned nr_cpus;
	struct clerk clerk;
	struct request_modprobe modprobe;
	/* In the parent: */
	struct json json; /* of --sarif, too: whether a comma is due */
	struct preflight_list list;
	int status;
	size_t counts[FINDING_NR_VERDICTS], nr_failed, nr_told, nr_not_run;
	struct error *errors;
	size_t nr_errors;
	/* In a worker: */
	struct addrspace space;
	bool has_space;
	const char *unseen;		  /* sight_kernel()'s words */
	struct addrspace_needed **needed; /* one per name, or NULL */
	bool *is_optional;		  /* of what the module in question needs */
	size_t kept_bytes;
	struct requested requested;
	struct preflight_kept kept;
};

/* Whether answers are for a machine, each as it comes. */
static bool is_for_machine(const struct options *options)
{
	return options->json || options->sarif;
}

/* How a job's status tells the verdict and the exit status. */
enum {
	STATUS_VERDICT_SHIFT = 8,
	STATUS_FAILED = 1 << 16,
	STATUS_NOT_RUN = 1 << 17,
	STATUS_DISAGREES = 1 << 18, /* the trial */
};

/* Bits of the verdicts of the module and of each of its findings. */
static unsigned verdicts_of(const struct preflight *preflight)
{
	unsigned bits = 1U << preflight->verdict;

	for (size_t i = 0; i < preflight->findings.nr; i++)
		bits |= 1U << preflight->findings.array[i].verdict;
	if (preflight->dryrun.outcome == DRYRUN_UNDECIDED)
		bits |= 1U << FINDING_UNDECIDED;
	return bits;
}

static int exit_status_of(const struct options *options,
			  const struct preflight_answer *answer)
{
	enum finding_verdict verdict = preflight_verdict(answer);

	if (options->fail_on && answer->preflight)
		return verdicts_of(answer->preflight) & options->fail_on ? EXIT_NO
									 : EXIT_YES;
	if (verdict == FINDING_CLEAN)
		return EXIT_YES;
	return verdict == FINDING_UNDECIDED ? EXIT_UNDECIDED : EXIT_NO;
}

/* "name=value" belongs to the operand before it. */
static bool is_parameter(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals && equals != word && !memchr(word, '/', (size_t)(equals - word)) &&
	       !memchr(word, '.', (size_t)(equals - word));
}

/* Where modules are installed for the kernel that is asked. A tree that the user named
 * has to be there.
 */
static int choose_tree(struct run *run, struct error *err)
{
	const struct options *options = run->options;
	char release[128] = "";
	int r = 0;

	if (!options->set_version && !options->moddir && !options->core)
		return 0;
	if (!options->set_version && options->core)
		r = scout_release(options, &run->source, release, sizeof(release), NULL,
				  err);
	if (r == 0)
		r = moduletree_find(options, options->core ? release : NULL, run->tree,
				    err);
	if (r == 0)
		run->names.tree = run->tree;
	return r;
}

/* @nr modules have no answer. */
static void lose(struct run *run, size_t nr, const struct error *err)
{
	struct error *errors = reallocarray(run->errors, run->nr_errors + 1,
					    sizeof(*errors));

	run->status |= EXIT_UNDECIDED;
	run->nr_failed += nr;
	progress_wipe(&run->progress);
	fputs("kwcheck: ", stderr);
	text_safe(stderr, err->message);
	fputc('\n', stderr);
	if (!errors)
		return;
	run->errors = errors;
	errors[run->nr_errors++] = *err;
}

/* A bad operand does not take the others with it. Where all are bad the last is told by
 * the caller.
 */
static int add_operands(struct run *run, struct error *err)
{
	const struct options *options = run->options;
	bool is_bad = false;
	int r;

	for (size_t i = 0; i < options->nr_operands;) {
		size_t nr_words = 0;
		struct error bad = {0};

		while (i + 1 + nr_words < options->nr_operands &&
		       is_parameter(options->operands[i + 1 + nr_words]))
			nr_words++;
		r = lookup_add(&run->names, options->operands[i],
			       options->operands + i + 1, nr_words, &bad);
		i += 1 + nr_words;
		if (r >= 0)
			continue;
		if (is_bad)
			lose(run, 1, err);
		*err = bad;
		is_bad = true;
		if (r == -ENOMEM)
			return r;
	}
	if (is_bad && run->names.nr == 0)
		return -ENOENT;
	if (is_bad)
		lose(run, 1, err);
	memset(err, 0, sizeof(*err));
	r = scout_needs(options, &run->names, err);
	if (r == 0 && run->names.damage.code)
		lose(run, 0, &run->names.damage);
	return r;
}

/* Every module takes and gives back the same few large pieces: to have them from the
 * system each time was a fifth of all time. Only those of the few largest modules are not
 * kept, which would be most of what a process has at its peak.
 */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
}

static int open_files(struct run *run, struct error *err)
{
	size_t nr = run->names.nr;
	int r;

	run->files = calloc(nr ? nr : 1, sizeof(*run->files));
	run->open_errors = calloc(nr ? nr : 1, sizeof(*run->open_errors));
	run->wanted = calloc(nr ? nr : 1, sizeof(*run->wanted));
	run->needed = calloc(nr ? nr : 1, sizeof(struct addrspace_needed *));
	if (!run->files || !run->open_errors || !run->wanted || !run->needed)
		return -ENOMEM;
	r = shelf_open(&run->shelf, nr, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++) {
		const char *path = run->names.array[i].path;

		r = kofile_open(&run->files[i], path, &run->open_errors[i]);
		if (r < 0)
			run->files[i] = (struct kofile){.path = strdup(path), .fd = -1};
		else if ((r = shelf_put(&run->shelf, &run->files[i], err)) < 0)
			return r;
		/* What is installed here is known; what is where a core comes from, not.
		 */
		run->names.array[i].is_treeless = run->names.damage.code ||
						  (run->options->core &&
						   !lookup_has_tree(&run->names, i));
		if (run->names.array[i].is_wanted)
			run->wanted[run->nr_wanted++] = i;
	}
	return 0;
}

static int read_module(struct kofile *file, bool wants_hash, struct error *err)
{
	int r = kofile_read(file, err);

	if (r == 0 && wants_hash)
		kofile_hash(file);
	return r < 0 ? r : kofile_parse(file, err);
}

/* Descriptors and everything that parses them: after the privileges have gone. */
static int load(struct run *run, size_t number, struct error *err)
{
	struct kofile *file = &run->files[number];

	if (file->fd < 0) {
		*err = run->open_errors[number];
		return -ENOENT;
	}
	return read_module(file, false, err);
}

static void forget_needed(struct run *run)
{
	for (size_t i = 0; i < run->names.nr; i++) {
		if (!run->needed[i])
			continue;
		addrspace_needed_close(run->needed[i]);
		run->needed[i] = NULL;
		kofile_forget(&run->files[i]);
	}
	run->kept_bytes = 0;
}

/* Makes the modules that @name needs and that are not loaded ones to link against. */
static int gather_needed(struct run *run, const struct lookup_entry *name)
{
	struct addrspace *space = &run->space;
	struct addrspace_needed **needed;
	size_t nr = 0;

	if (run->kept_bytes > MAX_KEPT_BYTES)
		forget_needed(run);
	free(space->needed);
	free(run->is_optional);
	addrspace_link(space, NULL, NULL, 0);
	needed = calloc(name->needs.nr + 1, sizeof(*needed));
	run->is_optional = calloc(name->needs.nr + 1, sizeof(*run->is_optional));
	if (!needed || !run->is_optional) {
		free(needed);
		return -ENOMEM;
	}
	for (size_t i = 0; i < name->needs.nr; i++) {
		size_t number = name->needs.array[i].number;
		struct error ignored = {0};

		/* One that cannot be read exports nothing: that is told as refused. */
		if (!run->needed[number]) {
			if (load(run, number, &ignored) < 0 ||
			    addrspace_need(space, &run->files[number],
					   &run->needed[number]) < 0) {
				kofile_forget(&run->files[number]);
				continue;
			}
			run->kept_bytes += run->files[number].size_bytes;
			run->needed[number]->is_loose = run->names.array[number].is_loose;
		}
		run->is_optional[nr] = name->needs.array[i].is_optional;
		needed[nr++] = run->needed[number];
	}
	addrspace_link(space, needed, run->is_optional, nr);
	return 0;
}

enum { MAX_UNMET = 32 };

/* Of "depends=a,b": those that are neither loaded nor among what was gathered. */
static size_t find_unmet(struct run *run, const struct lookup_entry *name,
			 const struct kofile *file, char *list, size_t list_bytes,
			 struct judge_unmet unmet[MAX_UNMET])
{
	const char *depends = kofile_modinfo(file, "depends", NULL);
	size_t nr = 0;

	snprintf(list, list_bytes, "%s", depends ? depends : "");
	for (char *save = NULL, *word = strtok_r(list, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		if (nr < MAX_UNMET && !addrspace_has_module(&run->space, word))
			unmet[nr++] = (struct judge_unmet){word,
							   chain_why_not(name, word)};
	return nr;
}

static int look_at(struct run *run, const struct lookup_entry *name, struct kofile *file,
		   struct preflight *preflight, struct error *err)
{
	char list[2048];
	struct judge_unmet unmet[MAX_UNMET];
	struct preflight_context context = {
		.words = (const char *const *)name->words,
		.nr_words = name->nr_words,
		.nr_configured = name->nr_configured,
		.is_loose = name->is_loose,
		.unmet = unmet,
		.dry_run = run->options->no_dry_run ? NULL : &run->dry_run,
		.models = &run->models,
		.no_dry_run = run->no_dry_run,
		.unseen = run->unseen ?: sight_module(&run->space, file),
	};

	run->space.is_treeless = name->is_treeless;
	context.nr_unmet = find_unmet(run, name, file, list, sizeof(list), unmet);
	return preflight_module(preflight, &run->kept, &run->space, file, &context, err);
}

static void start(void *ctx, unsigned worker)
{
	struct run *run = ctx;

	kernel_use_worker(&run->kernel, &run->source, worker);
	run->requested.worker = worker;
}

/* Is each module a row of a table? One alone, or with -v or --trace, is told of with
 * everything.
 */
static bool is_table(const struct run *run)
{
	const struct options *options = run->options;

	return !is_for_machine(options) &&
	       (table_is_alone(options) ||
		(run->nr_wanted > 1 && !options->verbose && !options->trace));
}

static void print_text(const struct run *run, FILE *out,
		       const struct preflight_answer *answer)
{
	if (run->options->only == ONLY_FINDINGS &&
	    preflight_verdict(answer) == FINDING_CLEAN)
		return;
	if (is_table(run))
		preflight_cells(out, answer);
	else
		preflight_text(out, &run->text, answer);
}

/* In a worker: one file, from its bytes to its rendered answer. */
static int job(void *ctx, size_t i, FILE *out)
{
	struct run *run = ctx;
	const struct options *options = run->options;
	size_t number = run->wanted[i];
	const struct lookup_entry *name = &run->names.array[number];
	/* It may be kept as one that another needs: this one is read for itself. */
	struct kofile file = run->files[number];
	struct preflight_answer answer = {.facts = &run->facts, .file = &file};
	struct preflight preflight;
	struct trial_result trial = {0};
	enum finding_verdict verdict;
	bool has_run = true;
	int status, r = 0;

	if (!run->has_space) {
		r = addrspace_open(&run->space, &run->kernel, &run->exports);
		run->has_space = r == 0;
		run->space.prototypes = &run->prototypes;
		if (r == 0)
			policy_hear(&run->space.policy, &run->policy.words);
		run->unseen = r == 0 ? sight_kernel(&run->kept, &run->space) : NULL;
	}
	if (r == 0)
		r = gather_needed(run, name);
	if (r == 0)
		requested_begin(&run->requested, &run->space, number);
	file.raw = file.bytes = NULL;
	file.sections = NULL;
	file.symbols = NULL;
	if (r == 0 && file.fd < 0)
		answer.error = run->open_errors[number];
	else if (r == 0 && (r = read_module(&file, options->json, &answer.error)) == 0)
		r = look_at(run, name, &file, &preflight, &answer.error);
	if (r < 0)
		error_set(&answer.error, ERROR_INTERNAL, r, "%s: %s", file.path,
			  strerror(-r));
	else if (!answer.error.code && loss_check(&answer.error) < 0)
		preflight_close(&preflight, &run->space);
	else if (!answer.error.code)
		answer.preflight = &preflight;
	if (run->trials) {
		preflight_trial(&trial, &run->trials[i], answer.preflight);
		answer.trial = &trial;
	}
	verdict = preflight_verdict(&answer);
	status = exit_status_of(options, &answer);
	if (trial.agreement == TRIAL_DISAGREES ||
	    (run->trials && run->trials[i].error.code))
		status |= EXIT_UNDECIDED;
	if (answer.preflight)
		has_run = preflight.dryrun.outcome != DRYRUN_NOT_RUN;
	r = 0;
	if (options->json)
		r = preflight_json(out, &answer);
	else if (options->sarif)
		r = preflight_sarif(out, &answer);
	else if (!options->quiet)
		print_text(run, out, &answer);
	if (answer.preflight)
		preflight_close(&preflight, &run->space);
	kofile_forget(&file);
	if (r < 0)
		return r;
	return status | (int)verdict << STATUS_VERDICT_SHIFT |
	       (answer.error.code ? STATUS_FAILED : 0) | (has_run ? 0 : STATUS_NOT_RUN) |
	       (trial.agreement == TRIAL_DISAGREES ? STATUS_DISAGREES : 0);
}

static void show_progress(struct run *run, size_t nr_done)
{
	if (nr_done == run->nr_wanted)
		progress_wipe(&run->progress);
	else
		progress_tell(&run->progress, "%zu of %zu modules", nr_done,
			      run->nr_wanted);
}

/* A dry run has a bound of its own, and is made twice. */
static unsigned seconds_per_module(const struct run *run)
{
	static const uint64_t LONGEST_MS = 3600 * 1000;
	uint64_t ms = run->options->limits.milliseconds;

	if (run->options->no_dry_run)
		ms = 0;
	return SECONDS_PER_MODULE +
	       (unsigned)(2 * (ms < LONGEST_MS ? ms : LONGEST_MS) / 1000);
}

static void lose_one(struct run *run, size_t i, enum pool_end end)
{
	const struct lookup_entry *name = &run->names.array[run->wanted[i]];
	struct error err = {0};

	if (end == POOL_CRASHED)
		error_set(&err, ERROR_INTERNAL, -EFAULT,
			  "%.300s: the analysis crashed: a bug of kwcheck; nothing is "
			  "known of this module",
			  name->path);
	else if (end == POOL_KILLED)
		error_set(&err, ERROR_NO_RESOURCES, -ECHILD,
			  "%.300s: the process that looked at it was killed, as the "
			  "kernel does where memory runs out (dmesg says so); nothing is "
			  "known of this module: ask for fewer at once",
			  name->path);
	else if (end == POOL_NO_ROOM)
		error_set(&err, ERROR_NO_RESOURCES, -ENOMEM,
			  "%.300s: no memory for the answer, or a file that cannot be "
			  "read; nothing is known of this module",
			  name->path);
	else
		error_set(&err, ERROR_FILE, -ETIME,
			  "%.300s: not done after %u s; nothing is known of this module",
			  name->path, seconds_per_module(run));
	lose(run, 1, &err);
}

static void lose_rest(struct run *run, int errnum)
{
	size_t nr = run->nr_wanted - run->nr_told;
	struct error err = {0};

	error_set(&err, ERROR_NO_PROCESS, errnum,
		  "%zu of %zu modules were not looked at: no process can be started for "
		  "them: %s; those of the user that kwcheck becomes count, 65534 if root "
		  "started it",
		  nr, run->nr_wanted, strerror(-errnum));
	lose(run, nr, &err);
}

static void keep(struct run *run, size_t i, int status, const char *bytes,
		 size_t nr_bytes)
{
	enum finding_verdict verdict = status >> STATUS_VERDICT_SHIFT & 0xff;

	if (preflight_list_add(&run->list, verdict, bytes, nr_bytes) < 0)
		lose_one(run, i, POOL_NO_ROOM);
}

/* Whatever is asked for as output: somebody has to read it. */
static void shout(struct run *run, size_t i)
{
	progress_wipe(&run->progress);
	fputs("kwcheck: ", stderr);
	text_safe(stderr, run->names.array[run->wanted[i]].path);
	fputs(": THE TRIAL DISAGREES with the prediction: do not rely on either. This is "
	      "a bug of kwcheck; please report it, with the module and the answer of "
	      "'preflight --trial --json'\n",
	      stderr);
}

static void done(void *ctx, size_t i, enum pool_end end, int status, const char *bytes,
		 size_t nr_bytes)
{
	struct run *run = ctx;

	run->nr_told = i + 1;
	show_progress(run, i + 1);
	if (end != POOL_DONE) {
		lose_one(run, i, end);
		return;
	}
	run->status |= status & 0xff;
	run->counts[status >> STATUS_VERDICT_SHIFT & 0xff]++;
	run->nr_not_run += (status & STATUS_NOT_RUN) != 0;
	if (status & STATUS_DISAGREES)
		shout(run, i);
	if (nr_bytes == 0)
		return;
	if (is_table(run) || (run->nr_wanted > 1 && !is_for_machine(run->options))) {
		keep(run, i, status, bytes, nr_bytes);
		return;
	}
	if (is_for_machine(run->options)) {
		/* They may go to the same terminal. */
		progress_wipe(&run->progress);
		if (run->json.has_result)
			putchar(',');
		run->json.has_result = true;
	}
	fwrite(bytes, 1, nr_bytes, stdout);
}

static void print_summary(const struct run *run)
{
	const char *separator = "";

	if (run->options->quiet || is_for_machine(run->options) || run->nr_wanted < 2 ||
	    table_is_alone(run->options))
		return;
	printf("%zu modules: ", run->nr_wanted);
	for (int i = 0; i < FINDING_NR_VERDICTS; i++)
		if (run->counts[i]) {
			printf("%s%zu %s", separator, run->counts[i],
			       finding_verdict_name(i));
			separator = ", ";
		}
	if (run->nr_failed)
		printf("%s%zu not looked at", separator, run->nr_failed);
	if (run->nr_not_run && !run->options->no_dry_run)
		printf("; %zu without a dry run (-v tells why)", run->nr_not_run);
	puts(run->text.is_verbose || run->options->trace
		     ? ""
		     : "\nall of one, and what to do: kwcheck preflight MODULE, or -v");
	text_origin(&run->facts);
}

enum call { CALL_OF_NOTHING = 0, CALL_OF_INIT, CALL_OF_FUNCTION };

/* What @symbol is as a function to call after init. */
static enum call call_of(const struct kofile *file, const struct kofile_symbol *symbol)
{
	static const char init[] = ".init";
	const struct kofile_section *section;

	if (symbol->section == SHN_UNDEF || symbol->section >= file->nr_sections)
		return CALL_OF_NOTHING;
	section = &file->sections[symbol->section];
	if (!(section->flags & SHF_EXECINSTR) || symbol->type == STT_OBJECT ||
	    symbol->type == STT_SECTION)
		return CALL_OF_NOTHING;
	return strncmp(section->name, init, sizeof(init) - 1) == 0 ? CALL_OF_INIT
								   : CALL_OF_FUNCTION;
}

static enum call find_function(const struct kofile *file, const char *name,
			       struct nearest *nearest)
{
	enum call found = CALL_OF_NOTHING;

	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];
		enum call call = call_of(file, symbol);

		if (strcmp(symbol->name, name) == 0 && call > found)
			found = call;
		if (call == CALL_OF_FUNCTION && symbol->type == STT_FUNC)
			nearest_offer(nearest, symbol->name);
	}
	return found;
}

/* --call is a mistake where none of the modules has that function. */
static int check_call(struct run *run, struct error *err)
{
	const char *name = run->options->call;
	char guess[NEAREST_GUESS_BYTES] = "";
	size_t nr_read = 0;
	bool is_of_init = false;

	for (size_t i = 0; name && i < run->nr_wanted; i++) {
		struct kofile file = run->files[run->wanted[i]];
		struct nearest nearest = {.name = name};
		struct error ignored = {0};
		enum call found = CALL_OF_NOTHING;

		if (file.fd < 0)
			continue;
		if (read_module(&file, false, &ignored) == 0) {
			nr_read++;
			found = find_function(&file, name, &nearest);
			if (!*guess)
				nearest_guess(&nearest, guess);
		}
		kofile_forget(&file);
		if (found == CALL_OF_FUNCTION)
			return 0;
		is_of_init |= found == CALL_OF_INIT;
	}
	if (nr_read == 0)
		return 0;
	if (is_of_init)
		return error_set(
			err, ERROR_USAGE, -EINVAL,
			"--call=%.100s: it is a part of init, which is gone once "
			"init has returned",
			name);
	return error_set(
		err, ERROR_USAGE, -EINVAL, "--call=%.100s: %s such function%s", name,
		nr_read == 1 ? "the module has no" : "none of the modules has", guess);
}

static int answer(struct run *run, struct error *err)
{
	struct pool pool = {
		.nr_jobs = run->nr_wanted,
		.nr_workers = run->nr_cpus,
		.needs = PRIV_JIT | PRIV_HEAR,
		.allowed_ms = 1000LL * seconds_per_module(run),
		.start = start,
		.job = job,
		.done = done,
		.ctx = run,
	};
	int r;

	if (!run->kernel.has_symbols) {
		*err = run->kernel.symbols_error;
		return -ENODATA;
	}
	if (run->options->core)
		policyfiles_recall(&run->policy, &run->kernel);
	r = check_call(run, err);
	if (r == 0)
		r = exports_read(&run->exports, &run->kernel);
	if (r < 0)
		return r;
	/* Sorted now, before the workers part. */
	types_parameter(&run->kernel.types, "printk", 0);
	if (run->nr_wanted > 1)
		symbols_index(&run->kernel.symbols);
	if (!run->options->no_dry_run && !run->no_dry_run)
		models_find(&run->models, &run->kernel);
	kernelfacts_of(&run->kernel, &run->facts);
	if (run->options->json)
		json_begin(&run->json, run->options->verb->name, &run->facts);
	else if (run->options->sarif)
		preflight_sarif_begin();
	else if (run->options->verbose && !run->options->quiet &&
		 !table_is_alone(run->options))
		text_kernel(&run->text);
	run->list.is_table = is_table(run);
	r = pool_run(&pool);
	if (r < 0)
		lose_rest(run, r);
	if (run->options->json)
		json_end(&run->json, run->errors, run->nr_errors);
	else if (run->options->sarif)
		preflight_sarif_end(run->errors, run->nr_errors);
	preflight_list_print(&run->list, run->options, run->text.has_color);
	print_summary(run);
	return 0;
}

/* The library is loaded while files can still be opened. The CPU whose memory is used is
 * not the one that this runs on, where there is another: that one's changes less.
 */
static void set_dry_run(struct run *run)
{
	const struct options *options = run->options;

	if (options->no_dry_run)
		return;
	if (options->is_of_image) {
		run->no_dry_run = "the kernel was not booted: its image alone was read, "
				  "and nothing was run";
		return;
	}
	run->no_dry_run = selftest_load();
	if (run->no_dry_run && !is_for_machine(options) && !options->quiet)
		fprintf(stderr, "kwcheck: no dry run: %s\n", run->no_dry_run);
	/* Unicorn wants huge pages for the code that it makes: most of a short run's time
	 * would be the clearing of them.
	 */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	run->dry_run = (struct dryrun_options){
		.limits = options->limits,
		.run_exit = options->run_exit,
		.call = options->call,
		.trace = options->trace,
		.cpu = !options->core && sched_getcpu() == 0 &&
				       sysconf(_SC_NPROCESSORS_ONLN) > 1
			       ? 1
			       : 0,
	};
}

/* Is the program there that the running kernel would start to load modules? */
static bool has_modprobe(const struct options *options)
{
	char path[PATH_MAX] = "", name[PATH_MAX];
	FILE *file;

	if (options->core)
		return true;
	snprintf(name, sizeof(name), "%s/proc/sys/kernel/modprobe", options->sysroot);
	file = fopen(name, "re");
	if (!file)
		return true;
	if (fgets(path, sizeof(path), file))
		path[strcspn(path, "\n")] = '\0';
	fclose(file);
	return !*path || access(path, X_OK) == 0;
}

/* Who opens the modules that are asked for later. Without him such runs are undecided. */
static void ask_modprobe(struct run *run)
{
	const struct options *options = run->options;

	if (options->no_dry_run || run->no_dry_run)
		return;
	run->modprobe = (struct request_modprobe){
		.is_missing = options->no_modprobe || !has_modprobe(options),
		.plan = requested_plan,
		.ctx = &run->requested,
	};
	run->requested.clerk = &run->clerk;
	if (!run->modprobe.is_missing)
		clerk_start(&run->clerk, run->nr_cpus, &run->names, !options->no_sandbox,
			    options->core);
	if (run->modprobe.is_missing || run->clerk.pid)
		run->dry_run.modprobe = &run->modprobe;
}

/* Opens all there is to open: no file can be opened later. */
static int prepare(struct run *run, struct error *err)
{
	const struct options *options = run->options;
	int r = 0;

	if (decode_missing())
		return error_set(err, ERROR_NOT_BUILT_IN, -ENOSYS,
				 "no module's code can be read: %s", decode_missing());
	/* A core's release says where its modules are. */
	if (options->core) {
		r = session_open_source(options, &run->source, err);
		run->has_source = r == 0;
	}
	if (r == 0)
		r = choose_tree(run, err);
	if (r == 0)
		r = add_operands(run, err);
	if (r == 0)
		ask_modprobe(run);
	if (r == 0)
		r = open_files(run, err);
	if (r == 0 && !options->core)
		policyfiles_read(&run->policy, options->sysroot);
	if (r == 0 && !options->core)
		r = prototypes_open(&run->prototypes, "/sys/kernel/btf");
	if (r == 0 && !run->has_source) {
		r = session_open_source(options, &run->source, err);
		run->has_source = r == 0;
	}
	return r;
}

/* While QEMU can still be started. */
static int make_trials(struct run *run)
{
	if (!run->options->kernel_wish)
		return 0;
	run->trials = calloc(run->nr_wanted + 1, sizeof(*run->trials));
	if (!run->trials)
		return -ENOMEM;
	for (size_t i = 0; i < run->nr_wanted; i++) {
		progress_tell(&run->progress, "trial %zu of %zu in QEMU ...", i + 1,
			      run->nr_wanted);
		trial_make(&run->trials[i], run->options, &run->names, run->files,
			   run->wanted[i]);
	}
	progress_wipe(&run->progress);
	return 0;
}

int preflight_run(const struct options *options)
{
	struct run run = {.options = options, .shelf.fd = -1};
	struct error err = {0};
	int r;

	run.text = (struct text){.facts = &run.facts,
				 .is_verbose = options->verbose,
				 .has_color = text_wants_color(options->color)};
	progress_open(&run.progress, options);
	run.nr_cpus = session_workers();
	r = preflight_list_check(options, &err);
	if (r < 0)
		return session_fail(options, &err);
	set_dry_run(&run);
	keep_memory();
	r = prepare(&run, &err);
	if (r == 0)
		r = make_trials(&run);
	if (r == 0) {
		r = session_start(options, &run.source, &run.kernel, &err);
		run.has_source = false;
	}
	if (r == 0) {
		r = answer(&run, &err);
		session_close(&run.source, &run.kernel);
	}
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		if (options->sarif) {
			preflight_sarif_begin();
			preflight_sarif_end(&err, 1);
		}
		run.status = session_fail(options, &err);
	}
	if (run.has_source)
		source_close(&run.source);
	clerk_stop(&run.clerk);
	exports_close(&run.exports);
	prototypes_close(&run.prototypes);
	for (size_t i = 0; run.files && i < run.names.nr; i++)
		kofile_close(&run.files[i]);
	shelf_close(&run.shelf);
	lookup_free(&run.names);
	for (size_t i = 0; run.trials && i < run.nr_wanted; i++)
		trial_close(&run.trials[i]);
	free(run.trials);
	free(run.files);
	free(run.open_errors);
	free(run.wanted);
	free(run.needed);
	free(run.errors);
	preflight_list_free(&run.list);
	return run.status;
}
