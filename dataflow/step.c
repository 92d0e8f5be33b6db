/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The effect of one instruction on what is known. */
#include "dataflow/interp.h"

#include <string.h>

#include "kcore/sealednames.h"

/* include/asm/page_64_types.h: __START_KERNEL_map */
static const uint64_t KERNEL_IMAGE_BASE = 0xffffffff80000000ULL;

static bool is_own(const struct flow *flow, uint64_t va)
{
	return modimage_holds(flow->space->mod, va);
}

struct value step_constant(struct flow *flow, uint64_t n, bool is_relocated)
{
	struct value value = value_exact(n);

	if (!code_is_address(n))
		return value;
	if (is_relocated)
		value.flags |= VALUE_ADDRESS;
	if (!is_own(flow, n) && addrspace_is_foreign_sealed(flow->space, n))
		value.flags |= VALUE_HOT;
	return value;
}

/* The tables' root and what hangs from it: what is read there is an entry. */
static bool is_table_root(const struct flow *flow, uint64_t va)
{
	const struct kernel *kernel = flow->space->kernel;
	uint64_t root = kernel->swapper_pa - kernel->image_to_pa;

	return (va == flow->landmarks->init_mm_pgd && va) || va - root < PAGE_BYTES;
}

static const struct global *find_global(const struct flow *flow, uint64_t va)
{
	size_t i = (size_t)(va * 0x9e3779b97f4a7c15ULL >> 40);

	for (size_t n = 0; n < FLOW_NR_GLOBALS; n++, i++) {
		const struct global *global = &flow->globals[i % FLOW_NR_GLOBALS];

		if (global->va == va || !global->va)
			return global;
	}
	return NULL;
}

/* What is stored in a variable of the module anywhere is kept for the other functions,
 * if it is worth it.
 */
static void note_global(struct flow *flow, uint64_t va, struct value value)
{
	struct global *global = (struct global *)find_global(flow, va);
	struct value joined;

	if (!global)
		return;
	if (!value_is_precious(&value, false)) {
		/* NULL, when it is given up, takes nothing away. */
		if (global->va && !(value_is_exact(value) && value.n == 0) &&
		    !global->has_other) {
			global->has_other = true;
			flow->globals_changed = true;
		}
		return;
	}
	if (!global->va) {
		flow->hot_sections |= 1ULL
				      << modimage_section_at(flow->space->mod, va) % 64;
		*global = (struct global){.va = va, .value = value};
		flow->globals_changed = true;
		return;
	}
	joined = value_join(global->value, value);
	if (!value_equal(joined, global->value)) {
		global->value = joined;
		flow->globals_changed = true;
	}
}

static struct value load_parameter(const struct parameter *parameter,
				   struct value initial, unsigned bytes)
{
	if (parameter->is_given)
		initial = parameter->has_value
				  ? value_truncate(value_exact(parameter->value), bytes)
				  : value_top();
	initial.flags |= VALUE_PARAMETER;
	return initial;
}

/* A variable of the module that the code on the way here has not written. */
static struct value load_variable(struct frame *frame, const struct state *state,
				  uint64_t va, unsigned bytes)
{
	struct flow *flow = frame->flow;
	const struct parameter *parameter = parameters_at(flow->parameters, va);
	const struct global *global = find_global(flow, va);
	struct value value = value_top();
	uint64_t n = 0;

	if (bytes <= 8 && modimage_read(flow->space->mod, va, &n, bytes) == 0)
		value = step_constant(flow, n, bytes == 8);
	/* Init finds it as it was built; so do handlers that run before it. */
	if (frame->is_exact && flow->root != FLOW_EXIT &&
	    !(state->bits & STATE_CELLS_LOST))
		return parameter ? load_parameter(parameter, value, bytes) : value;
	if (parameter && parameter->is_given)
		return load_parameter(parameter, value, bytes);
	if (global && global->va && bytes == 8) {
		value = global->value;
		if (global->has_other)
			value.flags |= VALUE_MAY;
		return value;
	}
	if (!(value.flags & VALUE_HOT) || bytes != 8)
		return value_top();
	value.flags |= VALUE_INITIAL;
	return value;
}

