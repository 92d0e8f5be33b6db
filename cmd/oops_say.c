/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences that both renderings of an explained crash share. */
#include "cmd/oops_say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pagetable/errorcode.h"

static const char *const kind_words[CRASH_NR_KINDS] = {
	[CRASH_UNKNOWN] = "a crash or a warning of an unknown kind",
	[CRASH_PAGE_FAULT] = "a page fault",
	[CRASH_GENERAL_PROTECTION] = "a general protection fault",
	[CRASH_BUG] = "a BUG(): the kernel stopped itself",
	[CRASH_LIST_CORRUPTION] = "a list found corrupt",
	[CRASH_CFI] = "an indirect call stopped by control-flow integrity",
	[CRASH_STACK_OVERFLOW] = "the kernel stack overflowed",
	[CRASH_BAD_PAGETABLE] = "a damaged page table",
	[CRASH_DOUBLE_FAULT] = "a double fault: an exception while another was handled",
	[CRASH_INVALID_OPCODE] =
		"an instruction that is none (or a trap of the kernel's)",
	[CRASH_TRAP] = "a CPU exception",
	[CRASH_KASAN] = "a bad access, found by KASAN",
	[CRASH_KFENCE] = "a bad access, found by KFENCE",
	[CRASH_UBSAN] = "undefined behaviour, found by UBSAN",
	[CRASH_REFCOUNT] = "a reference count found wrong",
	[CRASH_CRED] = "credentials found damaged",
	[CRASH_WORKQUEUE] = "a workqueue's complaint",
	[CRASH_LOCKUP] = "a CPU that was stuck in the kernel",
	[CRASH_RCU_STALL] = "an RCU grace period that did not end",
	[CRASH_CR0_WP] = "write protection was switched off as a whole, and on again",
	[CRASH_BAD_PAGE] = "a page in a state that it must not have",
	[CRASH_ATOMIC] = "a sleep where none is allowed",
	[CRASH_SPINLOCK] = "a spinlock in a state that it must not have",
	[CRASH_SLAB] = "a slab found damaged",
	[CRASH_KCSAN] = "a data race, found by KCSAN",
	[CRASH_KMSAN] = "a value that was never set, found by KMSAN",
	[CRASH_ASSERTION] = "an assertion of ZFS's own that failed",
	[CRASH_WARNING] = "a warning (WARN_ON): the kernel went on",
	[CRASH_LOCKDEP] = "a complaint about locks or RCU",
	[CRASH_HUNG_TASK] = "a task that waits without end",
	[CRASH_MACHINE_CHECK] = "an error of the hardware, which the kernel wrote down",
	[CRASH_PANIC] = "a panic",
	[CRASH_FOREIGN] = "a crash",
	[CRASH_FIRMWARE] = "the firmware's own code faulted",
	[CRASH_MISSING_ENDBR] =
		"an indirect branch to code that is not marked as a target",
};

/* Why the CPU refused, in words. */
static const char *why_refused(const struct explanation *e)
{
	uint64_t code = e->crash->error_code;
	enum errorcode_access access = errorcode_access(code);

	if (errorcode_has(code, ERRORCODE_RSVD))
		return "a page-table entry on the way is malformed";
	if (!errorcode_has(code, ERRORCODE_P))
		return e->tables.denial == TABLES_PERMITTED
			       ? "by the error code nothing was mapped there"
			       : "nothing is mapped there";
	if (errorcode_has(code, ERRORCODE_PK))
		return "the page's protection key forbids it";
	if (errorcode_has(code, ERRORCODE_RMP))
		return "the SEV-SNP reverse map forbids it";
	if (errorcode_has(code, ERRORCODE_SGX))
		return "the page is an enclave's";
	if (e->tables.denial == TABLES_PERMITTED)
		return "the page is present, and the entries of the log allow it";
	if (e->tables.denial == TABLES_SMAP)
		return "the page is user space's, and SMAP is on";
	if (e->tables.denial == TABLES_SMEP)
		return "the page is user space's, and SMEP is on";
	if (e->target.kind == HIT_USER && !errorcode_has(code, ERRORCODE_U) &&
	    e->tables.denial != TABLES_NX)
		return "the page is present, but not for this access";
	if (access == ERRORCODE_WRITE)
		return "the page is present and read-only";
	if (access == ERRORCODE_FETCH)
		return "the page is present and not executable";
	return "the page is present, but not for this access";
}

static const char *mode_word(const struct crash *crash)
{
	if (crash->kind == CRASH_PAGE_FAULT && crash->has_error_code)
		return errorcode_has(crash->error_code, ERRORCODE_U) ? "user" : "kernel";
	switch (crash->mode) {
	case CRASH_MODE_KERNEL:
		return "kernel";
	case CRASH_MODE_USER:
		return "user";
	case CRASH_MODE_UNKNOWN:
		break;
	}
	return NULL;
}

