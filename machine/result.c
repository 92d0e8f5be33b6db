/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run in the machine ended, as data. */
#include "machine/result.h"

static const char *const names[MACHINE_NR_REASONS] = {
	[MACHINE_OK] = "ok",
	[MACHINE_INSTRUCTIONS] = "instructions",
	[MACHINE_TIME] = "time",
	[MACHINE_PAGES] = "pages",
	[MACHINE_DEPTH] = "depth",
	[MACHINE_UNREADABLE] = "unreadable",
	[MACHINE_DEVICE] = "device",
	[MACHINE_UNSUPPORTED] = "unsupported-instruction",
	[MACHINE_TRAP] = "trap",
	[MACHINE_HALTED] = "halted",
	[MACHINE_NO_MEMORY] = "no-memory",
};

const char *machine_reason_name(enum machine_reason reason)
{
	return names[reason];
}
