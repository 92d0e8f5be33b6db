/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fail --call WHAT [--nth N] [--as HOW] [--shim FILE] [--report FILE] COMMAND
 * [ARGUMENT]...
 *
 * Runs a command whose N-th call of a kind, counted over all its processes, fails;
 * without
 * --nth none does, and they are counted. System calls are judged here, by a filter that
 * asks (seccomp_unotify(2)): who makes the call, a library or the C library itself, is no
 * matter. FILE, an object to be preloaded, says when the command's libraries are loaded:
 * it is from there on that calls count. It judges WHAT "alloc", malloc(3) and its like,
 * too. HOW is an error's name, or "short": a read or a write of half the bytes, made
 * here.
 *
 * FILE gets one line: how many such calls there were, whether one failed, and how many
 * files the command had open when it ended. "fail list" prints each WHAT with what it can
 * fail as.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/fault.h"

enum { MAX_CALLS = 4, MAX_WAYS = 4, CANNOT = 125 };

static const struct kind {
	const char *name;
	int calls[MAX_CALLS]; /* -1 ends them */
	const char *ways[MAX_WAYS];
} kinds[] = {
	{"alloc", {-1}, {"ENOMEM"}},
	{"open", {SCMP_SYS(open), SCMP_SYS(openat), -1}, {"EMFILE", "EIO", "EINTR"}},
	{"read", {SCMP_SYS(read), -1}, {"EIO", "EINTR", "short"}},
	{"pread", {SCMP_SYS(pread64), -1}, {"EIO", "EINTR", "short"}},
	{"write",
	 {SCMP_SYS(write), SCMP_SYS(pwrite64), -1},
	 {"ENOSPC", "EINTR", "short"}},
	{"writev", {SCMP_SYS(writev), -1}, {"ENOSPC", "EINTR"}},
	{"mmap", {SCMP_SYS(mmap), -1}, {"ENOMEM"}},
	{"mremap", {SCMP_SYS(mremap), -1}, {"ENOMEM"}},
	{"mprotect", {SCMP_SYS(mprotect), -1}, {"ENOMEM"}},
	{"fork",
	 {SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork), SCMP_SYS(vfork)},
	 {"EAGAIN", "ENOMEM"}},
	{"pipe", {SCMP_SYS(pipe), SCMP_SYS(pipe2), -1}, {"EMFILE"}},
	{"poll", {SCMP_SYS(poll), -1}, {"ENOMEM", "EINTR"}},
	{"wait", {SCMP_SYS(wait4), -1}, {"EINTR"}},
	{"memfd", {SCMP_SYS(memfd_create), -1}, {"EMFILE", "ENOMEM"}},
	{"rename",
	 {SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), -1},
	 {"EIO", "ENOSPC"}},
	{"link", {SCMP_SYS(link), SCMP_SYS(linkat), -1}, {"EIO", "EPERM"}},
	{"fsync", {SCMP_SYS(fsync), SCMP_SYS(fdatasync), -1}, {"EIO", "ENOSPC"}},
	{"truncate", {SCMP_SYS(ftruncate), -1}, {"EIO", "EINTR"}},
	{"seek", {SCMP_SYS(lseek), -1}, {"EIO"}},
	{"stat", {SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), -1}, {"EIO"}},
	{"dup", {SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(fcntl), -1}, {"EMFILE"}},
	{"access", {SCMP_SYS(access), SCMP_SYS(faccessat), -1}, {"EIO"}},
	{"getdents", {SCMP_SYS(getdents64), -1}, {"EIO"}},
};
enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"EIO", EIO},	    {"EINTR", EINTR},	{"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC},
	{"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}, {"EPERM", EPERM},
};

struct plan {
	const struct kind *kind;
	const char *shim, *report;
	uint64_t nth; /* 0: none fails */
	int error;    /* 0: short */
};

/* What the command's processes and this one share. */
static struct fault_board *board;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "fail: %s: %s\n", what, strerror(errno));
	exit(CANNOT);
}

/* In the child, whose calls are asked about from here on. */
static void ask_about(const struct kind *kind)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < MAX_CALLS && kind->calls[i] != -1; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, kind->calls[i], 0);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(exit_group), 0);
	if (r == 0)
		r = seccomp_load(filter);
	if (r < 0) {
		errno = -r;
		die("seccomp");
	}
	/* No call that could be asked about before the parent listens. */
	board->listener = seccomp_notify_fd(filter);
	while (!board->is_heard)
		sched_yield();
}

/* Makes half of a read or a write in place of process @pid. Returns the count or -errno.
 */
static int64_t do_half(const struct seccomp_notif *call)
{
	size_t bytes = call->data.args[2] > 1 ? (size_t)call->data.args[2] / 2 : 1;
	long pidfd = syscall(SYS_pidfd_open, (pid_t)call->pid, 0), fd;
	char path[64], *buf = malloc(bytes);
	off_t at = (off_t)call->data.args[3];
	off_t there = (off_t)call->data.args[1];
	ssize_t n = -1;
	int memory;

	snprintf(path, sizeof(path), "/proc/%u/mem", call->pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	fd = syscall(SYS_pidfd_getfd, pidfd, (int)call->data.args[0], 0);
	if (pidfd < 0 || memory < 0 || fd < 0 || !buf)
		die("half a call");
	switch (call->data.nr) {
	case SYS_read:
		n = read((int)fd, buf, bytes);
		break;
	case SYS_pread64:
		n = pread((int)fd, buf, bytes, at);
		break;
	case SYS_write:
		n = pread(memory, buf, bytes, there);
		n = n > 0 ? write((int)fd, buf, (size_t)n) : n;
		break;
	case SYS_pwrite64:
		n = pread(memory, buf, bytes, there);
		n = n > 0 ? pwrite((int)fd, buf, (size_t)n, at) : n;
		break;
	}
	if (n > 0 && (call->data.nr == SYS_read || call->data.nr == SYS_pread64) &&
	    pwrite(memory, buf, (size_t)n, there) != n)
		die("the command's memory");
	n = n < 0 ? -errno : n;
	close((int)fd);
	close((int)pidfd);
	close(memory);
	free(buf);
	return n;
}

static unsigned count_files(pid_t pid)
{
	char path[64];
	unsigned nr = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && readdir(dir))
		nr++;
	if (dir)
		closedir(dir);
	return nr > 2 ? nr - 2 : 0;
}

