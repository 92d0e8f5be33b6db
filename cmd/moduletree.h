/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which folder has the modules that are installed for a kernel. */
#ifndef KWCHECK_CMD_MODULETREE_H
#define KWCHECK_CMD_MODULETREE_H

#include <limits.h>

#include "cmd/options.h"
#include "kcore/error.h"

/* moduletree_find - by --set-version and --moddir, or where they are by custom
 * @release: of a core; NULL: the running kernel's is asked for. Returns 0, or -errno with
 * @err filled: a folder that a person named has to be there.
 */
int moduletree_find(const struct options *options, const char *release,
		    char ret[PATH_MAX], struct error *err);

#endif