/* Sealed memory does not change: what is read there now is what the code would read. */
static struct value load_sealed(struct flow *flow, uint64_t va, unsigned bytes)
{
	uint64_t n = 0;

	if (va == flow->landmarks->phys_base && bytes == 8)
		return value_exact(flow->space->kernel->image_to_pa + KERNEL_IMAGE_BASE);
	if (bytes > 8 || addrspace_read_sealed(flow->space, va, &n, bytes) < 0)
		return value_top();
	/* A pointer found in sealed memory points to an object. */
	return bytes == 8 ? step_constant(flow, n, true) : value_exact(n);
}

struct value step_load(struct frame *frame, const struct state *state,
		       struct value address, unsigned bytes)
{
	struct flow *flow = frame->flow;
	struct value value = value_top();

	if (address.flags & VALUE_TABLE)
		value.flags = VALUE_TABLE;
	if (address.kind == VALUE_NEAR && is_table_root(flow, address.n))
		value.flags = VALUE_TABLE;
	/* What lookup_address() returned points to an entry. */
	if (!value_is_exact(address) || address.flags & VALUE_MAY || bytes == 0)
		return value;
	if (is_table_root(flow, address.n))
		return (struct value){.flags = VALUE_TABLE};
	if (state_load(state, address.n, bytes, &value))
		return value;
	if (is_own(flow, address.n) && !addrspace_is_sealed(flow->space, address.n))
		return load_variable(frame, state, address.n, bytes);
	if (!(address.n >> 63))
		return value;
	value = load_sealed(flow, address.n, bytes);
	value.flags |= address.flags & (VALUE_LOOKED_UP | VALUE_GUESSED | VALUE_TABLE);
	return value;
}

static struct value address_of(struct frame *frame, const struct state *state,
			       const struct insn *insn)
{
	struct flow *flow = frame->flow;
	bool has_registers = insn->base != CODE_NO_REGISTER ||
			     insn->index != CODE_NO_REGISTER;
	struct value address;

	if (insn->flags & CODE_UNRESOLVED && insn->disp_symbol)
		return value_top();
	address = step_constant(flow, (uint64_t)insn->disp, insn->disp_symbol != 0);
	if (!has_registers)
		return address;
	if (insn->flags & CODE_STRAY)
		address.flags = 0;
	if (insn->base != CODE_NO_REGISTER)
		address = value_operate(CODE_ADD, state->registers[insn->base], address,
					8);
	if (insn->index != CODE_NO_REGISTER) {
		struct value index = state->registers[insn->index];

		if (insn->scale > 1)
			index = value_operate(CODE_IMUL, index, value_exact(insn->scale),
					      8);
		address = value_operate(CODE_ADD, address, index, 8);
	}
	/* What a function returned, plus a constant, is still in what it returned. */
	if (address.kind == VALUE_TOP && insn->base != CODE_NO_REGISTER &&
	    insn->index == CODE_NO_REGISTER &&
	    (state->registers[insn->base].kind == VALUE_RESULT))
		return state->registers[insn->base];
	return address;
}

struct value step_source(struct frame *frame, struct state *state,
			 const struct insn *insn, uint8_t which, unsigned bytes)
{
	if (which < CODE_NR_REGISTERS)
		return insn->flags & CODE_HIGH_BYTE
			       ? value_top()
			       : value_truncate(state->registers[which], bytes);
	if (which == CODE_IMMEDIATE) {
		if (insn->flags & CODE_UNRESOLVED && insn->imm_symbol)
			return value_top();
		if (!insn->imm_symbol)
			return value_truncate(value_exact((uint64_t)insn->imm), bytes);
		return value_truncate(step_constant(frame->flow, (uint64_t)insn->imm,
						    !(insn->flags & CODE_STRAY)),
				      bytes);
	}
	if (which != CODE_MEMORY || insn->flags & CODE_SEGMENT)
		return value_top();
	return step_load(frame, state, address_of(frame, state, insn), bytes);
}

