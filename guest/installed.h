/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernels that are installed here. */
#ifndef KWCHECK_GUEST_INSTALLED_H
#define KWCHECK_GUEST_INSTALLED_H

#include <stddef.h>

#include "kcore/error.h"

struct installed_kernel {
	char *release, *path; /* owned */
};

struct installed {
	struct installed_kernel *array; /* nr of them, by release */
	size_t nr, room;
};

/* installed_find - the image of @release below @root ("" for this system)
 * Returns 0 with @ret allocated, or -errno with @err filled.
 */
int installed_find(const char *root, const char *release, char **ret, struct error *err);

/* installed_list - all of them below @root. Returns 0, or -errno with @err filled. */
int installed_list(struct installed *ret, const char *root, struct error *err);
void installed_free(struct installed *installed);

#endif
