/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/pagealloc.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "board.h"

#define ALLOCATOR (SMALL_TEXT + 0x100)
#define NEXT (SMALL_DATA + 0x200)
#define SYMBOLS BOARD_SYMBOLS "ffffffff81000100 T "

static struct board board;
static bool is_empty;

static void fill(void)
{
	board_put_allocator(ALLOCATOR, NEXT);
	if (is_empty)
		small_put_bytes(ALLOCATOR, "\x31\xc0\xc3", 3); /* xor %eax,%eax; ret */
	small_put_pa(BOARD_FREE_PA + 8, 0x1234);
	small_put_pa(BOARD_FREE_PA + 0x1000, 0x5678);
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_pagealloc, .fini = teardown);

Test(dryrun_pagealloc, pages_follow_each_other_and_are_zeroed)
{
	struct pagealloc pages = {.machine = &board.machine};
	uint64_t va = 0, pa = 0;

	board_open(&board, SYMBOLS "__get_free_pages\n", fill, NULL);
	cr_assert(pagealloc_allocate(&pages, 1, &va, &pa));
	cr_expect_eq(va, BOARD_FREE);
	cr_expect_eq(pa, BOARD_FREE_PA);
	cr_expect_eq(board_read(&board, va + 8), 0);
	cr_expect_eq(board_read(&board, va + 0x1000), 0);
	cr_expect_eq(board_read(&board, NEXT), BOARD_FREE + 0x2000, "two were taken");
}

Test(dryrun_pagealloc, frames_are_given_out_one_by_one)
{
	struct pagealloc pages = {.machine = &board.machine};
	uint64_t pa = 0;

	board_open(&board, SYMBOLS "get_free_pages_noprof\n", fill, NULL);
	for (uint64_t i = 0; i < 20; i++) {
		cr_assert_eq(pagealloc_next(&pages, &pa), 0);
		cr_expect_eq(pa, BOARD_FREE_PA + i * 0x1000);
	}
	cr_expect_eq(board_read(&board, NEXT), BOARD_FREE + 32 * 0x1000ULL);
}

Test(dryrun_pagealloc, there_may_be_none)
{
	struct pagealloc pages = {.machine = &board.machine};
	uint64_t pa = 7;

	is_empty = true;
	board_open(&board, SYMBOLS "__get_free_pages\n", fill, NULL);
	cr_expect_eq(pagealloc_next(&pages, &pa), -ENOMEM);
	cr_expect_eq(pa, 7);
}

Test(dryrun_pagealloc, the_kernel_may_have_no_such_function)
{
	struct pagealloc pages = {.machine = &board.machine};
	uint64_t pa;

	board_open(&board, SYMBOLS "another\n", fill, NULL);
	cr_expect_eq(pagealloc_next(&pages, &pa), -ENOMEM);
}
