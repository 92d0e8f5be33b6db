/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions are worth interpreting.
 *
 * Everything that the dataflow reports begins with an instruction that has, or computes,
 * something special: the address of sealed memory, a control register, a call of one of
 * the functions known by name. Such an instruction is a seed. A function from which no
 * seed is reached needs no interpretation.
 */
#ifndef KWCHECK_DATAFLOW_RELEVANT_H
#define KWCHECK_DATAFLOW_RELEVANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/code.h"
#include "dataflow/classify.h"

/* Instructions from one function's start to the next one's. */
struct function_range {
	const struct code_section *section;
	size_t first, nr_insns; /* in the section */
	uint64_t va, end_va;
	uint64_t variables; /* bit n: a variable of section n (modulo 64) is used */
	bool has_seed;
	/* The address of an object of the module goes to memory. That matters only if the
	 * memory may be the stack, which is followed.
	 */
	bool has_planted, has_stack_address;
	bool is_marked; /* by prune_mark(), when hot_sections was marked_for */
	uint64_t marked_for;
};

/* The module's functions, and which sections' variables matter to them. */
struct relevant {
	struct function_range *ranges; /* section by section, ascending */
	size_t nr;
	size_t *first_ranges; /* by the code's section; one more for the end */
	struct classifier classifier;
	/* Bit n: some variable of section n (modulo 64) is known to hold something
	 * special by now, or is set by a parameter of this load.
	 */
	uint64_t hot_sections;
};

/* relevant_open - reads the code of @input once, before anything is interpreted
 * @input: borrowed. Returns 0 or -ENOMEM.
 */
int relevant_open(struct relevant *ret, const struct input *input);
void relevant_close(struct relevant *relevant);

/* From now on the variable at @va of the module holds something special. */
void relevant_add_variable(struct relevant *relevant, uint64_t va);

/* Is a seed reached from @range? That depends on relevant->hot_sections. */
static inline bool relevant_is(const struct relevant *relevant,
			       const struct function_range *range)
{
	return range->has_seed || (range->has_planted && range->has_stack_address) ||
	       range->variables & relevant->hot_sections;
}

/* Is the instruction a seed? What else it does is added to @here: that it takes the
 * stack's address, uses a variable, stores an object's address.
 */
bool relevant_is_seed(const struct relevant *relevant, const struct code_site *site,
		      struct function_range *here);

/* The range that @va lies in, or NULL. */
const struct function_range *relevant_range(const struct relevant *relevant, uint64_t va);

/* Does control never go on behind instruction @i? */
bool relevant_ends(const struct relevant *relevant, const struct code_section *section,
		   size_t i);

/* relevant_is_root - is there anything to be found by interpreting exactly from @va, with
 * all calls and with the module's memory as it was built?
 */
bool relevant_is_root(const struct relevant *relevant, uint64_t va);

#endif
