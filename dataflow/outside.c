/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call does. */
#include "dataflow/interp.h"

#include <stdlib.h>
#include <string.h>

#include "kcore/sealednames.h"

enum { NR_ARGUMENTS = 6, MAX_STRING = 256 };
/* An object that a callee is given a pointer to may be written this far: more than any
 * that modules keep pointers of interest in.
 */
enum { OBJECT_BYTES = 256 };

static const uint8_t argument_registers[NR_ARGUMENTS] = {CODE_RDI, CODE_RSI, CODE_RDX,
							 CODE_RCX, 8,	     9};
static const uint8_t callee_saved[] = {CODE_RBX, CODE_RBP, 12, 13, 14, 15};
static const uint8_t clobbered[] = {CODE_RCX, CODE_RDX, CODE_RSI, CODE_RDI, 8, 9, 10, 11};

/* One call of something outside the module. */
struct call {
	struct frame *frame;
	struct state *state;
	uint64_t va;
	const char *name; /* NULL: not known */
	const struct callee *callee;
	bool is_return, is_allocator, is_paravirt; /* what it is by its name */
	struct value target, result;
};

static struct value argument(const struct call *call, unsigned i)
{
	return call->state->registers[argument_registers[i]];
}

static void report(const struct call *call, enum flow_kind what, struct value address,
		   unsigned i)
{
	bool has_target = address.kind == VALUE_EXACT || address.kind == VALUE_NEAR ||
			  address.kind == VALUE_ALIAS;

	frame_event(call->frame, call->va,
		    (struct flow_event){.what = what,
					.target = has_target ? address.n : 0,
					.is_exact = value_is_exact(address),
					.flags = address.flags,
					.bits = call->state->bits,
					.callee = call->name,
					.argument = i});
}

/* A constant string: the module's own, or of sealed memory. */
static bool read_string(const struct call *call, struct value address, char *ret,
			size_t ret_bytes)
{
	struct addrspace *space = call->frame->flow->space;

	if (!value_is_exact(address) || address.flags & VALUE_MAY || !(address.n >> 63))
		return false;
	for (size_t i = 0; i < ret_bytes; i++) {
		uint64_t va = address.n + i;

		if (modimage_read(space->mod, va, &ret[i], 1) < 0 &&
		    addrspace_read_sealed(space, va, &ret[i], 1) < 0)
			return false;
		if (!ret[i])
			return true;
	}
	return false;
}

static void note_lookup(const struct call *call, uint64_t string, uint64_t address,
			bool is_sure)
{
	struct flow *flow = call->frame->flow;
	struct flow_events *result = flow->result;

	for (size_t i = 0; i < result->nr_lookups; i++)
		if (result->lookups[i].string == string) {
			result->lookups[i].is_sure |= is_sure;
			return;
		}
	if (result->nr_lookups == flow->lookups_room) {
		size_t room = flow->lookups_room ? flow->lookups_room * 2 : 16;
		struct flow_lookup *lookups = reallocarray(result->lookups, room,
							   sizeof(*lookups));

		if (!lookups) {
			flow->has_failed = true;
			return;
		}
		result->lookups = lookups;
		flow->lookups_room = room;
	}
	result->lookups[result->nr_lookups++] = (struct flow_lookup){.string = string,
								     .site = call->va,
								     .address = address,
								     .is_sure = is_sure};
}

/* kallsyms_lookup_name(), or something that is given what only it could want. */
static bool look_up(struct call *call, bool is_sure)
{
	struct flow *flow = call->frame->flow;
	char name[MAX_STRING];
	uint64_t address = 0;

	if (!read_string(call, argument(call, 0), name, sizeof(name)))
		return false;
	if (!symbols_address(&flow->space->kernel->symbols, name, &address) && !is_sure)
		return false;
	if (!is_sure && !addrspace_is_foreign_sealed(flow->space, address))
		return false;
	call->result = step_constant(flow, address, true);
	call->result.flags |= VALUE_LOOKED_UP;
	if (!is_sure)
		call->result.flags |= VALUE_GUESSED;
	note_lookup(call, argument(call, 0).n, address, is_sure);
	return true;
}

