/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in which the running kernel says what it asks of modules. */
#include "cmd/policyfiles.h"

#include <limits.h>
#include <stdio.h>

#include "kcore/cleanup.h"

/* The file's first line; NULL: it cannot be read. */
static const char *read_line(const char *sysroot, const char *path,
			     char line[POLICYFILES_BYTES])
{
	_cleanup_file_ FILE *file = NULL;
	char joined[PATH_MAX];

	snprintf(joined, sizeof(joined), "%s%s", sysroot ? sysroot : "", path);
	file = fopen(joined, "re");
	return file ? fgets(line, POLICYFILES_BYTES, file) : NULL;
}

void policyfiles_read(struct policyfiles *ret, const char *sysroot)
{
	struct policy_words *words = &ret->words;
	const struct {
		const char *path, **to;
	} files[POLICYFILES_NR] = {
		{"/proc/sys/kernel/modules_disabled", &words->modules_disabled},
		{"/sys/module/module/parameters/sig_enforce", &words->sig_enforce},
		{"/sys/kernel/security/lsm", &words->lsm},
		{"/sys/kernel/security/lockdown", &words->lockdown},
		{"/proc/cmdline", &words->cmdline},
	};

	for (size_t i = 0; i < POLICYFILES_NR; i++)
		*files[i].to = read_line(sysroot, files[i].path, ret->lines[i]);
}
