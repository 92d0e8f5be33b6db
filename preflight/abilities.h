/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module is able to do to the kernel, by what it imports and what was found. */
#ifndef KWCHECK_PREFLIGHT_ABILITIES_H
#define KWCHECK_PREFLIGHT_ABILITIES_H

#include "dataflow/events.h"
#include "preflight/finding.h"

enum ability {
	ABILITY_FTRACE = 0,
	ABILITY_KPROBE,
	ABILITY_TRACEPOINT,
	ABILITY_STATIC_CALL,
	ABILITY_LIVEPATCH,
	ABILITY_LOOKUP,
	ABILITY_LIFTS,
	ABILITY_LSM,
	ABILITY_NR,
};

/* "kprobe", ...: stable, for machines; "hooks by kprobe", ...: for people. */
const char *ability_name(enum ability ability);
const char *ability_words(enum ability ability);

/* Bit n: enum ability n. @findings: of the code and of the dry run. */
uint32_t abilities_find(const struct addrspace *space, const struct flow_events *events,
			const struct findings *findings);

#endif