/* register_kprobe() fills in kp->addr. It takes code only. */
static void register_probe(struct call *call)
{
	struct flow *flow = call->frame->flow;
	struct value probe = argument(call, 0), name;
	char string[MAX_STRING];
	uint64_t address;

	if (!value_is_exact(probe) || !flow->landmarks->kprobe_name)
		return;
	name = step_load(call->frame, call->state,
			 value_exact(probe.n + flow->landmarks->kprobe_name), 8);
	state_forget(call->state, probe.n, OBJECT_BYTES);
	/* The name stays. */
	state_store(call->state, probe.n + flow->landmarks->kprobe_name, 8, name);
	if (!read_string(call, name, string, sizeof(string)) ||
	    !symbols_address(&flow->space->kernel->symbols, string, &address))
		return;
	note_lookup(call, name.n, address, true);
	state_store(call->state, probe.n + flow->landmarks->kprobe_address, 8,
		    step_constant(flow, address, true));
}

/* The sealed address of the kernel image that frame @pa belongs to. false: none. */
static bool sealed_image_va(struct flow *flow, uint64_t pa, uint64_t *ret)
{
	return kernel_image_va(flow->space->kernel, pa, ret) &&
	       addrspace_is_foreign_sealed(flow->space, *ret);
}

/* vmap(pages, ...): the first page tells. */
static void map_pages(struct call *call)
{
	struct flow *flow = call->frame->flow;
	struct value page = step_load(call->frame, call->state, argument(call, 0), 8);
	uint64_t va;

	if (!value_is_exact(page) || page.n < flow->landmarks->vmemmap ||
	    !flow->landmarks->page_bytes ||
	    !sealed_image_va(flow,
			     (page.n - flow->landmarks->vmemmap) /
				     flow->landmarks->page_bytes * PAGE_BYTES,
			     &va))
		return;
	call->result = (struct value){.n = va, .kind = VALUE_ALIAS};
	report(call, FLOW_ALIAS, call->result, 0);
}

static void map_physical(struct call *call)
{
	struct value pa = argument(call, 1);
	uint64_t va;

	if (value_is_exact(pa) && sealed_image_va(call->frame->flow, pa.n, &va))
		report(call, FLOW_ALIAS, (struct value){.n = va, .kind = VALUE_ALIAS}, 1);
}

/* memremap(MEMREMAP_WB) of RAM is the direct map's address of it: mm/memremap.c. */
static void remap(struct call *call)
{
	enum { MEMREMAP_WB = 1 << 0 };
	struct flow *flow = call->frame->flow;
	struct value pa = argument(call, 0), flags = argument(call, 2);
	uint64_t va;

	if (value_is_exact(pa) && value_is_exact(flags) && flags.n & MEMREMAP_WB &&
	    flow->landmarks->page_offset && sealed_image_va(flow, pa.n, &va))
		call->result = step_constant(flow, flow->landmarks->page_offset + pa.n,
					     true);
}

static void read_msr(struct call *call)
{
	struct flow *flow = call->frame->flow;
	uint64_t content;

	if (step_read_msr(flow, argument(call, 0), &content))
		call->result = step_constant(flow, content, true);
}

/* set_memory_rw(): static_protections() takes the W away again for the kernel's own
 * constants, unless kernel_set_to_readonly is clear; a module's become writable.
 */
static void set_rw(struct call *call)
{
	struct addrspace *space = call->frame->flow->space;
	struct value address = argument(call, 0);
	const struct kernel *kernel = space->kernel;
	bool is_image = address.n >= kernel->labels[LABEL_TEXT] &&
			address.n < kernel->labels[LABEL_END];

	if (address.kind != VALUE_EXACT && address.kind != VALUE_NEAR)
		return;
	if (!addrspace_is_sealed(space, address.n))
		return;
	if (is_image && !(call->state->bits & STATE_RO_DISARMED)) {
		call->state->bits |= STATE_ASKED_RW;
		return;
	}
	report(call, is_image ? FLOW_UNPROTECT : FLOW_UNSEAL, address, 0);
	call->state->bits |= STATE_OWN_UNSEALED;
}