static void judge(int listener, const struct plan *plan, pid_t main_process)
{
	struct seccomp_notif call = {0};
	struct seccomp_notif_resp answer = {0};
	bool is_helper = false;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	answer.id = call.id;
	answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (call.data.nr == SYS_exit_group) {
		if ((pid_t)call.pid == main_process)
			board->nr_files = count_files(main_process);
	} else if (board->is_started && ++board->nr_calls == plan->nth) {
		int64_t n = -plan->error;

		board->has_failed = true;
		/* A read may wait for another process, whose calls are asked about here:
		 * a process of its own makes the half.
		 */
		if (!plan->error) {
			pid_t helper = fork();

			if (helper < 0)
				die("fork");
			if (helper > 0)
				return;
			is_helper = true;
			n = do_half(&call);
		}
		answer.flags = 0;
		if (n < 0)
			answer.error = (int)n;
		else
			answer.val = n;
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	if (is_helper)
		_exit(0);
}

static int supervise(pid_t child, const struct plan *plan)
{
	struct pollfd ready = {.events = POLLIN};
	long pidfd = syscall(SYS_pidfd_open, child, 0);
	int status;

	while (board->listener < 0)
		if (waitpid(child, &status, WNOHANG) == child)
			return CANNOT;
	ready.fd = (int)syscall(SYS_pidfd_getfd, pidfd, board->listener, 0);
	if (ready.fd < 0)
		die("the listener");
	board->is_heard = true;
	/* Until no process is left that could ask. */
	for (;;) {
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			die("poll");
		if (ready.revents & POLLIN)
			judge(ready.fd, plan, child);
		else if (ready.revents & (POLLHUP | POLLERR))
			break;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void report(const char *path)
{
	FILE *file = path ? fopen(path, "w") : stderr;

	if (!file)
		die(path);
	fprintf(file, "%" PRIu64 " %s %u\n", board->nr_calls,
		board->has_failed ? "failed" : "whole", board->nr_files);
	if (path)
		fclose(file);
}

/* The file that the shim maps. It stays open over exec, under a number that no one else
 * would take.
 */
static void make_board(const struct plan *plan)
{
	char number[16];
	int fd = memfd_create("fault", 0), high;

	if (fd < 0 || ftruncate(fd, sizeof(*board)) < 0)
		die("memfd");
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (board == MAP_FAILED)
		die("mmap");
	board->listener = -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	close(fd);
	board->is_started = !plan->shim;
	if (!plan->shim)
		return;
	board->counts_alloc = plan->kind->calls[0] == -1;
	board->nth_alloc = plan->nth;
	fcntl(high, F_SETFD, 0);
	snprintf(number, sizeof(number), "%d", high);
	setenv(FAULT_BOARD, number, 1);
	setenv("FAULT_SHIM", plan->shim, 1);
}

static void run_command(const struct plan *plan, char **command)
{
	const char *before = getenv("FAULT_PRELOAD");
	char preload[4096];

	if (plan->shim) {
		snprintf(preload, sizeof(preload), "%s%s%s", plan->shim,
			 before ? ":" : "", before ? before : "");
		setenv("LD_PRELOAD", preload, 1);
	}
	ask_about(plan->kind);
	execvp(command[0], command);
	die(command[0]);
}

static int list(void)
{
	for (size_t i = 0; i < NR_KINDS; i++) {
		fputs(kinds[i].name, stdout);
		for (size_t j = 0; j < MAX_WAYS && kinds[i].ways[j]; j++)
			printf(" %s", kinds[i].ways[j]);
		putchar('\n');
	}
	return 0;
}

static void take(struct plan *plan, const char *option, const char *value)
{
	if (strcmp(option, "--call") == 0) {
		for (size_t i = 0; i < NR_KINDS; i++)
			if (strcmp(kinds[i].name, value) == 0)
				plan->kind = &kinds[i];
	} else if (strcmp(option, "--nth") == 0) {
		plan->nth = strtoull(value, NULL, 10);
	} else if (strcmp(option, "--as") == 0) {
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
			if (strcmp(errors[i].name, value) == 0)
				plan->error = errors[i].number;
	} else if (strcmp(option, "--shim") == 0) {
		plan->shim = value;
	} else if (strcmp(option, "--report") == 0) {
		plan->report = value;
	} else {
		plan->kind = NULL;
	}
}

int main(int argc, char **argv)
{
	struct plan plan = {0};
	int i = 1, status;
	pid_t child;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		take(&plan, argv[i], argv[i + 1]);
	if (!plan.kind || i >= argc) {
		fputs("usage: fail --call WHAT [--nth N] [--as HOW] COMMAND...\n",
		      stderr);
		return 64;
	}
	make_board(&plan);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		run_command(&plan, argv + i);
	status = supervise(child, &plan);
	report(plan.report);
	return status;
}
