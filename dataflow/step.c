/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The effect of one instruction on what is known. */
#include "dataflow/step.h"

#include <string.h>

#include "dataflow/operand.h"
#include "kcore/sealednames.h"

static void set_register(struct state *state, unsigned reg, struct value value,
			 unsigned width)
{
	if (reg >= X86_NR_REGISTERS)
		return;
	/* Of a register written in one or two bytes only these are known. */
	if (width < 4 && value_is_exact(value))
		value = (struct value){
			.n = value.n, .kind = VALUE_LOW, .serial = (uint8_t)width};
	else if (width < 4)
		value = value_top();
	else
		value = value_truncate(value, width);
	state->registers[reg] = value;
}

/* What a store to @address means. */
static void check_store(struct activation *activation, struct state *state,
			const struct insn *insn, uint64_t va, struct value address,
			unsigned bytes)
{
	struct flow *flow = activation->flow;
	struct addrspace_rights rights;
	struct flow_event event = {
		.what = FLOW_STORE,
		.target = address.n,
		.is_exact = value_is_exact(address),
		.bytes = bytes,
		.is_read_modify_write = insn->flags & INSN_READS &&
					insn->op != INSN_STRING,
		.flags = address.flags,
		.bits = state->bits,
	};

	if (operand_is_entry_address(flow->input, address)) {
		event.what = FLOW_ENTRY;
		event.target = 0;
		state->bits |= STATE_PTE_EDITED;
		blocks_event(activation, va, event);
		return;
	}
	if (address.kind == VALUE_ALIAS) {
		event.what = FLOW_ALIAS;
		blocks_event(activation, va, event);
		return;
	}
	if (address.kind != VALUE_EXACT && address.kind != VALUE_NEAR)
		return;
	if (!insn_is_address(address.n))
		return;
	if (address.n == flow->input->landmarks->ro_flag &&
	    flow->input->landmarks->ro_flag) {
		event.what = FLOW_DISARM;
		state->bits |= STATE_RO_DISARMED;
		blocks_event(activation, va, event);
		return;
	}
	addrspace_rights(flow->input->space, address.n, MODULE_PHASE_LIVE, &rights);
	if (!rights.is_mapped || rights.is_writable)
		return;
	/* Init data is named only by init code, while it is there. */
	if (rights.owner == ADDRSPACE_OWN && rights.kind == MODSECTION_INIT_DATA)
		return;
	blocks_event(activation, va, event);
}

static bool is_hands_off(struct flow *flow, struct value value)
{
	struct addrspace_name name;
	size_t bytes;

	if (!value_is_exact(value) || !(value.flags & VALUE_HOT) ||
	    modimage_holds(flow->input->mod, value.n))
		return false;
	addrspace_name(flow->input->space, value.n, &name);
	if (!name.symbol || name.module)
		return false;
	if (sealednames_is_object(name.symbol))
		return true;
	/* apparmor_hooks and the like */
	bytes = strlen(name.symbol);
	return bytes > 6 && strcmp(name.symbol + bytes - 6, "_hooks") == 0 &&
	       strcmp(name.region, ".data..ro_after_init") == 0;
}

static void store_at(struct activation *activation, struct state *state,
		     const struct insn *insn, uint64_t va, struct value address,
		     struct value value, unsigned bytes)
{
	struct flow *flow = activation->flow;

	if (insn->flags & INSN_SEGMENT)
		return;
	check_store(activation, state, insn, va, address, bytes);
	if (!value_is_stack(address) && bytes == 8 && is_hands_off(flow, value))
		blocks_event(activation, va,
			     (struct flow_event){.what = FLOW_PLANTED,
						 .target = value.n,
						 .is_exact = true,
						 .bytes = bytes,
						 .flags = value.flags,
						 .bits = state->bits});
	if (!value_is_exact(address) || address.flags & VALUE_MAY)
		return;
	if (!modimage_holds(flow->input->mod, address.n) && address.n >> 63)
		return;
	if (bytes == 0 || bytes > 64)
		state_forget(state, address.n, bytes ? bytes : 64);
	else
		state_store(state, address.n, bytes, value);
	if (modimage_holds(flow->input->mod, address.n) && bytes == 8 &&
	    globals_note(&flow->globals, address.n, value))
		relevant_add_variable(&flow->relevant, address.n);
}