static void static_call(struct call *call)
{
	struct value key = argument(call, 0);
	const struct symbol *symbol;

	if (!value_is_exact(key))
		return;
	symbol = symbols_at(&call->frame->flow->space->kernel->symbols, key.n);
	if (symbol && symbol->address == key.n && sealednames_is_lsm_key(symbol->name))
		report(call, FLOW_STATIC_CALL, key, 0);
}

/* Runs a function of the module that the callee calls back, for what it does. */
static void call_back(struct call *call, struct value function, struct value first)
{
	struct frame *frame = call->frame;
	const struct code_section *section;
	struct state *state, *exits[8];

	if (!value_is_exact(function) || frame->depth >= frame->flow->max_depth ||
	    !code_at(frame->flow->code, function.n, &section))
		return;
	state = frame_copy(frame->flow, call->state);
	if (!state)
		return;
	state->registers[CODE_RDI] = first;
	if (value_is_stack(state->registers[CODE_RSP]))
		state->registers[CODE_RSP].n -= 4096;
	frame->events_site = call->va;
	if (frame_run(frame->flow, frame, function.n, frame->is_exact, state, exits) > 0)
		call->state->bits |= exits[0]->bits;
	call->state->bits |= STATE_CELLS_LOST;
}

static void apply_range(struct call *call)
{
	struct value mm = argument(call, 0), address = argument(call, 1);
	uint64_t init_mm;

	if ((value_is_exact(address) || address.kind == VALUE_NEAR) &&
	    addrspace_is_foreign_sealed(call->frame->flow->space, address.n)) {
		report(call, FLOW_UNPROTECT, address, 1);
		call->state->bits |= STATE_PTE_EDITED;
	}
	/* Of a process's mappings a driver may well write the entries. */
	if (call->state->bits & STATE_PTE_EDITED ||
	    (value_is_exact(mm) &&
	     symbols_address(&call->frame->flow->space->kernel->symbols, "init_mm",
			     &init_mm) &&
	     mm.n == init_mm))
		call_back(call, argument(call, 3), (struct value){.flags = VALUE_TABLE});
}

/* Arguments that the callee writes where they point. */
static void check_writes(struct call *call)
{
	struct value size = argument(call, 2);
	bool has_size = strncmp(call->name, "mem", 3) == 0 ||
			strncmp(call->name, "__mem", 5) == 0;

	if (has_size && value_is_exact(size) && size.n == 0)
		return;
	for (unsigned i = 0; i < NR_ARGUMENTS; i++) {
		struct value to = argument(call, i);

		if (!(call->callee->writes & 1U << i))
			continue;
		if (to.kind == VALUE_ALIAS)
			report(call, FLOW_ALIAS, to, i);
		else if ((value_is_exact(to) || to.kind == VALUE_NEAR) &&
			 code_is_address(to.n) &&
			 (addrspace_is_sealed(call->frame->flow->space, to.n) ||
			  modimage_kind_at(call->frame->flow->space->mod, to.n) ==
				  MODSECTION_RO_AFTER_INIT))
			report(call, FLOW_CALL, to, i);
	}
}

static void check_caught(struct call *call)
{
	struct value to = argument(call, 0);

	if (to.kind == VALUE_ALIAS)
		report(call, FLOW_ALIAS, to, 0);
	else if ((value_is_exact(to) || to.kind == VALUE_NEAR) &&
		 addrspace_is_foreign_sealed(call->frame->flow->space, to.n))
		report(call,
		       call->state->bits &
				       ~(STATE_CELLS_LOST | STATE_FORKED | STATE_ASKED_RW)
			       ? FLOW_CALL
			       : FLOW_CAUGHT,
		       to, 0);
}

