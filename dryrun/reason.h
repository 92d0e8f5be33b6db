/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a dry run says nothing: the machine's reasons, and those of the dry run itself. */
#ifndef KWCHECK_DRYRUN_REASON_H
#define KWCHECK_DRYRUN_REASON_H

#include "machine/result.h"

/* A new reason is a row in reason.c. */
enum dryrun_reason {
	DRYRUN_WAITS = MACHINE_NR_REASONS, /* for something that does not happen here */
	DRYRUN_INVENTED,   /* what comes next depends on something that was made up */
	DRYRUN_UNPREPARED, /* the module could not be set up as the loader would */
	DRYRUN_NEEDED,	   /* a module that it needs does not load */
	DRYRUN_LOADED,	   /* a module of its name is, and cannot be unloaded */
	DRYRUN_CHANGED,	   /* the kernel's memory, while it was read */
	DRYRUN_END_OF_REASONS,
};

/* "instructions", "waits", ...: stable, for machines. @reason: enum machine_reason or
 * enum dryrun_reason.
 */
const char *dryrun_reason_name(unsigned reason);

#endif
