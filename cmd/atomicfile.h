/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that appears whole or not at all, written by a process that gave up the right to
 * create any.
 */
#ifndef KWCHECK_CMD_ATOMICFILE_H
#define KWCHECK_CMD_ATOMICFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "kcore/error.h"

struct atomicfile {
	const char *path; /* borrowed; NULL: none is open */
	int data_fd, status_fd;
};

/* atomicfile_open - makes a temporary file beside @path and a child process to rename it
 * Called before the privileges are dropped: the child keeps them, and does nothing but
 * take one block of bytes, write, sync and rename. It ends with this process, and leaves
 * nothing then; signals that end this process do not reach it. Returns 0, or -errno with
 * @err filled.
 */
int atomicfile_open(struct atomicfile *ret, const char *path, mode_t mode,
		    struct error *err);

/* The file's content. Returns 0 when the file is in place, or -errno with @err filled. */
int atomicfile_commit(struct atomicfile *file, const char *data, size_t bytes,
		      struct error *err);

/* Without a commit before it, the path stays as it was, and nothing is left beside it. */
void atomicfile_close(struct atomicfile *file);

#endif