/* A sealed object where the prototype does not promise to leave it alone. */
static void check_passed(struct call *call)
{
	struct flow *flow = call->frame->flow;

	if (strncmp(call->name, "__SC", 4) == 0)
		return;
	for (unsigned i = 0; i < NR_ARGUMENTS; i++) {
		struct value value = argument(call, i);
		struct addrspace_rights rights;

		if (!(value.flags & VALUE_HOT) || !(value.flags & VALUE_ADDRESS) ||
		    (!value_is_exact(value) && value.kind != VALUE_NEAR))
			continue;
		addrspace_rights(flow->space, value.n, MODULE_PHASE_LIVE, &rights);
		if (rights.is_executable || rights.is_writable)
			continue;
		if (addrspace_parameter(flow->space, call->name, i) == TYPES_WRITABLE)
			report(call, FLOW_PASSED, value, i);
	}
}

/* strcmp(), strncmp() and strlen() of constants are known. */
static void fold_strings(struct call *call)
{
	char a[MAX_STRING], b[MAX_STRING];
	struct value size = argument(call, 2);

	if (!read_string(call, argument(call, 0), a, sizeof(a)))
		return;
	if (strcmp(call->name, "strlen") == 0) {
		call->result = value_exact(strlen(a));
		return;
	}
	if (!read_string(call, argument(call, 1), b, sizeof(b)))
		return;
	if (strcmp(call->name, "strcmp") == 0)
		call->result = value_exact((uint32_t)strcmp(a, b));
	else if (strcmp(call->name, "strncmp") == 0 && value_is_exact(size))
		call->result = value_exact((uint32_t)strncmp(a, b, size.n));
}

/* What the callee may have changed through the pointers it was given. */
static void forget_pointees(struct call *call)
{
	struct flow *flow = call->frame->flow;

	for (unsigned i = 0; i < NR_ARGUMENTS; i++) {
		struct value value = argument(call, i);

		if (!value_is_exact(value) || value.n < PAGE_BYTES ||
		    (value.n >> 63 &&
		     modimage_kind_at(flow->space->mod, value.n) == MODSECTION_NONE))
			continue;
		if (call->frame->is_exact && call->name) {
			enum types_parameter type = addrspace_parameter(flow->space,
									call->name, i);

			if (type == TYPES_CONST || type == TYPES_NONE ||
			    type == TYPES_NO_POINTER)
				continue;
		}
		state_forget(call->state, value.n, OBJECT_BYTES);
	}
}

static void call_known(struct call *call)
{
	switch (call->callee->kind) {
	case CALLEE_LOOKUP:
		look_up(call, true);
		break;
	case CALLEE_KPROBE:
		register_probe(call);
		break;
	case CALLEE_SET_ENTRY:
		if (step_is_entry_address(call->frame->flow, argument(call, 0))) {
			call->state->bits |= STATE_PTE_EDITED;
			report(call, FLOW_ENTRY, value_top(), 0);
		}
		break;
	case CALLEE_TEXT_POKE:
		report(call, FLOW_POKE, argument(call, 0), 0);
		break;
	case CALLEE_CATCH:
		check_caught(call);
		break;
	case CALLEE_VMAP:
		map_pages(call);
		break;
	case CALLEE_MAP_PHYSICAL:
		map_physical(call);
		break;
	case CALLEE_REMAP:
		remap(call);
		break;
	case CALLEE_READ_MSR:
		read_msr(call);
		break;
	case CALLEE_SET_RW:
		set_rw(call);
		break;
	case CALLEE_UNPROTECT:
		report(call, FLOW_UNPROTECT, argument(call, 0), 0);
		call->state->bits |= STATE_PTE_EDITED;
		break;
	case CALLEE_STATIC_CALL:
		static_call(call);
		break;
	case CALLEE_APPLY_RANGE:
		apply_range(call);
		break;
	case CALLEE_CALLS_0:
		call_back(call, argument(call, 0), argument(call, 1));
		break;
	case CALLEE_CALLS_1:
		call_back(call, argument(call, 1), argument(call, 2));
		break;
	default:
		break;
	}
}

