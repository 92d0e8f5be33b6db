/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in which the running kernel says what it asks of modules. */
#include "cmd/policyfiles.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

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

/* A file, its name in a capture's note, and where its line goes. */
struct row {
	const char *path, *key, **to;
};

static void list_rows(struct policyfiles *files, struct row ret[POLICYFILES_NR])
{
	struct policy_words *words = &files->words;
	const struct row rows[POLICYFILES_NR] = {
		{"/proc/sys/kernel/modules_disabled", "MODULES_DISABLED",
		 &words->modules_disabled},
		{"/sys/module/module/parameters/sig_enforce", "SIG_ENFORCE",
		 &words->sig_enforce},
		{"/sys/kernel/security/lsm", "LSM", &words->lsm},
		{"/sys/kernel/security/lockdown", "LOCKDOWN", &words->lockdown},
		{"/proc/cmdline", "CMDLINE", &words->cmdline},
	};

	memcpy(ret, rows, sizeof(rows));
}

void policyfiles_read(struct policyfiles *ret, const char *sysroot)
{
	struct row rows[POLICYFILES_NR];

	list_rows(ret, rows);
	for (size_t i = 0; i < POLICYFILES_NR; i++)
		*rows[i].to = read_line(sysroot, rows[i].path, ret->lines[i]);
}

void policyfiles_recall(struct policyfiles *ret, const struct kernel *kernel)
{
	struct row rows[POLICYFILES_NR];

	list_rows(ret, rows);
	for (size_t i = 0; i < POLICYFILES_NR; i++)
		if (kernel_about(kernel, rows[i].key, ret->lines[i],
				 sizeof(ret->lines[i])) &&
		    ret->lines[i][0])
			*rows[i].to = ret->lines[i];
}
