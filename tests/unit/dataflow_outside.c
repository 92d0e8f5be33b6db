/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/outside.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/callee.h"
#include "insn/expand.h"
#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}

static const uint64_t SEALED = 0xffffffff81200100, HELPER = 0xffffffff81000100;

static struct look of;
static struct flow flow;
static struct flow_events events;
static struct activation activation;
static struct state *state;
static struct call call;
static uint64_t string; /* "sealed", of the module */
static uint64_t *rdi, *rsi, *rdx;

/* A call of @name, NULL: by a pointer in rbx. The module has another function at 8. */
static void begin(const char *name)
{
	static const unsigned char by_name[9] = {0xe8, [5] = 0xc3, 0x90, 0x90, 0xc3};
	static const unsigned char by_pointer[9] = {0xff, 0xd3, 0xc3, [8] = 0xc3};
	static const Elf64_Rela rela[] = {RELA(1, 2, PLT32, -4)};
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0,
			      name ? by_name : by_pointer, 9, rela, name ? 1 : 0},
			     {".rodata", SHF_ALLOC, 0, "sealed", 7, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {name ? name : "", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"other", 1, 8, STT_FUNC, STB_LOCAL, 0}},
		.nr_symbols = 3,
	};

	look_at(&of, &ko, NULL, 0);
	look_flow(&of, &flow);
	flow.result = &events;
	flow.limits.max_depth = 1;
	cr_assert_eq(relevant_open(&flow.relevant, &of.input), 0);
	activation = (struct activation){.flow = &flow, .is_exact = true};
	state = calloc(1, state_bytes(STATE_MAX_CELLS));
	cr_assert_not_null(state);
	state->room = STATE_MAX_CELLS;
	string = of.input.mod->sections[2].va;
	for (unsigned i = 0; i < X86_NR_REGISTERS; i++)
		state->registers[i] = value_exact(i);
	rdi = &state->registers[X86_RDI].n;
	rsi = &state->registers[X86_RSI].n;
	rdx = &state->registers[X86_RDX].n;
	call = (struct call){.activation = &activation, .state = state};
}

/* The byte of the sealed constants that a module could know by its frame. */
static uint64_t sealed_pa(void)
{
	return SEALED + of.kernel.image_to_pa;
}

static struct landmarks *landmarks(void)
{
	return &of.space.landmarks;
}

static bool returns(void)
{
	outside_find_target(&call, expand_insn(&of.input.code->sections[0], 0));
	return outside_call(&call);
}

static struct value rax(void)
{
	return state->registers[X86_RAX];
}

static void end(void)
{
	cr_expect_eq(flow.nr_steps, 0, "no code is run");
	free(activation.events.array);
	free(state);
	relevant_close(&flow.relevant);
	arena_close(&flow.arena);
	events_free(&events);
	look_away(&of);
}

TestSuite(dataflow_outside, .fini = end);

Test(dataflow_outside, registers_that_a_callee_need_not_keep)
{
	static const bool is_kept[X86_NR_REGISTERS] = {
		[X86_RBX] = true, [X86_RSP] = true, [X86_RBP] = true, [X86_R12] = true,
		[X86_R13] = true, [X86_R14] = true, [X86_R15] = true};

	begin("helper");
	state->flags.is_known = true;
	cr_assert(returns());
	cr_expect_str_eq(call.name, "helper");
	for (unsigned i = 0; i < X86_NR_REGISTERS; i++)
		cr_expect_eq(value_is_exact(state->registers[i]), is_kept[i], "%u", i);
	cr_expect_not(state->flags.is_known);
	cr_expect_eq(rax().kind, VALUE_RESULT);
	cr_expect_eq(rax().n, HELPER);
}

Test(dataflow_outside, panic_does_not_return)
{
	begin("panic");
	cr_expect_not(returns());
}

Test(dataflow_outside, a_name_is_looked_up)
{
	begin("kallsyms_lookup_name");
	*rdi = string;
	cr_assert(returns());
	cr_expect_eq(rax().kind, VALUE_EXACT);
	cr_expect_eq(rax().n, SEALED);
	cr_expect_eq(rax().flags, VALUE_HOT | VALUE_ADDRESS | VALUE_LOOKED_UP);
	cr_assert_eq(events.nr_lookups, 1);
	cr_expect_eq(events.lookups[0].string, string);
	cr_expect(events.lookups[0].is_sure);
}

