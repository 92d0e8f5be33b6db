/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine over the small kernel of small.h. */
#include "board.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>

#include "machine/unicorn.h"

struct btf *board_btf(const struct board_type types[], size_t nr)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);

	for (size_t i = 0; i < nr; i++) {
		cr_assert_gt(btf__add_struct(btf, types[i].name, types[i].size_bytes), 0);
		for (size_t j = 0; types[i].members[j].name; j++)
			cr_assert_eq(btf__add_field(btf, types[i].members[j].name, number,
						    types[i].members[j].offset * 8, 0),
				     0);
	}
	return btf;
}

static void (*fill_board)(void);

static void fill(void)
{
	small_put(SMALL_TEXT + 0xf00, 1); /* nr_cpu_ids */
	fill_board();
}

void board_open(struct board *board, const char *kallsyms, void (*fill_it)(void),
		struct btf *btf)
{
	static const struct machine_limits limits = {
		.instructions = 100000, .milliseconds = 5000, .pages = 4096, .depth = 64};

	fill_board = fill_it;
	small_open(&board->small, kallsyms, fill, btf);
	cr_assert_null(unicorn_load());
	landmarks_find(&board->landmarks, &board->small.kernel);
	cr_assert_eq(machine_open(&board->machine, &board->small.kernel,
				  &board->landmarks, &limits, 0, 0),
		     0);
	machine_set_stack(&board->machine, BOARD_STACK, BOARD_MARKER);
}

void board_close(struct board *board)
{
	machine_close(&board->machine);
	small_close(&board->small);
}

void board_call(struct board *board, uint64_t function, uint64_t argument)
{
	machine_call(&board->machine, function, 1, &argument, &board->result);
}

uint64_t board_read(struct board *board, uint64_t va)
{
	uint64_t value = 0;

	cr_assert_eq(machine_read(&board->machine, va, &value, sizeof(value)), 0);
	return value;
}

void board_put_allocator(uint64_t va, uint64_t next)
{
	/* mov next,%rax; mov %esi,%ecx; mov $0x1000,%edx; shl %cl,%rdx; add %rax,%rdx;
	 * mov %rdx,next; ret
	 */
	unsigned char code[] = {0x48, 0x8b, 0x04, 0x25, 0,    0,    0,	  0,
				0x89, 0xf1, 0xba, 0x00, 0x10, 0x00, 0x00, 0x48,
				0xd3, 0xe2, 0x48, 0x01, 0xc2, 0x48, 0x89, 0x14,
				0x25, 0,    0,	  0,	0,    0xc3};

	memcpy(code + 4, &next, 4);
	memcpy(code + 25, &next, 4);
	small_put_bytes(va, code, sizeof(code));
	small_put(next, BOARD_FREE);
}
