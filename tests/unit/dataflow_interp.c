/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/interp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { OTHER = 2, SEALED, HELPER, STOP_MACHINE, OTHER_AT = 0x20 };

static struct look of;
static struct flow flow;
static struct flow_events events;
static struct state *state, *exits[ACTIVATION_MAX_EXITS];
static size_t nr_exits;
static uint64_t va;

static void setup(void)
{
	state = calloc(1, state_bytes(STATE_MAX_CELLS));
	cr_assert_not_null(state);
	state->room = STATE_MAX_CELLS;
	state->registers[X86_RSP] = value_exact(VALUE_STACK);
	state->registers[X86_RBX] = value_exact(99);
}

static void teardown(void)
{
	free(state);
	relevant_close(&flow.relevant);
	arena_close(&flow.arena);
	events_free(&events);
	look_away(&of);
}

TestSuite(dataflow_interp, .init = setup, .fini = teardown);

/* init_module() at 0, "other" at OTHER_AT. */
static void begin(const unsigned char code[64], const Elf64_Rela *rela, size_t nr_rela)
{
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, 64, rela,
			      nr_rela}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"other", 1, OTHER_AT, STT_FUNC, STB_LOCAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"stop_machine", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 5,
	};

	look_at(&of, &ko, NULL, 0);
	look_flow(&of, &flow);
	flow.result = &events;
	flow.limits = (struct flow_limits){
		.max_states = 8, .max_depth = 4, .max_steps = 1000};
	cr_assert_eq(relevant_open(&flow.relevant, &of.input), 0);
	va = of.input.code->sections[0].va;
}

/* From a root: the events come out. */
static void run(bool is_exact)
{
	cr_expect_eq(interp_run(&flow, NULL, va, is_exact, state, exits), 0);
}

/* As called by another function: the exits come out. */
static void run_called(void)
{
	struct activation caller = {.flow = &flow, .is_exact = true};

	nr_exits = interp_run(&flow, &caller, va, true, state, exits);
	free(caller.events.array);
}

Test(dataflow_interp, what_a_call_leaves)
{
	/* call other; ret, and other: mov $1, %ebx; mov $5, %eax; mov $6, %ecx; ret */
	static const unsigned char code[64] = {
		0xe8, 0x1b, 0,	  0, 0,	   0xc3, [OTHER_AT] = 0xbb,
		1,    0,    0,	  0, 0xb8, 5,	 0,
		0,    0,    0xb9, 6, 0,	   0,	 0,
		0xc3};

	begin(code, NULL, 0);
	run_called();
	cr_assert_eq(nr_exits, 1);
	cr_expect_eq(exits[0]->registers[X86_RAX].n, 5);
	cr_expect_eq(exits[0]->registers[X86_RAX].flags, VALUE_RETURNED);
	cr_expect_eq(exits[0]->registers[X86_RBX].n, 99, "callees keep it");
	cr_expect_eq(exits[0]->registers[X86_RSP].n, VALUE_STACK);
}

Test(dataflow_interp, what_a_call_that_is_too_deep_leaves)
{
	/* call other; ret, and other: mov $5, %eax; ret */
	static const unsigned char code[64] = {
		0xe8, 0x1b, 0, 0, 0, 0xc3, [OTHER_AT] = 0xb8, 5, 0, 0, 0, 0xc3};

	begin(code, NULL, 0);
	flow.limits.max_depth = 1;
	run_called();
	cr_assert_eq(nr_exits, 1);
	cr_expect_eq(exits[0]->registers[X86_RAX].kind, VALUE_RESULT);
	cr_expect_eq(exits[0]->registers[X86_RBX].n, 99);
	cr_expect(exits[0]->bits & STATE_CELLS_LOST);
}

Test(dataflow_interp, constants_are_returned_apart)
{
	/* test %edi, %edi; je 9; mov $1, %eax; ret; 9 is a: mov $2, %eax; ret */
	static const unsigned char code[64] = {0x85, 0xff, 0x74, 0x06, 0xb8, 1, 0, 0,
					       0,    0xc3, 0xb8, 2,    0,    0, 0, 0xc3};

	begin(code, NULL, 0);
	run_called();
	cr_assert_eq(nr_exits, 2);
	cr_expect_eq(exits[0]->registers[X86_RAX].n + exits[1]->registers[X86_RAX].n, 3);
}

/* mov $other, %rdi; call stop_machine; ret, and other: movb $0, sealed(%rip); ret */
static const unsigned char stops[64] = {0x48, 0xc7, 0xc7, 0, 0, 0,    0,
					0xe8, 0,    0,	  0, 0, 0xc3, [OTHER_AT] = 0xc6,
					0x05, 0,    0,	  0, 0, 0,    0xc3};
static const Elf64_Rela stops_rela[] = {RELA(3, OTHER, 32S, 0),
					RELA(8, STOP_MACHINE, PLT32, -4),
					RELA(OTHER_AT + 2, SEALED, PC32, -5)};

Test(dataflow_interp, a_callback_is_run)
{
	begin(stops, stops_rela, COUNT(stops_rela));
	run(true);
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_STORE);
	cr_expect_eq(events.events[0].site, va + OTHER_AT);
	cr_expect_eq(events.events[0].target, 0xffffffff81200100);
	cr_expect_not(events.events[0].is_conditional);
}

