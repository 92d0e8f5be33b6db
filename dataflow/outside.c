/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call of something outside the module does. */
#include "dataflow/outside.h"

#include <string.h>

#include "dataflow/callee.h"
#include "dataflow/operand.h"
#include "kcore/sealednames.h"

enum { MAX_STRING = 256 };
/* An object that a callee is given a pointer to may be written this far: more than any
 * that modules keep pointers of interest in.
 */
enum { OBJECT_BYTES = 256 };
/* The callee's own stack lies between its caller's and that of what it calls back. */
enum { CALLBACK_STACK_BYTES = 4096 };

static struct value argument(const struct call *call, unsigned i)
{
	return call->state->registers[x86_arguments[i]];
}

static void report(const struct call *call, enum flow_kind what, struct value address,
		   unsigned i)
{
	bool has_target = address.kind == VALUE_EXACT || address.kind == VALUE_NEAR ||
			  address.kind == VALUE_ALIAS;

	blocks_event(call->activation, call->va,
		     (struct flow_event){.what = what,
					 .target = has_target ? address.n : 0,
					 .is_exact = value_is_exact(address),
					 .flags = address.flags,
					 .bits = call->state->bits,
					 .callee = call->name,
					 .argument = i});
}

/* Reads a constant string, of the module or of sealed memory. false: it is none. */
static bool read_string(const struct call *call, struct value address, char *ret,
			size_t ret_bytes)
{
	struct addrspace *space = call->activation->flow->input->space;

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
	struct flow *flow = call->activation->flow;
	const struct flow_lookup lookup = {.string = string,
					   .site = call->va,
					   .address = address,
					   .is_sure = is_sure};

	if (events_add_lookup(flow->result, &lookup) < 0)
		flow->has_failed = true;
}

/* kallsyms_lookup_name(), or an unknown function that is given the name of a sealed
 * object.
 */
static bool look_up(struct call *call, bool is_sure)
{
	struct flow *flow = call->activation->flow;
	const struct symbol *symbol;
	char name[MAX_STRING];
	uint64_t address;

	if (!read_string(call, argument(call, 0), name, sizeof(name)))
		return false;
	/* What kallsyms lists, as the kernel itself would look. */
	symbol = symbols_find(&flow->input->space->kernel->symbols, name, "vmlinux",
			      NULL);
	if (!symbol && !is_sure)
		return false;
	address = symbol ? symbol->address : 0;
	if (!is_sure && !addrspace_is_foreign_sealed(flow->input->space, address))
		return false;
	call->result = operand_constant(flow->input, address, true);
	call->result.flags |= VALUE_LOOKED_UP;
	if (!is_sure)
		call->result.flags |= VALUE_GUESSED;
	note_lookup(call, argument(call, 0).n, address, is_sure);
	return true;
}

/* register_kprobe() fills in kp->addr. It takes code only. */
static void register_probe(struct call *call)
{
	struct flow *flow = call->activation->flow;
	struct value probe = argument(call, 0), name;
	char string[MAX_STRING];
	uint64_t address;

	if (!value_is_exact(probe) || !flow->input->landmarks->kprobe_name)
		return;
	name = operand_load(call->activation, call->state,
			    value_exact(probe.n + flow->input->landmarks->kprobe_name),
			    8);
	state_forget(call->state, probe.n, OBJECT_BYTES);
	/* The name stays. */
	state_store(call->state, probe.n + flow->input->landmarks->kprobe_name, 8, name);
	if (!read_string(call, name, string, sizeof(string)) ||
	    !symbols_address(&flow->input->space->kernel->symbols, string, &address))
		return;
	note_lookup(call, name.n, address, true);
	state_store(call->state, probe.n + flow->input->landmarks->kprobe_address, 8,
		    operand_constant(flow->input, address, true));
}

/* The sealed address of the kernel image whose page frame has @pa. false: none has. */
static bool sealed_image_va(struct flow *flow, uint64_t pa, uint64_t *ret)
{
	return kernel_image_va(flow->input->space->kernel, pa, ret) &&
	       addrspace_is_foreign_sealed(flow->input->space, *ret);
}

