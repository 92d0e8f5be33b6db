/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room for more open files than a process may have. */
#include "cmd/shelf.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "kcore/cleanup.h"
#include "kcore/scratch.h"

/* For the kernel's files, pipes to workers, and what libraries open. */
enum { OTHERS = 256 };

/* Returns the limit that holds now. */
static uint64_t raise_limit(uint64_t wanted)
{
	struct rlimit limit, higher;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur >= wanted)
		return limit.rlim_cur;
	higher = limit;
	higher.rlim_cur = wanted;
	if (higher.rlim_max < wanted)
		higher.rlim_max = wanted;
	if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
		return wanted;
	/* The hard limit takes CAP_SYS_RESOURCE. */
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

int shelf_open(struct shelf *ret, size_t nr, struct error *err)
{
	uint64_t limit = raise_limit(nr + OTHERS);

	ret->fd = -1;
	if (limit >= nr + OTHERS)
		return 0;
	ret->fd = scratch_open("kwcheck-modules");
	if (ret->fd < 0)
		return error_set(err, ERROR_NO_RESOURCES, ret->fd,
				 "%zu module files are more than RLIMIT_NOFILE, %" PRIu64
				 ", allows (raise it: ulimit -Hn %zu), and there is no "
				 "temporary file to copy them to, in memory, /dev/shm or "
				 "/tmp: %s",
				 nr, limit, nr + OTHERS, strerror(-ret->fd));
	return 0;
}

int shelf_put(struct shelf *shelf, struct kofile *file, struct error *err)
{
	return shelf->fd < 0 ? 0 : kofile_move(file, shelf->fd, err);
}

void shelf_close(struct shelf *shelf)
{
	cleanup_fd(&shelf->fd);
	shelf->fd = -1;
}
