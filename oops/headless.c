/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report whose first lines the log has lost. */
#include "oops/headless.h"

#include "oops/instruction.h"
#include "oops/pointer.h"

/* The RIP line's selector may be lost, and the dump's be there. */
static bool is_in_kernel(const struct crash *crash)
{
	return crash->mode == CRASH_MODE_KERNEL ||
	       (crash->mode == CRASH_MODE_UNKNOWN && crash->has_selector &&
		!(crash->selector & 3));
}

/* Does the instruction at RIP access @address, by the registers that @crash has? Any
 * number would not do so by chance.
 */
static bool is_access(const struct crash *crash, uint64_t address,
		      struct instruction *instruction)
{
	struct crash asked = *crash;

	asked.kind = CRASH_PAGE_FAULT;
	asked.address_from = CRASH_ADDRESS_DUMP;
	asked.address = address;
	return is_in_kernel(crash) &&
	       instruction_decode(&asked, &crash->code, true, instruction) == 0 &&
	       instruction->has_memory && !instruction->has_rip &&
	       instruction->memory.has_address &&
	       instruction->match == INSTRUCTION_AGREES;
}

static bool find_cr2(const struct crash *crash, uint64_t *ret)
{
	if (crash->address_from != CRASH_ADDRESS_UNKNOWN)
		*ret = crash->address;
	else if (registers_has(&crash->registers, REGISTER_CR2))
		*ret = crash->registers.value[REGISTER_CR2];
	else
		return false;
	return true;
}

void headless_tell(struct crash *crash, const struct crash *summary)
{
	struct instruction instruction;
	struct pointer pointer;
	uint64_t address;

	if (!crash->is_headless || crash->kind != CRASH_UNKNOWN ||
	    !find_cr2(crash, &address))
		return;
	/* Only a page fault prints CR2 once more, before the end mark. */
	if (crash->address_from == CRASH_ADDRESS_LAST_CR2)
		crash->kind = CRASH_PAGE_FAULT;
	if (crash->has_end && crash->code.at < 0) {
		if (!is_access(summary, address, &instruction))
			return;
		crash->site = summary->site;
		crash->has_site = summary->has_site;
		crash->code = summary->code;
		crash->registers = summary->registers;
		crash->has_selector = summary->has_selector;
		crash->selector = summary->selector;
		crash->mode = summary->mode;
	} else if (!is_access(crash, address, &instruction)) {
		return;
	}
	pointer = pointer_find(&instruction, address);
	crash->kind = CRASH_PAGE_FAULT;
	if (crash->address_from == CRASH_ADDRESS_UNKNOWN)
		crash->address_from = CRASH_ADDRESS_DUMP;
	crash->address = address;
	crash->is_null_told = pointer.kind == POINTER_NULL && pointer.base;
}
