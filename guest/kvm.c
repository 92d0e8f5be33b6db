/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remembers that KVM does not work here: a file with the boot's id. */
#include "guest/kvm.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/writeall.h"

enum { ID_BYTES = 36, PATH_BYTES = 4096 };

static bool read_id(const char *folder, const char *name, char ret[ID_BYTES])
{
	char path[PATH_BYTES];
	_cleanup_fd_ int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd >= 0 && read(fd, ret, ID_BYTES) == ID_BYTES;
}

static bool read_boot(const char *sysroot, char ret[ID_BYTES])
{
	return read_id(sysroot, "proc/sys/kernel/random/boot_id", ret);
}

bool kvm_has_failed(const char *folder, const char *sysroot)
{
	char noted[ID_BYTES], boot[ID_BYTES];

	return *folder && read_id(folder, "no-kvm", noted) && read_boot(sysroot, boot) &&
	       memcmp(noted, boot, ID_BYTES) == 0;
}

/* A part of an id is none. */
void kvm_note_failure(const char *folder, const char *sysroot)
{
	char path[PATH_BYTES], boot[ID_BYTES];
	_cleanup_fd_ int fd = -1;

	if (!*folder || !read_boot(sysroot, boot) ||
	    snprintf(path, sizeof(path), "%s/no-kvm", folder) >= (int)sizeof(path))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		writeall(fd, boot, ID_BYTES);
}
