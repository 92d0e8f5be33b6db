/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What general protection faults mean. */
#include "oops/protection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcore/x86.h"
#include "oops/hint.h"
#include "oops/pointer.h"
#include "oops/scan.h"
#include "pagetable/walk.h"

/* CONFIG_KASAN_SHADOW_OFFSET of x86-64, which KASAN's checks keep in a register. */
static const uint64_t SHADOW_OFFSET = 0xdffffc0000000000;

/* Further behind a poison value lies no member of a list's head. */
enum { MAX_LIST_MEMBER = 0x400 };

/* mov cr0 with WP clear: while CR4.CET is set the CPU refuses it (Intel SDM vol. 2B, MOV
 * to control registers), and Xen refuses it to a PV guest.
 */
static enum cause_kind of_cr0(const struct cause_question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	uint64_t value = q->instruction->cr0_value;
	bool has_cr4 = registers_has(registers, REGISTER_CR4);

	if (!q->instruction->has_cr0_value || value & X86_CR0_WP)
		return CAUSE_UNKNOWN;
	cause_note(cause,
		   "CR0 was to become 0x%" PRIx64
		   ": WP is clear in it. That is a value, no "
		   "address",
		   value);
	if (crash_is_xen_pv(q->crash)) {
		cause_note(cause, "a Xen PV guest may not clear CR0.WP");
	} else if (has_cr4 && registers->value[REGISTER_CR4] & X86_CR4_CET) {
		cause_note(cause, "CR4.CET is set: CR0.WP cannot be cleared");
	} else {
		cause->is_likely = true;
		cause_note(cause, "%s",
			   has_cr4 ? "CR4.CET is clear: a hypervisor may have refused it"
				   : "CR4 is not in the log: CET or a hypervisor "
				     "refused it");
	}
	return CAUSE_CR0_WP;
}

static void note_poison(struct cause *cause, uint64_t address)
{
	if (pointer_is_list_poison(address))
		cause_note(cause,
			   "0x%016" PRIx64 " is what list_del() leaves in an entry",
			   address);
	else
		cause_note(
			cause,
			"0x%016" PRIx64
			" is behind 0xdead000000000000, from where on the values lie that "
			"list_del() leaves",
			address);
}

/* KASAN's check read the shadow of what was to be accessed. */
static enum cause_kind of_shadowed(const struct cause_question *q, uint64_t address,
				   struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	uint64_t stack = registers->value[REGISTER_RSP];
	unsigned levels = registers_has(registers, REGISTER_RSP) &&
					  !pt_is_canonical(stack, 4)
				  ? 5
				  : 4;

	cause_note(cause,
		   "KASAN's check of 0x%016" PRIx64
		   "%s faulted: the address that was read "
		   "is only that of its shadow",
		   address, address % 8 ? "" : ", or up to 7 bytes behind it,");
	if (address < QUESTION_NULL_BYTES)
		return CAUSE_NULL;
	if (pointer_is_poison(address)) {
		note_poison(cause, address);
		return CAUSE_LIST_POISON;
	}
	/* The user half has no shadow, whatever is mapped there. */
	if (!(address >> 63) && pt_is_canonical(address, levels)) {
		cause->is_likely = true;
		hint_user(q, address, cause);
		return CAUSE_USER_UNMAPPED;
	}
	return pt_is_canonical(address, levels) ? CAUSE_UNKNOWN : CAUSE_NON_CANONICAL;
}

/* Code that does not load segments, registers of the CPU's own or its state faults so
 * where a pointer is no address: then a register that holds none is there.
 */
static enum cause_kind of_wild_registers(const struct crash *crash, struct cause *cause)
{
	static const char *const others[] = {
		"msr",	"cr0", "cr4",	"xsave",  "xrstor", "xstate", "fpu",
		"iret", "seg", "tls",	"gsbase", "fsbase", "tlb",    "apic",
		"vmx",	"svm", "mwait", "pmc",	  "rdt",    "desc"};
	char names[96] = "";
	size_t bytes = 0;
	uint64_t stack = crash->registers.value[REGISTER_RSP];
	unsigned levels = pt_is_canonical(stack, 4) ? 4 : 5;

