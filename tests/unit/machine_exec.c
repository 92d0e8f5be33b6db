/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/exec.h"

#include <criterion/criterion.h>
#include <string.h>

#include "board.h"

#define PAGE_END (BOARD_CODE + 0x1000)
#define RESERVED 0xffffffff81800000ULL

static struct board board;
static const char *code;
static size_t nr_code;
static uint64_t code_at;

static void fill(void)
{
	small_put_bytes(code_at, code, nr_code);
	small_put_bytes(BOARD_CODE + 0x800, "\xc3", 1);
	/* A page of 2 MiB whose address is not a multiple of that. */
	small_put_pa(0x3000 + 12 * 8, 0x80000000002021e3);
}

#define OPEN(at, bytes)                                        \
	do {                                                   \
		code = bytes;                                  \
		nr_code = sizeof(bytes) - 1;                   \
		code_at = at;                                  \
		board_open(&board, BOARD_SYMBOLS, fill, NULL); \
	} while (0)

static void teardown(void)
{
	board_close(&board);
}

TestSuite(machine_exec, .fini = teardown);

Test(machine_exec, it_runs_from_rip_to_the_marker)
{
	static struct machine_result result;
	struct machine *machine;
	uint64_t rsp = BOARD_STACK - 0x108, back = BOARD_MARKER;

	OPEN(BOARD_CODE, "\xcc\x48\x8d\x47\x02\xc3"); /* int3; lea 2(%rdi),%rax; ret */
	machine = &board.machine;
	cr_assert_eq(machine_write(machine, rsp, &back, sizeof(back)), 0);
	machine_set_register(machine, X86_RSP, rsp);
	machine_set_register(machine, X86_RDI, 40);
	machine_set_register(machine, MACHINE_RIP, BOARD_CODE + 1);
	exec_until(machine, rsp + 8, &result);
	cr_expect_eq(result.end, MACHINE_RETURNED);
	cr_expect_eq(result.value, 42);
	cr_expect_eq(result.registers[MACHINE_RIP], BOARD_MARKER);
	cr_expect_eq(result.nr_frames, 0);
}

Test(machine_exec, what_came_to_an_end_does_not_run)
{
	OPEN(BOARD_CODE, "\xc3");
	machine_stop(&board.machine, MACHINE_HALTED, "it is %s", "over");
	machine_stop(&board.machine, MACHINE_TRAP, "another reason");
	board_call(&board, BOARD_CODE, 0);
	cr_expect_eq(board.result.end, MACHINE_STOPPED);
	cr_expect_eq(board.result.reason, MACHINE_HALTED);
	cr_expect_str_eq(board.result.why, "it is over");
	cr_expect_eq(board.machine.run.nr_instructions, 0);
}

/* An instruction over a page's end is done in software like any other. */
Test(machine_exec, a_control_register_is_written_over_a_pages_end)
{
	/* mov %cr0,%rax; and $~0x10000,%rax; mov %rax,%cr0; movq $9,(%rdi); ret */
	OPEN(PAGE_END - 10, "\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"
			    "\x48\xc7\x07\x09\x00\x00\x00\xc3");
	board_call(&board, code_at, SMALL_RODATA);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.machine.run.nr_bypasses, 1);
	cr_expect_eq(board_read(&board, SMALL_RODATA), 9);
}

/* mov %cr0,%rax; and $~0x10000,%rax; mov %rax,%cr0 */
#define CLEAR_WP "\x0f\x20\xc0\x48\x25\xff\xff\xfe\xff\x0f\x22\xc0"

Test(machine_exec, a_repeated_store_with_wp_clear_goes_over_a_pages_end)
{
	/* mov $0x5a,%al; mov $16,%ecx; rep stosb; mov %rcx,%rax; ret */
	OPEN(BOARD_CODE, CLEAR_WP "\xb0\x5a\xb9\x10\x00\x00\x00\xf3\xaa\x48\x89\xc8\xc3");
	board_call(&board, BOARD_CODE, SMALL_SEALED + 0xff8);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 0);
	cr_expect_eq(board_read(&board, SMALL_SEALED + 0xff8), 0x5a5a5a5a5a5a5a5a);
	cr_expect_eq(board_read(&board, SMALL_SEALED + 0x1000), 0x5a5a5a5a5a5a5a5a);
	cr_expect_eq(board_read(&board, SMALL_SEALED + 0x1008), 0);
}

