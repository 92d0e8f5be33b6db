/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck audit: is what the kernel seals after boot sealed? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "audit/audit.h"
#include "cmd/atomicfile.h"
#include "cmd/audit_json.h"
#include "cmd/audit_nrpe.h"
#include "cmd/audit_prom.h"
#include "cmd/audit_text.h"
#include "cmd/auditfacts.h"
#include "cmd/auditgroups.h"
#include "cmd/baseline.h"
#include "cmd/hookcalls.h"
#include "cmd/json.h"
#include "cmd/loadedfiles.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "unchanged/unchanged.h"

enum {
	WORDS_BYTES = 512,
	EXPORTED_MODE = 0644, /* the exporter is another user */
	IMAGE_NAME_ROOM = 256,
};

/* What the kernel says of itself, and the files it says it in. */
struct words {
	char lsm[WORDS_BYTES], lockdown[WORDS_BYTES], wx_pages[WORDS_BYTES];
	int wx_pages_fd; /* -1: not to be read */
};

static int open_words(const char *sysroot, const char *path)
{
	_cleanup_free_ char *joined = NULL;

	if (asprintf(&joined, "%s%s", sysroot, path) < 0) {
		joined = NULL;
		return -1;
	}
	return open(joined, O_RDONLY | O_CLOEXEC);
}

/* Reads a short file from its start, each time, to @ret, which has WORDS_BYTES. Returns
 * @ret; NULL: the file is empty or cannot be read.
 */
static const char *read_fd(int fd, char *ret)
{
	ssize_t n = fd < 0 ? -1 : loss_pread(fd, ret, WORDS_BYTES - 1, 0);

	if (n < 0 && fd >= 0)
		loss_note("reading what the kernel says of itself", (int)-n);
	if (n <= 0)
		return NULL;
	ret[n] = '\0';
	return ret;
}

static const char *read_words(const char *sysroot, const char *path, char *ret)
{
	_cleanup_fd_ int fd = open_words(sysroot, path);

	return read_fd(fd, ret);
}

static const char *ask_wx_pages(void *ctx)
{
	struct words *words = ctx;

	return read_fd(words->wx_pages_fd, words->wx_pages);
}

/* Reading this file makes the kernel search its page tables, which takes ten times as
 * long as the whole audit, and makes it warn of each W+X page. So the file is opened only
 * if the group is asked for by name, and never if a warning is a panic. A core has no
 * such file.
 */
static int open_wx_pages(const struct options *options, unsigned named)
{
	char panics[WORDS_BYTES];
	const char *said = read_words(options->sysroot, "/proc/sys/kernel/panic_on_warn",
				      panics);

	if (!(named & 1u << AUDIT_EXECUTABLE))
		return -1;
	return options->core || !said || *said != '0'
		       ? -1
		       : open_words(options->sysroot, "/sys/kernel/debug/check_wx_pages");
}

/* Files that the run needs beside the kernel, opened while there are privileges. */
struct files {
	int baseline_fd; /* -1: none */
	struct atomicfile prometheus;
	bool has_image; /* or it is told where it was looked for */
	struct compare_file image;
	char image_name[IMAGE_NAME_ROOM];
	bool has_modules;
	struct loadedfiles modules;
};

/* Where packages have the image; which of them differs. */
static const struct {
	const char *before, *after; /* the release */
} image_places[] = {{"/boot/vmlinuz-", ""}, {"/lib/modules/", "/vmlinuz"}};

/* Unpacking takes as long as all else, so the running kernel's image is looked for only
 * if the group is asked for by name.
 */
static int open_image(const struct options *options, unsigned named, struct files *ret,
		      struct error *err)
{
	const char *given = options->image;
	struct utsname uts;

	ret->has_image = given || named & 1u << AUDIT_UNCHANGED;
	ret->image = (struct compare_file){.fd = -1, .name = ret->image_name};
	if (!given && ret->has_image)
		given = options->kernel_image;
	if (given) {
		ret->image.name = given;
		ret->image.fd = open(given, O_RDONLY | O_CLOEXEC);
		if (ret->image.fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.200s: %m", given);
		return 0;
	}
	snprintf(ret->image_name, sizeof(ret->image_name),
		 "a core comes without its image");
	if (!ret->has_image || options->core || uname(&uts) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(image_places) / sizeof(image_places[0]); i++) {
		_cleanup_free_ char *path = NULL;

		if (ret->image.fd >= 0 ||
		    asprintf(&path, "%s%s%s%s", options->sysroot, image_places[i].before,
			     uts.release, image_places[i].after) < 0)
			continue;
		ret->image.fd = open(path, O_RDONLY | O_CLOEXEC);
		snprintf(ret->image_name, sizeof(ret->image_name), "%s", path);
	}
	if (ret->image.fd < 0)
		snprintf(
			ret->image_name, sizeof(ret->image_name),
			"there is no /boot/vmlinuz-%.40s and no /lib/modules/%.40s/vmlinuz",
			uts.release, uts.release);
	return 0;
}

static int open_files(const struct options *options, unsigned named, struct files *ret,
		      struct error *err)
{
	int r = open_image(options, named, ret, err);

