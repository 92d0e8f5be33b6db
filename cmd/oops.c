/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops: explain the crashes of a kernel log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "cmd/kernellog.h"
#include "cmd/logfiles.h"
#include "cmd/oops_debug.h"
#include "cmd/oops_json.h"
#include "cmd/oops_logs.h"
#include "cmd/oops_merge.h"
#include "cmd/oops_modules.h"
#include "cmd/oops_origin.h"
#include "cmd/oops_text.h"
#include "cmd/session.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/printk.h"

/* Each crash is held against all others, and logs with one stay in memory; for more there
 * is --merge.
 */
enum { MAX_FILES = 3000 };

/* What is opened while the privileges are there, and what is read out of it. */
struct work {
	const struct options *options;
	struct logfiles files; /* of operands and standard input; none: the own log */
	struct kernellog own_bytes;
	int kallsyms_fd;
	struct boot_facts facts;
	struct oops_origin own_origin; /* of the running kernel's log; its start */
	struct oops_modules modules;
	struct oops_debug debug;
	struct vmlinux *vmlinux; /* of --vmlinux, or NULL */
	struct source source;
	struct kernel kernel;
	bool has_kernel;
	struct kernelfacts kernelfacts; /* has_kernel */
	/* Decided before the privileges are dropped: afterwards no call tells a terminal
	 * from a file.
	 */
	bool has_color;
	struct error no_kernel; /* !has_kernel: why */
	struct oops_logs logs;
	struct log own;
	struct symbols symbols;
	bool has_symbols;
};

static void read_small(const char *sysroot, const char *path, char *text, size_t room)
{
	char joined[4096];
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	snprintf(joined, sizeof(joined), "%s%s", sysroot, path);
	fd = open(joined, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, room - 1);
	if (n < 0 && error_is_of_machine(-errno))
		loss_note("reading what the kernel says of itself", errno);
	text[n > 0 ? n : 0] = '\0';
}

/* A boot's UUID without its dashes, as a journal has it. */
static void read_boot_id(const char *sysroot, char ret[33])
{
	char text[64];
	size_t nr = 0;

	read_small(sysroot, "/proc/sys/kernel/random/boot_id", text, sizeof(text));
	for (const char *c = text; *c && *c != '\n' && nr < 32; c++)
		if (*c != '-')
			ret[nr++] = *c;
	ret[nr == 32 ? nr : 0] = '\0';
}

static void read_facts(const char *sysroot, struct boot_facts *facts)
{
	struct timespec now;
	struct utsname uts;
	char text[64], *end;

	read_boot_id(sysroot, facts->boot_id);
	/* printk's clock stands still in suspend, as this one does. */
	facts->has_uptime = clock_gettime(CLOCK_MONOTONIC, &now) == 0;
	if (facts->has_uptime)
		facts->uptime_us = (uint64_t)now.tv_sec * 1000000;
	read_small(sysroot, "/proc/sys/kernel/tainted", text, sizeof(text));
	facts->tainted = strtoull(text, &end, 10);
	facts->has_tainted = end != text;
	if (uname(&uts) == 0)
		snprintf(facts->version, sizeof(facts->version), "%s", uts.version);
}

/* This host, and when it booted, by printk's clock. */
static void read_own_origin(struct work *work)
{
	struct oops_origin *origin = &work->own_origin;
	struct utsname uts;

	if (uname(&uts) == 0 && strcmp(uts.nodename, "(none)") != 0)
		snprintf(origin->host, sizeof(origin->host), "%s", uts.nodename);
	if (!work->facts.has_uptime)
		return;
	origin->from = OOPS_SEEN_CLOCK;
	origin->seconds = time(NULL) - (int64_t)(work->facts.uptime_us / 1000000);
}

/* The logs' bytes, but for what can be read when the privileges are gone. */
static int open_logs(struct work *work, struct error *err)
{
	const struct options *options = work->options;
	struct error no_log = {0};
	int r = logfiles_open(&work->files, options->operands, options->nr_operands,
			      MAX_FILES);

	/* A dump has its own log. */
	if (r == 0 && options->core && !options->nr_operands)
		return 0;
	if (r == 0 && !options->nr_operands && kernellog_is_given())
		r = logfiles_add_input(&work->files, false);
	if (r < 0)
		return r;
	if (options->nr_operands == 0 && work->files.nr == 0) {
		work->facts.is_own_log = true;
		read_own_origin(work);
		return kernellog_read_own(&work->own_bytes, err);
	}
	/* The own log tells whether the file is of this boot. It is no error if it cannot
	 * be read.
	 */
	kernellog_read_own(&work->own_bytes, &no_log);
	return 0;
}

