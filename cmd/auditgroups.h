/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which groups of the audit are meant by the words of a command line. */
#ifndef KWCHECK_CMD_AUDITGROUPS_H
#define KWCHECK_CMD_AUDITGROUPS_H

#include "cmd/options.h"
#include "kcore/error.h"

/* Bits 1 << enum audit_group. */
struct auditgroups {
	unsigned asked; /* all of them where no word names one */
	unsigned named; /* each by its own name */
};

/* auditgroups_parse - "lsm", "lsm,cpu", "all", several words
 * --hook means lsm where no group is named.
 * Returns 0, or -EINVAL with @err filled (ERROR_USAGE).
 */
int auditgroups_parse(const struct options *options, struct auditgroups *ret,
		      struct error *err);

#endif