void oops_say_what(const struct explanation *e, char *text, size_t room)
{
	static const char *const tried[] = {
		[ERRORCODE_READ] = "read from",
		[ERRORCODE_WRITE] = "write to",
		[ERRORCODE_FETCH] = "execute",
	};
	const struct crash *crash = e->crash;

	if (crash->kind != CRASH_PAGE_FAULT || e->status != EXPLANATION_WHOLE) {
		snprintf(text, room, "%s", kind_words[crash->kind]);
		return;
	}
	if (!crash->has_error_code) {
		snprintf(text, room,
			 "%s was followed to %016" PRIx64
			 "; whether to read or to write, the log has lost",
			 crash->is_null_worded ? "a NULL pointer" : "a pointer",
			 crash->address);
		return;
	}
	snprintf(text, room, "%s code tried to %s %016" PRIx64 ": %s",
		 mode_word(crash) ? mode_word(crash) : "some",
		 tried[errorcode_access(crash->error_code)], crash->address,
		 why_refused(e));
}

/* "rcx=ffffffffc0ae2020" or "0x1234" */
static void say_value(const struct instruction_operand *operand, char *text, size_t room)
{
	if (!operand->name[0])
		snprintf(text, room, "0x%" PRIx64, operand->value);
	else if (operand->has_value)
		snprintf(text, room, "%s=%016" PRIx64, operand->name, operand->value);
	else
		snprintf(text, room, "%s", operand->name);
}

void oops_say_access(const struct explanation *e, char *text, size_t room)
{
	const struct instruction *in = &e->instruction;
	const struct instruction_memory *memory = &in->memory;
	char size[32] = "", value[64] = "", where[80];

	*text = '\0';
	if (!e->has_instruction || !in->has_memory || in->match == INSTRUCTION_IMPLICIT)
		return;
	if (memory->size_bytes)
		snprintf(size, sizeof(size), " %u byte%s", memory->size_bytes,
			 memory->size_bytes == 1 ? "" : "s");
	if (in->has_source && memory->is_write) {
		strcpy(value, ", ");
		say_value(&in->source, value + 2, sizeof(value) - 4);
		strcat(value, ",");
	}
	if (memory->has_address)
		snprintf(where, sizeof(where), "%s=%016" PRIx64, memory->expression,
			 memory->address);
	else
		snprintf(where, sizeof(where), "%s", memory->expression);
	snprintf(text, room, "%s%s%s %s %s",
		 memory->is_write && memory->is_read ? "changes"
		 : memory->is_write		     ? "stores"
						     : "reads",
		 size, value, memory->is_write && !memory->is_read ? "to" : "at", where);
}

static const char *level_of(const struct tables *tables)
{
	return pt_level_name(tables->walk.steps[tables->denied_by].level,
			     tables->format.levels);
}

void oops_say_denial(const struct explanation *e, char *text, size_t room)
{
	const struct tables *tables = &e->tables;
	const char *level = tables->denied_by >= 0 ? level_of(tables) : NULL;

	*text = '\0';
	switch (tables->denial) {
	case TABLES_UNKNOWN:
		snprintf(text, room, "%s",
			 !tables->has_walk ? "the log has no page-table entries"
			 : tables->is_cut ? "the entries end above the page: what denied "
					    "the access is not in the log"
					  : "what denied the access cannot be told");
		break;
	case TABLES_NOT_PRESENT:
		snprintf(text, room, "denied by the %s: not present", level);
		break;
	case TABLES_NO_RW:
		snprintf(text, room, "denied by the %s: RW is clear", level);
		break;
	case TABLES_NX:
		snprintf(text, room, "denied by the %s: NX is set", level);
		break;
	case TABLES_SMAP:
		snprintf(text, room,
			 "denied by SMAP: USER is set at every level down to the %s",
			 level);
		break;
	case TABLES_SMEP:
		snprintf(text, room,
			 "denied by SMEP: USER is set at every level down to the %s",
			 level);
		break;
	case TABLES_SUPERVISOR_ONLY:
		snprintf(text, room, "denied: USER is not set at every level");
		break;
	case TABLES_RESERVED:
		snprintf(text, room, "denied by the %s: reserved bits are set", level);
		break;
	case TABLES_KEY:
		snprintf(text, room, "denied by the page's protection key");
		break;
	case TABLES_RMP:
		snprintf(
			text, room,
			"denied by SEV-SNP's reverse map, which no page-table entry shows");
		break;
	case TABLES_PERMITTED:
		snprintf(text, room,
			 "these entries permit the access: they changed after the fault, "
			 "the CPU held an old translation, or what refused is none of "
			 "theirs");
		break;
	case TABLES_CONTRADICTION:
		snprintf(text, room,
			 "these entries contradict the error code: the line is damaged, "
			 "or they changed");
		break;
	}
}