/* The log out of the dump; where that has none, standard input's. */
static int take_dumped_log(struct work *work, struct error *err)
{
	struct error no_log = {0};
	uint64_t nr_lost;
	int r = printk_read(&work->kernel, &work->own_bytes.bytes,
			    &work->own_bytes.nr_bytes, &nr_lost, &no_log);

	if (r == 0) {
		work->facts.is_own_log = work->facts.is_dumped_log = true;
		if (nr_lost)
			fprintf(stderr,
				"kwcheck: %" PRIu64
				" records of the dump's log could not "
				"be read\n",
				nr_lost);
		return 0;
	}
	if (kernellog_is_given())
		return logfiles_add_input(&work->files, true);
	return error_set(err, no_log.code, r,
			 "%.200s: %.200s; or give a log: 'kwcheck "
			 "oops --core=FILE LOG'",
			 work->options->core, no_log.message);
}

static int open_inputs(struct work *work, struct error *err)
{
	const struct options *options = work->options;
	int r;

	if (options->kallsyms) {
		work->kallsyms_fd = open(options->kallsyms, O_RDONLY | O_CLOEXEC);
		if (work->kallsyms_fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.300s: %m",
					 options->kallsyms);
	}
	work->has_color = text_wants_color(options->color);
	oops_origin_start();
	/* A dump's own log says nothing of this machine. */
	if (!options->core || options->nr_operands)
		read_facts(options->sysroot, &work->facts);
	r = open_logs(work, err);
	if (r == 0)
		r = oops_modules_open(&work->modules, options, &work->files,
				      &work->own_bytes, err);
	if (r == 0 && options->vmlinux)
		r = oops_debug_open(&work->debug, options->vmlinux, err);
	if (r < 0)
		return r;
	work->has_kernel = session_open(options, &work->source, &work->kernel,
					&work->no_kernel) == 0;
	if (work->has_kernel)
		kernelfacts_of(&work->kernel, &work->kernelfacts);
	/* A log is explained without a kernel, too. It is an error if --core names one
	 * that cannot be opened, or if the privileges could not be dropped.
	 */
	if (!work->has_kernel &&
	    (options->core || work->no_kernel.code == ERROR_PRIVILEGES)) {
		*err = work->no_kernel;
		return -EIO;
	}
	return options->core && !options->nr_operands ? take_dumped_log(work, err) : 0;
}

static int parse_inputs(struct work *work, struct error *err)
{
	bool is_own = work->facts.is_own_log;
	int r = oops_logs_read(&work->logs, &work->files,
			       is_own ? &work->own_bytes : NULL);

	if (r == 0 && !is_own && work->own_bytes.nr_bytes) {
		r = log_read(&work->own, work->own_bytes.bytes, work->own_bytes.nr_bytes);
		work->facts.own = &work->own;
	}
	if (r == 0 && work->options->vmlinux)
		r = vmlinux_open(&work->vmlinux, work->debug.fds, work->debug.nr,
				 work->options->vmlinux, err);
	if (r == 0 && work->kallsyms_fd >= 0) {
		struct listing_text text = {.fd = work->kallsyms_fd,
					    .path = work->options->kallsyms};

		r = symbols_read(&work->symbols, &text, err);
		work->has_symbols = r == 0;
	}
	return r;
}

/* Where a crash stands in the logs, if that is worth a line: there are several, or it is
 * in them more than once. "a.log, b.log and 3 more, 5 times"; else "".
 */
static void say_origin(const struct work *work, size_t i, char *text, size_t room)
{
	enum { MAX_NAMED = 3 };
	const struct oops_logs *logs = &work->logs;
	const struct oops_report *report = &logs->reports[i];
	size_t used = 0;

	*text = '\0';
	if (report->nr_copies == 1 && work->files.nr < 2)
		return;
	for (size_t j = 0; j < report->nr_logs && j < MAX_NAMED && used < room; j++) {
		const char *path = logs->array[report->logs[j]].path;

		used += (size_t)snprintf(text + used, room - used, "%s%.300s",
					 j ? ", " : "", path ? path : "the kernel's log");
	}
	if (report->nr_logs > MAX_NAMED && used < room)
		used += (size_t)snprintf(text + used, room - used, " and %zu more",
					 report->nr_logs - MAX_NAMED);
	if (report->nr_copies > 1 && used < room)
		snprintf(text + used, room - used, "; the same crash %zu times",
			 report->nr_copies);
}