static void store(struct activation *activation, struct state *state,
		  const struct insn *insn, uint64_t va, struct value value,
		  unsigned bytes)
{
	store_at(activation, state, insn, va, operand_address(activation, state, insn),
		 value, bytes);
}

static void set_flags(struct state *state, enum value_flags_of of, struct value a,
		      struct value b, unsigned width)
{
	state->flags = (struct state_flags){.a = a,
					    .b = b,
					    .width = (uint8_t)width,
					    .is_known = true,
					    .of = (uint8_t)of};
}

/* Sets the flags by @result, which @insn has made of @a and @b. */
static void set_result_flags(struct state *state, const struct insn *insn, struct value a,
			     struct value b, struct value result)
{
	bool keeps_carry = !insn->src_bytes; /* inc and dec */

	switch (insn->op) {
	case INSN_AND:
	case INSN_OR:
	case INSN_XOR:
		set_flags(state, VALUE_OF_TEST, result, result, insn->width);
		break;
	case INSN_ADD:
	case INSN_SUB:
		if (insn->op == INSN_SUB && insn->dst == insn->src)
			set_flags(state, VALUE_OF_TEST, result, result, insn->width);
		else if (keeps_carry)
			set_flags(state, VALUE_OF_RESULT, result, result, insn->width);
		else
			set_flags(state,
				  insn->op == INSN_ADD ? VALUE_OF_SUM : VALUE_OF_CMP, a,
				  b, insn->width);
		break;
	case INSN_SHL:
	case INSN_SHR:
	case INSN_SAR:
		set_flags(state, VALUE_OF_RESULT, result, result, insn->width);
		/* A shift by zero leaves the flags alone. */
		state->flags.is_known = value_is_exact(b) &&
					value_shift_count(b.n, insn->width);
		break;
	default:
		state->flags.is_known = false;
	}
}

/* Changes a bit of memory whose number is in a register: it may lie far from the operand.
 * false: it is no such instruction, or the bit is in the operand.
 */
static bool change_bit(struct activation *activation, struct state *state,
		       const struct insn *insn, uint64_t va)
{
	struct value number, address, offset = value_top();

	if (insn->op < INSN_BTC || insn->op > INSN_BTS || insn->dst != INSN_MEMORY ||
	    insn->src >= X86_NR_REGISTERS)
		return false;
	number = value_sign_extend(state->registers[insn->src], insn->width, 8);
	if (value_is_exact(number) && number.n < 8ULL * insn->width)
		return false;
	if (value_is_exact(number))
		offset = value_exact((uint64_t)((int64_t)number.n >> 3) &
				     ~(uint64_t)(insn->width - 1));
	address = value_operate(INSN_ADD, operand_address(activation, state, insn),
				offset, 8);
	store_at(activation, state, insn, va, address, value_top(), insn->mem_bytes);
	state->flags.is_known = false;
	return true;
}

static void operate(struct activation *activation, struct state *state,
		    const struct insn *insn, uint64_t va)
{
	struct value a = operand_value(activation, state, insn, insn->dst, insn->width);
	struct value b = operand_value(activation, state, insn, insn->src, insn->width);
	struct value result;

	if (change_bit(activation, state, insn, va))
		return;
	if (insn->flags & INSN_THREE) {
		a = b;
		b = operand_value(activation, state, insn, INSN_IMMEDIATE, insn->width);
	}
	if ((insn->op == INSN_XOR || insn->op == INSN_SUB) && insn->dst == insn->src &&
	    insn->dst < X86_NR_REGISTERS)
		result = value_exact(0);
	else
		result = value_operate(insn->op, a, b, insn->width);
	set_result_flags(state, insn, a, b, result);
	if (insn->dst == INSN_MEMORY)
		store(activation, state, insn, va, result, insn->mem_bytes);
	else
		set_register(state, insn->dst, result, insn->width);
}

static void push(struct state *state, struct value value)
{
	struct value *rsp = &state->registers[X86_RSP];

	if (!value_is_stack(*rsp))
		return;
	rsp->n -= 8;
	state_store(state, rsp->n, 8, value);
}

static struct value pop(struct state *state)
{
	struct value *rsp = &state->registers[X86_RSP], value = value_top();

	if (!value_is_stack(*rsp))
		return value;
	state_load(state, rsp->n, 8, &value);
	rsp->n += 8;
	return value;
}

