/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What general protection faults mean. */
#include "oops/protection.h"

#include <inttypes.h>

#include "kcore/x86.h"
#include "oops/pointer.h"

static const uint64_t CR4_CET = 1ULL << 23;
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
	} else if (has_cr4 && registers->value[REGISTER_CR4] & CR4_CET) {
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
static enum cause_kind of_shadowed(uint64_t address, struct cause *cause)
{
	cause_note(cause,
		   "KASAN's check of 0x%016" PRIx64
		   " faulted: the address that was read is only that of its shadow",
		   address);
	if (address < QUESTION_NULL_BYTES)
		return CAUSE_NULL;
	if (pointer_is_poison(address)) {
		note_poison(cause, address);
		return CAUSE_LIST_POISON;
	}
	return pt_is_canonical(address, 5) ? CAUSE_UNKNOWN : CAUSE_NON_CANONICAL;
}

static enum cause_kind of_filled_register(const struct cause_question *q,
					  struct cause *cause)
{
	const struct registers *registers = &q->crash->registers;

	for (enum register_name name = 0; name <= REGISTER_R15; name++) {
		const char *filling = registers_has(registers, name)
					      ? pointer_filling(registers->value[name])
					      : NULL;

		if (!filling)
			continue;
		cause->is_likely = true;
		cause_note(cause, "%s holds the bytes that fill %s", registers_name(name),
			   filling);
		return CAUSE_NON_CANONICAL;
	}
	return CAUSE_UNKNOWN;
}

/* The log has no operand: registers may tell. */
static enum cause_kind of_poisoned_register(const struct cause_question *q,
					    struct cause *cause)
{
	enum register_name name = pointer_poison(&q->crash->registers);

	if (q->instruction)
		return CAUSE_UNKNOWN;
	if (name == REGISTER_NR)
		return of_filled_register(q, cause);
	cause->is_likely = true;
	cause_note(cause,
		   "%s holds 0x%016" PRIx64 ", which list_del() leaves in an entry",
		   registers_name(name), q->crash->registers.value[name]);
	return CAUSE_LIST_POISON;
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

enum cause_kind protection_cause(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *instruction = q->instruction;
	uint64_t address = q->crash->address;

	if (instruction && instruction->is_shadow_check)
		return of_shadowed(instruction->shadowed, cause);
	if (crash_shadowed(q->crash, address_of(q), &address))
		return of_shadowed(address, cause);
	address = q->crash->address;
	if (instruction && instruction->is_cr0_write)
		return of_cr0(q, cause);
	if (q->crash->address_from == CRASH_ADDRESS_UNKNOWN ||
	    (instruction && !instruction->has_memory)) {
		/* 4.19 does not say the address: the operand does. */
		if (!instruction || !instruction->has_memory ||
		    !instruction->memory.has_address ||
		    pt_is_canonical(instruction->memory.address, 4))
			return of_poisoned_register(q, cause);
		address = instruction->memory.address;
	}
	if (pointer_is_poison(address)) {
		note_poison(cause, address);
		cause->is_likely = address % 4096 >= MAX_LIST_MEMBER;
		return CAUSE_LIST_POISON;
	}
	if (q->crash->is_null_worded)
		return CAUSE_NULL;
	if (pointer_filling(address))
		cause_note(cause, "its bytes are those that fill %s",
			   pointer_filling(address));
	return pt_is_canonical(address, 4) ? CAUSE_UNKNOWN : CAUSE_NON_CANONICAL;
}
