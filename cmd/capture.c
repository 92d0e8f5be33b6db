/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck capture: a kernel's page tables, names and sealed data in a file.
 *
 * A child writes, without privileges, to a file under a name of its own; the parent,
 * which parses nothing, gives it the wanted name once it is whole, or removes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "cmd/json.h"
#include "cmd/priv.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "cmd/sysinfo.h"
#include "cmd/verbs.h"
#include "kcore/capture.h"
#include "kcore/cleanup.h"
#include "kcore/hypervisor.h"
#include "kcore/loss.h"

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
	progress_tell(ctx, "writing %" PRIu64 " of %" PRIu64 " MiB", done >> 20,
		      total >> 20);
}

static enum capture_contents contents_of(const struct options *options)
{
	return options->memory	? CAPTURE_MEMORY
	       : options->text	? CAPTURE_TEXT
	       : options->small ? CAPTURE_SMALL
				: CAPTURE_DATA;
}

static bool ends_with(const char *text, const char *end)
{
	size_t bytes = strlen(text), end_bytes = strlen(end);

	return bytes >= end_bytes && strcmp(text + bytes - end_bytes, end) == 0;
}

/* What an audit of LSMs reads belongs to a capture: it is in many places, little of it in
 * each. What of it cannot be read, who reads the capture misses, too.
 */
static void watch_audit(struct kernel *kernel, struct footprint *footprint)
{
	const struct audit_words words = {0};
	struct audit audit;

	kernel_forget(kernel);
	kernel->core.footprint = footprint;
	if (audit_run(&audit, kernel, 1u << AUDIT_LSM, &words, NULL) == 0)
		audit_free(&audit);
	kernel->core.footprint = NULL;
}

/* What a capture says of its machine, and of what runs below the kernel: a small one has
 * no memory of that. Malloc'ed; NULL: no memory, which is noted.
 */
static char *with_hypervisor(const char *about, struct kernel *kernel)
{
	const char *name = hypervisor_name(hypervisor_of(kernel));
	bool is_said = !name || (about && strstr(about, "HYPERVISOR="));
	char *both;

	if (asprintf(&both, "%s%s%s%s", about ? about : "", is_said ? "" : "HYPERVISOR=",
		     is_said ? "" : name, is_said ? "" : "\n") >= 0)
		return both;
	loss_note("what a capture says of its machine", ENOMEM);
	return NULL;
}

/* The child's part. Returns the exit status. */
static int write_file(const struct options *options, int fd, pid_t parent,
		      struct steady *steady)
{
	_cleanup_free_ char *about = NULL, *both = NULL, *modules = NULL;
	struct progress progress;
	struct footprint footprint = {0};
	struct capture capture = {
		.contents = contents_of(options),
		.progress = show_progress,
		.ctx = &progress,
		.footprint = &footprint,
	};
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	int r;

	progress_open(&progress, options);
	if (!options->core) {
		about = sysinfo_about(options->sysroot);
		modules = sysinfo_modules(options->sysroot);
	}
	if (session_open(options, &source, &kernel, &err) < 0)
		return session_fail(options, &err);
	priv_end_with(parent);
	/* What this machine is says nothing about a core's. */
	if (options->core) {
		about = capture_words(&kernel, CAPTURE_ABOUT);
		modules = capture_words(&kernel, CAPTURE_MODULES);
	}
	both = with_hypervisor(about, &kernel);
	capture.about = both ? both : "";
	capture.modules = modules ? modules : "";
	if (capture.contents == CAPTURE_DATA)
		watch_audit(&kernel, &footprint);
	r = capture_write(&kernel, &capture, fd, ends_with(options->operands[0], ".zst"),
			  steady, &err);
	progress_wipe(&progress);
	if (r == 0)
		r = loss_check(&err);
	footprint_close(&footprint);
	session_close(&source, &kernel);
	return r < 0 ? session_fail(options, &err) : EXIT_YES;
}

static void tell_result(const struct options *options, const struct stat *st,
			const struct steady *steady)
{
	static const char *const words[] = {
		[CAPTURE_SMALL] = "small",
		[CAPTURE_DATA] = "data",
		[CAPTURE_TEXT] = "text",
		[CAPTURE_MEMORY] = "memory",
	};
	static const char *const answers[] = {
		[CAPTURE_SMALL] =
			"check, walk and map; audit wants capture --text, dmesg "
			"capture, a dry run capture --memory",
		[CAPTURE_DATA] = "check, walk, map, dmesg, oops and audit lsm; all of "
				 "audit wants capture --text, a dry run capture --memory",
		[CAPTURE_TEXT] =
			"check, walk, map, dmesg, oops and audit; a dry run wants "
			"capture --memory",
		[CAPTURE_MEMORY] = "every verb",
	};
	const char *contents = words[contents_of(options)];
	char changed[KERNEL_NOTE_BYTES];
	struct json json;

	if (options->quiet)
		return;
	if (options->json) {
		json_begin(&json, "capture", NULL);
		json_capture(&json, options->operands[0], (uint64_t)st->st_size, contents,
			     steady);
		json_end(&json, NULL, 0);
		return;
	}
	text_safe(stdout, options->operands[0]);
	printf(": %" PRIu64
	       " bytes (%s); it holds the kernel's addresses: keep it private\n",
	       (uint64_t)st->st_size, contents);
	steady_words(steady, changed, sizeof(changed));
	printf("meanwhile %s\n", changed);
	if (!steady_is_one_moment(steady))
		puts("for a capture of one moment pause the machine, as a VM can be");
	printf("it answers %s\n", answers[contents_of(options)]);
	if (options->core) {
		fputs("it is of ", stdout);
		text_safe(stdout, options->core);
		puts(", and answers no more than that does");
	}
}

