/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/priv.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs @check in a process of its own: the test's would lose its way to the runner. Its
 * value is the number of the first thing that was wrong, 0 for none.
 */
static void expect_right(int (*check)(void))
{
	pid_t pid = fork();
	int status;

	cr_assert(pid >= 0);
	if (pid == 0)
		_exit(check());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
}

static int drop_and_look(void)
{
	struct error err = {0};
	int fd = open("/proc/self/status", O_RDONLY);
	char byte;

	if (priv_drop(0, true, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	if (geteuid() == 0 || getegid() == 0)
		return 2;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) > 0)
		return 3;
	if (pread(fd, &byte, 1, 0) != 1) /* what is open stays open */
		return 4;
	return 0;
}

Test(cmd_priv, nothing_is_left)
{
	expect_right(drop_and_look);
}

#ifndef KWCHECK_SANITIZED
static int is_refused(long result)
{
	return result == -1 && errno == ENOSYS;
}

static int try_everything(void)
{
	struct error err = {0};

	if (priv_drop(0, true, &err) < 0)
		return 1;
	if (!is_refused(open("/etc/passwd", O_RDONLY)))
		return 2;
	if (!is_refused(open("/tmp/kwcheck-test", O_WRONLY | O_CREAT, 0600)))
		return 3;
	if (!is_refused(socket(AF_UNIX, SOCK_STREAM, 0)))
		return 4;
	if (!is_refused(fork()))
		return 5;
	if (!is_refused(execl("/bin/true", "true", NULL)))
		return 6;
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 7;
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0) == MAP_FAILED)
		return 8;
	return 0;
}

Test(cmd_priv, no_call_opens_connects_or_executes)
{
	expect_right(try_everything);
}

/* What is let through is so with some arguments alone. */
static int try_arguments(void)
{
	struct error err = {0};
	pid_t parent = getppid();

	if (priv_drop(PRIV_FORK, true, &err) < 0)
		return 1;
	if (fcntl(0, F_GETFL) < 0)
		return 2;
	/* The kernel would send another process a signal. */
	if (!is_refused(fcntl(0, F_SETOWN, parent)) ||
	    !is_refused(fcntl(0, F_SETFL, O_ASYNC)))
		return 3;
	if (!is_refused(kill(parent, SIGTERM)) || !is_refused(kill(parent, 0)))
		return 4;
	if (!is_refused(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0)))
		return 5;
	return is_refused(syscall(SYS_clone3, NULL, 0)) ? 0 : 6;
}

Test(cmd_priv, arguments_count)
{
	expect_right(try_arguments);
}

/* A worker parses: it starts and ends no process. */
static int narrow_after(void)
{
	struct error err = {0};

	if (priv_drop(PRIV_FORK | PRIV_JIT, true, &err) < 0)
		return 1;
	priv_narrow(PRIV_JIT);
	if (!is_refused(fork()))
		return 2;
	if (!is_refused(kill(getppid(), SIGKILL)))
		return 3;
	/* What was not there before does not come back. */
	priv_narrow(PRIV_FORK | PRIV_OPEN);
	if (!is_refused(fork()) || !is_refused(open("/etc/passwd", O_RDONLY)))
		return 4;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED
		       ? 5
		       : 0;
}

Test(cmd_priv, workers_are_poorer)
{
	expect_right(narrow_after);
}

/* The clerk's: files are read, and that is all. */
static int read_only(void)
{
	struct error err = {0};

	if (priv_keep_reading(true, &err) < 0)
		return 1;
	if (open("/etc/passwd", O_RDONLY) < 0)
		return 2;
	if (open("/tmp/kwcheck-test", O_WRONLY | O_CREAT, 0600) >= 0 ||
	    open("/dev/null", O_RDWR) >= 0)
		return 3;
	if (!is_refused(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	    !is_refused(execl("/bin/true", "true", NULL)) || !is_refused(fork()) ||
	    !is_refused(kill(getppid(), 0)))
		return 4;
	return 0;
}

Test(cmd_priv, the_clerk_reads_and_no_more)
{
	expect_right(read_only);
}

static int fork_after(void)
{
	struct error err = {0};
	int status;
	pid_t pid;

	if (priv_drop(PRIV_FORK, true, &err) < 0)
		return 1;
	pid = fork();
	if (pid < 0)
		return 2;
	if (pid == 0)
		_exit(is_refused(open("/etc/passwd", O_RDONLY)) ? 0 : 3);
	if (waitpid(pid, &status, 0) != pid)
		return 4;
	return status == 0 ? 0 : 5;
}

Test(cmd_priv, workers_are_as_poor)
{
	expect_right(fork_after);
}
#endif

static int without_sandbox(void)
{
	struct error err = {0};

	if (priv_drop(0, false, &err) < 0)
		return 1;
	return open("/etc/shadow", O_RDONLY) == -1 && errno == EACCES ? 0 : 2;
}

Test(cmd_priv, without_the_filter_still_nobody)
{
	expect_right(without_sandbox);
}
