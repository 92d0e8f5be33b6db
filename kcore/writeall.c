/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write(2) and pwrite(2) of all bytes, whatever interrupts them. */
#include "kcore/writeall.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

static int write_whole(int fd, const char *bytes, size_t nr_bytes, bool has_place,
		       uint64_t at)
{
	while (nr_bytes > 0) {
		ssize_t n = has_place ? pwrite(fd, bytes, nr_bytes, (off_t)at)
				      : write(fd, bytes, nr_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		at += (uint64_t)n;
		nr_bytes -= (size_t)n;
	}
	return 0;
}

int writeall(int fd, const void *bytes, size_t nr_bytes)
{
	return write_whole(fd, bytes, nr_bytes, false, 0);
}

int writeall_at(int fd, const void *bytes, size_t nr_bytes, uint64_t at)
{
	return write_whole(fd, bytes, nr_bytes, true, at);
}