	if (!registers_has(&crash->registers, REGISTER_RSP) || !crash->has_site ||
	    !crash->site.function[0] || crash->error_code ||
	    crash->mode == CRASH_MODE_USER)
		return CAUSE_UNKNOWN;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strstr(crash->site.function, others[i]))
			return CAUSE_UNKNOWN;
	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		if (!registers_has(&crash->registers, name) ||
		    crash->registers.value[name] == SHADOW_OFFSET ||
		    pt_is_canonical(crash->registers.value[name], levels))
			continue;
		bytes += (size_t)snprintf(names + bytes, sizeof(names) - bytes, "%s%s",
					  bytes ? ", " : "", registers_name(name));
	}
	if (!bytes)
		return CAUSE_UNKNOWN;
	cause->is_likely = true;
	cause_note(cause, "no address is in %s", names);
	return CAUSE_NON_CANONICAL;
}

/* KASAN's inline check reads [index + offset], index being the address by 8: of registers
 * that hold all three the address is known though the code is not.
 */
static bool find_shadowed(const struct registers *registers, uint64_t *ret)
{
	bool has_offset = false, is_found = false;

	for (enum register_name name = 0; name <= REGISTER_R15; name++)
		has_offset |= registers_has(registers, name) &&
			      registers->value[name] == SHADOW_OFFSET;
	for (enum register_name name = 0; name <= REGISTER_R15 && has_offset; name++) {
		uint64_t address = registers->value[name];

		for (enum register_name by = 0; by <= REGISTER_R15; by++) {
			if (!registers_has(registers, name) ||
			    !registers_has(registers, by) || address < 8 ||
			    registers->value[by] != address >> 3)
				continue;
			if (is_found && *ret != address)
				return false;
			is_found = true;
			*ret = address;
		}
	}
	return is_found;
}

static bool note_filled_register(const struct registers *registers, struct cause *cause)
{

	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		const char *filling = registers_has(registers, name)
					      ? pointer_filling(registers->value[name])
					      : NULL;

		if (!filling)
			continue;
		cause_note(cause, "%s holds the bytes that fill %s", registers_name(name),
			   filling);
		return true;
	}
	return false;
}

/* The log has no operand: registers may tell. */
static enum cause_kind of_poisoned_register(const struct cause_question *q,
					    struct cause *cause)
{
	enum register_name name = pointer_poison(&q->crash->registers);
	enum cause_kind kind = CAUSE_UNKNOWN;
	uint64_t shadowed = 0;

	if (q->instruction)
		return CAUSE_UNKNOWN;
	if (q->crash->is_kasan && find_shadowed(&q->crash->registers, &shadowed)) {
		cause->is_likely = true;
		return of_shadowed(q, shadowed, cause);
	}
	if (note_filled_register(&q->crash->registers, cause)) {
		cause->is_likely = true;
		return CAUSE_NON_CANONICAL;
	}
	if (name == REGISTER_NR)
		kind = of_wild_registers(q->crash, cause);
	if (name == REGISTER_NR && kind == CAUSE_UNKNOWN && q->crash->is_kasan_worded) {
		cause->is_likely = true;
		cause_note(cause,
			   "KASAN's own guess; a pointer that is no address faults so, "
			   "too");
		return CAUSE_NULL;
	}
	if (name == REGISTER_NR)
		return kind;
	cause->is_likely = true;
	cause_note(cause,
		   "%s holds 0x%016" PRIx64 ", which list_del() leaves in an entry",
		   registers_name(name), q->crash->registers.value[name]);
	return CAUSE_LIST_POISON;
}

