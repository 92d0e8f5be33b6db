/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/call.h"

#include <criterion/criterion.h>
#include <string.h>

#include "board.h"

#define ARGUMENTS BOARD_CODE
#define OUTER (BOARD_CODE + 0x100)
#define FAULTING (BOARD_CODE + 0x200)
#define WATCHED (BOARD_CODE + 0x300)

static struct board board;

static void fill(void)
{
	/* lea (%rdi,%rsi,2),%rax; lea (%rax,%rdx,4),%rax; lea (%rax,%rcx,8),%rax;
	 * shl $4,%r8; add %r8,%rax; shl $5,%r9; add %r9,%rax; mov 8(%rsp),%rdx;
	 * shl $6,%rdx; add %rdx,%rax; mov 16(%rsp),%rdx; shl $7,%rdx; add %rdx,%rax; ret
	 */
	static const char arguments[] =
		"\x48\x8d\x04\x77\x48\x8d\x04\x90\x48\x8d\x04\xc8\x49\xc1\xe0\x04"
		"\x4c\x01\xc0\x49\xc1\xe1\x05\x4c\x01\xc8\x48\x8b\x54\x24\x08"
		"\x48\xc1\xe2\x06\x48\x01\xd0\x48\x8b\x54\x24\x10\x48\xc1\xe2\x07"
		"\x48\x01\xd0\xc3";

	small_put_bytes(ARGUMENTS, arguments, sizeof(arguments));
	small_put_branch(OUTER, 0xe8, WATCHED);
	small_put_bytes(OUTER + 5, "\xc3", 1);
	small_put_bytes(FAULTING, "\x48\x8b\x07\xc3", 4); /* mov (%rdi),%rax; ret */
	small_put_bytes(WATCHED, "\xc3", 1);
}

static void setup(void)
{
	board_open(&board, BOARD_SYMBOLS, fill, NULL);
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(machine_call, .init = setup, .fini = teardown);

Test(machine_call, arguments_go_into_registers_and_onto_the_stack)
{
	const uint64_t arguments[] = {1, 1, 1, 1, 1, 1, 1, 1};
	const uint64_t two[] = {5, 3, 1, 1, 1, 1, 1, 1};

	machine_call(&board.machine, ARGUMENTS, 8, arguments, &board.result);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 0xff);
	machine_call(&board.machine, ARGUMENTS, 8, two, &board.result);
	cr_expect_eq(board.result.value, 0xff + 4 + 4);
}

Test(machine_call, without_a_stack_nothing_runs)
{
	machine_set_stack(&board.machine, BOARD_NOTHING, BOARD_MARKER);
	board_call(&board, FAULTING, SMALL_DATA);
	cr_expect_eq(board.result.end, MACHINE_STOPPED);
	cr_expect_eq(board.result.reason, MACHINE_UNREADABLE);
	cr_expect_str_eq(board.result.why, "there is no stack");
}

static struct machine_result inner;

static void end_it(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	(void)ctx, (void)address, (void)id;
	machine_end_call(machine, 9);
}

/* From two calls deep. */
Test(machine_call, a_call_is_ended_from_within)
{
	static const uint64_t addresses[] = {WATCHED};
	uint64_t rsp = machine_next_call(&board.machine);

	cr_assert_eq(machine_watch_all(&board.machine, addresses, 1, 0), 0);
	machine_set_hooks(&board.machine, &(struct machine_hooks){.watch = end_it});
	board_call(&board, OUTER, 0);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 9);
	cr_expect_eq(board.machine.run.call_rsp, 0);
	cr_expect_eq(board.machine.run.nr_frames, 0);
	cr_expect_eq(machine_next_call(&board.machine), rsp);
}

#define STACK (BOARD_FREE + 0x4000)

static struct machine_context context;

static void suspend(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	(void)ctx, (void)address, (void)id;
	machine_leave(machine, 5);
	machine_suspend(machine, &context);
}

/* With other calls meanwhile, whose stack is another. */
Test(machine_call, a_call_on_another_stack_is_left_and_gone_on_with)
{
	static const uint64_t addresses[] = {WATCHED};
	const uint64_t arguments[] = {1, 1, 1, 1, 1, 1, 1, 1};
	struct machine_result result;

	cr_assert_eq(machine_watch_all(&board.machine, addresses, 1, 0), 0);
	machine_set_hooks(&board.machine, &(struct machine_hooks){.watch = suspend});
	machine_call_on(&board.machine, STACK, OUTER, 0, NULL, &result);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 0);
	cr_expect_eq(context.call_rsp, machine_next_call_on(STACK));
	machine_call(&board.machine, ARGUMENTS, 8, arguments, &board.result);
	cr_expect_eq(board.result.value, 0xff);
	machine_resume(&board.machine, &context, &result);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 5);
	cr_expect_eq(board.machine.run.nr_frames, 0);
	cr_expect_eq(board.machine.run.call_rsp, 0);
}

/* Calls FAULTING with the address that is its argument. */
static void call_on(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	(void)id;
	cr_expect_eq(address, WATCHED);
	machine_set_register(machine, X86_RBX, 77);
	machine_call(machine, FAULTING, 1, ctx, &inner);
	cr_expect(inner.end != MACHINE_RETURNED ||
		  machine_register(machine, X86_RBX) == 77);
	machine_leave(machine, inner.value + 1);
}

static void watch(uint64_t *argument)
{
	const uint64_t address = WATCHED;

	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.watch = call_on, .ctx = argument});
	cr_assert_eq(machine_watch_all(&board.machine, &address, 1, 0), 0);
	board_call(&board, OUTER, 0);
}

Test(machine_call, a_watch_function_may_call)
{
	uint64_t argument = SMALL_TEXT + 0xf00; /* nr_cpu_ids: 1 */

	watch(&argument);
	cr_expect_eq(inner.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 2);
	cr_expect_eq(board.machine.run.nr_frames, 0);
}

Test(machine_call, what_does_not_return_there_does_not_return_at_all)
{
	uint64_t argument = BOARD_NOTHING;

	watch(&argument);
	cr_expect_eq(board.result.end, MACHINE_FAULTED);
	cr_expect_eq(board.result.fault.address, BOARD_NOTHING);
	cr_expect_eq(board.result.registers[MACHINE_RIP], FAULTING);
	cr_assert_eq(board.result.nr_frames, 3);
	cr_expect_eq(board.result.frames[1].callee, WATCHED);
	cr_expect_eq(board.result.frames[2].callee, FAULTING);
}
