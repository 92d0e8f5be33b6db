/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/hint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* mm/Kconfig: DEFAULT_MMAP_MIN_ADDR; distributions keep programs off the first 64 KiB. */
static const uint64_t MIN_USER = 64 << 10;
/* Structures of drivers are that large; few programs have anything so low. */
static const uint64_t LOW_USER = 1 << 20;
/* Copies count down in steps, past zero by less than that. */
enum { MAX_STEP = 256 };

static bool starts(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* The functions whose third argument, in RDX, is a length. */
static bool is_copy(const char *function)
{
	static const char *const names[] = {"memcpy", "memmove", "memset"};

	while (*function == '_')
		function++;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t bytes = strlen(names[i]);

		if (starts(function, names[i]) && strchr("_.", function[bytes]))
			return true;
	}
	return false;
}

bool hint_is_negative_length(const struct cause_question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	int64_t count = (int64_t)registers->value[REGISTER_RCX],
		length = (int64_t)registers->value[REGISTER_RDX];
	bool is_string = q->instruction && starts(q->instruction->text, "rep ") &&
			 registers_has(registers, REGISTER_RCX) && count < 0;
	bool is_told = is_copy(q->crash->site.function) &&
		       registers_has(registers, REGISTER_RDX) && length < 0;

	if (!is_string && (!is_told || length >= -MAX_STEP))
		return false;
	if (is_told)
		cause_note(cause, "rdx, the length that %s was given, is %" PRId64,
			   q->crash->site.function, length);
	if (is_string)
		cause_note(cause, "rcx, what is left to do, is %" PRId64 " as a number",
			   count);
	return true;
}

bool hint_is_percpu(const struct cause_question *q)
{
	return q->instruction && q->instruction->has_memory &&
	       starts(q->instruction->memory.expression, "gs:rip");
}

/* Functions for user space's memory have entries in the exception table for each access
 * (arch/x86/lib/).
 */
static bool is_accessor(const char *function)
{
	static const char *const names[] = {
		"copy_user_",		"__copy_user_",	     "_copy_from_user",
		"_copy_to_user",	"clear_user",	     "__clear_user",
		"__get_user_",		"__put_user_",	     "rep_movs_alternative",
		"rep_stos_alternative", "strncpy_from_user", "strnlen_user",
		"csum_partial_copy",	"futex_atomic_",     "__arch_clear_user",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (starts(function, names[i]))
			return true;
	return false;
}

void hint_user(const struct cause_question *q, uint64_t address, struct cause *cause)
{
	const struct crash *crash = q->crash;

	if (!crash->site.module[0] && is_accessor(crash->site.function))
		cause_note(cause,
			   "%s is made to access user space, and what faults there is no "
			   "crash where the exception table has the instruction: it has "
			   "not, or was damaged",
			   crash->site.function);
	else if (address < MIN_USER)
		cause_note(cause,
			   "no program has memory below 64 KiB (vm.mmap_min_addr): NULL "
			   "and the offset of a member of something large, or a number");
	else if (address < LOW_USER)
		cause_note(cause, "so low an address may as well be NULL and the offset "
				  "of a member of something large, or a number");
}

/* "shr rax, 0xc", "shl rax, 0x6", "add rax, [rip+0x123]": virt_to_page(), of 64 bytes for
 * each page (mm.rst: vmemmap). The register is then what the access goes by.
 */
void hint_page_structure(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;
	char shr[32], shl[32], add[32];

	if (!in || !in->has_memory || in->nr_before < 3)
		return;
	for (size_t i = 0; i + 2 < in->nr_before; i++) {
		const char *name = in->before[i] + strlen("shr ");
		int bytes = (int)strcspn(name, ",");

		if (!starts(in->before[i], "shr r") || bytes > 3)
			continue;
		snprintf(shr, sizeof(shr), "shr %.*s, 0xc", bytes, name);
		snprintf(shl, sizeof(shl), "shl %.*s, 0x6", bytes, name);
		snprintf(add, sizeof(add), "add %.*s, ", bytes, name);
		if (strcmp(in->before[i], shr) != 0 ||
		    strcmp(in->before[i + 1], shl) != 0 ||
		    !starts(in->before[i + 2], add) ||
		    strncmp(in->memory.expression, name, (size_t)bytes) != 0)
			continue;
		cause_note(
			cause,
			"the code before made %.*s the page structure of an address "
			"(virt_to_page()), and there is none: the address was not of the "
			"kernel's memory, but a device's, vmalloc's, the user's or none",
			bytes, name);
		return;
	}
}
