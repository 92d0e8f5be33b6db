/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Well-known variables that are writable by design and worth a look: told, never judged.
 */
#include "audit/levers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/names.h"

enum lever_kind { LEVER_STRING, LEVER_INT, LEVER_BYTE };

static const struct lever {
	const char *symbol;
	enum lever_kind kind;
	/* Where the value lies inside a structure; NULL: at the symbol. */
	const char *type, *member;
	const char *usual; /* what most kernels have there; NULL: it depends */
	const char *why;
} levers[] = {
	{"modprobe_path", LEVER_STRING, NULL, NULL, "/sbin/modprobe",
	 "run as root when a module is wanted"},
	{"core_pattern", LEVER_STRING, NULL, NULL, "core",
	 "where core dumps go; '|' runs a program as root"},
	{"uevent_helper", LEVER_STRING, NULL, NULL, "", "run as root on device events"},
	{"poweroff_cmd", LEVER_STRING, NULL, NULL, "/sbin/poweroff",
	 "run as root to power off"},
	{"selinux_state", LEVER_BYTE, "selinux_state", "enforcing", NULL,
	 "SELinux: 1 enforces, 0 only logs"},
	{"apparmor_initialized", LEVER_INT, NULL, NULL, NULL,
	 "AppArmor: 0 confines nothing"},
	{"aa_g_profile_mode", LEVER_INT, NULL, NULL, "0",
	 "AppArmor: 0 enforces, 1 only logs"},
	{"aa_g_lock_policy", LEVER_BYTE, NULL, NULL, "0",
	 "AppArmor: 1 refuses new policy"},
	{"kernel_locked_down", LEVER_INT, NULL, NULL, NULL, "lockdown: 0 is none"},
	{"sig_enforce", LEVER_BYTE, NULL, NULL, NULL, "1 refuses unsigned modules"},
	{"modules_disabled", LEVER_INT, NULL, NULL, "0", "1 refuses all modules"},
	{"kexec_load_disabled", LEVER_INT, NULL, NULL, "0", "1 refuses kexec"},
	{"kptr_restrict", LEVER_INT, NULL, NULL, NULL, "who sees kernel addresses"},
	{"dmesg_restrict", LEVER_INT, NULL, NULL, NULL, "who reads the kernel's log"},
	{"sysctl_unprivileged_bpf_disabled", LEVER_INT, NULL, NULL, NULL,
	 "who loads BPF programs"},
	{"bpf_jit_harden", LEVER_INT, NULL, NULL, NULL, "blinding of constants in BPF"},
	{"randomize_va_space", LEVER_INT, NULL, NULL, "2", "address space randomisation"},
	{"ftrace_enabled", LEVER_INT, NULL, NULL, "1", "function tracing"},
};

static bool read_value(const struct audit *audit, const struct lever *lever, uint64_t va,
		       char *text, size_t text_bytes)
{
	const struct mappings *mappings = &audit->mappings;
	int32_t number;
	uint8_t byte;

	switch (lever->kind) {
	case LEVER_STRING:
		return mappings_read_string(mappings, va, text, text_bytes) == 0;
	case LEVER_INT:
		if (mappings_read(mappings, va, &number, sizeof(number)) < 0)
			return false;
		snprintf(text, text_bytes, "%" PRId32, number);
		return true;
	case LEVER_BYTE:
		if (mappings_read(mappings, va, &byte, sizeof(byte)) < 0)
			return false;
		snprintf(text, text_bytes, "%u", byte);
		return true;
	}
	return false;
}

static void tell_lever(struct audit *audit, const struct lever *lever)
{
	struct audit_row row = {
		.group = AUDIT_LEVERS,
		.verdict = AUDIT_INFO,
		.why = lever->why,
	};
	const struct mapping *mapping;
	uint32_t offset = 0;
	char value[128];

	if (!audit_symbol(audit, lever->symbol, &row.address) ||
	    (lever->type && types_offset(&audit->kernel->types, lever->type,
					 lever->member, &offset) < 0))
		return;
	row.address += offset;
	mapping = mappings_at(&audit->mappings, row.address);
	if (!mapping || !read_value(audit, lever, row.address, value, sizeof(value)))
		return;
	snprintf(row.name, sizeof(row.name), "%s", lever->symbol);
	snprintf(row.symbol, sizeof(row.symbol), "%s", lever->symbol);
	snprintf(row.found, sizeof(row.found), "%s", mapping_rights(mapping));
	snprintf(row.detail, sizeof(row.detail), "%s%s%s", value,
		 lever->usual && strcmp(value, lever->usual) != 0 ? "; usually " : "",
		 lever->usual && strcmp(value, lever->usual) != 0 ? lever->usual : "");
	audit_add_row(audit, &row);
}

void levers_want(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(levers) / sizeof(levers[0]); i++)
		audit_want(audit, levers[i].symbol);
}

void levers_check(struct audit *audit)
{
	for (size_t i = 0; i < sizeof(levers) / sizeof(levers[0]); i++)
		tell_lever(audit, &levers[i]);
}
