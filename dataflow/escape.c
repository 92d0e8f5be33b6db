/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the address of an object get away? */
#include "dataflow/escape.h"

#include "dataflow/callee.h"
#include "insn/expand.h"

/* Where the address is when control comes to an instruction that is yet to be read. */
struct trail {
	const struct code_section *section;
	size_t i;
	uint16_t registers; /* bit n: register n */
	int64_t depth;	    /* of rsp, relative to where the trail begins */
	uint64_t slots;	    /* bit n: eight bytes of the stack, see slots_at() */
};

enum { MAX_TRAILS = 128, MAX_FOLLOWED = 1000, MAX_FOLLOWED_SLOTS = 2000 };
/* The first slot lies this far below where rsp is when the trail begins. */
enum { SLOTS_BELOW_BYTES = 128, SLOT_BYTES = 8, NR_SLOTS = 64 };

/* Follows an object's address over all paths from the instruction that has it. */
struct tracker {
	const struct classifier *classifier;
	enum escape_kind kind;
	bool *is_planted;
	size_t nr_seen, nr_done;
	size_t nr_followed;
	struct trail seen[MAX_TRAILS]; /* where paths join or part */
};

/* Bit n: register n. */
enum {
	ARGUMENTS = 1 << X86_RDI | 1 << X86_RSI | 1 << X86_RDX | 1 << X86_RCX |
		    1 << X86_R8 | 1 << X86_R9,
	CLOBBERED = ARGUMENTS | 1 << X86_RAX | 1 << X86_R10 | 1 << X86_R11,
};

/* The registers of those arguments where the callee writes. */
static uint16_t written_arguments(const struct callee *callee)
{
	uint16_t written = 0;

	for (size_t i = 0; i < X86_NR_ARGUMENTS; i++)
		if (callee->writes & 1U << i)
			written |= (uint16_t)(1U << x86_arguments[i]);
	return written;
}

static uint16_t bit_of(uint8_t reg)
{
	return reg < X86_NR_REGISTERS ? (uint16_t)(1U << reg) : 0;
}

/* Is it a call or jump to the module's own code? */
static bool is_inside(const struct classifier *classifier, const struct insn *insn)
{
	const struct code_section *section;
	size_t i;

	return code_find(classifier->input->code, (uint64_t)insn->imm, &section, &i);
}

/* May the function @symbol write where one of @registers, which are arguments, points? */
static bool is_given_away(const struct tracker *tracker, uint32_t symbol,
			  uint16_t registers)
{
	struct addrspace *space = tracker->classifier->input->space;
	const char *name = space->mod->file->symbols[symbol].name;

	for (unsigned i = 0; i < X86_NR_ARGUMENTS; i++)
		if (registers & 1U << x86_arguments[i] &&
		    addrspace_parameter(space, name, i) == TYPES_WRITABLE)
			return true;
	return false;
}

/* Takes away from @registers what a call or jump out of the function clobbers. false: the
 * callee may write to the object.
 */
static bool passes_call(const struct tracker *tracker, const struct insn *insn,
			uint16_t *registers)
{
	bool is_direct = insn->src == INSN_IMMEDIATE;
	const struct classify_symbol *symbol = classify_symbol(
		tracker->classifier, is_direct ? insn->imm_symbol : 0);
	const struct callee *callee = symbol->callee;
	uint16_t through = bit_of(insn->src) | bit_of(insn->base) | bit_of(insn->index);

	if (!is_direct || symbol->thunk < X86_NR_REGISTERS) {
		/* The callee may be a function that looks names up. */
		if (*registers & (1U << X86_RDI | through))
			return false;
		*registers &= (uint16_t)~CLOBBERED;
		return true;
	}
	if (tracker->kind & (ESCAPE_EXACT | ESCAPE_SEALED) && *registers & ARGUMENTS &&
	    is_inside(tracker->classifier, insn))
		return false;
	if (tracker->kind & ESCAPE_SEALED && insn->imm_symbol &&
	    is_given_away(tracker, insn->imm_symbol, *registers & ARGUMENTS))
		return false;
	if (callee && callee->kind == CALLEE_NO_RETURN)
		*registers = 0;
	if (callee && callee->kind == CALLEE_NO_ARGUMENTS)
		return true;
	if (callee && !(tracker->kind & ESCAPE_WRITABLE) &&
	    *registers & written_arguments(callee))
		return false;
	*registers &= (uint16_t)~CLOBBERED;
	return true;
}

/* *@ret: the slots that @bytes at rsp + @disp overlap. Returns whether they begin a slot
 * and all lie in slots.
 */
