/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which folder has the modules that are installed for a kernel. */
#include "cmd/moduletree.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "module/lookup.h"

int moduletree_find(const struct options *options, const char *release,
		    char ret[PATH_MAX], struct error *err)
{
	struct utsname uts;

	if (options->set_version)
		release = options->set_version;
	if (!release && uname(&uts) < 0)
		return -errno;
	snprintf(ret, PATH_MAX, "%s/%s", options->moddir ?: "/lib/modules",
		 release ?: uts.release);
	/* A kernel that is not installed yet may have its one folder anywhere. */
	if (options->core && options->moddir && lookup_has_index(options->moddir))
		snprintf(ret, PATH_MAX, "%s", options->moddir);
	if ((options->set_version || options->moddir) && !lookup_has_index(ret))
		return error_set(err, ERROR_FILE, -ENOENT,
				 "%.300s: no modules.dep.bin is there; --set-version and "
				 "--moddir name a folder that depmod knows",
				 ret);
	return 0;
}
