/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/path.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"

enum { NR_BLOCKS = 4 };

/* Block n is instruction n of nops. @edges: bit m of edges[n]: control goes from block n
 * to block m. @exits: bit n: control leaves behind block n. @by_result: bit n: what a
 * call returned decides where it goes. Can block @site be avoided?
 */
static bool can_avoid(const unsigned edges[NR_BLOCKS], unsigned exits, unsigned by_result,
		      unsigned site)
{
	static struct look of;
	static struct flow flow;
	struct activation activation = {.flow = &flow, .is_exact = true};
	struct state *state = calloc(1, state_bytes(STATE_MAX_CELLS));
	struct block *blocks[NR_BLOCKS];
	unsigned char code[NR_BLOCKS];
	bool can;
	uint64_t va;

	memset(code, 0x90, sizeof(code));
	va = look_at_code(&of, code, sizeof(code))->va;
	look_flow(&of, &flow);
	flow.limits.max_states = 1;
	for (unsigned i = 0; i < NR_BLOCKS; i++) {
		blocks_enter(&activation, NULL, va + i, state);
		blocks[i] = blocks_at(&activation, va + i);
		blocks[i]->is_exit = exits >> i & 1;
		blocks[i]->causes = by_result >> i & 1 ? BLOCK_CALL_RESULT : BLOCK_OTHER;
	}
	for (unsigned i = 0; i < NR_BLOCKS; i++)
		for (unsigned j = 0; j < NR_BLOCKS; j++)
			if (edges[i] >> j & 1)
				blocks_enter(&activation, blocks[i], va + j, state);
	can = path_can_avoid(&activation, va + site);
	arena_close(&flow.arena);
	free(state);
	look_away(&of);
	return can;
}

Test(dataflow_path, straight_on)
{
	static const unsigned edges[NR_BLOCKS] = {1 << 1, 1 << 2};

	cr_expect_not(can_avoid(edges, 1 << 2, 0, 0));
	cr_expect_not(can_avoid(edges, 1 << 2, 0, 1));
	cr_expect(can_avoid(edges, 1 << 2, 0, 3), "control never comes there");
}

Test(dataflow_path, around_it)
{
	static const unsigned edges[NR_BLOCKS] = {1 << 1 | 1 << 2, 1 << 2};
	static const unsigned loop[NR_BLOCKS] = {1 << 1, 1 << 0 | 1 << 2, 1 << 3};

	cr_expect(can_avoid(edges, 1 << 2, 0, 1));
	cr_expect_not(can_avoid(edges, 1 << 2, 0, 2), "the ways meet there");
	cr_expect_not(can_avoid(loop, 1 << 3, 0, 2), "a loop does not end elsewhere");
}

/* The way that leaves it out is taken for the failure of what was called. */
Test(dataflow_path, around_it_by_a_failure)
{
	static const unsigned edges[NR_BLOCKS] = {1 << 1 | 1 << 2, 1 << 3};
	static const unsigned both[NR_BLOCKS] = {1 << 1 | 1 << 2, 1 << 3, 1 << 3};

	cr_expect(can_avoid(edges, 1 << 2 | 1 << 3, 0, 3));
	cr_expect_not(can_avoid(edges, 1 << 2 | 1 << 3, 1 << 0, 3));
	cr_expect(can_avoid(both, 1 << 2 | 1 << 3, 1 << 0, 3), "both come there");
}