static bool slots_at(const struct trail *at, int64_t disp, unsigned bytes, uint64_t *ret)
{
	enum { END = NR_SLOTS * SLOT_BYTES };
	int64_t first = at->depth + disp + SLOTS_BELOW_BYTES, last = first + bytes - 1;
	bool are_whole = first >= 0 && last < END && first % SLOT_BYTES == 0;

	*ret = 0;
	if (last < 0 || first >= END)
		return false;
	first = first < 0 ? 0 : first;
	last = last >= END ? END - 1 : last;
	for (int64_t i = first / SLOT_BYTES; i <= last / SLOT_BYTES; i++)
		*ret |= 1ULL << i;
	return are_whole;
}

/* The address goes to the stack, at rsp + @disp. false: it is not followed there. */
static bool plant(struct tracker *tracker, struct trail *at, int64_t disp, unsigned bytes)
{
	uint64_t slots;

	if (!(tracker->kind & ESCAPE_STACK))
		*tracker->is_planted = true;
	if (tracker->kind & ESCAPE_EXACT || bytes != SLOT_BYTES ||
	    !slots_at(at, disp, bytes, &slots))
		return false;
	at->slots |= slots;
	return true;
}

static bool is_on_stack(const struct insn *insn)
{
	return insn->base == X86_RSP && !(insn->flags & INSN_SEGMENT);
}

/* The address goes to the memory operand of @insn. false: it is not followed there. */
static bool store(struct tracker *tracker, const struct insn *insn, struct trail *at)
{
	if (is_on_stack(insn) && insn->index == INSN_NO_REGISTER)
		return plant(tracker, at, insn->disp, insn->mem_bytes);
	*tracker->is_planted = true;
	return !is_on_stack(insn) && !(tracker->kind & (ESCAPE_EXACT | ESCAPE_SEALED));
}

/* Follows the stack slots that an instruction reads and overwrites. *@reads: it may read
 * the address. false: its access cannot be followed.
 */
static bool passes_stack(struct trail *at, const struct insn *insn, bool *reads)
{
	unsigned bytes = insn->mem_bytes;
	uint64_t slots;

	*reads = false;
	switch (insn->op) {
	case INSN_POP:
		slots_at(at, 0, SLOT_BYTES, &slots);
		*reads = at->slots & slots;
		at->slots &= ~slots;
		at->depth += SLOT_BYTES;
		return insn->dst < X86_NR_REGISTERS && insn->dst != X86_RSP;
	case INSN_PUSH:
		at->depth -= SLOT_BYTES;
		slots_at(at, 0, SLOT_BYTES, &slots);
		at->slots &= ~slots;
		return insn->src != INSN_MEMORY && insn->src != X86_RSP;
	case INSN_LEAVE:
		return false;
	default:
		break;
	}
	if (insn->dst == X86_RSP || insn->clobbers & 1U << X86_RSP) {
		if ((insn->op != INSN_ADD && insn->op != INSN_SUB) ||
		    insn->src != INSN_IMMEDIATE)
			return false;
		at->depth += insn->op == INSN_ADD ? insn->imm : -insn->imm;
		return true;
	}
	if (!is_on_stack(insn) || insn->op == INSN_LEA)
		return true;
	if (insn->index != INSN_NO_REGISTER)
		return !(insn->flags & INSN_READS) || insn->width < SLOT_BYTES;
	slots_at(at, insn->disp, bytes ? bytes : 64, &slots);
	if (insn->flags & INSN_READS)
		*reads = at->slots & slots && insn->width >= SLOT_BYTES &&
			 insn->op > INSN_OTHER;
	if (insn->flags & INSN_WRITES && bytes)
		at->slots &= ~slots;
	return true;
}

/* The address leads to the memory operand. Is the object written there, or is something
 * read that is followed?
 */
static bool accesses(const struct tracker *tracker, const struct insn *insn)
{
	if (insn->flags & INSN_WRITES && !(tracker->kind & ESCAPE_WRITABLE))
		return true;
	return insn->dst != INSN_MEMORY && insn->op > INSN_OTHER &&
	       insn->op != INSN_CMP && insn->op != INSN_TEST && insn->op != INSN_STRING &&
	       insn->width >= 8;
}

/* What is left of the trail behind an instruction that is no branch. false: it may write
 * to the object, or the address is not followed any further.
 */
static bool passes_insn(struct tracker *tracker, const struct insn *insn,
			struct trail *at)
{
	uint16_t dst = bit_of(insn->dst), src = bit_of(insn->src);
	uint16_t through = at->registers & (bit_of(insn->base) | bit_of(insn->index));
	bool has_source = at->registers & src, reads;