static void set_register(struct state *state, unsigned reg, struct value value,
			 unsigned width)
{
	if (reg >= CODE_NR_REGISTERS)
		return;
	/* One or two bytes of it: the rest stays, and the whole is not followed. */
	if (width < 4 && value_is_exact(value))
		value = (struct value){
			.n = value.n, .kind = VALUE_LOW, .serial = (uint8_t)width};
	else if (width < 4)
		value = value_top();
	else
		value = value_truncate(value, width);
	state->registers[reg] = value;
}

bool step_is_entry_address(const struct flow *flow, struct value address)
{
	const struct symbol *symbol;
	const struct callee *callee;

	if (address.flags & VALUE_TABLE)
		return true;
	if (address.kind != VALUE_RESULT || !address.n)
		return false;
	symbol = symbols_at(&flow->space->kernel->symbols, address.n);
	callee = symbol && symbol->address == address.n ? callee_find(symbol->name)
							: NULL;
	return callee && callee->kind == CALLEE_GET_ENTRY;
}

/* What a store to @address means. */
static void check_store(struct frame *frame, struct state *state, const struct insn *insn,
			uint64_t va, struct value address, unsigned bytes)
{
	struct flow *flow = frame->flow;
	struct addrspace_rights rights;
	struct flow_event event = {
		.what = FLOW_STORE,
		.target = address.n,
		.is_exact = value_is_exact(address),
		.bytes = bytes,
		.is_read_modify_write = insn->flags & CODE_READS &&
					insn->op != CODE_STRING,
		.flags = address.flags,
		.bits = state->bits,
	};

	if (step_is_entry_address(flow, address)) {
		event.what = FLOW_ENTRY;
		event.target = 0;
		state->bits |= STATE_PTE_EDITED;
		frame_event(frame, va, event);
		return;
	}
	if (address.kind == VALUE_ALIAS) {
		event.what = FLOW_ALIAS;
		frame_event(frame, va, event);
		return;
	}
	if (address.kind != VALUE_EXACT && address.kind != VALUE_NEAR)
		return;
	if (!code_is_address(address.n))
		return;
	if (address.n == flow->landmarks->ro_flag && flow->landmarks->ro_flag) {
		event.what = FLOW_DISARM;
		state->bits |= STATE_RO_DISARMED;
		frame_event(frame, va, event);
		return;
	}
	addrspace_rights(flow->space, address.n, MODULE_PHASE_LIVE, &rights);
	if (!rights.is_mapped || rights.is_writable)
		return;
	/* Only init code names it, while it is there. */
	if (rights.owner == ADDRSPACE_OWN && rights.kind == MODSECTION_INIT_DATA)
		return;
	frame_event(frame, va, event);
}

static bool is_hands_off(struct flow *flow, struct value value)
{
	struct addrspace_name name;
	size_t bytes;

	if (!value_is_exact(value) || !(value.flags & VALUE_HOT) || is_own(flow, value.n))
		return false;
	addrspace_name(flow->space, value.n, &name);
	if (!name.symbol || name.module)
		return false;
	if (sealednames_is_object(name.symbol))
		return true;
	/* apparmor_hooks and the like */
	bytes = strlen(name.symbol);
	return bytes > 6 && strcmp(name.symbol + bytes - 6, "_hooks") == 0 &&
	       strcmp(name.region, ".data..ro_after_init") == 0;
}

static void store_at(struct frame *frame, struct state *state, const struct insn *insn,
		     uint64_t va, struct value address, struct value value,
		     unsigned bytes)
{
	struct flow *flow = frame->flow;

	if (insn->flags & CODE_SEGMENT)
		return;
	check_store(frame, state, insn, va, address, bytes);
	if (!value_is_stack(address) && bytes == 8 && is_hands_off(flow, value))
		frame_event(frame, va,
			    (struct flow_event){.what = FLOW_PLANTED,
						.target = value.n,
						.is_exact = true,
						.bytes = bytes,
						.flags = value.flags,
						.bits = state->bits});
	if (!value_is_exact(address) || address.flags & VALUE_MAY)
		return;
	if (!is_own(flow, address.n) && address.n >> 63)
		return;
	if (bytes == 0 || bytes > 64)
		state_forget(state, address.n, bytes ? bytes : 64);
	else
		state_store(state, address.n, bytes, value);
	if (is_own(flow, address.n) && bytes == 8)
		note_global(flow, address.n, value);
}

