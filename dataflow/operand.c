/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operands of instructions hold: constants, addresses, memory. */
#include "dataflow/operand.h"

#include "dataflow/callee.h"

struct value operand_constant(const struct input *input, uint64_t n, bool is_relocated)
{
	struct value value = value_exact(n);

	if (!insn_is_address(n))
		return value;
	if (is_relocated)
		value.flags |= VALUE_ADDRESS;
	if (!modimage_holds(input->mod, n) &&
	    addrspace_is_foreign_sealed(input->space, n))
		value.flags |= VALUE_HOT;
	return value;
}

/* Is @va in the root of the page tables, or the variable that points to it? What is read
 * there is an entry, or leads to one.
 */
static bool is_table_root(const struct input *input, uint64_t va)
{
	const struct kernel *kernel = input->space->kernel;
	uint64_t root = kernel->swapper_pa - kernel->image_to_pa;

	return (va == input->landmarks->init_mm_pgd && va) || va - root < PAGE_BYTES;
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

/* What a variable of the module holds that the code on the way here has not written. */
static struct value load_variable(struct activation *activation,
				  const struct state *state, uint64_t va, unsigned bytes)
{
	struct flow *flow = activation->flow;
	const struct parameter *parameter = parameters_at(flow->input->parameters, va);
	const struct global *global = globals_find(&flow->globals, va);
	struct value value = value_top();
	uint64_t n = 0;

	if (bytes <= 8 && modimage_read(flow->input->mod, va, &n, bytes) == 0)
		value = operand_constant(flow->input, n, bytes == 8);
	/* Init finds the variable as it was built. So do handlers that run before init.
	 */
	if (activation->is_exact && flow->root != FLOW_EXIT &&
	    !(state->bits & STATE_CELLS_LOST))
		return parameter ? load_parameter(parameter, value, bytes) : value;
	if (parameter && parameter->is_given)
		return load_parameter(parameter, value, bytes);
	if (global && bytes == 8) {
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
static struct value load_sealed(const struct input *input, uint64_t va, unsigned bytes)
{
	uint64_t n = 0;

	if (va == input->landmarks->phys_base && bytes == 8)
		return value_exact(input->space->kernel->image_to_pa + X86_IMAGE_BASE);
	if (bytes > 8 || addrspace_read_sealed(input->space, va, &n, bytes) < 0)
		return value_top();
	/* A pointer found in sealed memory points to an object. */
	return bytes == 8 ? operand_constant(input, n, true) : value_exact(n);
}

struct value operand_load(struct activation *activation, const struct state *state,
			  struct value address, unsigned bytes)
{
	struct flow *flow = activation->flow;
	struct value value = value_top();

	if (address.flags & VALUE_TABLE)
		value.flags = VALUE_TABLE;
	if (address.kind == VALUE_NEAR && is_table_root(flow->input, address.n))
		value.flags = VALUE_TABLE;
	/* What lookup_address() returned points to an entry. */
	if (!value_is_exact(address) || address.flags & VALUE_MAY || bytes == 0)
		return value;
	if (is_table_root(flow->input, address.n))
		return (struct value){.flags = VALUE_TABLE};
	if (state_load(state, address.n, bytes, &value))
		return value;
	if (modimage_holds(flow->input->mod, address.n) &&
	    !addrspace_is_sealed(flow->input->space, address.n))
		return load_variable(activation, state, address.n, bytes);
	if (!(address.n >> 63))
		return value;
	value = load_sealed(flow->input, address.n, bytes);
	value.flags |= address.flags & (VALUE_LOOKED_UP | VALUE_GUESSED | VALUE_TABLE);
	return value;
}

struct value operand_address(struct activation *activation, const struct state *state,
			     const struct insn *insn)
{
	struct flow *flow = activation->flow;
	bool has_registers = insn->base != INSN_NO_REGISTER ||
			     insn->index != INSN_NO_REGISTER;
	struct value address;

	if (insn->flags & INSN_UNRESOLVED && insn->disp_symbol)
		return value_top();
	address = operand_constant(flow->input, (uint64_t)insn->disp,
				   insn->disp_symbol != 0);
	if (!has_registers)
		return address;
	if (insn->flags & INSN_STRAY)
		address.flags = 0;
	if (insn->base != INSN_NO_REGISTER)
		address = value_operate(INSN_ADD, state->registers[insn->base], address,
					8);
	if (insn->index != INSN_NO_REGISTER) {
		struct value index = state->registers[insn->index];

		if (insn->scale > 1)
			index = value_operate(INSN_IMUL, index, value_exact(insn->scale),
					      8);
		address = value_operate(INSN_ADD, address, index, 8);
	}
	/* What a function returned, plus a constant, is still in what it returned. */
	if (address.kind == VALUE_TOP && insn->base != INSN_NO_REGISTER &&
	    insn->index == INSN_NO_REGISTER &&
	    (state->registers[insn->base].kind == VALUE_RESULT))
		return state->registers[insn->base];
	return address;
}

struct value operand_value(struct activation *activation, struct state *state,
			   const struct insn *insn, uint8_t which, unsigned bytes)
{
	if (which < X86_NR_REGISTERS)
		return insn->flags & INSN_HIGH_BYTE
			       ? value_top()
			       : value_truncate(state->registers[which], bytes);
	if (which == INSN_IMMEDIATE) {
		if (insn->flags & INSN_UNRESOLVED && insn->imm_symbol)
			return value_top();
		if (!insn->imm_symbol)
			return value_truncate(value_exact((uint64_t)insn->imm), bytes);
		return value_truncate(operand_constant(activation->flow->input,
						       (uint64_t)insn->imm,
						       !(insn->flags & INSN_STRAY)),
				      bytes);
	}
	if (which != INSN_MEMORY || insn->flags & INSN_SEGMENT)
		return value_top();
	return operand_load(activation, state, operand_address(activation, state, insn),
			    bytes);
}

bool operand_is_entry_address(const struct input *input, struct value address)
{
	const struct symbol *symbol;
	const struct callee *callee;

	if (address.flags & VALUE_TABLE)
		return true;
	if (address.kind != VALUE_RESULT || !address.n)
		return false;
	symbol = symbols_at(&input->space->kernel->symbols, address.n);
	callee = symbol && symbol->address == address.n ? callee_find(symbol->name)
							: NULL;
	return callee && callee->kind == CALLEE_GET_ENTRY;
}

bool operand_msr(const struct input *input, struct value number, uint64_t *ret)
{
	number = value_truncate(number, 4);
	if (!value_is_exact(number) || number.flags & VALUE_MAY)
		return false;
	*ret = landmarks_msr(input->landmarks, (uint32_t)number.n);
	input->space->lacks_place |= landmarks_lacks_msr(input->landmarks,
							 (uint32_t)number.n);
	return *ret;
}