	if (r < 0)
		return r;
	ret->baseline_fd = -1;
	if (options->baseline) {
		ret->baseline_fd = open(options->baseline, O_RDONLY | O_CLOEXEC);
		if (ret->baseline_fd < 0)
			return error_set(err, ERROR_FILE, -errno, "%.200s: %m",
					 options->baseline);
	}
	return options->prometheus
		       ? atomicfile_open(&ret->prometheus, options->prometheus,
					 EXPORTED_MODE, err)
		       : 0;
}

static void close_files(struct files *files)
{
	cleanup_fd(&files->baseline_fd);
	cleanup_fd(&files->image.fd);
	if (files->has_modules)
		loadedfiles_close(&files->modules);
	atomicfile_close(&files->prometheus);
}

/* @kernel, @audit: NULL: there is no audit, for the reason in @err. */
static int write_metrics(struct files *files, const struct kernelfacts *kernel,
			 const struct auditfacts *audit, struct error *err)
{
	struct utsname uts;
	_cleanup_free_ char *data = NULL;
	size_t bytes = 0;
	FILE *file;

	if (!files->prometheus.path)
		return 0;
	file = open_memstream(&data, &bytes);
	if (!file)
		return -ENOMEM;
	if (kernel && audit)
		audit_prom_print(file, kernel, audit);
	else
		audit_prom_print_failed(file, uname(&uts) == 0 ? uts.release : "", err);
	if (loss_close(file) < 0)
		return -ENOMEM;
	return atomicfile_commit(&files->prometheus, data, bytes, err);
}

struct shown {
	const struct options *options;
	struct json json;
	bool has_new_undecided;
};

static void show_change(void *ctx, const struct baseline_change *change)
{
	struct shown *shown = ctx;

	if (change->now && strcmp(change->now, "unknown") == 0)
		shown->has_new_undecided = true;
	if (shown->options->json) {
		json_result(&shown->json, audit_json_change(change));
		return;
	}
	if (shown->options->quiet)
		return;
	printf("%-12s %-10s ", change->kind, change->group);
	text_safe(stdout, change->name);
	if (change->was) {
		fputs(": was ", stdout);
		text_safe(stdout, change->was);
	}
	if (change->now) {
		fputs(change->was ? ", is " : ": ", stdout);
		text_safe(stdout, change->now);
	}
	putchar('\n');
}

/* Prints what changed since the baseline. Returns an exit status: EXIT_NO for any change,
 * EXIT_UNDECIDED for an object that has become undecided.
 */
static int render_changes(const struct options *options, const struct kernelfacts *facts,
			  const struct auditfacts *audit, json_t *baseline)
{
	struct shown shown = {.options = options};
	size_t nr, nr_unseen;

	if (options->json)
		json_begin(&shown.json, options->verb->name, facts);
	nr = baseline_each(baseline, audit, show_change, &shown, &nr_unseen);
	if (options->json)
		json_end(&shown.json, NULL, 0);
	else if (!options->quiet)
		printf("%zu change%s since the baseline.\n", nr, nr == 1 ? "" : "s");
	if (nr_unseen && !options->quiet)
		fprintf(stderr,
			"kwcheck: %zu objects were not compared: the baseline's core or "
			"this one has not got their memory\n",
			nr_unseen);
	return (nr ? EXIT_NO : EXIT_YES) |
	       (shown.has_new_undecided ? EXIT_UNDECIDED : EXIT_YES);
}

static void render(const struct options *options, const struct kernelfacts *facts,
		   const struct auditfacts *audit)
{
	struct text text = {.facts = facts, .is_verbose = options->verbose};
	struct json json;

	if (options->json) {
		json_begin(&json, options->verb->name, facts);
		for (size_t i = 0; i < audit->nr_rows; i++)
			if (options->only != ONLY_FINDINGS ||
			    audit->rows[i].verdict > AUDIT_SEALED)
				json_result(&json, audit_json_row(audit, i));
		json_end(&json, NULL, 0);
	} else if (!options->quiet && !options->nrpe) {
		text.has_color = text_wants_color(options->color);
		if (options->verbose && !table_is_alone(options))
			text_kernel(&text);
		audit_text_print(&text, audit, options);
	}
}

/* There is no audit. Of a running kernel the metrics say so: as they were they would tell
 * of a kernel that is well.
 */
static int fail(const struct options *options, struct files *files,
		const struct error *err)
{
	struct error reason = *err;

	if (!options->core && write_metrics(files, NULL, NULL, &reason) < 0)
		fputs("kwcheck: the metrics could not be written, either\n", stderr);
	if (options->nrpe)
		audit_nrpe_failed(err);
	return options->nrpe ? AUDIT_NRPE_UNKNOWN : session_fail(options, err);
}

/* Is there a function that calls it, though nobody may have registered for it? */
static bool is_hook(struct kernel *kernel, const char *name)
{
	char function[128];
	uint64_t va;

	snprintf(function, sizeof(function), "security_%.100s", name);
	return kernel->has_symbols && symbols_address(&kernel->symbols, function, &va);
}

static int answer_hook(const struct options *options, struct kernel *kernel,
		       const struct kernelfacts *facts, const struct auditfacts *audit,
		       int *ret_status, struct error *err)
{
	struct text text = {.facts = facts, .is_verbose = options->verbose};
	struct hookcalls calls;
	struct json json;
	int r = hookcalls_of(&calls, audit, options->hook, is_hook(kernel, options->hook),
			     err);

	if (r < 0)
		return r;
	text.has_color = text_wants_color(options->color);
	if (options->json) {
		json_begin(&json, options->verb->name, facts);
		for (size_t i = 0; i < calls.nr; i++)
			json_result(&json, hookcalls_json(&calls, i));
		json_end(&json, NULL, 0);
	} else if (!options->quiet) {
		hookcalls_print(&text, &calls, options);
	}
	*ret_status = (int)hookcalls_status(&calls);
	hookcalls_free(&calls);
	return 0;
}

static int answer(const struct options *options, struct kernel *kernel, unsigned groups,
		  const struct audit_words *words, struct files *files)
{
	struct kernelfacts kernelfacts;
	struct auditfacts auditfacts;
	struct error err = {0};
	json_t *baseline = NULL;
	struct unchanged_files built = {
		.image = files->has_image ? &files->image : NULL,
		.modules = files->has_modules ? &files->modules.files : NULL,
	};
	const struct audit_check unchanged = unchanged_check(&built);
	struct audit audit;
	int status = 0, r = 0;

	kernelfacts_of(kernel, &kernelfacts);
	if (files->baseline_fd >= 0)
		r = baseline_load(&baseline, files->baseline_fd, options->baseline,
				  kernel->build_id, &err);
	if (r < 0)
		return fail(options, files, &err);
	r = audit_run(&audit, kernel, groups, words, &unchanged);
	if (r == 0 && (r = loss_check(&err)) < 0)
		audit_free(&audit);
	if (r == 0) {
		auditfacts_of(&audit, &auditfacts);
		r = write_metrics(files, &kernelfacts, &auditfacts, &err);
		if (r == 0 && baseline) {
			status = render_changes(options, &kernelfacts, &auditfacts,
						baseline);
		} else if (r == 0 && options->hook) {
			r = answer_hook(options, kernel, &kernelfacts, &auditfacts,
					&status, &err);
		} else if (r == 0) {
			render(options, &kernelfacts, &auditfacts);
			status = options->nrpe ? audit_nrpe(&auditfacts)
					       : (int)audit_status(&audit);
		}
		audit_free(&audit);
	}
	json_decref(baseline);
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "audit: %s", strerror(-r));
		return fail(options, files, &err);
	}
	return status;
}

