/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module is able to do to the kernel, by what it imports and what was found. */
#include "preflight/abilities.h"

#include <string.h>

static const struct {
	const char *name, *words;
} abilities[ABILITY_NR] = {
	[ABILITY_FTRACE] = {"ftrace", "hooks by ftrace"},
	[ABILITY_KPROBE] = {"kprobe", "hooks by kprobe"},
	[ABILITY_TRACEPOINT] = {"tracepoint", "hooks by tracepoint"},
	[ABILITY_STATIC_CALL] = {"static-call", "redirects a static call"},
	[ABILITY_LIVEPATCH] = {"livepatch", "patches the kernel (livepatch)"},
	[ABILITY_LOOKUP] = {"symbol-lookup", "looks symbols up by name"},
	[ABILITY_LIFTS] = {"lifts-protection", "lifts write protection"},
	[ABILITY_LSM] = {"lsm", "registers an LSM"},
};

/* Functions, linked to or looked up by name. */
static const struct {
	const char *function;
	enum ability ability;
} functions[] = {
	{"register_ftrace_function", ABILITY_FTRACE},
	{"register_ftrace_direct", ABILITY_FTRACE},
	{"register_ftrace_direct_multi", ABILITY_FTRACE},
	{"register_fprobe", ABILITY_FTRACE},
	{"register_fprobe_ips", ABILITY_FTRACE},
	{"register_fprobe_syms", ABILITY_FTRACE},
	{"register_kprobe", ABILITY_KPROBE},
	{"register_kprobes", ABILITY_KPROBE},
	{"register_kretprobe", ABILITY_KPROBE},
	{"register_kretprobes", ABILITY_KPROBE},
	{"tracepoint_probe_register", ABILITY_TRACEPOINT},
	{"tracepoint_probe_register_prio", ABILITY_TRACEPOINT},
	{"__static_call_update", ABILITY_STATIC_CALL},
	{"klp_enable_patch", ABILITY_LIVEPATCH},
	{"kallsyms_lookup_name", ABILITY_LOOKUP},
	{"kallsyms_on_each_symbol", ABILITY_LOOKUP},
	{"kallsyms_on_each_match_symbol", ABILITY_LOOKUP},
	{"module_kallsyms_lookup_name", ABILITY_LOOKUP},
	{"security_add_hooks", ABILITY_LSM},
};

static uint32_t of_function(const char *name)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].function, name) == 0)
			bits |= 1U << functions[i].ability;
	return bits;
}

/* The name that is looked up lies in the module. A kprobe's own is not counted as a
 * look-up, unless it is that of a function which looks others up.
 */
static uint32_t of_lookup(const struct addrspace *space, const struct flow_lookup *lookup)
{
	char name[64] = "";

	for (size_t i = 0; i + 1 < sizeof(name); i++)
		if (modimage_read(space->mod, lookup->string + i, &name[i], 1) < 0 ||
		    !name[i])
			break;
	return of_function(name);
}

const char *ability_name(enum ability ability)
{
	return abilities[ability].name;
}

const char *ability_words(enum ability ability)
{
	return abilities[ability].words;
}

uint32_t abilities_find(const struct addrspace *space, const struct flow_events *events,
			const struct findings *findings)
{
	const struct kofile *file = space->mod->file;
	uint32_t bits = 0;

	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].section == SHN_UNDEF)
			bits |= of_function(file->symbols[i].name);
	for (size_t i = 0; i < events->nr_lookups; i++)
		bits |= of_lookup(space, &events->lookups[i]);
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].verdict == FINDING_BYPASS)
			bits |= 1U << (strcmp(findings->array[i].kind, "static-call") == 0
					       ? ABILITY_STATIC_CALL
					       : ABILITY_LIFTS);
	return bits;
}
