/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/state.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct state *make(size_t room)
{
	struct state *state = calloc(1, state_bytes(room));

	state->room = (uint16_t)room;
	return state;
}

static const uint64_t OWN = 0xffffffffc0001000;

Test(dataflow_state, memory_is_found_whole_and_in_parts)
{
	struct state *state = make(8);
	struct value value;

	state_store(state, VALUE_STACK - 8, 8, value_exact(0x1122334455667788));
	cr_assert(state_load(state, VALUE_STACK - 8, 8, &value));
	cr_expect_eq(value.n, 0x1122334455667788);
	cr_assert(state_load(state, VALUE_STACK - 8, 2, &value));
	cr_expect_eq(value.n, 0x7788);
	cr_assert(state_load(state, VALUE_STACK - 4, 4, &value));
	cr_expect_eq(value.n, 0x11223344);
	cr_expect_not(state_load(state, VALUE_STACK - 16, 8, &value));
	free(state);
}

Test(dataflow_state, a_store_takes_what_it_overlaps_away)
{
	struct state *state = make(8);
	struct value value;

	state_store(state, VALUE_STACK - 16, 8, value_exact(1));
	state_store(state, VALUE_STACK - 8, 8, value_exact(2));
	state_store(state, VALUE_STACK - 12, 8, value_exact(3));
	cr_expect_eq(state->nr_cells, 1);
	cr_assert(state_load(state, VALUE_STACK - 12, 8, &value));
	cr_expect_eq(value.n, 3);
	state_forget(state, VALUE_STACK - 256, 512);
	cr_expect_eq(state->nr_cells, 0);
	free(state);
}

Test(dataflow_state, the_modules_own_memory_is_remembered_as_changed)
{
	struct state *state = make(8);
	struct value value = value_exact(7);

	state_store(state, OWN, 8, value_exact(1));
	state_forget(state, OWN, 8);
	cr_assert(state_load(state, OWN, 8, &value));
	cr_expect_eq(value.kind, VALUE_TOP);
	free(state);
}

Test(dataflow_state, too_many_cells_are_said_to_be_lost)
{
	struct state *state = make(2);

	for (uint64_t i = 0; i < 5; i++)
		state_store(state, OWN + 8 * i, 8, value_exact(i));
	cr_expect_eq(state->nr_cells, 2);
	cr_expect(state->bits & STATE_CELLS_LOST);
	free(state);
}

Test(dataflow_state, joins_end)
{
	struct state *a = make(8), *b = make(8);
	struct value value;

	a->registers[0] = value_exact(1);
	b->registers[0] = value_exact(2);
	state_store(a, VALUE_STACK - 8, 8, value_exact(5));
	state_store(b, OWN, 8, value_exact(6));
	cr_expect_not(state_is_compatible(a, b, true));
	cr_expect(state_is_compatible(a, b, false));
	cr_expect(state_join(a, b));
	cr_expect_not(state_join(a, b), "a second time nothing changes");
	cr_expect_eq(a->registers[0].kind, VALUE_TOP);
	cr_expect_not(state_load(a, VALUE_STACK - 8, 8, &value));
	cr_assert(state_load(a, OWN, 8, &value));
	cr_expect_eq(value.kind, VALUE_TOP, "the other side had something else there");
	free(a);
	free(b);
}
