/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/priv.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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
