/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was followed as a pointer, by its value. */
#include "oops/pointer.h"

#include <string.h>

/* include/linux/poison.h with CONFIG_ILLEGAL_POINTER_VALUE of x86-64: the pages that the
 * values are in, the last two to 4.2.
 */
static const uint64_t POISON_BASE = 0xdead000000000000ULL, POISON_END = 0x1000;
static const uint64_t OLD_POISON1 = 0x100100, OLD_POISON2 = 0x200200;
/* A list's entry, seen from its container, is so far behind the container's start. */
static const uint64_t POISON_BEFORE = 0x400;
/* More than a structure's size behind a NULL pointer is another thing. Error codes are
 * below it, too (include/linux/err.h: MAX_ERRNO).
 */
static const uint64_t SMALL = 4096;
static const uint64_t MAX_INDEX = 0x10000;

static enum pointer_kind kind_of(uint64_t value)
{
	if (value == 0)
		return POINTER_NULL;
	if (value < SMALL)
		return POINTER_SMALL;
	return value >= -SMALL ? POINTER_NEGATIVE : POINTER_OTHER;
}

struct pointer pointer_find(const struct instruction *instruction, uint64_t address)
{
	/* A member's offset: which number it is the offset from the address cannot tell.
	 */
	struct pointer pointer = {.kind = address < SMALL ? POINTER_NULL
							  : kind_of(address)};
	const struct instruction_operand *base = NULL, *other = NULL;

	if (!instruction || !instruction->has_memory ||
	    instruction->match != INSTRUCTION_AGREES)
		return pointer;
	for (size_t i = 0; i < instruction->nr_operands; i++) {
		const struct instruction_operand *operand = &instruction->operands[i];

		if (!operand->has_value ||
		    !strstr(instruction->memory.expression, operand->name))
			continue;
		/* Of a pointer and an index the larger is the pointer, unless both are
		 * so small that only NULL can be meant.
		 */
		if (!base || operand->value > base->value) {
			other = base;
			base = operand;
		} else {
			other = operand;
		}
	}
	if (base && other && base->value < MAX_INDEX)
		base = other->value == 0 ? other : NULL;
	if (!base)
		return pointer;
	return (struct pointer){.kind = kind_of(base->value), .base = base};
}

bool pointer_is_poison(uint64_t address)
{
	uint64_t offset = address - POISON_BASE;

	return offset < POISON_END || offset - OLD_POISON1 + POISON_BEFORE < POISON_END ||
	       offset - OLD_POISON2 + POISON_BEFORE < POISON_END;
}

bool pointer_is_list_poison(uint64_t address)
{
	/* LIST_POISON1, and LIST_POISON2 to 4.4, to 4.19 and since. */
	return address == POISON_BASE + 0x100 || address == POISON_BASE + 0x200 ||
	       address == POISON_BASE + 0x122 || address == POISON_BASE + OLD_POISON1 ||
	       address == POISON_BASE + OLD_POISON2;
}

enum register_name pointer_poison(const struct registers *registers)
{
	/* R11 seldom holds a pointer; what a function before left there stays. */
	for (enum register_name name = 0; name <= REGISTER_R15; name++)
		if (registers_has(registers, name) && name != REGISTER_R11 &&
		    pointer_is_list_poison(registers->value[name]))
			return name;
	return REGISTER_NR;
}

/* include/linux/poison.h; mm/slub.c fills with CONFIG_SLUB_DEBUG and slub_debug=P. */
static const struct {
	unsigned char byte;
	const char *what;
} fillings[] = {
	{0x6b, "freed slab objects (0x6b, with slub_debug=P)"},
	{0x5a, "slab objects that were never set (0x5a, with slub_debug=P)"},
	{0xcc, "freed init memory (0xcc, __init and __initdata), or int3 padding"},
	{0xaa, "freed pages (0xaa, with page_poison=1)"},
	{0xa7, "slab bookkeeping that is out of use (0xa7)"},
};

const char *pointer_filling(uint64_t address)
{
	/* Blanks, grey on black: what clears a VGA's text screen writes. */
	if (address - 0x0720072007200720 + SMALL < 2 * SMALL)
		return "a text screen (0x0720, a blank): the console or the firmware "
		       "wrote there";
	for (size_t i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
		uint64_t value = fillings[i].byte * 0x0101010101010101ULL;

		if (address - value + SMALL < 2 * SMALL)
			return fillings[i].what;
	}
	return NULL;
}

bool pointer_text(uint64_t value, char text[9])
{
	for (int i = 0; i < 8; i++) {
		text[i] = (char)(value >> 8 * i & 0xff);
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	text[8] = '\0';
	return true;
}