	if (!passes_stack(at, insn, &reads) && at->slots)
		return false;
	if (insn->op == INSN_LEA)
		has_source = through;
	else if (through && accesses(tracker, insn))
		return false;
	has_source |= reads;
	switch (insn->op) {
	case INSN_CMP:
	case INSN_TEST:
		return true;
	case INSN_MOV:
	case INSN_MOVSX:
	case INSN_LEA:
		if (has_source && insn->dst == INSN_MEMORY)
			return store(tracker, insn, at);
		if (insn->width >= 4)
			at->registers &= (uint16_t)~dst;
		break;
	case INSN_XOR:
	case INSN_SUB:
		if (dst == src)
			at->registers &= (uint16_t)~dst;
		has_source &= dst != src;
		break;
	case INSN_STRING:
		if (at->registers & 1U << X86_RDI && !(tracker->kind & ESCAPE_WRITABLE))
			return false;
		at->registers &= (uint16_t)~insn->clobbers;
		return true;
	case INSN_POP:
		at->registers &= (uint16_t)~dst;
		break;
	case INSN_PUSH:
		return !has_source || plant(tracker, at, 0, SLOT_BYTES);
	case INSN_XCHG:
	case INSN_LEAVE:
		return !has_source && !(at->registers & dst);
	case INSN_NEUTRAL:
	case INSN_OTHER:
		at->registers &= (uint16_t)~insn->clobbers;
		return true;
	default:
		break;
	}
	if (has_source && insn->dst == INSN_MEMORY)
		return false;
	if (has_source)
		at->registers |= dst;
	return true;
}

/* Notes that a path goes on at @at. false: there are too many. */
static bool add_trail(struct tracker *tracker, const struct trail *at)
{
	if (!at->registers && !at->slots)
		return true;
	for (size_t i = 0; i < tracker->nr_seen; i++) {
		const struct trail *seen = &tracker->seen[i];

		if (seen->section == at->section && seen->i == at->i &&
		    seen->depth == at->depth && !(at->registers & ~seen->registers) &&
		    !(at->slots & ~seen->slots))
			return true;
	}
	if (tracker->nr_seen == MAX_TRAILS)
		return false;
	tracker->seen[tracker->nr_seen++] = *at;
	return true;
}

static bool add_trail_at(struct tracker *tracker, uint64_t va, const struct trail *at)
{
	struct trail there = *at;

	if (!code_find(tracker->classifier->input->code, va, &there.section, &there.i))
		return false;
	return add_trail(tracker, &there);
}

/* The function returns. false: the address is what it returns, and that is followed. */
static bool passes_return(const struct tracker *tracker, const struct trail *at)
{
	return !(tracker->kind & ESCAPE_EXACT) || !(at->registers & 1U << X86_RAX);
}

/* A jump ends the path, and another goes on where it leads. false: the object may be
 * written there. @is_site: it is a static branch, behind which control may go on, too.
 */
static bool passes_jump(struct tracker *tracker, const struct insn *insn,
			struct trail *at, bool is_site)
{
	const struct code_section *in;
	struct trail next = *at;
	size_t target;

	next.i++;
	if (is_site && !add_trail(tracker, &next))
		return false;
	if (insn->src != INSN_IMMEDIATE)
		return false;
	if (code_find(tracker->classifier->input->code, (uint64_t)insn->imm, &in,
		      &target) &&
	    !(in->marks[target] & INSN_FUNCTION))
		return add_trail_at(tracker, (uint64_t)insn->imm, at);
	if (classify_symbol(tracker->classifier, insn->imm_symbol)->thunk ==
	    CLASSIFY_RETURN_THUNK)
		return passes_return(tracker, at);
	return passes_call(tracker, insn, &at->registers);
}

/* Follows one path to where it parts or joins. false: the object may be written on it. */
static bool follow_trail(struct tracker *tracker, struct trail at)
{
	const struct code *code = tracker->classifier->input->code;
	const struct code_section *section = at.section;
	size_t first = at.i;
	struct insn scratch;

	for (; at.i < section->nr_insns && (at.registers || at.slots); at.i++) {
		const struct insn *insn = expand_peek(section, at.i, &scratch);
		const struct code_edge *edge = NULL;

		if (at.i != first && insn->flags & INSN_LEADER)
			return add_trail(tracker, &at);
		if (++tracker->nr_followed >
		    (at.slots ? MAX_FOLLOWED_SLOTS : MAX_FOLLOWED))
			return false;
		if (insn->flags & INSN_SITE)
			edge = code_edge_from(code, section_va(section, insn));
		if (edge && !add_trail_at(tracker, edge->to, &at))
			return false;
		switch (insn->op) {
		case INSN_CALL:
			if (!passes_call(tracker, insn, &at.registers))
				return false;
			break;
		case INSN_JMP:
			return passes_jump(tracker, insn, &at, edge);
		case INSN_RET:
			return passes_return(tracker, &at);
		case INSN_JCC:
			if (!add_trail_at(tracker, (uint64_t)insn->imm, &at))
				return false;
			break;
		case INSN_TRAP:
			if (!(insn->flags & INSN_WARN))
				return true;
			break;
		default:
			if (!passes_insn(tracker, insn, &at))
				return false;
		}
	}
	return true;
}

