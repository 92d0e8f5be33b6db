/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's ELF file and where its DWARF may be. */
#include "cmd/oops_debug.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

/* Where objcopy --add-gnu-debuglink and gdb have them, around FOLDER and NAME. */
static const struct {
	const char *before, *between, *behind;
} places[] = {
	{"", "/", ".debug"},
	{"", "/.debug/", ""},
	{"", "/.debug/", ".debug"},
	{"/usr/lib/debug", "/", ""},
	{"/usr/lib/debug", "/", ".debug"},
};

enum { NR_PLACES = sizeof(places) / sizeof(places[0]) };

_Static_assert((int)NR_PLACES < (int)OOPS_DEBUG_MAX, "and the file itself");

static int open_plain(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int oops_debug_open(struct oops_debug *ret, const char *path, struct error *err)
{
	char folder[PATH_MAX], joined[2 * PATH_MAX], *slash;

	*ret = (struct oops_debug){.nr = 1};
	ret->fds[0] = open_plain(path);
	if (ret->fds[0] < 0) {
		ret->nr = 0;
		return error_set(err, ERROR_FILE, -errno, "%.300s: %m", path);
	}
	if (!realpath(path, folder))
		return 0;
	slash = strrchr(folder, '/');
	*slash = '\0';
	for (size_t i = 0; i < NR_PLACES; i++) {
		int fd;

		snprintf(joined, sizeof(joined), "%s%s%s%s%s", places[i].before, folder,
			 places[i].between, slash + 1, places[i].behind);
		fd = open_plain(joined);
		if (fd >= 0)
			ret->fds[ret->nr++] = fd;
	}
	return 0;
}

void oops_debug_close(struct oops_debug *debug)
{
	for (size_t i = 0; i < debug->nr; i++)
		cleanup_fd(&debug->fds[i]);
	*debug = (struct oops_debug){0};
}