/* movs and stos: from rdi up, rcx elements with a prefix. */
static void string(struct activation *activation, struct state *state,
		   const struct insn *insn, uint64_t va)
{
	struct value to = state->registers[X86_RDI], count = state->registers[X86_RCX];
	unsigned element = insn->mem_bytes ? insn->mem_bytes : 1;
	uint64_t size_bytes = element;
	bool is_rep = insn->flags & INSN_REP;

	if (is_rep && value_is_exact(count)) {
		if (count.n == 0)
			return;
		size_bytes = count.n < UINT32_MAX ? count.n * element : UINT32_MAX;
	} else if (is_rep) {
		size_bytes = 256;
	}
	check_store(activation, state, insn, va, to,
		    size_bytes < UINT32_MAX ? (unsigned)size_bytes : 0);
	if (value_is_exact(to))
		state_forget(state, to.n, size_bytes);
	state->registers[X86_RDI] = is_rep && !value_is_exact(count)
					    ? value_top()
					    : value_operate(INSN_ADD, to,
							    value_exact(size_bytes), 8);
	if (insn->clobbers & 1 << X86_RSI)
		state->registers[X86_RSI] = value_top();
	if (is_rep)
		state->registers[X86_RCX] = value_exact(0);
}

static void to_cr0(struct activation *activation, struct state *state,
		   const struct insn *insn, uint64_t va)
{
	struct value value = state->registers[insn->src & (X86_NR_REGISTERS - 1)];
	enum value_wp wp = value_wp(value);

	/* An unknown value clears WP, or brings back what was saved before WP was
	 * cleared.
	 */
	if (wp == VALUE_WP_UNKNOWN && !(state->bits & STATE_WP_CLEARED))
		wp = VALUE_CLEARS_WP;
	if (wp != VALUE_CLEARS_WP) {
		state->bits &= (uint16_t)~STATE_WP_CLEARED;
		return;
	}
	state->bits |= STATE_WP_CLEARED;
	blocks_event(activation, va,
		     (struct flow_event){.what = FLOW_CR0, .bits = state->bits});
}

static void exchange(struct activation *activation, struct state *state,
		     const struct insn *insn, uint64_t va)
{
	struct value a = operand_value(activation, state, insn, insn->dst, insn->width);
	struct value b = operand_value(activation, state, insn, insn->src, insn->width);

	if (insn->dst == INSN_MEMORY)
		store(activation, state, insn, va, b, insn->mem_bytes);
	else if (insn->src == INSN_MEMORY)
		store(activation, state, insn, va, a, insn->mem_bytes);
	set_register(state, insn->dst, b, insn->width);
	set_register(state, insn->src, a, insn->width);
}

static void conditional_move(struct activation *activation, struct state *state,
			     const struct insn *insn)
{
	struct value a = operand_value(activation, state, insn, insn->dst, insn->width);
	struct value b = operand_value(activation, state, insn, insn->src, insn->width);
	int goes = -1;

	if (state->flags.is_known)
		goes = value_decide(insn->condition, state->flags.of, state->flags.a,
				    state->flags.b, state->flags.width);
	set_register(state, insn->dst,
		     goes < 0 ? value_join(a, b)
		     : goes   ? b
			      : a,
		     insn->width);
}

/* Any other instruction: its stores are seen, what it computes is not. */
static void other(struct activation *activation, struct state *state,
		  const struct insn *insn, uint64_t va)
{
	if (insn->flags & INSN_WRITES)
		store(activation, state, insn, va, value_top(), insn->mem_bytes);
	for (unsigned i = 0; i < X86_NR_REGISTERS; i++)
		if (insn->clobbers & 1U << i)
			state->registers[i] = value_top();
	if (insn->op != INSN_NEUTRAL)
		state->flags.is_known = false;
}

/* sidt: two bytes of size, and the address. */
static void read_idtr(struct activation *activation, struct state *state,
		      const struct insn *insn, uint64_t va)
{
	enum { SIZE_BYTES = 2 };
	struct flow *flow = activation->flow;
	struct value address = operand_address(activation, state, insn);

	other(activation, state, insn, va);
	flow->input->space->lacks_place |= flow->input->landmarks->is_entry_unknown;
	if (flow->input->landmarks->idt && value_is_stack(address) &&
	    !(address.flags & VALUE_MAY))
		state_store(
			state, address.n + SIZE_BYTES, 8,
			operand_constant(flow->input, flow->input->landmarks->idt, true));
}

