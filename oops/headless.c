/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report whose first lines the log has lost. */
#include "oops/headless.h"

#include <string.h>

#include "kcore/release.h"
#include "oops/instruction.h"
#include "oops/pointer.h"
#include "oops/question.h"
#include "pagetable/walk.h"

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
	if (crash->address_from == CRASH_ADDRESS_UNKNOWN)
		crash->address_from = CRASH_ADDRESS_DUMP;
	crash->address = address;
	/* A store to a function's own frame faults where the stack ends. */
	if (address >> 63 && instruction_stores_to_stack(&instruction)) {
		crash->kind = CRASH_STACK_OVERFLOW;
		crash->is_headless = false;
		return;
	}
	pointer = pointer_find(&instruction, address);
	crash->kind = CRASH_PAGE_FAULT;
	crash->is_null_told = pointer.kind == POINTER_NULL && pointer.base;
}

/* Since 4.11 a WARNING is made of ud2, too, and dumps registers (lib/bug.c); to 2.6.39 a
 * loop stood behind a BUG()'s.
 */
static bool is_bug(const struct crash *crash, const struct instruction *in)
{
	static const unsigned char loop[] = {0x0f, 0x0b, 0xeb, 0xfe};
	const struct crash_code *code = &crash->code;
	unsigned release = release_number(crash->release);

	if (strcmp(in->text, "ud2") != 0)
		return false;
	return (release && release < RELEASE(4, 11)) ||
	       (code->nr - (size_t)code->at >= sizeof(loop) &&
		memcmp(code->bytes + code->at, loop, sizeof(loop)) == 0);
}

static void become(struct crash *crash, enum crash_kind kind)
{
	crash->kind = kind;
	crash->is_headless = false;
	crash->is_inferred = true;
}

static void become_null(struct crash *crash)
{
	become(crash, CRASH_PAGE_FAULT);
	crash->is_null_worded = true;
	crash->address_from = CRASH_ADDRESS_DUMP;
	crash->address = crash->registers.value[REGISTER_CR2];
}

static void infer_by_code(struct crash *crash, const struct instruction *in)
{
	const struct instruction_memory *memory = &in->memory;

	if (is_bug(crash, in))
		become(crash, CRASH_BUG);
	else if (in->has_memory && memory->has_address &&
		 !pt_is_canonical(memory->address, 5))
		become(crash, CRASH_GENERAL_PROTECTION);
}

void headless_infer(struct crash *crash)
{
	struct instruction in;
	uint64_t cr2 = crash->registers.value[REGISTER_CR2];

	if (!crash->is_headless || crash->kind != CRASH_UNKNOWN || !crash->has_site ||
	    crash->is_mixed || crash->mode == CRASH_MODE_USER)
		return;
	if (instruction_decode(crash, &crash->code, true, &in) == 0) {
		infer_by_code(crash, &in);
		return;
	}
	/* A CR2 of 0 may have stood there since the boot. A small one no fault of a
	 * program's leaves but one that killed it: it has no memory there (mm/Kconfig).
	 */
	if (!crash->code.nr && !crash->code.is_unreadable && crash->site.function[0] &&
	    registers_has(&crash->registers, REGISTER_CR2) && cr2 &&
	    cr2 < QUESTION_NULL_BYTES)
		become_null(crash);
}
