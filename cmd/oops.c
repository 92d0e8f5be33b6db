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
#include "cmd/oops_debug.h"
#include "cmd/oops_json.h"
#include "cmd/oops_modules.h"
#include "cmd/oops_text.h"
#include "cmd/session.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"

/* What is opened while the privileges are there, and what is read out of it. */
struct work {
	const struct options *options;
	struct kernellog bytes, own_bytes;
	int kallsyms_fd;
	struct boot_facts facts;
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
	struct log log, own;
	struct symbols symbols;
	bool has_symbols;
	struct crashes crashes;
};

static void read_small(const char *sysroot, const char *path, char *text, size_t room)
{
	char joined[4096];
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	snprintf(joined, sizeof(joined), "%s%s", sysroot, path);
	fd = open(joined, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, room - 1);
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

static int open_inputs(struct work *work, struct error *err)
{
	const struct options *options = work->options;
	struct error no_log = {0};
	int r;

	if (options->nr_operands > 1)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "oops explains one log at a time; see 'kwcheck oops "
				 "--help'");
	if (options->kallsyms) {
		work->kallsyms_fd = open(options->kallsyms, O_RDONLY | O_CLOEXEC);
		if (work->kallsyms_fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.300s: %m",
					 options->kallsyms);
	}
	work->has_color = text_wants_color(options->color);
	read_facts(options->sysroot, &work->facts);
	if (options->nr_operands == 1 || kernellog_is_given()) {
		r = kernellog_read_file(&work->bytes,
					options->nr_operands ? options->operands[0] : "-",
					err);
		/* The own log tells whether the file is of this boot. It is no error if
		 * it cannot be read.
		 */
		if (r == 0)
			kernellog_read_own(&work->own_bytes, &no_log);
	} else {
		r = kernellog_read_own(&work->bytes, err);
		work->facts.is_own_log = true;
	}
	if (r == 0)
		r = oops_modules_open(&work->modules, work->bytes.bytes,
				      work->bytes.nr_bytes, options->module,
				      *options->sysroot == '\0', err);
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
	return 0;
}

static int parse_inputs(struct work *work, struct error *err)
{
	int r = log_read(&work->log, work->bytes.bytes, work->bytes.nr_bytes);

	if (r == 0 && work->own_bytes.nr_bytes) {
		r = log_read(&work->own, work->own_bytes.bytes, work->own_bytes.nr_bytes);
		work->facts.own = &work->own;
	}
	if (r == 0)
		r = crashes_find(&work->crashes, &work->log);
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

/* Explains the crashes that are asked for and prints each. Returns an exit status. */
static int explain_all(struct work *work, struct text *text, struct json *json)
{
	const struct options *options = work->options;
	struct explanation_sources sources = {
		.log = &work->log,
		.kernel = work->has_kernel ? &work->kernel : NULL,
		.facts = &work->facts,
		.file_symbols = work->has_symbols ? &work->symbols : NULL,
		.sections = work->modules.sections,
		.nr_sections = work->modules.nr_sections,
		.modules = work->modules.array,
		.nr_modules = work->modules.nr,
		.vmlinux = work->vmlinux,
	};
	int status = EXIT_YES;

	for (size_t i = 0; i < work->crashes.nr; i++) {
		struct explanation explanation;

		if (options->nth.is_given && i + 1 != options->nth.value)
			continue;
		explanation_make(&work->crashes.array[i], &sources, &explanation);
		if (explanation.status != EXPLANATION_WHOLE)
			status = EXIT_UNDECIDED;
		if (options->quiet)
			continue;
		if (options->json)
			oops_json(json, &explanation, i, work->crashes.nr);
		else
			oops_text(text, &explanation, i, work->crashes.nr);
	}
	return status;
}

static void tell_notes(const struct work *work)
{
	const struct options *options = work->options;

	if (work->bytes.is_cut)
		fputs("kwcheck: only the first 128 MiB of the log were read\n", stderr);
	if (work->crashes.nr_dropped)
		fprintf(stderr, "kwcheck: %zu more crashes of the log were left out\n",
			work->crashes.nr_dropped);
	if (options->json || options->quiet || work->has_kernel || !options->verbose)
		return;
	fputs("\nNo kernel was asked: ", stdout);
	text_safe(stdout, work->no_kernel.message);
	putchar('\n');
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
	struct json json = {0};
	int status = EXIT_NO;

	if (options->nth.value > work->crashes.nr && work->crashes.nr) {
		struct error err = {0};

		error_set(&err, ERROR_USAGE, -EINVAL,
			  "--nth=%" PRIu64 ": the log has %zu crash%s",
			  options->nth.value, work->crashes.nr,
			  work->crashes.nr == 1 ? "" : "es");
		return session_fail(options, &err);
	}
	if (options->json)
		json_begin(&json, options->verb->name, facts);
	if (work->crashes.nr)
		status = explain_all(work, &text, &json);
	else if (!options->json && !options->quiet)
		puts("no crash in the log");
	if (options->json)
		json_end(&json, NULL, 0);
	tell_notes(work);
	return status;
}

int oops_run(const struct options *options)
{
	struct work *work = calloc(1, sizeof(*work));
	struct error err = {0};
	int status, r;

	if (!work)
		return EXIT_BUG;
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
	crashes_free(&work->crashes);
	if (work->has_symbols)
		symbols_close(&work->symbols);
	oops_modules_close(&work->modules);
	vmlinux_close(work->vmlinux);
	oops_debug_close(&work->debug);
	log_free(&work->log);
	log_free(&work->own);
	kernellog_free(&work->bytes);
	kernellog_free(&work->own_bytes);
	cleanup_fd(&work->kallsyms_fd);
	if (work->has_kernel)
		session_close(&work->source, &work->kernel);
	free(work);
	return status;
}
