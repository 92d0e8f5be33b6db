/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all. */
#include "cmd/atomicfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/writeall.h"

enum { BLOCK_BYTES = 64 * 1024 };

static bool read_all(int fd, void *buf, size_t bytes)
{
	for (size_t done = 0; done < bytes;) {
		ssize_t n = read(fd, (char *)buf + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* Copies as many bytes as @from announces first to @to. If the pipe ends early, then the
 * parent has failed, and the child renames nothing.
 */
static int copy(int from, int to, mode_t mode)
{
	_cleanup_free_ char *block = malloc(BLOCK_BYTES);
	uint64_t bytes;
	int r;

	if (!block || !read_all(from, &bytes, sizeof(bytes)))
		return EPIPE;
	while (bytes > 0) {
		size_t n = bytes < BLOCK_BYTES ? (size_t)bytes : BLOCK_BYTES;

		if (!read_all(from, block, n))
			return EPIPE;
		r = writeall(to, block, n);
		if (r < 0)
			return -r;
		bytes -= n;
	}
	return fchmod(to, mode) < 0 || fsync(to) < 0 ? errno : 0;
}

static void __attribute__((noreturn))
be_child(const char *path, char *temporary, int temporary_fd, mode_t mode, int data_fd,
	 int status_fd)
{
	int status = copy(data_fd, temporary_fd, mode);

	if (status == 0 && rename(temporary, path) < 0)
		status = errno;
	if (status)
		unlink(temporary);
	writeall(status_fd, &status, sizeof(status));
	_exit(0);
}

int atomicfile_open(struct atomicfile *ret, const char *path, mode_t mode,
		    struct error *err)
{
	_cleanup_free_ char *temporary = NULL;
	int data[2] = {-1, -1}, status[2] = {-1, -1}, fd = -1;
	sigset_t all, mask;
	pid_t pid = -1;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		temporary = NULL;
	/* A terminal signals both. In the child all signals stay blocked: what ends it is
	 * the end of the pipe. Here none comes while there is a file and no child.
	 */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	if (temporary)
		fd = mkostemp(temporary, O_CLOEXEC);
	if (fd >= 0 && pipe2(data, O_CLOEXEC) == 0 && pipe2(status, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0) {
		close(data[1]);
		close(status[0]);
		be_child(path, temporary, fd, mode, data[0], status[1]);
	}
	if (pid < 0) {
		if (fd < 0)
			error_set(err, ERROR_FILE, -errno, "%.200s: %m", path);
		else
			error_set(err, ERROR_NO_PROCESS, -errno,
				  "%.200s: no process can be started to write it: %m",
				  path);
		if (fd >= 0)
			unlink(temporary);
		cleanup_fd(&data[1]);
		cleanup_fd(&status[0]);
	} else {
		*ret = (struct atomicfile){
			.path = path,
			.data_fd = data[1],
			.status_fd = status[0],
		};
	}
	cleanup_fd(&data[0]);
	cleanup_fd(&status[1]);
	cleanup_fd(&fd);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return pid < 0 ? -EIO : 0;
}

int atomicfile_commit(struct atomicfile *file, const char *data, size_t bytes,
		      struct error *err)
{
	uint64_t announced = bytes;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	bool is_sent;
	int status;

	/* A child that has failed reads no more: it has said why. */
	sigaction(SIGPIPE, &ignore, &before);
	is_sent = writeall(file->data_fd, &announced, sizeof(announced)) >= 0 &&
		  writeall(file->data_fd, data, bytes) >= 0;
	sigaction(SIGPIPE, &before, NULL);
	cleanup_fd(&file->data_fd);
	if (!read_all(file->status_fd, &status, sizeof(status)) || (!is_sent && !status))
		status = EPIPE;
	if (status)
		return error_set(err, ERROR_FILE, -status, "%.200s: %s", file->path,
				 strerror(status));
	return 0;
}

void atomicfile_close(struct atomicfile *file)
{
	int status;

	if (!file->path)
		return;
	cleanup_fd(&file->data_fd);
	/* Until it is gone, and its file with it. */
	while (read_all(file->status_fd, &status, sizeof(status)))
		;
	close(file->status_fd);
	*file = (struct atomicfile){0};
}
