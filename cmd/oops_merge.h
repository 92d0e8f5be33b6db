/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops --merge: one report of what many runs of oops --json-lines wrote. */
#ifndef KWCHECK_CMD_OOPS_MERGE_H
#define KWCHECK_CMD_OOPS_MERGE_H

#include "cmd/options.h"

/* Returns an exit status: oops's. */
int oops_merge_run(const struct options *options);

#endif