/* Of which host a crash is, and when it was seen. A dump's own log is of the dump's, and
 * the running kernel's of this one.
 */
static void put_origin(const struct work *work, const struct crash *crash,
		       const struct oops_report *report, json_t *result)
{
	struct oops_origin origin = work->facts.is_own_log && !work->facts.is_dumped_log
					    ? work->own_origin
					    : report->origin;
	const struct kernelfacts *kernel = &work->kernelfacts;
	char seen[OOPS_ORIGIN_TIME_BYTES] = "";
	const char *from;

	if (work->facts.is_dumped_log) {
		snprintf(origin.host, sizeof(origin.host), "%s", kernel->host);
		snprintf(seen, sizeof(seen), "%s", kernel->time);
		origin.from = *seen ? OOPS_SEEN_DUMP : OOPS_SEEN_NEVER;
	} else if (origin.from == OOPS_SEEN_CLOCK && crash->has_time) {
		origin.seconds += (int64_t)(crash->time_us / 1000000);
	} else if (origin.from == OOPS_SEEN_CLOCK) {
		origin.from = OOPS_SEEN_NEVER;
	}
	if (!*seen && origin.from != OOPS_SEEN_NEVER)
		oops_origin_time(origin.seconds, seen);
	from = oops_origin_from(origin.from);
	json_object_set_new(result, "host",
			    json_text(origin.host[0] ? origin.host : NULL));
	json_object_set_new(result, "seen", json_text(*seen ? seen : NULL));
	json_object_set_new(result, "seen_from", from ? json_string(from) : json_null());
}

static void put_json(struct work *work, struct json *json,
		     const struct explanation *explanation, size_t i)
{
	const struct oops_logs *logs = &work->logs;
	const struct oops_report *report = &logs->reports[i];
	json_t *result = oops_json(explanation, i, logs->nr_reports);
	json_t *files = json_array();

	for (size_t j = 0; j < report->nr_logs; j++)
		if (logs->array[report->logs[j]].path)
			json_array_append_new(
				files, json_text(logs->array[report->logs[j]].path));
	json_object_set_new(result, "files", files);
	put_origin(work, explanation->crash, report, result);
	json_object_set_new(result, "copies",
			    json_integer((json_int_t)report->nr_copies));
	if (work->options->json)
		json_result(json, result);
	else
		json_line(result);
}

/* Explains the crashes that are asked for and prints each. Returns an exit status. */
static int explain_all(struct work *work, struct text *text, struct json *json)
{
	const struct options *options = work->options;
	struct explanation_sources sources = {
		.kernel = work->has_kernel ? &work->kernel : NULL,
		.facts = &work->facts,
		.file_symbols = work->has_symbols ? &work->symbols : NULL,
		.sections = work->modules.sections,
		.nr_sections = work->modules.nr_sections,
		.modules = work->modules.array,
		.nr_modules = work->modules.nr,
		.vmlinux = work->vmlinux,
	};
	struct error lost = {0};
	int status = EXIT_YES;

	for (size_t i = 0; i < work->logs.nr_reports; i++) {
		struct explanation explanation;
		char origin[1200];

		if (options->nth.is_given && i + 1 != options->nth.value)
			continue;
		sources.log = oops_logs_log(&work->logs, i);
		explanation_make(oops_logs_crash(&work->logs, i), &sources, &explanation);
		if (loss_check(&lost) < 0) {
			fprintf(stderr, "kwcheck: %s\n", lost.message);
			return EXIT_UNDECIDED;
		}
		if (explanation.status != EXPLANATION_WHOLE)
			status = EXIT_UNDECIDED;
		if (options->quiet)
			continue;
		say_origin(work, i, origin, sizeof(origin));
		if (options->json || options->json_lines)
			put_json(work, json, &explanation, i);
		else
			oops_text(text, &explanation, i, work->logs.nr_reports, origin);
	}
	return status;
}

static void tell_notes(const struct work *work)
{
	const struct options *options = work->options;
	const struct oops_logs *logs = &work->logs;

	if (logs->is_cut)
		fputs("kwcheck: only the first 128 MiB of a log were read\n", stderr);
	if (logs->nr_foreign)
		fprintf(stderr, "kwcheck: %zu file%s of the folders %s no log\n",
			logs->nr_foreign, logs->nr_foreign == 1 ? "" : "s",
			logs->nr_foreign == 1 ? "is" : "are");
	for (size_t i = 0; i < logs->nr_errors; i++) {
		fputs("kwcheck: ", stderr);
		text_safe(stderr, logs->errors[i].message);
		fputc('\n', stderr);
	}
	if (options->json || options->json_lines || options->quiet || work->has_kernel ||
	    !options->verbose)
		return;
	fputs("\nNo kernel was asked: ", stdout);
	text_safe(stdout, work->no_kernel.message);
	putchar('\n');
}