/* What is called by a pointer may be kallsyms_lookup_name(). */
Test(dataflow_outside, a_name_may_have_been_looked_up)
{
	begin(NULL);
	state->registers[X86_RBX] = value_top();
	*rdi = string;
	cr_assert(returns());
	cr_expect_eq(rax().n, SEALED);
	cr_expect(rax().flags & VALUE_GUESSED);
	cr_assert_eq(events.nr_lookups, 1);
	cr_expect_not(events.lookups[0].is_sure);
}

Test(dataflow_outside, a_pointer_to_a_function_names_it)
{
	begin(NULL);
	state->registers[X86_RBX] = value_exact(HELPER);
	*rdi = string;
	cr_assert(returns());
	cr_expect_str_eq(call.name, "helper");
	cr_expect_eq(events.nr_lookups, 0, "helper() is none to look names up");
}

Test(dataflow_outside, memcpy_to_what_is_sealed)
{
	begin("memcpy");
	*rdi = SEALED;
	*rdx = 8;
	cr_assert(returns());
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_CALL);
	cr_expect_eq(events.events[0].target, SEALED);
	cr_expect_eq(events.events[0].argument, 0);
	cr_expect_str_eq(events.events[0].callee, "memcpy");
}

Test(dataflow_outside, memcpy_of_nothing_or_elsewhere)
{
	begin("memcpy");
	*rdi = SEALED;
	*rdx = 0;
	returns();
	*rdi = 0xffffffff81400100;
	*rdx = 8;
	state->registers[X86_RDI].kind = VALUE_EXACT;
	returns();
	cr_expect_eq(events.nr_events, 0);
}

Test(dataflow_outside, a_fault_that_is_caught)
{
	begin("copy_to_kernel_nofault");
	*rdi = SEALED;
	returns();
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_CAUGHT);
}

Test(dataflow_outside, a_fault_that_does_not_come)
{
	begin("copy_to_kernel_nofault");
	*rdi = SEALED;
	state->bits = STATE_WP_CLEARED;
	returns();
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_CALL);
}

Test(dataflow_outside, strings_are_compared)
{
	begin("strcmp");
	*rdi = *rsi = string;
	returns();
	cr_expect(value_is_exact(rax()));
	cr_expect_eq(rax().n, 0);
	state->registers[X86_RDI] = value_exact(string + 1);
	state->registers[X86_RSI] = value_exact(string);
	returns();
	cr_expect_lt((int32_t)rax().n, 0);
}

/* The kernel takes W away again from its own constants, unless the switch is off. */
Test(dataflow_outside, set_memory_rw_of_the_kernels)
{
	begin("set_memory_rw");
	*rdi = SEALED;
	returns();
	cr_expect_eq(state->bits, STATE_ASKED_RW);
	cr_expect_eq(events.nr_events, 0);
}

Test(dataflow_outside, set_memory_rw_with_the_switch_off)
{
	begin("set_memory_rw");
	*rdi = SEALED;
	state->bits = STATE_RO_DISARMED;
	returns();
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_UNPROTECT);
	cr_expect(state->bits & STATE_OWN_UNSEALED);
}

Test(dataflow_outside, a_callee_writes_to_objects_it_is_given)
{
	begin("helper");
	*rdi = VALUE_STACK + 64;
	state_store(state, VALUE_STACK + 72, 8, value_exact(1));
	state_store(state, VALUE_STACK - 8, 8, value_exact(2));
	returns();
	cr_assert_eq(state->nr_cells, 1);
	cr_expect_eq(state->cells[0].value.n, 2);
}

Test(dataflow_outside, allocators_return_what_nothing_else_has)
{
	struct value first;

	begin("__kmalloc");
	flow.next_heap = VALUE_HEAP;
	returns();
	first = rax();
	cr_expect(value_is_exact(first));
	returns();
	cr_expect(value_is_exact(rax()));
	cr_expect_neq(rax().n, first.n);
}

/* The state is that of the call: r8 is there, which the callee need not keep. */
Test(dataflow_outside, a_callback_is_left_to_be_run)
{
	begin("stop_machine");
	*rdi = of.input.code->sections[0].va + 8;
	*rsi = 77;
	state->registers[X86_RSP] = value_exact(VALUE_STACK);
	cr_assert(returns());
	cr_assert_not_null(call.callback.state);
	cr_expect_eq(call.callback.entry, of.input.code->sections[0].va + 8);
	cr_expect_eq(call.callback.state->registers[X86_RDI].n, 77);
	cr_expect(value_is_exact(call.callback.state->registers[X86_R8]));
	cr_expect_lt(call.callback.state->registers[X86_RSP].n, VALUE_STACK);
	cr_expect_not(value_is_exact(state->registers[X86_R8]));
	cr_expect_eq(state->registers[X86_RSP].n, VALUE_STACK);
	cr_expect_eq(state->bits, 0);
}

