/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/blocks.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "insn/expand.h"
#include "look.h"

static struct look of;
static struct flow flow;
static struct flow_events events;
static struct activation activation;
static struct state *state;
static uint64_t va;

/* Nothing but nops. */
static void setup(void)
{
	unsigned char code[16];

	memset(code, 0x90, sizeof(code));
	va = look_at_code(&of, code, sizeof(code))->va;
	look_flow(&of, &flow);
	flow.result = &events;
	flow.limits.max_states = 2;
	activation = (struct activation){.flow = &flow, .is_exact = true};
	state = calloc(1, state_bytes(STATE_MAX_CELLS));
	cr_assert_not_null(state);
	state->room = STATE_MAX_CELLS;
}

static void teardown(void)
{
	free(state);
	free(activation.events.array);
	events_free(&events);
	arena_close(&flow.arena);
	look_away(&of);
}

TestSuite(dataflow_blocks, .init = setup, .fini = teardown);

static void enter(uint64_t offset, uint64_t rbx)
{
	state->registers[X86_RBX] = value_exact(rbx);
	blocks_enter(&activation, NULL, va + offset, state);
}

Test(dataflow_blocks, lower_addresses_come_first)
{
	static const uint64_t offsets[] = {7, 3, 12, 0, 9, 5};
	uint64_t previous = 0;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
		enter(offsets[i], 0);
	enter(3, 0);
	cr_assert_eq(activation.nr_queue, 6, "each block once");
	while (activation.nr_queue > 0) {
		struct block *block = blocks_next(&activation);

		cr_expect_gt(block->va, previous);
		cr_expect_eq(blocks_at(&activation, block->va), block);
		previous = block->va;
	}
	cr_expect_eq(previous, va + 12);
	cr_expect_null(blocks_at(&activation, va + 1));
}

Test(dataflow_blocks, a_state_that_says_nothing_new_changes_nothing)
{
	struct block *block;

	enter(0, 1);
	block = blocks_next(&activation);
	cr_expect_eq(block->nr_states, 1);
	cr_expect_eq(block->pending, 1);
	block->pending = 0;
	enter(0, 1);
	cr_expect_eq(block->pending, 0);
	cr_expect_eq(activation.nr_queue, 0);
}

Test(dataflow_blocks, constants_are_kept_apart_up_to_a_number)
{
	struct block *block;

	enter(0, 1);
	enter(0, 2);
	block = blocks_next(&activation);
	cr_assert_eq(block->nr_states, 2);
	cr_expect_eq(block->pending, 3);
	cr_expect_eq(block->states[0]->registers[X86_RBX].n, 1);
	cr_expect_eq(block->states[1]->registers[X86_RBX].n, 2);
	cr_expect_not(flow.was_full);
	enter(0, 3);
	cr_expect_eq(block->nr_states, 2);
	cr_expect(flow.was_full);
	cr_expect_eq(block->states[1]->registers[X86_RBX].kind, VALUE_TOP);
	cr_expect_eq(block->states[0]->registers[X86_RBX].n, 1);
}

Test(dataflow_blocks, only_instructions_are_entered)
{
	enter(sizeof(uint64_t) * 4, 0);
	blocks_enter(&activation, NULL, 0xffffffff81000000, state);
	cr_expect_eq(activation.nr_queue, 0);
}

Test(dataflow_blocks, control_passes_to_what_nothing_else_goes_to)
{
	const struct code_section *section = &of.input.code->sections[0];
	struct block *first, *second;

	enter(0, 1);
	first = blocks_next(&activation);
	second = blocks_pass(&activation, first, expand_insn(section, 1), va + 1, state);
	cr_assert_not_null(second);
	cr_expect_eq(second->va, va + 1);
	cr_expect_eq(second->nr_states, 0, "the state goes on as it is");
	cr_assert_eq(first->nr_edges, 1);
	cr_expect_eq(first->edges[0], va + 1);
	expand_insn(section, 2)->flags |= INSN_LEADER;
	cr_expect_null(
		blocks_pass(&activation, second, expand_insn(section, 2), va + 2, state));
	cr_expect_eq(blocks_at(&activation, va + 2)->nr_states, 1, "it has been entered");
}

Test(dataflow_blocks, exits_are_kept_for_the_caller)
{
	struct activation called = {
		.flow = &flow, .caller = &activation, .is_exact = true};
	struct block block = {0};

	blocks_leave(&activation, &block, state);
	cr_expect(block.is_exit);
	cr_expect_eq(activation.nr_exits, 0, "a root has none");
	for (uint64_t i = 0; i < 20; i++) {
		state->registers[X86_RAX] = value_exact(i % 10);
		blocks_leave(&called, &block, state);
	}
	cr_assert_eq(called.nr_exits, ACTIVATION_MAX_EXITS);
	cr_expect_eq(called.exits[0]->registers[X86_RAX].n, 0);
	cr_expect_eq(called.exits[7]->registers[X86_RAX].kind, VALUE_TOP, "joined");
}

Test(dataflow_blocks, events_know_their_root)
{
	struct parameter parameter = {.name = "debug"};

	flow.root = FLOW_PARAMETER;
	flow.parameter = &parameter;
	blocks_event(&activation, va, (struct flow_event){.what = FLOW_CR0});
	blocks_event(&activation, va + 1,
		     (struct flow_event){.what = FLOW_CR0, .bits = STATE_FORKED});
	cr_assert_eq(events.nr_events, 2);
	cr_expect_eq(events.events[0].site, va);
	cr_expect_eq(events.events[0].root, FLOW_PARAMETER);
	cr_expect_str_eq(events.events[0].parameter, "debug");
	cr_assert_eq(activation.events.nr, 2);
	cr_expect(activation.events.array[0].is_decided);
	cr_expect_not(activation.events.array[1].is_decided);
	/* The first pass only says that there is something. */
	flow.is_pruning = true;
	blocks_event(&activation, va + 2, (struct flow_event){.what = FLOW_CR0});
	cr_expect_eq(events.nr_events, 2);
	cr_expect(flow.has_news);
}