/* What people take for a crash, and is none. */
static void tell_shortage(const struct oops_logs *logs)
{
	if (!logs->shortage[0])
		return;
	fputs(": ", stdout);
	text_safe(stdout, logs->shortage);
}

/* Which log it was is told: somebody may have meant another one. */
static void tell_none_in_one(const struct work *work)
{
	if (work->files.nr == 1) {
		fputs("no crash in ", stdout);
		text_safe(stdout, work->files.array[0].path);
		tell_shortage(&work->logs);
		putchar('\n');
	} else if (work->files.nr) {
		puts("no crash in the log that could be read");
	} else if (work->facts.is_dumped_log) {
		puts("no crash in the dump's log");
	} else {
		puts("no crash in the running kernel's log; 'kwcheck oops FILE' reads "
		     "another, and 'kwcheck oops -' standard input");
	}
}

/* No log had a crash. */
static void tell_none(const struct work *work)
{
	if (work->logs.nr_read == 0)
		puts("no crash: there is no log");
	else if (work->logs.nr_read == 1)
		tell_none_in_one(work);
	else
		printf("no crash in the %zu logs\n", work->logs.nr_read);
}

static void begin(const struct options *options, struct json *json,
		  const struct kernelfacts *facts)
{
	if (options->quiet && !options->json)
		return;
	if (options->json)
		json_begin(json, options->verb->name, facts);
	else if (options->json_lines)
		json_line(json_head(options->verb->name, facts));
}

static void end(const struct options *options, struct json *json,
		const struct oops_logs *logs)
{
	if (options->json)
		json_end(json, logs->errors, logs->nr_errors);
	else if (options->json_lines && !options->quiet)
		for (size_t i = 0; i < logs->nr_errors; i++)
			json_line(json_error(&logs->errors[i]));
}

static int answer(struct work *work)
{
	const struct options *options = work->options;
	const struct kernelfacts *facts = work->has_kernel ? &work->kernelfacts : NULL;
	struct text text = {
		.facts = facts,
		.has_color = work->has_color,
		.is_verbose = options->verbose,
	};
	size_t nr = work->logs.nr_reports;
	struct json json = {0};
	int status = EXIT_NO;

	if (options->nth.value > nr && nr) {
		struct error err = {0};

		error_set(&err, ERROR_USAGE, -EINVAL,
			  "--nth=%" PRIu64 ": the log has %zu crash%s",
			  options->nth.value, nr, nr == 1 ? "" : "es");
		return session_fail(options, &err);
	}
	begin(options, &json, facts);
	if (nr)
		status = explain_all(work, &text, &json);
	else if (work->logs.nr_errors && work->logs.nr_read == 0)
		status = EXIT_UNDECIDED;
	else if (!options->json && !options->json_lines && !options->quiet)
		tell_none(work);
	end(options, &json, &work->logs);
	if (options->verbose && facts && !options->json && !options->json_lines &&
	    !options->quiet)
		text_origin(facts);
	tell_notes(work);
	return work->logs.nr_errors ? status | EXIT_UNDECIDED : status;
}

int oops_run(const struct options *options)
{
	struct work *work = calloc(1, sizeof(*work));
	struct error err = {0};
	int status, r;

	if (options->merge) {
		free(work);
		return oops_merge_run(options);
	}
	if (!work) {
		error_set(&err, ERROR_INTERNAL, -ENOMEM, "oops: %s", strerror(ENOMEM));
		return session_fail(options, &err);
	}
	work->options = options;
	work->kallsyms_fd = -1;
	r = open_inputs(work, &err);
	if (r == 0)
		r = parse_inputs(work, &err);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		status = session_fail(options, &err);
	} else {
		status = answer(work);
	}
	oops_logs_free(&work->logs);
	logfiles_close(&work->files);
	if (work->has_symbols)
		symbols_close(&work->symbols);
	oops_modules_close(&work->modules);
	vmlinux_close(work->vmlinux);
	oops_debug_close(&work->debug);
	log_free(&work->own);
	kernellog_free(&work->own_bytes);
	cleanup_fd(&work->kallsyms_fd);
	if (work->has_kernel)
		session_close(&work->source, &work->kernel);
	free(work);
	return status;
}
