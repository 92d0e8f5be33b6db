/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions could do anything worth following. Everything that the dataflow tells
 * begins with an instruction that has, or computes, something special: the address of
 * sealed memory, a control register, a call of one of the functions known by name. A
 * function from which no such instruction is reached needs no interpretation.
 */
#ifndef KWCHECK_DATAFLOW_RELEVANT_H
#define KWCHECK_DATAFLOW_RELEVANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/code.h"
#include "dataflow/classify.h"

struct flow;

/* Instructions from one function's start to the next one's. */
struct seed_range {
	const struct code_section *section;
	size_t first, nr_insns; /* in the section */
	uint64_t va, end_va;
	uint64_t variables; /* bit n: one in section n (modulo 64) is used */
	bool has_seed;
	/* Of an object of the module's own: its address goes to memory. That matters only
	 * where the memory may be the stack, which is followed.
	 */
	bool has_planted, has_stack_address;
	bool is_marked; /* by quiet_mark(), when hot_sections was marked_for */
	uint64_t marked_for;
};

struct seeds {
	struct seed_range *ranges; /* section by section, ascending */
	size_t nr;
	size_t *first_ranges; /* by the code's section; one more for the end */
	struct classifier classifier;
};

/* seeds_find - reads flow->code once, before anything is interpreted
 * Sets flow->hot_sections: those whose variables this load's parameters set. Returns 0
 * or -ENOMEM.
 */
int seeds_find(struct seeds *ret, struct flow *flow);
void seeds_close(struct seeds *seeds);

/* Is a seed reached from @range, @hot_sections being those whose variables have been
 * given something special by now?
 */
static inline bool seeds_are_reached(const struct seed_range *range,
				     uint64_t hot_sections)
{
	return range->has_seed || (range->has_planted && range->has_stack_address) ||
	       range->variables & hot_sections;
}

/* Is the instruction one? *@here is told what it does besides. */
bool seeds_has(const struct seeds *seeds, const struct code_site *site,
	       struct seed_range *here);

/* The range that @va lies in, or NULL. */
const struct seed_range *seeds_range(const struct seeds *seeds, uint64_t va);

/* Control does not go on behind it. */
bool seeds_end(const struct seeds *seeds, const struct code_section *section, size_t i);

/* Is there anything to come on for a root that is interpreted exactly from @va, with its
 * calls and the module's memory as it was built?
 */
bool seeds_are_reached_exactly(const struct seeds *seeds, uint64_t va);

#endif