/* Each is run by itself; what was translated stays. */
Test(machine_exec, many_stores_with_wp_clear, .timeout = 30)
{
	/* mov $200,%ecx; 1: incq (%rdi); dec %ecx; jnz 1b; ret */
	OPEN(BOARD_CODE, CLEAR_WP "\xb9\xc8\x00\x00\x00\x48\xff\x07\xff\xc9\x75\xf9\xc3");
	board_call(&board, BOARD_CODE, SMALL_SEALED);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board_read(&board, SMALL_SEALED), 200);
}

/* What comes behind it cannot be fetched. */
Test(machine_exec, a_store_with_wp_clear_before_nothing)
{
	/* movq $9,(%rdi); mov $BOARD_NOTHING,%eax, sign-extended; jmp *%rax */
	OPEN(BOARD_CODE, CLEAR_WP "\x48\xc7\x07\x09\x00\x00\x00"
				  "\x48\xc7\xc0\x00\x80\x40\x81\xff\xe0");
	board_call(&board, BOARD_CODE, SMALL_SEALED);
	cr_expect_eq(board.result.end, MACHINE_FAULTED);
	cr_expect_eq(board.result.fault.access, MACHINE_FETCH);
	cr_expect_eq(board.result.fault.address, BOARD_NOTHING);
	cr_expect_eq(board_read(&board, SMALL_SEALED), 9);
}

static uint64_t seen[2];

static void note(void *ctx, struct machine *machine, uint64_t site, uint64_t target)
{
	(void)machine;
	cr_assert_eq(ctx, &board);
	seen[0] = site;
	seen[1] = target;
}

Test(machine_exec, a_jump_over_a_pages_end_is_told)
{
	OPEN(PAGE_END - 3, "\xe9\xfe\xf7\xff\xff"); /* jmp BOARD_CODE + 0x800 */
	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.jumped = note, .ctx = &board});
	board_call(&board, code_at, 0);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(seen[0], code_at);
	cr_expect_eq(seen[1], BOARD_CODE + 0x800);
}

Test(machine_exec, a_call_over_a_pages_end_is_told)
{
	/* call *%rax, with a REX prefix that changes nothing */
	OPEN(PAGE_END - 4, "\x48\x89\xf8\x48\xff\xd0\xc3");
	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.called = note, .ctx = &board});
	board_call(&board, code_at, BOARD_CODE + 0x800);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(seen[0], code_at + 3);
	cr_expect_eq(seen[1], BOARD_CODE + 0x800);
}

Test(machine_exec, calls_that_have_not_returned_are_known_where_it_faults)
{
	/* sub $0,%rax eight bytes; call to the byte behind; then mov (%rdi),%rax at +0x40
	 */
	OPEN(BOARD_CODE,
	     "\xe8\x3b\x00\x00\x00\xc3xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	     "xxxxxxxxxxxxxxxxx\x48\x8b\x07\xc3");
	board_call(&board, BOARD_CODE, BOARD_NOTHING);
	cr_expect_eq(board.result.end, MACHINE_FAULTED);
	cr_assert_eq(board.result.nr_frames, 2);
	cr_expect_eq(board.result.frames[0].callee, BOARD_CODE);
	cr_expect_eq(board.result.frames[0].back, BOARD_MARKER);
	cr_expect_eq(board.result.frames[1].callee, BOARD_CODE + 0x40);
	cr_expect_eq(board.result.frames[1].site, BOARD_CODE);
	cr_expect_eq(board.result.frames[1].back, BOARD_CODE + 5);
}

Test(machine_exec, a_reserved_bit_is_in_an_entry_that_is_present)
{
	OPEN(BOARD_CODE, "\x48\x8b\x07\xc3"); /* mov (%rdi),%rax; ret */
	board_call(&board, BOARD_CODE, RESERVED);
	cr_expect_eq(board.result.end, MACHINE_FAULTED);
	cr_expect_eq(board.result.fault.walk.reason, PT_RESERVED_BIT);
	cr_expect_eq(board.result.fault.error_code, 9, "%u",
		     board.result.fault.error_code);
}

static void count(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	(void)machine;
	cr_expect_eq(address, BOARD_CODE + 4);
	cr_expect_eq(id, 7);
	++*(unsigned *)ctx;
}

Test(machine_exec, a_watched_function_that_is_not_left_runs)
{
	const uint64_t address = BOARD_CODE + 4;
	unsigned nr = 0;

	OPEN(BOARD_CODE, "\x90\x90\x90\x90\x48\x8d\x47\x02\xc3");
	machine_set_hooks(&board.machine,
			  &(struct machine_hooks){.watch = count, .ctx = &nr});
	cr_assert_eq(machine_watch_all(&board.machine, &address, 1, 7), 0);
	board_call(&board, BOARD_CODE, 40);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 42);
	cr_expect_eq(nr, 1);
}
