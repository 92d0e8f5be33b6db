/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was followed as a pointer, by its value. */
#include "oops/pointer.h"

#include <string.h>

/* include/linux/poison.h with CONFIG_ILLEGAL_POINTER_VALUE of x86-64. */
static const uint64_t POISON_BASE = 0xdead000000000000ULL, POISON_END = 0x1000;
/* More than a structure's size behind a NULL pointer is another thing. Error codes are
 * below it, too (include/linux/err.h: MAX_ERRNO).
 */
static const uint64_t SMALL = 4096;

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
	const struct instruction_operand *base = NULL;
	size_t nr = 0;

	if (!instruction || !instruction->has_memory ||
	    instruction->match != INSTRUCTION_AGREES)
		return pointer;
	for (size_t i = 0; i < instruction->nr_operands; i++) {
		const struct instruction_operand *operand = &instruction->operands[i];

		if (!operand->has_value ||
		    !strstr(instruction->memory.expression, operand->name))
			continue;
		nr++;
		/* Of a pointer and an index the pointer is what is NULL. */
		if (!base || operand->value == 0)
			base = operand;
	}
	if (!base || (nr > 1 && base->value))
		return pointer;
	return (struct pointer){.kind = kind_of(base->value), .base = base};
}

bool pointer_is_poison(uint64_t address)
{
	return address - POISON_BASE < POISON_END;
}

bool pointer_is_list_poison(uint64_t address)
{
	/* LIST_POISON1, and LIST_POISON2 to 4.4, to 4.19 and since. */
	return address == POISON_BASE + 0x100 || address == POISON_BASE + 0x200 ||
	       address == POISON_BASE + 0x122;
}

enum register_name pointer_poison(const struct registers *registers)
{
	for (enum register_name name = 0; name <= REGISTER_R15; name++)
		if (registers_has(registers, name) &&
		    pointer_is_list_poison(registers->value[name]))
			return name;
	return REGISTER_NR;
}
