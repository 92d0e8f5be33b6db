/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of the work done by a process of its own, with what it printed. */
#include "cmd/subrun.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/priv.h"
#include "kcore/cleanup.h"
#include "kcore/scratch.h"

static int read_back(int fd, struct subrun *ret)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0)
		return -errno;
	ret->text = malloc((size_t)size + 1);
	if (!ret->text)
		return -ENOMEM;
	while (ret->bytes < (size_t)size) {
		ssize_t n = pread(fd, ret->text + ret->bytes, (size_t)size - ret->bytes,
				  (off_t)ret->bytes);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		ret->bytes += (size_t)n;
	}
	return 0;
}

/* What was printed is not whole: nobody may read it as an answer. */
static int lost_answer(int status)
{
	fprintf(stderr, "kwcheck: an answer could not be kept: %m\n");
	return status < EXIT_UNDECIDED ? EXIT_UNDECIDED : status;
}

int subrun_do(struct subrun *ret, subrun_fn run, const struct options *options, void *ctx)
{
	_cleanup_fd_ int fd = scratch_open("kwcheck-answer");
	pid_t parent = getpid(), child;
	int status = 0;

	if (fd < 0)
		return fd;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		priv_end_with(parent);
		if (dup2(fd, STDOUT_FILENO) < 0)
			_exit(lost_answer(EXIT_YES));
		status = run(options, ctx);
		if (fflush(stdout) != 0 || ferror(stdout))
			status = lost_answer(status);
		_exit(status);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0)
		return -EAGAIN;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BUG;
	return read_back(fd, ret);
}

void subrun_free(struct subrun *subrun)
{
	free(subrun->text);
	*subrun = (struct subrun){0};
}

json_t *subrun_json(const struct subrun *subrun)
{
	return subrun->text ? json_loadb(subrun->text, subrun->bytes, 0, NULL) : NULL;
}

int subrun_sum(int status, int more)
{
	if (status >= EXIT_USAGE || more >= EXIT_USAGE)
		return more >= EXIT_USAGE ? more : status;
	return status | more;
}