/* Words that would make a file that nobody meant, or none. */
static int check_name(const char *path, struct error *err)
{
	struct stat st;

	if (*path == '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "'': an empty word is no file's name; try 'kwcheck "
				 "capture kernel.zst'");
	if (strcmp(path, "-") == 0)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "-: a capture goes to a file, not to standard output; a "
				 "file of that name is ./-");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return error_set(err, ERROR_USAGE, -EISDIR,
				 "%.200s: a folder; name a file in it, as "
				 "%.200s/kernel.zst",
				 path, path);
	return 0;
}

static int cannot_write(const char *path, struct error *err)
{
	return error_set(err, ERROR_FILE, -errno, "%.300s: %m%s", path,
			 errno == EEXIST ? "; a capture is never written over a file"
					 : "");
}

/* Gives the whole file its name. Never over a file that is there. */
static int name_file(const struct options *options, const char *temporary, int fd,
		     const struct steady *steady, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || link(temporary, options->operands[0]) < 0)
		return cannot_write(options->operands[0], err);
	tell_result(options, &st, steady);
	return 0;
}

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
enum { NR_ENDING = sizeof(ending) / sizeof(ending[0]) };
static volatile sig_atomic_t writer;

/* An end that was meant for this process alone ends the child. That nobody reads what is
 * said is no reason to leave a file.
 */
static void end_writer(int number)
{
	if (writer > 0 && number != SIGPIPE)
		kill((pid_t)writer, number);
}

/* The child, which writes: an interrupt ends it. The parent stays to remove what it left.
 * What was ignored (nohup) is so by both. All signals wait until @mask is the process's
 * again: none comes before the child's number is known.
 */
static pid_t start_writer(const struct options *options, int fd, const sigset_t *mask,
			  struct steady *steady)
{
	const struct sigaction action = {.sa_handler = end_writer,
					 .sa_flags = SA_RESTART};
	struct sigaction before[NR_ENDING];
	pid_t parent = getpid();
	pid_t child;

	for (size_t i = 0; i < NR_ENDING; i++) {
		sigaction(ending[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(ending[i], &action, NULL);
	}
	child = fork();
	if (child == 0) {
		int status;

		for (size_t i = 0; i < NR_ENDING; i++)
			sigaction(ending[i], &before[i], NULL);
		sigprocmask(SIG_SETMASK, mask, NULL);
		status = write_file(options, fd, parent, steady);
		fflush(stdout);
		_exit(status);
	}
	writer = child;
	sigprocmask(SIG_SETMASK, mask, NULL);
	return child;
}

static int wait_for(pid_t child, int *ret)
{
	int r = 0;

	while (r == 0 && waitpid(child, ret, 0) < 0)
		r = errno == EINTR ? 0 : -errno;
	writer = 0;
	return r;
}

int capture_run(const struct options *options)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_fd_ int fd = -1;
	struct error err = {0};
	struct steady *steady;
	int wait_status, status;
	sigset_t all, mask;
	pid_t child;

	if (options->nr_operands != 1) {
		error_set(&err, ERROR_USAGE, -EINVAL, "%.200s: capture writes one FILE",
			  options->operands[1]);
		return session_fail(options, &err);
	}
	if (check_name(options->operands[0], &err) < 0)
		return session_fail(options, &err);
	/* What the child found is told here. */
	steady = mmap(NULL, sizeof(*steady), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (steady == MAP_FAILED ||
	    asprintf(&temporary, "%s.XXXXXX", options->operands[0]) < 0) {
		temporary = NULL;
		error_set(&err, ERROR_INTERNAL, -ENOMEM, "%.300s: %s",
			  options->operands[0], strerror(ENOMEM));
		return session_fail(options, &err);
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	if (access(options->operands[0], F_OK) == 0)
		errno = EEXIST;
	else
		fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		cannot_write(options->operands[0], &err);
		return session_fail(options, &err);
	}
	fflush(stdout);
	child = start_writer(options, fd, &mask, steady);
	if (child < 0) {
		error_set(&err, ERROR_NO_PROCESS, -errno,
			  "%.300s: no process can be started to write it: %m",
			  options->operands[0]);
		status = session_fail(options, &err);
	} else if (wait_for(child, &wait_status) < 0 || !WIFEXITED(wait_status)) {
		error_set(&err, ERROR_FILE, -EINTR,
			  "%.300s: interrupted; nothing was written",
			  options->operands[0]);
		status = session_fail(options, &err);
	} else {
		status = WEXITSTATUS(wait_status);
		if (status == EXIT_YES &&
		    name_file(options, temporary, fd, steady, &err) < 0)
			status = session_fail(options, &err);
	}
	unlink(temporary);
	return status;
}