/* vmap(pages, ...): the first page says what is mapped. */
static void map_pages(struct call *call)
{
	struct flow *flow = call->activation->flow;
	struct value page = operand_load(call->activation, call->state, argument(call, 0),
					 8);
	uint64_t va;

	if (!value_is_exact(page) || page.n < flow->input->landmarks->vmemmap ||
	    !flow->input->landmarks->page_bytes ||
	    !sealed_image_va(flow,
			     (page.n - flow->input->landmarks->vmemmap) /
				     flow->input->landmarks->page_bytes * PAGE_BYTES,
			     &va))
		return;
	call->result = (struct value){.n = va, .kind = VALUE_ALIAS};
	report(call, FLOW_ALIAS, call->result, 0);
}

static void map_physical(struct call *call)
{
	struct value pa = argument(call, 1);
	uint64_t va;

	if (value_is_exact(pa) && sealed_image_va(call->activation->flow, pa.n, &va))
		report(call, FLOW_ALIAS, (struct value){.n = va, .kind = VALUE_ALIAS}, 1);
}

/* memremap(MEMREMAP_WB) of RAM is the direct map's address of it: mm/memremap.c. */
static void remap(struct call *call)
{
	enum { MEMREMAP_WB = 1 << 0 };
	struct flow *flow = call->activation->flow;
	struct value pa = argument(call, 0), flags = argument(call, 2);
	uint64_t va;

	if (value_is_exact(pa) && value_is_exact(flags) && flags.n & MEMREMAP_WB &&
	    flow->input->landmarks->page_offset && sealed_image_va(flow, pa.n, &va))
		call->result = operand_constant(
			flow->input, flow->input->landmarks->page_offset + pa.n, true);
}

static void read_msr(struct call *call)
{
	struct flow *flow = call->activation->flow;
	uint64_t content;

	if (operand_msr(flow->input, argument(call, 0), &content))
		call->result = operand_constant(flow->input, content, true);
}

/* set_memory_rw(): static_protections() takes the W away again for the kernel's own
 * constants, unless kernel_set_to_readonly is clear; a module's become writable.
 */
static void set_rw(struct call *call)
{
	struct addrspace *space = call->activation->flow->input->space;
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
	symbol = symbols_at(&call->activation->flow->input->space->kernel->symbols,
			    key.n);
	if (symbol && symbol->address == key.n && sealednames_is_lsm_key(symbol->name))
		report(call, FLOW_STATIC_CALL, key, 0);
}

/* The callee calls back a function of the module, with @first as its argument. */
static void leave_callback(struct call *call, struct value function, struct value first)
{
	struct activation *activation = call->activation;
	const struct code_section *section;
	struct state *state;
	size_t i;

	if (!value_is_exact(function) ||
	    activation->depth >= activation->flow->limits.max_depth ||
	    !code_find(activation->flow->input->code, function.n, &section, &i))
		return;
	state = blocks_copy(activation->flow, call->state);
	if (!state)
		return;
	state->registers[X86_RDI] = first;
	if (value_is_stack(state->registers[X86_RSP]))
		state->registers[X86_RSP].n -= CALLBACK_STACK_BYTES;
	call->callback = (struct callback){.entry = function.n, .state = state};
}

static void apply_range(struct call *call)
{
	struct value mm = argument(call, 0), address = argument(call, 1);
	uint64_t init_mm;

	if ((value_is_exact(address) || address.kind == VALUE_NEAR) &&
	    addrspace_is_foreign_sealed(call->activation->flow->input->space,
					address.n)) {
		report(call, FLOW_UNPROTECT, address, 1);
		call->state->bits |= STATE_PTE_EDITED;
	}
	/* A driver may well write page-table entries of a process. */
	if (call->state->bits & STATE_PTE_EDITED ||
	    (value_is_exact(mm) &&
	     symbols_address(&call->activation->flow->input->space->kernel->symbols,
			     "init_mm", &init_mm) &&
	     mm.n == init_mm))
		leave_callback(call, argument(call, 3),
			       (struct value){.flags = VALUE_TABLE});
}

