/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the modules that a kernel has loaded, opened while there are privileges.
 */
#ifndef KWCHECK_CMD_LOADEDFILES_H
#define KWCHECK_CMD_LOADEDFILES_H

#include <limits.h>

#include "cmd/options.h"
#include "cmd/shelf.h"
#include "kcore/open.h"
#include "unchanged/kofiles.h"

struct loadedfiles {
	struct kofiles files;
	struct kofile *opened; /* files.nr of them */
	struct shelf shelf;
	char tree[PATH_MAX];
};

/* loadedfiles_open - of the modules in the kernel that @source is of
 * One without a file is kept, with the reason. Zeroed, it may be closed. Returns 0, or
 * -errno with @err filled.
 */
int loadedfiles_open(struct loadedfiles *ret, const struct options *options,
		     struct source *source, struct error *err);
void loadedfiles_close(struct loadedfiles *loaded);

#endif