/* Returns whether it returns. */
static bool call_outside(struct call *call)
{
	struct flow *flow = call->frame->flow;
	struct state *state = call->state;
	const struct callee *callee = call->callee;
	bool has_arguments = !callee || callee->kind != CALLEE_NO_ARGUMENTS;

	if (callee && callee->kind == CALLEE_NO_RETURN)
		return false;
	if (callee && callee->kind == CALLEE_GET_ENTRY)
		flow->has_entries = true;
	if (!flow->is_pruning || flow->has_entries)
		call->result = (struct value){
			.n = value_is_exact(call->target) ? call->target.n : 0,
			.kind = VALUE_RESULT,
			.serial = (uint8_t)(call->va ^ call->va >> 8)};
	if (!has_arguments)
		return true;
	if (!call->name)
		look_up(call, false);
	if (callee && callee->writes)
		check_writes(call);
	else if (call->name && (!callee || callee->kind == CALLEE_PLAIN) &&
		 !call->is_paravirt)
		check_passed(call);
	if (call->name && callee && callee->is_pure)
		fold_strings(call);
	if (callee && callee->kind != CALLEE_PLAIN)
		call_known(call);
	if (!call->is_paravirt &&
	    !(callee && (callee->is_pure || callee->kind != CALLEE_PLAIN)))
		forget_pointees(call);
	if (call->is_allocator && call->frame->is_exact) {
		call->result = value_exact(flow->next_heap);
		flow->next_heap += FRAME_HEAP_STRIDE;
	}
	for (size_t i = 0; i < sizeof(clobbered) && !call->is_paravirt; i++)
		state->registers[clobbered[i]] = value_top();
	state->registers[CODE_RAX] = call->result;
	state->flags.is_known = false;
	return true;
}

static bool is_running(const struct frame *frame, uint64_t entry)
{
	for (; frame; frame = frame->caller)
		if (frame->entry == entry)
			return true;
	return false;
}

static bool is_worth_following(const struct frame *frame, const struct state *state,
			       uint64_t entry)
{
	if (frame->depth >= frame->flow->max_depth || is_running(frame, entry))
		return false;
	if (frame->is_exact)
		return true;
	for (size_t i = 0; i < NR_ARGUMENTS; i++)
		if (value_is_precious(&state->registers[argument_registers[i]], false))
			return true;
	return false;
}

/* A function of the module's own: gone into, or taken to change all it could. */
static bool call_inside(struct frame *frame, struct block *block, struct state *state,
			uint64_t entry, uint64_t va, uint64_t next_va)
{
	struct state *exits[8], *inner;
	size_t nr;

	if (!is_worth_following(frame, state, entry)) {
		for (size_t i = 0; i < sizeof(clobbered); i++)
			state->registers[clobbered[i]] = value_top();
		state->registers[CODE_RAX] = value_top();
		if (!frame->flow->is_pruning)
			state->registers[CODE_RAX] = (struct value){
				.kind = VALUE_RESULT, .serial = (uint8_t)(va ^ va >> 8)};
		state->flags.is_known = false;
		for (size_t i = 0; i < state->nr_cells; i++)
			if (state->cells[i].va >> 63)
				state->cells[i].value = value_top();
		state->bits |= STATE_CELLS_LOST;
		return true;
	}
	inner = frame_copy(frame->flow, state);
	if (!inner)
		return false;
	if (value_is_stack(inner->registers[CODE_RSP]))
		inner->registers[CODE_RSP].n -= 8;
	frame->events_site = va;
	nr = frame_run(frame->flow, frame, entry, frame->is_exact, inner, exits);
	for (size_t i = 0; i < nr; i++) {
		struct state *exit = exits[i];

		for (size_t j = 0; j < sizeof(callee_saved); j++)
			exit->registers[callee_saved[j]] =
				state->registers[callee_saved[j]];
		exit->registers[CODE_RSP] = state->registers[CODE_RSP];
		if (value_is_exact(exit->registers[CODE_RAX]))
			exit->registers[CODE_RAX].flags |= VALUE_RETURNED;
		exit->flags.is_known = false;
		frame_enter(frame, block, next_va, exit);
	}
	return false;
}

