/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in a process of its own. */
#include "machine/apart.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_once(int (*fn)(void *ctx), void *ctx)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return fn(ctx);
	if (child == 0)
		_exit(fn(ctx));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return APART_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : APART_FAILED;
}

int apart_run(int (*fn)(void *ctx), void *ctx)
{
	int r = run_once(fn, ctx);

	return r == APART_FAILED ? run_once(fn, ctx) : r;
}