Test(dataflow_outside, no_callback_of_what_is_not_the_modules)
{
	begin("stop_machine");
	*rdi = HELPER;
	returns();
	cr_expect_null(call.callback.state);
	state->registers[X86_RDI] = value_top();
	returns();
	cr_expect_null(call.callback.state);
	state->registers[X86_RDI] = value_exact(of.input.code->sections[0].va + 8);
	activation.depth = 1;
	returns();
	cr_expect_null(call.callback.state, "too deep");
}

Test(dataflow_outside, a_thunk_calls_what_its_register_has)
{
	begin("__x86_indirect_thunk_rbx");
	state->registers[X86_RBX] = value_exact(HELPER);
	returns();
	cr_expect_str_eq(call.name, "helper");
}

/* native_write_cr0(): since 5.3 it sets WP again. */
Test(dataflow_outside, wp_cleared_by_the_kernels_function)
{
	static const struct {
		uint64_t value;
		bool is_pinned;
		enum flow_kind what; /* FLOW_NR_KINDS: nothing */
		uint16_t bits;
	} rows[] = {
		{0x80040033, true, FLOW_CR0_PINNED, 0},
		{0x80050033, true, FLOW_NR_KINDS, 0},
		{0x80040033, false, FLOW_CR0, STATE_WP_CLEARED},
		{0x80050033, false, FLOW_NR_KINDS, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&events, 0, sizeof(events));
		begin("native_write_cr0");
		of.space.landmarks.guards.pins_cr0 = rows[i].is_pinned;
		*rdi = rows[i].value;
		cr_assert(returns());
		cr_expect_eq(events.nr_events, rows[i].what != FLOW_NR_KINDS, "%zu", i);
		if (events.nr_events)
			cr_expect_eq(events.events[0].what, rows[i].what, "%zu", i);
		cr_expect_eq(state->bits & STATE_WP_CLEARED, rows[i].bits, "%zu", i);
		if (i + 1 < sizeof(rows) / sizeof(rows[0]))
			end();
	}
}

Test(dataflow_outside, cr0_read_by_the_kernels_function)
{
	begin("native_read_cr0");
	cr_assert(returns());
	cr_expect(rax().flags & VALUE_CR0);
}

static void expect_event(enum flow_kind what, uint64_t target)
{
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, what);
	cr_expect_eq(events.events[0].target, target);
}

/* register_kprobe() finds the function: the way by which modules look names up. */
Test(dataflow_outside, a_probes_address_is_known_from_its_name)
{
	const uint64_t probe = VALUE_STACK + 64;

	begin("register_kprobe");
	landmarks()->kprobe_name = 16;
	landmarks()->kprobe_address = 8;
	*rdi = probe;
	state_store(state, probe + 16, 8, value_exact(string));
	state_store(state, probe + 24, 8, value_exact(7));
	cr_assert(returns());
	cr_assert_eq(events.nr_lookups, 1);
	cr_expect_eq(events.lookups[0].address, SEALED);
	cr_expect(events.lookups[0].is_sure);
	for (size_t i = 0; i < state->nr_cells; i++)
		cr_expect_neq(state->cells[i].value.n, 7, "it may have been changed");
	cr_expect_geq(state->nr_cells, 2, "the name and the address");
}

Test(dataflow_outside, a_probe_that_is_not_known)
{
	begin("register_kprobe");
	landmarks()->kprobe_name = 0;
	*rdi = VALUE_STACK + 64;
	cr_assert(returns());
	cr_expect_eq(events.nr_lookups, 0);
}

/* vmap() of a frame that holds sealed constants: a second mapping, writable. */
Test(dataflow_outside, a_sealed_frame_is_mapped_once_more)
{
	begin("vmap");
	landmarks()->vmemmap = 0xffffea0000000000;
	landmarks()->page_bytes = 64;
	*rdi = VALUE_STACK + 64;
	state_store(state, VALUE_STACK + 64, 8,
		    value_exact(0xffffea0000000000 + sealed_pa() / 4096 * 64));
	cr_assert(returns());
	expect_event(FLOW_ALIAS, SEALED & ~(uint64_t)4095);
	cr_expect_eq(rax().kind, VALUE_ALIAS);
}

Test(dataflow_outside, another_frame_is_mapped)
{
	begin("vmap");
	landmarks()->vmemmap = 0xffffea0000000000;
	landmarks()->page_bytes = 64;
	*rdi = VALUE_STACK + 64;
	state_store(state, VALUE_STACK + 64, 8, value_exact(0xffffea0000000040));
	cr_assert(returns());
	cr_expect_eq(events.nr_events, 0);
}