/* The name of what the kernel has at @target. */
static const char *kernel_function(const struct flow *flow, struct value target)
{
	const struct symbol *symbol;

	if (!value_is_exact(target) || target.flags & VALUE_MAY)
		return NULL;
	symbol = symbols_at(&flow->space->kernel->symbols, target.n);
	return symbol && symbol->address == target.n ? symbol->name : NULL;
}

static void find_direct_target(struct call *call, const struct insn *insn)
{
	const struct flow *flow = call->frame->flow;
	const struct modimage *mod = flow->space->mod;
	const struct kofile_symbol *of = &mod->file->symbols[insn->imm_symbol];
	const struct classify_symbol *symbol;

	call->target = value_exact((uint64_t)insn->imm);
	if (!insn->imm_symbol || of->section != SHN_UNDEF)
		return;
	symbol = classify_symbol(&flow->seeds.classifier, insn->imm_symbol);
	if (symbol->thunk < CODE_NR_REGISTERS) {
		call->target = call->state->registers[symbol->thunk];
		return;
	}
	call->target = value_exact(mod->symbols[insn->imm_symbol]);
	call->name = of->name;
	call->callee = symbol->callee;
	call->is_return = symbol->thunk == CLASSIFY_RETURN_THUNK;
	call->is_allocator = symbol->is_allocator;
}

/* Those of pv_ops that matter, by where their pointers lie. */
static const struct callee *paravirt_callee(const struct flow *flow,
					    const struct insn *insn)
{
	const struct landmarks *landmarks = flow->landmarks;
	uint64_t va = (uint64_t)insn->disp;

	if (!va)
		return NULL;
	if (va == landmarks->pv_set_pte || va == landmarks->pv_set_pmd)
		return callee_find("native_set_pte");
	return va == landmarks->pv_read_msr ? callee_find("native_read_msr") : NULL;
}

static void find_indirect_target(struct call *call, const struct insn *insn)
{
	const struct flow *flow = call->frame->flow;
	const struct kofile_symbol *symbols = flow->space->mod->file->symbols;

	call->target = step_source(call->frame, call->state, insn, insn->src, 8);
	/* Of a variable's name only that of pv_ops means something. */
	call->is_paravirt = insn->src == CODE_MEMORY && insn->disp_symbol &&
			    strcmp(symbols[insn->disp_symbol].name, "pv_ops") == 0;
	if (!call->is_paravirt)
		return;
	call->name = symbols[insn->disp_symbol].name;
	call->callee = paravirt_callee(flow, insn);
}

bool call_insn(struct frame *frame, struct block *block, struct state *state,
	       const struct insn *insn, uint64_t va, uint64_t next_va)
{
	struct call call = {.frame = frame, .state = state, .va = va};
	const struct code_section *section;
	bool is_jump = insn->op == CODE_JMP;

	if (insn->src == CODE_IMMEDIATE)
		find_direct_target(&call, insn);
	else
		find_indirect_target(&call, insn);
	if (is_jump && call.is_return)
		return true;
	if (value_is_exact(call.target) && !(call.target.flags & VALUE_MAY) &&
	    code_at(frame->flow->code, call.target.n, &section)) {
		if (!is_jump)
			return call_inside(frame, block, state, call.target.n, va,
					   next_va);
		frame_enter(frame, block, call.target.n, state);
		return false;
	}
	if (!call.name) {
		call.name = kernel_function(frame->flow, call.target);
		call.callee = call.name ? callee_find(call.name) : NULL;
		call.is_allocator = call.name && callee_is_allocator(call.name);
	}
	return call_outside(&call);
}
