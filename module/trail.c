/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the address of an object of the module's own goes. */
#include "module/trail.h"

#include "module/frame.h"

/* Registers that hold the address of an object of the module's own, at an instruction yet
 * to be looked at.
 */
struct trail {
	const struct code_section *section;
	size_t i;
	uint16_t registers; /* bit n: register n */
};

enum { MAX_TRAILS = 24, MAX_FOLLOWED = 400 };

/* Follows an object's address over all paths from where a register gets it. */
struct tracker {
	const struct finder *finder;
	enum trail_kind kind;
	bool *is_planted;
	struct trail seen[MAX_TRAILS]; /* where paths join or part */
	size_t nr_seen, nr_done;
	size_t nr_followed;
};

enum {
	ARGUMENTS = 1 << CODE_RDI | 1 << CODE_RSI | 1 << CODE_RDX | 1 << CODE_RCX |
		    1 << 8 | 1 << 9,
	CLOBBERED = ARGUMENTS | 1 << CODE_RAX | 1 << 10 | 1 << 11,
};

/* Those of the arguments that the callee writes where they point. */
static uint16_t written_arguments(const struct callee *callee)
{
	static const uint8_t registers[] = {CODE_RDI, CODE_RSI, CODE_RDX, CODE_RCX, 8, 9};
	uint16_t written = 0;

	for (size_t i = 0; i < sizeof(registers); i++)
		if (callee->writes & 1U << i)
			written |= (uint16_t)(1U << registers[i]);
	return written;
}

static uint16_t bit_of(uint8_t reg)
{
	return reg < CODE_NR_REGISTERS ? (uint16_t)(1U << reg) : 0;
}

/* A call or jump to the module's own code. */
static bool is_inside(const struct finder *finder, const struct insn *insn)
{
	const struct code_section *section;

	return code_at(finder->flow->code, (uint64_t)insn->imm, &section);
}

/* What is left of @registers behind a call or jump out of the function. false: what is
 * called may write there.
 */
static bool passes_call(const struct tracker *tracker, const struct insn *insn,
			uint16_t *registers)
{
	const struct callee *callee = NULL;
	const char *name = NULL;
	uint16_t through = bit_of(insn->src) | bit_of(insn->base) | bit_of(insn->index);
	unsigned thunk;

	if (insn->src == CODE_IMMEDIATE && insn->imm_symbol)
		callee = finder_callee(tracker->finder, insn, &name);
	if (insn->src != CODE_IMMEDIATE ||
	    (name && callee_is_indirect_thunk(name, &thunk))) {
		/* What is called may be one that looks names up. */
		if (*registers & (1U << CODE_RDI | through))
			return false;
		*registers &= (uint16_t)~CLOBBERED;
		return true;
	}
	if (tracker->kind & TRAIL_EXACT && *registers & ARGUMENTS &&
	    is_inside(tracker->finder, insn))
		return false;
	if (callee && callee->kind == CALLEE_NO_RETURN)
		*registers = 0;
	if (callee && callee->kind == CALLEE_NO_ARGUMENTS)
		return true;
	if (callee && !(tracker->kind & TRAIL_WRITABLE) &&
	    *registers & written_arguments(callee))
		return false;
	*registers &= (uint16_t)~CLOBBERED;
	return true;
}

/* The same behind an instruction that is no branch. */
static bool passes_insn(struct tracker *tracker, const struct insn *insn,
			uint16_t *registers)
{
	uint16_t dst = bit_of(insn->dst), src = bit_of(insn->src);
	uint16_t through = *registers & (bit_of(insn->base) | bit_of(insn->index));
	bool has_source = *registers & src;

	if (insn->op == CODE_LEA)
		has_source = through;
	else if (through &&
		 ((insn->flags & CODE_WRITES && !(tracker->kind & TRAIL_WRITABLE)) ||
		  (insn->dst != CODE_MEMORY && insn->op != CODE_OTHER &&
		   insn->op != CODE_CMP && insn->op != CODE_TEST && insn->width >= 8)))
		return false;
	switch (insn->op) {
	case CODE_CMP:
	case CODE_TEST:
		return true;
	case CODE_MOV:
	case CODE_MOVSX:
	case CODE_LEA:
		if (has_source && insn->dst == CODE_MEMORY) {
			*tracker->is_planted = true;
			return insn->base != CODE_RSP && !(tracker->kind & TRAIL_EXACT);
		}
		if (insn->width >= 4)
			*registers &= (uint16_t)~dst;
		break;
	case CODE_XOR:
	case CODE_SUB:
		if (dst == src)
			*registers &= (uint16_t)~dst;
		has_source &= dst != src;
		break;
	case CODE_STRING:
		if (*registers & 1U << CODE_RDI && !(tracker->kind & TRAIL_WRITABLE))
			return false;
		*registers &= (uint16_t)~insn->clobbers;
		return true;
	case CODE_POP:
		*registers &= (uint16_t)~dst;
		return true;
	case CODE_XCHG:
	case CODE_PUSH:
	case CODE_LEAVE:
		return !has_source && !(*registers & dst);
	case CODE_OTHER:
		*registers &= (uint16_t)~insn->clobbers;
		return true;
	default:
		break;
	}
	if (has_source && insn->dst == CODE_MEMORY)
		return false;
	if (has_source)
		*registers |= dst;
	return true;
}