/* rdmsr: into eax and edx what the number in ecx says. */
static void read_msr(struct activation *activation, struct state *state,
		     const struct insn *insn, uint64_t va)
{
	struct value number = state->registers[X86_RCX];
	uint64_t content;

	other(activation, state, insn, va);
	if (!operand_msr(activation->flow->input, number, &content))
		return;
	state->registers[X86_RAX] = value_exact((uint32_t)content);
	state->registers[X86_RDX] = value_exact(content >> 32);
}

static void move(struct activation *activation, struct state *state,
		 const struct insn *insn, uint64_t va)
{
	unsigned from = insn->width;
	struct value value;

	/* movzx and movsx read less than they write. An immediate has its width already.
	 */
	if (insn->src != INSN_IMMEDIATE && insn->src_bytes && insn->src_bytes < from)
		from = insn->src_bytes;
	if (insn->dst == INSN_NO_REGISTER || insn->src == INSN_NO_REGISTER) {
		other(activation, state, insn, va);
		return;
	}
	value = operand_value(activation, state, insn, insn->src, from);
	if (insn->op == INSN_MOVSX)
		value = value_sign_extend(value, from, insn->width);
	if (insn->dst == INSN_MEMORY)
		store(activation, state, insn, va, value, insn->mem_bytes);
	else
		set_register(state, insn->dst, value, insn->width);
}

static void compare(struct activation *activation, struct state *state,
		    const struct insn *insn)
{
	set_flags(state, insn->op == INSN_TEST ? VALUE_OF_TEST : VALUE_OF_CMP,
		  operand_value(activation, state, insn, insn->dst, insn->width),
		  operand_value(activation, state, insn, insn->src, insn->width),
		  insn->width);
}

/* Instructions that have to do with the CPU's own registers. */
static void control(struct activation *activation, struct state *state,
		    const struct insn *insn, uint64_t va)
{
	switch (insn->op) {
	case INSN_FROM_CR0:
		set_register(state, insn->dst, (struct value){.flags = VALUE_CR0}, 8);
		break;
	case INSN_FROM_CR3:
		set_register(state, insn->dst, (struct value){.flags = VALUE_TABLE}, 8);
		break;
	case INSN_FROM_IDTR:
		read_idtr(activation, state, insn, va);
		break;
	case INSN_FROM_MSR:
		read_msr(activation, state, insn, va);
		break;
	case INSN_TO_CR0:
		to_cr0(activation, state, insn, va);
		break;
	default: /* INSN_TO_CR4, INSN_CLAC_STAC: nothing that is followed */
		break;
	}
}

void step_insn(struct activation *activation, struct state *state,
	       const struct insn *insn, uint64_t va)
{
	if (insn->flags & INSN_HIGH_BYTE) {
		other(activation, state, insn, va);
		return;
	}
	switch (insn->op) {
	case INSN_MOV:
	case INSN_MOVSX:
		move(activation, state, insn, va);
		break;
	case INSN_LEA:
		set_register(state, insn->dst, operand_address(activation, state, insn),
			     insn->width);
		break;
	case INSN_ADD ... INSN_BTS:
		operate(activation, state, insn, va);
		break;
	case INSN_CMP:
	case INSN_TEST:
		compare(activation, state, insn);
		break;
	case INSN_CMOV:
		conditional_move(activation, state, insn);
		break;
	case INSN_XCHG:
		exchange(activation, state, insn, va);
		break;
	case INSN_PUSH:
		push(state, operand_value(activation, state, insn, insn->src, 8));
		break;
	case INSN_POP:
		if (insn->dst == INSN_MEMORY)
			store(activation, state, insn, va, pop(state), 8);
		else
			set_register(state, insn->dst, pop(state), insn->width);
		break;
	case INSN_LEAVE:
		state->registers[X86_RSP] = state->registers[X86_RBP];
		state->registers[X86_RBP] = pop(state);
		break;
	case INSN_STRING:
		string(activation, state, insn, va);
		break;
	case INSN_FROM_CR0 ... INSN_CLAC_STAC:
		control(activation, state, insn, va);
		break;
	default:
		other(activation, state, insn, va);
	}
}