Test(dataflow_outside, a_sealed_frame_gets_a_fixed_mapping)
{
	begin("__set_fixmap");
	*rsi = sealed_pa();
	cr_assert(returns());
	expect_event(FLOW_ALIAS, SEALED);
}

/* memremap(MEMREMAP_WB) of RAM is its address in the direct map. */
Test(dataflow_outside, a_sealed_frame_is_remapped)
{
	begin("memremap");
	landmarks()->page_offset = FAKE_DIRECT_MAP;
	*rdi = sealed_pa();
	*rdx = 1;
	cr_assert(returns());
	cr_expect_eq(rax().n, FAKE_DIRECT_MAP + sealed_pa());
	cr_expect_eq(events.nr_events, 0, "to map is not to write");
}

Test(dataflow_outside, what_is_remapped_uncached_is_not_known)
{
	begin("memremap");
	landmarks()->page_offset = FAKE_DIRECT_MAP;
	*rdi = sealed_pa();
	*rdx = 4; /* MEMREMAP_WC */
	cr_assert(returns());
	cr_expect_not(value_is_exact(rax()));
}

Test(dataflow_outside, where_the_kernel_is_entered_is_read_from_an_msr)
{
	begin("native_read_msr");
	landmarks()->syscall_entry = HELPER;
	*rdi = 0xc0000082; /* MSR_LSTAR */
	cr_assert(returns());
	cr_expect_eq(rax().n, HELPER);
}

Test(dataflow_outside, functions_that_unseal_the_kernel)
{
	static const char *const names[] = {"set_pages_rw", "mark_rodata_rw"};

	for (size_t i = 0; i < 2; i++) {
		memset(&events, 0, sizeof(events));
		begin(names[i]);
		*rdi = SEALED;
		cr_assert(returns());
		expect_event(FLOW_UNPROTECT, SEALED);
		cr_expect(state->bits & STATE_PTE_EDITED);
		if (i == 0)
			end();
	}
}

/* Page-table entries of the sealed range, or of init_mm at all, are given to a function.
 */
Test(dataflow_outside, page_table_entries_are_given_to_a_callback)
{
	begin("apply_to_page_range");
	*rsi = SEALED;
	state->registers[X86_RCX] = value_exact(of.input.code->sections[0].va + 8);
	cr_assert(returns());
	expect_event(FLOW_UNPROTECT, SEALED);
	cr_assert_not_null(call.callback.state);
	cr_expect_eq(call.callback.entry, of.input.code->sections[0].va + 8);
	cr_expect(call.callback.state->registers[X86_RDI].flags & VALUE_TABLE);
}

Test(dataflow_outside, page_table_entries_of_a_process_are_drivers_business)
{
	begin("apply_to_page_range");
	state->registers[X86_RDI] = value_top();
	*rsi = 0x7f0000000000;
	state->registers[X86_RCX] = value_exact(of.input.code->sections[0].va + 8);
	cr_assert(returns());
	cr_expect_eq(events.nr_events, 0);
	cr_expect_null(call.callback.state);
}

Test(dataflow_outside, the_second_argument_is_called_back)
{
	begin("smp_call_function_single");
	*rsi = of.input.code->sections[0].va + 8;
	*rdx = 78;
	cr_assert(returns());
	cr_assert_not_null(call.callback.state);
	cr_expect_eq(call.callback.state->registers[X86_RDI].n, 78);
}

/* A mapping made before is written through. */
Test(dataflow_outside, memcpy_to_a_second_mapping)
{
	begin("memcpy");
	state->registers[X86_RDI] = (struct value){.n = SEALED, .kind = VALUE_ALIAS};
	*rdx = 8;
	cr_assert(returns());
	expect_event(FLOW_ALIAS, SEALED);
}

Test(dataflow_outside, a_fault_that_is_caught_in_a_second_mapping)
{
	begin("copy_to_kernel_nofault");
	state->registers[X86_RDI] = (struct value){.n = SEALED, .kind = VALUE_ALIAS};
	cr_assert(returns());
	expect_event(FLOW_ALIAS, SEALED);
}

Test(dataflow_outside, a_length_is_known)
{
	begin("strlen");
	*rdi = string;
	cr_assert(returns());
	cr_expect_eq(rax().n, 6);
}

Test(dataflow_outside, the_first_bytes_are_compared)
{
	begin("strncmp");
	*rdi = *rsi = string;
	*rdx = 3;
	cr_assert(returns());
	cr_expect(value_is_exact(rax()));
	cr_expect_eq(rax().n, 0);
}