/* In 64-bit mode a near return faults so where RSP or what it points to is no address. */
static enum cause_kind of_return(const struct cause_question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	static const enum register_name popped[] = {REGISTER_RBX, REGISTER_RBP,
						    REGISTER_R12, REGISTER_R13,
						    REGISTER_R14, REGISTER_R15};
	static const char *const thunks[] = {"__x86_indirect_thunk_", "__x86_retpoline_"};
	unsigned levels;

	for (size_t i = 0; i < sizeof(thunks) / sizeof(thunks[0]); i++) {
		const char *name = q->crash->site.function;

		if (!scan_word(&name, thunks[i]))
			continue;
		cause_note(cause,
			   "it is a retpoline's: %s was to be called, and is no address",
			   name);
		return CAUSE_NON_CANONICAL;
	}
	if (!registers_has(registers, REGISTER_RSP) ||
	    !pt_is_canonical(registers->value[REGISTER_RSP], 5))
		return CAUSE_UNKNOWN;
	/* The kernel's half of 5 levels has no address of 4 levels. */
	levels = pt_is_canonical(registers->value[REGISTER_RSP], 4) ? 4 : 5;
	for (size_t i = 0; i < sizeof(popped) / sizeof(popped[0]); i++) {
		if (!registers_has(registers, popped[i]) ||
		    pt_is_canonical(registers->value[popped[i]], levels))
			continue;
		cause_note(cause,
			   "%s, which a function takes from the stack before it returns, "
			   "is no address either: 0x%016" PRIx64,
			   registers_name(popped[i]), registers->value[popped[i]]);
		break;
	}
	return CAUSE_RETURN;
}

static enum cause_kind of_privileged(const struct cause_question *q, struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;
	const char *text = q->instruction->text;
	bool has_index = strcmp(text, "rdmsr") == 0 || strcmp(text, "wrmsr") == 0 ||
			 strcmp(text, "rdpmc") == 0;

	if (has_index && registers_has(registers, REGISTER_RCX))
		cause_note(cause, "its register's number is ecx: 0x%" PRIx32,
			   (uint32_t)registers->value[REGISTER_RCX]);
	if (crash_is_xen_pv(q->crash))
		cause_note(cause,
			   "a Xen PV guest's kernel has no privilege: Xen carries out "
			   "some of these instructions, and refuses others");
	return CAUSE_PRIVILEGED;
}