static void store(struct frame *frame, struct state *state, const struct insn *insn,
		  uint64_t va, struct value value, unsigned bytes)
{
	store_at(frame, state, insn, va, address_of(frame, state, insn), value, bytes);
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

/* What @insn has made of @a and @b. */
static void set_result_flags(struct state *state, const struct insn *insn, struct value a,
			     struct value b, struct value result)
{
	bool keeps_carry = !insn->src_bytes; /* inc and dec */

	switch (insn->op) {
	case CODE_AND:
	case CODE_OR:
	case CODE_XOR:
		set_flags(state, VALUE_OF_TEST, result, result, insn->width);
		break;
	case CODE_ADD:
	case CODE_SUB:
		if (insn->op == CODE_SUB && insn->dst == insn->src)
			set_flags(state, VALUE_OF_TEST, result, result, insn->width);
		else if (keeps_carry)
			set_flags(state, VALUE_OF_RESULT, result, result, insn->width);
		else
			set_flags(state,
				  insn->op == CODE_ADD ? VALUE_OF_SUM : VALUE_OF_CMP, a,
				  b, insn->width);
		break;
	case CODE_SHL:
	case CODE_SHR:
	case CODE_SAR:
		set_flags(state, VALUE_OF_RESULT, result, result, insn->width);
		/* By none they stay as they are. */
		state->flags.is_known = value_is_exact(b) &&
					value_shift_count(b.n, insn->width);
		break;
	default:
		state->flags.is_known = false;
	}
}

/* A bit of memory whose number is in a register: it may lie far from the operand.
 * Returns false if it does not.
 */
static bool change_bit(struct frame *frame, struct state *state, const struct insn *insn,
		       uint64_t va)
{
	struct value number, address, offset = value_top();

	if (insn->op < CODE_BTC || insn->op > CODE_BTS || insn->dst != CODE_MEMORY ||
	    insn->src >= CODE_NR_REGISTERS)
		return false;
	number = value_sign_extend(state->registers[insn->src], insn->width, 8);
	if (value_is_exact(number) && number.n < 8ULL * insn->width)
		return false;
	if (value_is_exact(number))
		offset = value_exact((uint64_t)((int64_t)number.n >> 3) &
				     ~(uint64_t)(insn->width - 1));
	address = value_operate(CODE_ADD, address_of(frame, state, insn), offset, 8);
	store_at(frame, state, insn, va, address, value_top(), insn->mem_bytes);
	state->flags.is_known = false;
	return true;
}

static void operate(struct frame *frame, struct state *state, const struct insn *insn,
		    uint64_t va)
{
	struct value a = step_source(frame, state, insn, insn->dst, insn->width);
	struct value b = step_source(frame, state, insn, insn->src, insn->width);
	struct value result;

	if (change_bit(frame, state, insn, va))
		return;
	if (insn->flags & CODE_THREE) {
		a = b;
		b = step_source(frame, state, insn, CODE_IMMEDIATE, insn->width);
	}
	if ((insn->op == CODE_XOR || insn->op == CODE_SUB) && insn->dst == insn->src &&
	    insn->dst < CODE_NR_REGISTERS)
		result = value_exact(0);
	else
		result = value_operate(insn->op, a, b, insn->width);
	set_result_flags(state, insn, a, b, result);
	if (insn->dst == CODE_MEMORY)
		store(frame, state, insn, va, result, insn->mem_bytes);
	else
		set_register(state, insn->dst, result, insn->width);
}

static void push(struct state *state, struct value value)
{
	struct value *rsp = &state->registers[CODE_RSP];

	if (!value_is_stack(*rsp))
		return;
	rsp->n -= 8;
	state_store(state, rsp->n, 8, value);
}

static struct value pop(struct state *state)
{
	struct value *rsp = &state->registers[CODE_RSP], value = value_top();

	if (!value_is_stack(*rsp))
		return value;
	state_load(state, rsp->n, 8, &value);
	rsp->n += 8;
	return value;
}

/* movs and stos: from rdi up, rcx elements with a prefix. */
static void string(struct frame *frame, struct state *state, const struct insn *insn,
		   uint64_t va)
{
	struct value to = state->registers[CODE_RDI], count = state->registers[CODE_RCX];
	unsigned element = insn->mem_bytes ? insn->mem_bytes : 1;
	uint64_t size_bytes = element;
	bool is_rep = insn->flags & CODE_REP;

	if (is_rep && value_is_exact(count)) {
		if (count.n == 0)
			return;
		size_bytes = count.n < UINT32_MAX ? count.n * element : UINT32_MAX;
	} else if (is_rep) {
		size_bytes = 256;
	}
	check_store(frame, state, insn, va, to,
		    size_bytes < UINT32_MAX ? (unsigned)size_bytes : 0);
	if (value_is_exact(to))
		state_forget(state, to.n, size_bytes);
	state->registers[CODE_RDI] = is_rep && !value_is_exact(count)
					     ? value_top()
					     : value_operate(CODE_ADD, to,
							     value_exact(size_bytes), 8);
	if (insn->clobbers & 1 << CODE_RSI)
		state->registers[CODE_RSI] = value_top();
	if (is_rep)
		state->registers[CODE_RCX] = value_exact(0);
}

static void to_cr0(struct frame *frame, struct state *state, const struct insn *insn,
		   uint64_t va)
{
	struct value value = state->registers[insn->src & (CODE_NR_REGISTERS - 1)];
	bool clears = value.flags & VALUE_WP_CLEAR ||
		      (value_is_exact(value) && !(value.n >> 16 & 1));
	bool sets = (value.flags & VALUE_CR0 && !(value.flags & VALUE_WP_CLEAR)) ||
		    (value_is_exact(value) && value.n >> 16 & 1);

	/* What is not known clears it, or brings back what was saved before. */
	if (!clears && !sets)
		clears = !(state->bits & STATE_WP_CLEARED);
	if (!clears) {
		state->bits &= (uint16_t)~STATE_WP_CLEARED;
		return;
	}
	state->bits |= STATE_WP_CLEARED;
	frame_event(frame, va,
		    (struct flow_event){.what = FLOW_CR0, .bits = state->bits});
}

static void exchange(struct frame *frame, struct state *state, const struct insn *insn,
		     uint64_t va)
{
	struct value a = step_source(frame, state, insn, insn->dst, insn->width);
	struct value b = step_source(frame, state, insn, insn->src, insn->width);

	if (insn->dst == CODE_MEMORY)
		store(frame, state, insn, va, b, insn->mem_bytes);
	else if (insn->src == CODE_MEMORY)
		store(frame, state, insn, va, a, insn->mem_bytes);
	set_register(state, insn->dst, b, insn->width);
	set_register(state, insn->src, a, insn->width);
}

static void conditional_move(struct frame *frame, struct state *state,
			     const struct insn *insn)
{
	struct value a = step_source(frame, state, insn, insn->dst, insn->width);
	struct value b = step_source(frame, state, insn, insn->src, insn->width);
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

/* Anything else: its stores are seen, what it computes is not. */
static void other(struct frame *frame, struct state *state, const struct insn *insn,
		  uint64_t va)
{
	if (insn->flags & CODE_WRITES)
		store(frame, state, insn, va, value_top(), insn->mem_bytes);
	for (unsigned i = 0; i < CODE_NR_REGISTERS; i++)
		if (insn->clobbers & 1U << i)
			state->registers[i] = value_top();
	if (insn->op != CODE_NEUTRAL)
		state->flags.is_known = false;
}

/* sidt: two bytes of size, and the address. */
static void read_idtr(struct frame *frame, struct state *state, const struct insn *insn,
		      uint64_t va)
{
	enum { SIZE_BYTES = 2 };
	struct flow *flow = frame->flow;
	struct value address = address_of(frame, state, insn);

	other(frame, state, insn, va);
	if (flow->landmarks->idt && value_is_stack(address) &&
	    !(address.flags & VALUE_MAY))
		state_store(state, address.n + SIZE_BYTES, 8,
			    step_constant(flow, flow->landmarks->idt, true));
}

bool step_read_msr(const struct flow *flow, struct value number, uint64_t *ret)
{
	number = value_truncate(number, 4);
	if (!value_is_exact(number) || number.flags & VALUE_MAY)
		return false;
	*ret = landmarks_msr(flow->landmarks, (uint32_t)number.n);
	return *ret;
}

/* rdmsr: into eax and edx what the number in ecx says. */
static void read_msr(struct frame *frame, struct state *state, const struct insn *insn,
		     uint64_t va)
{
	struct value number = state->registers[CODE_RCX];
	uint64_t content;

	other(frame, state, insn, va);
	if (!step_read_msr(frame->flow, number, &content))
		return;
	state->registers[CODE_RAX] = value_exact((uint32_t)content);
	state->registers[CODE_RDX] = value_exact(content >> 32);
}

static void move(struct frame *frame, struct state *state, const struct insn *insn,
		 uint64_t va)
{
	unsigned from = insn->width;
	struct value value;

	/* movzx and movsx; an immediate is as wide as it is made. */
	if (insn->src != CODE_IMMEDIATE && insn->src_bytes && insn->src_bytes < from)
		from = insn->src_bytes;
	if (insn->dst == CODE_NO_REGISTER || insn->src == CODE_NO_REGISTER) {
		other(frame, state, insn, va);
		return;
	}
	value = step_source(frame, state, insn, insn->src, from);
	if (insn->op == CODE_MOVSX)
		value = value_sign_extend(value, from, insn->width);
	if (insn->dst == CODE_MEMORY)
		store(frame, state, insn, va, value, insn->mem_bytes);
	else
		set_register(state, insn->dst, value, insn->width);
}

void step_insn(struct frame *frame, struct state *state, const struct insn *insn,
	       uint64_t va)
{
	if (insn->flags & CODE_HIGH_BYTE) {
		other(frame, state, insn, va);
		return;
	}
	switch (insn->op) {
	case CODE_MOV:
	case CODE_MOVSX:
		move(frame, state, insn, va);
		break;
	case CODE_LEA:
		set_register(state, insn->dst, address_of(frame, state, insn),
			     insn->width);
		break;
	case CODE_ADD ... CODE_BTS:
		operate(frame, state, insn, va);
		break;
	case CODE_CMP:
	case CODE_TEST:
		set_flags(state, insn->op == CODE_TEST ? VALUE_OF_TEST : VALUE_OF_CMP,
			  step_source(frame, state, insn, insn->dst, insn->width),
			  step_source(frame, state, insn, insn->src, insn->width),
			  insn->width);
		break;
	case CODE_CMOV:
		conditional_move(frame, state, insn);
		break;
	case CODE_XCHG:
		exchange(frame, state, insn, va);
		break;
	case CODE_PUSH:
		push(state, step_source(frame, state, insn, insn->src, 8));
		break;
	case CODE_POP:
		if (insn->dst == CODE_MEMORY)
			store(frame, state, insn, va, pop(state), 8);
		else
			set_register(state, insn->dst, pop(state), insn->width);
		break;
	case CODE_LEAVE:
		state->registers[CODE_RSP] = state->registers[CODE_RBP];
		state->registers[CODE_RBP] = pop(state);
		break;
	case CODE_STRING:
		string(frame, state, insn, va);
		break;
	case CODE_FROM_CR0:
		set_register(state, insn->dst, (struct value){.flags = VALUE_CR0}, 8);
		break;
	case CODE_FROM_CR3:
		set_register(state, insn->dst, (struct value){.flags = VALUE_TABLE}, 8);
		break;
	case CODE_FROM_IDTR:
		read_idtr(frame, state, insn, va);
		break;
	case CODE_FROM_MSR:
		read_msr(frame, state, insn, va);
		break;
	case CODE_TO_CR0:
		to_cr0(frame, state, insn, va);
		break;
	case CODE_TO_CR4:
	case CODE_CLAC_STAC:
		break;
	default:
		other(frame, state, insn, va);
	}
}