/* A path goes on there. false: too many do. */
static bool add_trail(struct tracker *tracker, const struct code_section *section,
		      size_t i, uint16_t registers)
{
	if (!registers)
		return true;
	for (size_t j = 0; j < tracker->nr_seen; j++)
		if (tracker->seen[j].section == section && tracker->seen[j].i == i &&
		    !(registers & ~tracker->seen[j].registers))
			return true;
	if (tracker->nr_seen == MAX_TRAILS)
		return false;
	tracker->seen[tracker->nr_seen++] = (struct trail){
		.section = section, .i = i, .registers = registers};
	return true;
}

static bool add_trail_at(struct tracker *tracker, uint64_t va, uint16_t registers)
{
	const struct code_section *section;
	const struct insn *insn = code_at(tracker->finder->flow->code, va, &section);

	return insn &&
	       add_trail(tracker, section, (size_t)(insn - section->insns), registers);
}

/* Follows one path to where it parts or joins. false: it may be written there. */
static bool follow_trail(struct tracker *tracker, struct trail trail)
{
	const struct code *code = tracker->finder->flow->code;
	const struct code_section *section = trail.section;
	uint16_t registers = trail.registers;

	for (size_t i = trail.i; i < section->nr_insns && registers; i++) {
		const struct insn *insn = &section->insns[i], *target;
		const struct code_section *in;
		const struct code_edge *edge;

		if (i != trail.i && insn->flags & CODE_LEADER)
			return add_trail(tracker, section, i, registers);
		if (++tracker->nr_followed > MAX_FOLLOWED)
			return false;
		edge = insn->flags & CODE_SITE
			       ? code_edge_from(code, code_va(section, insn))
			       : NULL;
		if (edge && !add_trail_at(tracker, edge->to, registers))
			return false;
		switch (insn->op) {
		case CODE_CALL:
			if (!passes_call(tracker, insn, &registers))
				return false;
			break;
		case CODE_JMP:
			if (edge && !add_trail(tracker, section, i + 1, registers))
				return false;
			if (insn->src != CODE_IMMEDIATE)
				return false;
			target = code_at(code, (uint64_t)insn->imm, &in);
			if (target && !(target->flags & CODE_FUNCTION))
				return add_trail_at(tracker, (uint64_t)insn->imm,
						    registers);
			return passes_call(tracker, insn, &registers);
		case CODE_JCC:
			if (!add_trail_at(tracker, (uint64_t)insn->imm, registers))
				return false;
			break;
		case CODE_RET:
			return !(tracker->kind & TRAIL_EXACT) ||
			       !(registers & 1U << CODE_RAX);
		case CODE_TRAP:
			if (!(insn->flags & CODE_WARN))
				return true;
			break;
		default:
			if (!passes_insn(tracker, insn, &registers))
				return false;
		}
	}
	return true;
}

bool trail_is_harmless(const struct finder *finder, const struct code_section *section,
		       size_t i, enum trail_kind kind, bool *is_planted)
{
	struct tracker tracker = {
		.finder = finder, .kind = kind, .is_planted = is_planted};
	const struct insn *insn = &section->insns[i];

	if (insn->op == CODE_MOV && insn->dst == CODE_MEMORY) {
		*is_planted = true;
		return insn->base != CODE_RSP && !(kind & TRAIL_EXACT);
	}
	if ((insn->op != CODE_MOV && insn->op != CODE_LEA) ||
	    insn->dst >= CODE_NR_REGISTERS ||
	    !add_trail(&tracker, section, i + 1, bit_of(insn->dst)))
		return false;
	while (tracker.nr_done < tracker.nr_seen)
		if (!follow_trail(&tracker, tracker.seen[tracker.nr_done++]))
			return false;
	return true;
}