/* Where instruction @insn itself puts the address of the object. false: that is not
 * followed.
 */
static bool begin(struct tracker *tracker, const struct insn *insn, struct trail *at)
{
	if (insn->op == INSN_PUSH) {
		at->depth -= SLOT_BYTES;
		return plant(tracker, at, 0, SLOT_BYTES);
	}
	if (insn->op == INSN_MOV && insn->dst == INSN_MEMORY)
		return store(tracker, insn, at);
	at->registers = bit_of(insn->dst);
	return (insn->op == INSN_MOV || insn->op == INSN_LEA) &&
	       insn->dst < X86_NR_REGISTERS;
}

bool address_escapes(const struct classifier *classifier, const struct code_site *site,
		     enum escape_kind kind, bool *is_planted)
{
	struct trail at = {.section = site->section, .i = site->i + 1};
	struct tracker tracker;

	tracker.classifier = classifier;
	tracker.kind = kind;
	tracker.is_planted = is_planted;
	tracker.nr_seen = tracker.nr_done = tracker.nr_followed = 0;
	if (!begin(&tracker, site->insn, &at) || !add_trail(&tracker, &at))
		return true;
	while (tracker.nr_done < tracker.nr_seen)
		if (!follow_trail(&tracker, tracker.seen[tracker.nr_done++]))
			return true;
	return false;
}

/* What instruction @insn makes the content of register *@reg of, which it writes. */
enum origin { ORIGIN_UNKNOWN, ORIGIN_CONSTANT, ORIGIN_REGISTER };

static enum origin origin_of(const struct insn *insn, uint8_t *reg)
{
	switch (insn->op) {
	case INSN_MOV:
	case INSN_MOVSX:
		if (insn->src < X86_NR_REGISTERS) {
			*reg = insn->src;
			return ORIGIN_REGISTER;
		}
		/* The content of memory that some register leads to is unknown, but for
		 * the stack.
		 */
		return insn->src == INSN_MEMORY && (insn->flags & INSN_SEGMENT ||
						    (insn->base != X86_RSP &&
						     insn->base != INSN_NO_REGISTER &&
						     insn->disp >= -4096))
			       ? ORIGIN_UNKNOWN
			       : ORIGIN_CONSTANT;
	case INSN_ADD ... INSN_BTS:
		return insn->dst == insn->src || insn->flags & INSN_THREE
			       ? ORIGIN_CONSTANT
			       : ORIGIN_REGISTER;
	default:
		return ORIGIN_CONSTANT;
	}
}

bool address_joins_unknown(const struct code_site *site)
{
	enum { FARTHEST = 32 };
	const struct code_section *section = site->section;
	uint8_t reg = site->insn->dst;
	struct insn scratch;
	size_t i = site->i;

	for (size_t n = 0; n < FARTHEST && i > 0 && reg < X86_NR_REGISTERS; n++) {
		const struct insn *insn;
		enum origin origin;

		if (section->marks[i] & (INSN_LEADER | INSN_FUNCTION | INSN_ENTERED))
			return false;
		insn = expand_peek(section, --i, &scratch);
		if (insn->op == INSN_CALL && bit_of(reg) & CLOBBERED)
			return bit_of(reg) == 1 << X86_RAX; /* what it returned */
		if (insn->op == INSN_JMP || insn->op == INSN_RET)
			return false;
		if (insn->dst != reg || insn->op == INSN_CMP || insn->op == INSN_TEST ||
		    insn->op == INSN_PUSH || insn->op == INSN_JCC ||
		    insn->op == INSN_CALL) {
			if (insn->op != INSN_CALL && insn->clobbers & bit_of(reg))
				return false;
			continue;
		}
		origin = origin_of(insn, &reg);
		if (origin != ORIGIN_REGISTER)
			return origin == ORIGIN_UNKNOWN;
	}
	return false;
}