/* By how much the operand must be aligned; 0: by nothing. */
static uint64_t alignment_of(const struct instruction *instruction)
{
	static const struct {
		const char *start;
		uint64_t bytes; /* 0: its own size */
	} rows[] = {
		{"movaps ", 0},		 {"movapd ", 0},  {"movdqa ", 0},
		{"vmovaps ", 0},	 {"vmovapd ", 0}, {"vmovdqa", 0},
		{"movntps ", 0},	 {"movntpd ", 0}, {"movntdq ", 0},
		{"vmovntdq ", 0},	 {"fxsave", 16},  {"fxrstor", 16},
		{"xsave", 64},		 {"xrstor", 64},  {"cmpxchg16b ", 0},
		{"lock cmpxchg16b ", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(instruction->text, rows[i].start, strlen(rows[i].start)) == 0)
			return rows[i].bytes ? rows[i].bytes
					     : instruction->memory.size_bytes;
	return 0;
}

/* Is the operand where no fault comes from but the instruction's own? */
static bool has_good_operand(const struct instruction *instruction)
{
	return instruction->has_memory && instruction->memory.has_address &&
	       pt_is_canonical(instruction->memory.address, 4);
}

static bool is_unaligned(const struct instruction *instruction, struct cause *cause)
{
	uint64_t bytes = alignment_of(instruction);

	if (!bytes || bytes & (bytes - 1) || !has_good_operand(instruction) ||
	    instruction->memory.address % bytes == 0)
		return false;
	cause_note(cause, "0x%016" PRIx64 " is no multiple of %" PRIu64,
		   instruction->memory.address, bytes);
	return true;
}

/* What was accessed, by the headline or by the operand; 0: not known. */
static uint64_t address_of(const struct cause_question *q)
{
	if (q->crash->address_from != CRASH_ADDRESS_UNKNOWN)
		return q->crash->address;
	return q->instruction && q->instruction->has_memory &&
			       q->instruction->memory.has_address
		       ? q->instruction->memory.address
		       : 0;
}

/* Text that overwrote a pointer. A member's offset was added to the lowest bytes. */
static void note_text(const struct cause_question *q, struct cause *cause,
		      uint64_t address)
{
	const struct instruction *instruction = q->instruction;
	char text[sizeof(address) + 1];

	if (pointer_filling(address))
		return;
	for (size_t i = 0; instruction && i < instruction->nr_operands; i++)
		if (instruction->operands[i].has_value &&
		    pointer_text(instruction->operands[i].value, text)) {
			cause_note(cause,
				   "%s read as text is \"%s\": it was written over",
				   instruction->operands[i].name, text);
			return;
		}
	if (pointer_text(address, text))
		cause_note(
			cause,
			"the address read as text is \"%s\": the pointer was written over",
			text);
	else if (pointer_text(address | 0x2020, text))
		cause_note(
			cause,
			"all but the address's lowest bytes read as text are \"%s\": the "
			"pointer was written over, and an offset added",
			text + 2);
}

/* "segment-related general protection fault: e030": the error code is a selector. */
static enum cause_kind of_segment(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;

	if (strncmp(crash->die, "segment-related", strlen("segment-related")) != 0)
		return CAUSE_UNKNOWN;
	if (crash->has_error_code && crash->error_code)
		cause_note(cause, "the selector is 0x%" PRIx64,
			   crash->error_code & ~(uint64_t)3);
	if (crash_is_xen_pv(crash) && strstr(crash->site.function, "iret"))
		cause_note(cause,
			   "iretq of the kernel's own cannot return to code of a Xen PV "
			   "guest: there the hypervisor's call has to");
	return CAUSE_SEGMENT;
}

enum cause_kind protection_cause(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;
	uint64_t address = q->crash->address;
	enum cause_kind kind;

	if (instruction && instruction->is_shadow_check)
		return of_shadowed(q, instruction->shadowed, cause);
	if (crash_shadowed(q->crash, address_of(q), &address))
		return of_shadowed(q, address, cause);
	address = q->crash->address;
	if (instruction && instruction->is_cr0_write)
		return of_cr0(q, cause);
	if (instruction && instruction->is_return)
		return of_return(q, cause);
	if (instruction && instruction->is_privileged &&
	    (!instruction->has_memory || has_good_operand(instruction)))
		return of_privileged(q, cause);
	if (instruction && is_unaligned(instruction, cause))
		return CAUSE_ALIGNMENT;
	if (q->crash->address_from == CRASH_ADDRESS_UNKNOWN ||
	    (instruction && !instruction->has_memory)) {
		/* 4.19 does not say the address: the operand does. */
		if (!instruction || !instruction->has_memory ||
		    !instruction->memory.has_address ||
		    pt_is_canonical(instruction->memory.address, 4)) {
			kind = of_segment(q, cause);
			return kind == CAUSE_UNKNOWN ? of_poisoned_register(q, cause)
						     : kind;
		}
		address = instruction->memory.address;
	}
	if (pointer_is_poison(address)) {
		note_poison(cause, address);
		cause->is_likely = address % 4096 >= MAX_LIST_MEMBER;
		return CAUSE_LIST_POISON;
	}
	if (q->crash->is_null_worded) {
		/* The kernel took RIP's operand to be an address. */
		cause->is_likely = !instruction;
		return CAUSE_NULL;
	}
	if (pointer_filling(address))
		cause_note(cause, "its bytes are those that fill %s",
			   pointer_filling(address));
	if (pt_is_canonical(address, 4))
		return CAUSE_UNKNOWN;
	note_text(q, cause, address);
	return CAUSE_NON_CANONICAL;
}