Test(dataflow_interp, a_callback_leaves_registers_to_the_callee)
{
	begin(stops, stops_rela, COUNT(stops_rela));
	run_called();
	cr_assert_eq(nr_exits, 1);
	cr_expect_eq(exits[0]->registers[X86_RBX].n, 99);
	cr_expect_eq(exits[0]->registers[X86_RAX].kind, VALUE_RESULT, "stop_machine()'s");
	cr_expect(exits[0]->bits & STATE_CELLS_LOST);
}

Test(dataflow_interp, protection_that_a_callback_lifts_stays_so)
{
	/* As above, and other: mov %cr0, %rax; and $~0x10000, %rax; mov %rax, %cr0; ret
	 */
	unsigned char code[64];

	memcpy(code, stops, sizeof(code));
	memcpy(code + OTHER_AT, "\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0\xc3",
	       13);
	begin(code, stops_rela, 2);
	run_called();
	cr_assert_eq(nr_exits, 1);
	cr_expect(exits[0]->bits & STATE_WP_CLEARED);
}

Test(dataflow_interp, recursion_ends)
{
	/* jmp other, and other: call other; movb $0, sealed(%rip); ret */
	static const unsigned char code[64] = {0xeb,
					       OTHER_AT - 2,
					       [OTHER_AT] = 0xe8,
					       0xfb,
					       0xff,
					       0xff,
					       0xff,
					       0xc6,
					       0x05,
					       0,
					       0,
					       0,
					       0,
					       0,
					       0xc3};
	static const Elf64_Rela rela[] = {RELA(OTHER_AT + 7, SEALED, PC32, -5)};

	begin(code, rela, COUNT(rela));
	run(true);
	cr_expect_not(flow.was_bounded);
	cr_expect_eq(events.nr_events, 1);
}

Test(dataflow_interp, steps_are_bounded)
{
	/* inc %rax; jmp 0 */
	static const unsigned char code[64] = {0x48, 0xff, 0xc0, 0xeb, 0xfb};

	begin(code, NULL, 0);
	flow.limits.max_states = BLOCK_MAX_STATES;
	flow.limits.max_steps = 20;
	state->registers[X86_RAX] = value_exact(0);
	run(true);
	cr_expect(flow.was_bounded);
	cr_expect_leq(flow.nr_steps, 22);
}

/* test %edi, %edi; je b; movb $0, sealed(%rip); b: ret */
static const unsigned char skips[64] = {0x85, 0xff, 0x74, 0x07, 0xc6, 0x05,
					0,    0,    0,	  0,	0,    0xc3};

Test(dataflow_interp, a_store_on_one_of_two_ways)
{
	static const Elf64_Rela rela[] = {RELA(6, SEALED, PC32, -5)};

	begin(skips, rela, COUNT(rela));
	run(true);
	cr_assert_eq(events.nr_events, 1);
	cr_expect(events.events[0].is_conditional);
}

Test(dataflow_interp, a_store_unless_a_call_fails)
{
	/* call helper; test %eax, %eax; jne 10; movb $0, sealed(%rip); 10: ret */
	static const unsigned char code[64] = {0xe8, 0,	   0,	 0,    0,    0x85,
					       0xc0, 0x75, 0x07, 0xc6, 0x05, 0,
					       0,    0,	   0,	 0,    0xc3};
	static const Elf64_Rela rela[] = {RELA(1, HELPER, PLT32, -4),
					  RELA(11, SEALED, PC32, -5)};

	begin(code, rela, COUNT(rela));
	run(true);
	cr_assert_eq(events.nr_events, 1);
	cr_expect_not(events.events[0].is_conditional);
}

Test(dataflow_interp, a_store_that_a_constant_leads_to)
{
	static const Elf64_Rela rela[] = {RELA(6, SEALED, PC32, -5)};

	begin(skips, rela, COUNT(rela));
	state->registers[X86_RDI] = value_exact(1);
	run(true);
	cr_assert_eq(events.nr_events, 1);
	cr_expect_not(events.events[0].is_conditional);
}

Test(dataflow_interp, a_store_that_a_constant_leads_around)
{
	static const Elf64_Rela rela[] = {RELA(6, SEALED, PC32, -5)};

	begin(skips, rela, COUNT(rela));
	state->registers[X86_RDI] = value_exact(0);
	run(true);
	cr_expect_eq(events.nr_events, 0);
}

/* Without anything precious a function that is jumped to is interpreted for itself. */
Test(dataflow_interp, a_tail_call)
{
	/* jmp other, and other: movb $0, (%rdi); ret */
	static const unsigned char code[64] = {
		0xeb, OTHER_AT - 2, [OTHER_AT] = 0xc6, 0x07, 0, 0xc3};

	begin(code, NULL, 0);
	run(false);
	cr_expect_eq(flow.nr_steps, 1);
	flow.nr_steps = 0;
	state->registers[X86_RDI] = (struct value){
		.n = 0xffffffff81200100, .kind = VALUE_EXACT, .flags = VALUE_HOT};
	run(false);
	cr_expect_eq(flow.nr_steps, 3);
	cr_expect_eq(events.nr_events, 1);
}