/* Before a kernel is read for it. */
static int check_output(const struct options *options, struct error *err)
{
	return options->hook ? hookcalls_check_output(options, err)
			     : audit_text_check_output(options, err);
}

/* Which modules there are the source says, and then their files are opened. */
static int open_kernel(const struct options *options, unsigned named, struct files *files,
		       struct source *source, struct kernel *kernel, struct error *err)
{
	int r = session_open_source(options, source, err);

	if (r < 0)
		return r;
	if (named & 1u << AUDIT_UNCHANGED || options->moddir || options->set_version) {
		r = loadedfiles_open(&files->modules, options, source, err);
		files->has_modules = r == 0;
	}
	if (r < 0) {
		source_close(source);
		return error_set(err, ERROR_INTERNAL, r, "%s", strerror(-r));
	}
	return session_start(options, source, kernel, err);
}

int audit_run_verb(const struct options *options)
{
	struct kernel kernel;
	struct source source;
	struct files files;
	struct words words;
	struct audit_words said = {.ask_wx_pages = ask_wx_pages, .ctx = &words};
	struct error err = {0};
	struct auditgroups groups;
	int status;

	if (auditgroups_parse(options, &groups, &err) < 0 ||
	    check_output(options, &err) < 0)
		return session_fail(options, &err);
	/* These files are opened before the privileges go. A core has memory only. */
	words.wx_pages_fd = open_wx_pages(options, groups.named);
	if (!options->core) {
		said.lsm = read_words(options->sysroot, "/sys/kernel/security/lsm",
				      words.lsm);
		said.lockdown = read_words(options->sysroot,
					   "/sys/kernel/security/lockdown",
					   words.lockdown);
	}
	files = (struct files){.baseline_fd = -1, .image.fd = -1};
	if (open_files(options, groups.named, &files, &err) < 0 ||
	    open_kernel(options, groups.named, &files, &source, &kernel, &err) < 0) {
		status = fail(options, &files, &err);
	} else {
		status = answer(options, &kernel, groups.asked, &said, &files);
		session_close(&source, &kernel);
	}
	close_files(&files);
	cleanup_fd(&words.wx_pages_fd);
	return status;
}
