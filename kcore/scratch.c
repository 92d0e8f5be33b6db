/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file for oneself, without a name. */
#include "kcore/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is written may be the kernel's memory: rather where it stays in memory. */
static const struct {
	const char *folder, *file;
} places[] = {
	{.folder = "/dev/shm", .file = "/dev/shm/kwcheck.XXXXXX"},
	{.folder = "/tmp", .file = "/tmp/kwcheck.XXXXXX"},
};

enum { NR_PLACES = sizeof(places) / sizeof(places[0]), NAME_BYTES = 32 };

/* memfd_create(2) is of Linux 3.17, and O_TMPFILE is not for every file system. */
int scratch_open(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	char path[NAME_BYTES];

	for (size_t i = 0; fd < 0 && i < NR_PLACES; i++)
		fd = open(places[i].folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	for (size_t i = 0; fd < 0 && i < NR_PLACES; i++) {
		stpcpy(path, places[i].file);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	return fd < 0 ? -errno : fd;
}
