/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register dump of a crash. */
#include "oops/registers.h"

#include <string.h>

#include "oops/scan.h"

static const struct {
	const char *label; /* as printed, up to blanks and the value */
	const char *name;
	int nr_digits;
} rows[REGISTER_NR] = {
	[REGISTER_RAX] = {.label = "RAX:", .name = "rax", .nr_digits = 16},
	[REGISTER_RCX] = {.label = "RCX:", .name = "rcx", .nr_digits = 16},
	[REGISTER_RDX] = {.label = "RDX:", .name = "rdx", .nr_digits = 16},
	[REGISTER_RBX] = {.label = "RBX:", .name = "rbx", .nr_digits = 16},
	[REGISTER_RSP] = {.label = "RSP:", .name = "rsp", .nr_digits = 16},
	[REGISTER_RBP] = {.label = "RBP:", .name = "rbp", .nr_digits = 16},
	[REGISTER_RSI] = {.label = "RSI:", .name = "rsi", .nr_digits = 16},
	[REGISTER_RDI] = {.label = "RDI:", .name = "rdi", .nr_digits = 16},
	[REGISTER_R8] = {.label = "R08:", .name = "r8", .nr_digits = 16},
	[REGISTER_R9] = {.label = "R09:", .name = "r9", .nr_digits = 16},
	[REGISTER_R10] = {.label = "R10:", .name = "r10", .nr_digits = 16},
	[REGISTER_R11] = {.label = "R11:", .name = "r11", .nr_digits = 16},
	[REGISTER_R12] = {.label = "R12:", .name = "r12", .nr_digits = 16},
	[REGISTER_R13] = {.label = "R13:", .name = "r13", .nr_digits = 16},
	[REGISTER_R14] = {.label = "R14:", .name = "r14", .nr_digits = 16},
	[REGISTER_R15] = {.label = "R15:", .name = "r15", .nr_digits = 16},
	[REGISTER_EFLAGS] = {.label = "EFLAGS:", .name = "eflags", .nr_digits = 8},
	[REGISTER_FS] = {.label = "FS:", .name = "fs base", .nr_digits = 16},
	[REGISTER_GS] = {.label = "GS:", .name = "gs base", .nr_digits = 16},
	[REGISTER_CR0] = {.label = "CR0:", .name = "cr0", .nr_digits = 16},
	[REGISTER_CR2] = {.label = "CR2:", .name = "cr2", .nr_digits = 16},
	[REGISTER_CR3] = {.label = "CR3:", .name = "cr3", .nr_digits = 16},
	[REGISTER_CR4] = {.label = "CR4:", .name = "cr4", .nr_digits = 16},
};

/* What the lines of the dump start with, in their order. */
static const char *const starts[] = {
	"RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "FS:", "CS:", "CR2:",
};

const char *registers_name(enum register_name name)
{
	return rows[name].name;
}

/* "GS:" is in "knlGS:" too. */
static const char *find_label(const char *line, const char *label)
{
	const char *found = line;

	while ((found = strstr(found, label)) && found > line && found[-1] != ' ')
		found++;
	return found;
}

int registers_line(const char *line)
{
	for (int i = 0; i < (int)(sizeof(starts) / sizeof(starts[0])); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return i;
	return -1;
}

bool registers_scan(const char *line, struct registers *registers)
{
	if (registers_line(line) < 0)
		return false;
	for (enum register_name name = 0; name < REGISTER_NR; name++) {
		const char *p = find_label(line, rows[name].label);
		uint64_t value;

		if (!p || registers_has(registers, name))
			continue;
		/* Trackers and mailers take or add blanks. */
		p += strlen(rows[name].label);
		while (*p == ' ')
			p++;
		/* RSP has its segment before it. */
		if (name == REGISTER_RSP &&
		    (!scan_hex(&p, 4, 4, &value) || !scan_word(&p, ":")))
			continue;
		/* Words of a run-together line may stick to the value: then it is none.
		 */
		if (!scan_hex(&p, rows[name].nr_digits, rows[name].nr_digits, &value) ||
		    !strchr(" (", *p))
			continue;
		registers->value[name] = value;
		registers->known |= 1U << name;
	}
	return true;
}