/* Reports sealed memory that the callee writes, since an argument points there. */
static void check_writes(struct call *call)
{
	struct value size = argument(call, 2);
	bool has_size = strncmp(call->name, "mem", 3) == 0 ||
			strncmp(call->name, "__mem", 5) == 0;

	if (has_size && value_is_exact(size) && size.n == 0)
		return;
	for (unsigned i = 0; i < X86_NR_ARGUMENTS; i++) {
		struct value to = argument(call, i);

		if (!(call->callee->writes & 1U << i))
			continue;
		if (to.kind == VALUE_ALIAS)
			report(call, FLOW_ALIAS, to, i);
		else if ((value_is_exact(to) || to.kind == VALUE_NEAR) &&
			 insn_is_address(to.n) &&
			 (addrspace_is_sealed(call->activation->flow->input->space,
					      to.n) ||
			  modimage_kind_at(call->activation->flow->input->mod, to.n) ==
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
		 addrspace_is_foreign_sealed(call->activation->flow->input->space, to.n))
		report(call,
		       call->state->bits &
				       ~(STATE_CELLS_LOST | STATE_FORKED | STATE_ASKED_RW)
			       ? FLOW_CALL
			       : FLOW_CAUGHT,
		       to, 0);
}

/* Reports a sealed object that is passed where the prototype allows to write it. */
static void check_passed(struct call *call)
{
	struct flow *flow = call->activation->flow;

	if (strncmp(call->name, "__SC", 4) == 0)
		return;
	for (unsigned i = 0; i < X86_NR_ARGUMENTS; i++) {
		struct value value = argument(call, i);
		struct addrspace_rights rights;

		if (!(value.flags & VALUE_HOT) || !(value.flags & VALUE_ADDRESS) ||
		    (!value_is_exact(value) && value.kind != VALUE_NEAR))
			continue;
		addrspace_rights(flow->input->space, value.n, MODULE_PHASE_LIVE, &rights);
		if (rights.is_executable || rights.is_writable)
			continue;
		if (addrspace_parameter(flow->input->space, call->name, i) ==
		    TYPES_WRITABLE)
			report(call, FLOW_PASSED, value, i);
	}
}

/* What strcmp(), strncmp() and strlen() of constants return is known. */
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

/* Forgets what the callee may have changed through the pointers that it was given. */
static void forget_pointees(struct call *call)
{
	struct flow *flow = call->activation->flow;

	for (unsigned i = 0; i < X86_NR_ARGUMENTS; i++) {
		struct value value = argument(call, i);

		if (!value_is_exact(value) || value.n < PAGE_BYTES ||
		    (value.n >> 63 &&
		     modimage_kind_at(flow->input->mod, value.n) == MODSECTION_NONE))
			continue;
		if (call->activation->is_exact && call->name) {
			enum types_parameter type = addrspace_parameter(
				flow->input->space, call->name, i);

			if (type == TYPES_CONST || type == TYPES_NONE ||
			    type == TYPES_NO_POINTER)
				continue;
		}
		state_forget(call->state, value.n, OBJECT_BYTES);
	}
}

/* arch/x86/kernel/cpu/common.c:native_write_cr0() */
static void write_cr0(struct call *call)
{
	enum value_wp wp = value_wp(argument(call, 0));

	if (wp == VALUE_SETS_WP)
		call->state->bits &= (uint16_t)~STATE_WP_CLEARED;
	if (wp != VALUE_CLEARS_WP)
		return;
	if (call->activation->flow->input->landmarks->guards.pins_cr0) {
		report(call, FLOW_CR0_PINNED, value_top(), 0);
		return;
	}
	call->state->bits |= STATE_WP_CLEARED;
	report(call, FLOW_CR0, value_top(), 0);
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
		if (operand_is_entry_address(call->activation->flow->input,
					     argument(call, 0))) {
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
	case CALLEE_READ_CR0:
		call->result = (struct value){.flags = VALUE_CR0};
		break;
	case CALLEE_WRITE_CR0:
		write_cr0(call);
		break;
	case CALLEE_STATIC_CALL:
		static_call(call);
		break;
	case CALLEE_APPLY_RANGE:
		apply_range(call);
		break;
	case CALLEE_CALLS_0:
		leave_callback(call, argument(call, 0), argument(call, 1));
		break;
	case CALLEE_CALLS_1:
		leave_callback(call, argument(call, 1), argument(call, 2));
		break;
	default:
		break;
	}
}

static void find_direct_target(struct call *call, const struct insn *insn)
{
	const struct flow *flow = call->activation->flow;
	const struct modimage *mod = flow->input->mod;
	const struct kofile_symbol *of = &mod->file->symbols[insn->imm_symbol];
	const struct classify_symbol *symbol;

	call->target = value_exact((uint64_t)insn->imm);
	if (!insn->imm_symbol || of->section != SHN_UNDEF)
		return;
	symbol = classify_symbol(&flow->relevant.classifier, insn->imm_symbol);
	if (symbol->thunk < X86_NR_REGISTERS) {
		call->target = call->state->registers[symbol->thunk];
		return;
	}
	call->target = value_exact(mod->symbols[insn->imm_symbol]);
	call->name = of->name;
	call->callee = symbol->callee;
	call->is_return = symbol->thunk == CLASSIFY_RETURN_THUNK;
	call->is_allocator = symbol->is_allocator;
}

/* What is known of a function that is called through pv_ops, by where its pointer lies.
 */
static const struct callee *paravirt_callee(const struct flow *flow,
					    const struct insn *insn)
{
	const struct landmarks *landmarks = flow->input->landmarks;
	uint64_t va = (uint64_t)insn->disp;

	if (!va)
		return NULL;
	if (va == landmarks->pv_set_pte || va == landmarks->pv_set_pmd)
		return callee_find("native_set_pte");
	if (va == landmarks->pv_read_cr0)
		return callee_find("native_read_cr0");
	if (va == landmarks->pv_write_cr0)
		return callee_find("native_write_cr0");
	return va == landmarks->pv_read_msr ? callee_find("native_read_msr") : NULL;
}

static void find_indirect_target(struct call *call, const struct insn *insn)
{
	const struct flow *flow = call->activation->flow;
	const struct kofile_symbol *symbols = flow->input->mod->file->symbols;

	call->target = operand_value(call->activation, call->state, insn, insn->src, 8);
	/* A call through pv_ops is known by the variable's name. */
	call->is_paravirt = insn->src == INSN_MEMORY && insn->disp_symbol &&
			    strcmp(symbols[insn->disp_symbol].name, "pv_ops") == 0;
	if (!call->is_paravirt)
		return;
	call->name = symbols[insn->disp_symbol].name;
	call->callee = paravirt_callee(flow, insn);
}

void outside_find_target(struct call *call, const struct insn *insn)
{
	if (insn->src == INSN_IMMEDIATE)
		find_direct_target(call, insn);
	else
		find_indirect_target(call, insn);
}

/* Names the callee by the kernel's symbol at its address: no relocation names it. */
static void name_target(struct call *call)
{
	struct symbols *symbols = &call->activation->flow->input->space->kernel->symbols;
	const struct symbol *symbol;

	if (!value_is_exact(call->target) || call->target.flags & VALUE_MAY)
		return;
	symbol = symbols_at(symbols, call->target.n);
	if (!symbol || symbol->address != call->target.n)
		return;
	call->name = symbol->name;
	call->callee = callee_find(symbol->name);
	call->is_allocator = callee_is_allocator(symbol->name);
}

bool outside_call(struct call *call)
{
	struct flow *flow = call->activation->flow;
	struct state *state = call->state;
	const struct callee *callee;

	if (!call->name)
		name_target(call);
	callee = call->callee;
	if (callee && callee->kind == CALLEE_NO_RETURN)
		return false;
	if (callee && callee->kind == CALLEE_GET_ENTRY)
		flow->has_entries = true;
	if (!flow->is_pruning || flow->has_entries)
		call->result = (struct value){
			.n = value_is_exact(call->target) ? call->target.n : 0,
			.kind = VALUE_RESULT,
			.serial = (uint8_t)(call->va ^ call->va >> 8)};
	if (callee && callee->kind == CALLEE_NO_ARGUMENTS)
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
	if (call->is_allocator && call->activation->is_exact) {
		call->result = value_exact(flow->next_heap);
		flow->next_heap += VALUE_HEAP_STRIDE;
	}
	if (!call->is_paravirt)
		state_clobber(state);
	state->registers[X86_RAX] = call->result;
	state->flags.is_known = false;
	return true;
}
