/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a dry run says nothing. */
#include "dryrun/reason.h"

enum { NR_OWN = DRYRUN_END_OF_REASONS - MACHINE_NR_REASONS };

static const char *const names[NR_OWN] = {
	[DRYRUN_WAITS - MACHINE_NR_REASONS] = "waits",
	[DRYRUN_INVENTED - MACHINE_NR_REASONS] = "invented",
	[DRYRUN_UNPREPARED - MACHINE_NR_REASONS] = "setup",
	[DRYRUN_NEEDED - MACHINE_NR_REASONS] = "needed-module",
	[DRYRUN_LOADED - MACHINE_NR_REASONS] = "loaded-module",
	[DRYRUN_CHANGED - MACHINE_NR_REASONS] = "changed",
};

const char *dryrun_reason_name(unsigned reason)
{
	return reason < MACHINE_NR_REASONS ? machine_reason_name(reason)
					   : names[reason - MACHINE_NR_REASONS];
}
