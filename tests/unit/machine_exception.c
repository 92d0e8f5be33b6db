/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine/exception.h"

#include <criterion/criterion.h>
#include <string.h>

#include "board.h"

#define FIXUP (SMALL_TEXT + 0x100)
#define FIND_BUG (SMALL_TEXT + 0x200)
#define SYMBOLS BOARD_SYMBOLS "ffffffff81000100 t fixup_exception\n"
#define BUG_SYMBOLS SYMBOLS "ffffffff81000200 t find_bug\n"
#define SEEN (SMALL_DATA + 0x800)
#define BUG_ENTRY (SMALL_DATA + 0x900)
#define OTHER_ENTRY (SMALL_DATA + 0xa00)

static struct board board;
static bool is_fixed;
static uint64_t bug_flags, other_flags;
static const char *code;

static void fill(void)
{
	/* mov %rdx,SEEN; mov %rcx,SEEN+8; mov 0x80(%rdi),%rax; mov %rax,SEEN+16;
	 * movq $BOARD_CODE+0x20,0x80(%rdi); movq $42,0x50(%rdi); mov $is_fixed,%eax; ret
	 */
	static const char fixup[] = "\x48\x89\x14\x25\x00\x08\x40\x81"
				    "\x48\x89\x0c\x25\x08\x08\x40\x81"
				    "\x48\x8b\x87\x80\x00\x00\x00"
				    "\x48\x89\x04\x25\x10\x08\x40\x81"
				    "\x48\xc7\x87\x80\x00\x00\x00\x20\x10\x00\x81"
				    "\x48\xc7\x47\x50\x2a\x00\x00\x00\xb8";

	small_put_bytes(FIXUP, fixup, sizeof(fixup) - 1);
	small_put_bytes(FIXUP + sizeof(fixup) - 1,
			is_fixed ? "\x01\x00\x00\x00\xc3" : "\x00\x00\x00\x00\xc3", 5);
	/* mov $BUG_ENTRY,%rax; ret */
	small_put_bytes(FIND_BUG, "\x48\xc7\xc0\x00\x09\x40\x81\xc3", 8);
	small_put(BUG_ENTRY + 8, bug_flags);
	small_put(OTHER_ENTRY + 8, other_flags);
	small_put_bytes(BOARD_CODE, code, 16);
	small_put_bytes(BOARD_CODE + 0x20, "\xc3", 1);
}

/* @bytes: 16 of them. */
static void call(const char *symbols, const char *bytes)
{
	static const struct board_type types[] = {{"bug_entry", 16, {{"flags", 8}}}};

	code = bytes;
	board_open(&board, symbols, fill, board_btf(types, 1));
	board_call(&board, BOARD_CODE, BOARD_NOTHING + 16);
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(machine_exception, .fini = teardown);

static const char load[16] = "\x90\x48\x8b\x07\xc3"; /* nop; mov (%rdi),%rax; ret */

Test(machine_exception, the_kernel_fixes_a_fault_that_it_expects)
{
	is_fixed = true;
	call(SYMBOLS, load);
	cr_expect_eq(board.result.end, MACHINE_RETURNED);
	cr_expect_eq(board.result.value, 42, "rax is what the fixup put there");
	cr_expect_eq(board_read(&board, SEEN), 0, "error code");
	cr_expect_eq(board_read(&board, SEEN + 8), BOARD_NOTHING + 16);
	cr_expect_eq(board_read(&board, SEEN + 16), BOARD_CODE + 1);
	cr_expect_not(board.machine.run.met_user_memory);
	/* What the kernel would page in is a process's; near NULL nothing is. */
	board_call(&board, BOARD_CODE, 0x10);
	cr_expect_eq(board.result.value, 42);
	cr_expect_not(board.machine.run.met_user_memory);
	board_call(&board, BOARD_CODE, 0x7f0000001000);
	cr_expect_eq(board.result.value, 42);
	cr_expect(board.machine.run.met_user_memory);
}

Test(machine_exception, a_fault_that_it_does_not_expect_is_the_end)
{
	is_fixed = false;
	call(SYMBOLS, load);
	cr_expect_eq(board.result.end, MACHINE_FAULTED);
	cr_expect_eq(board.result.fault.address, BOARD_NOTHING + 16);
	cr_expect_eq(board.result.registers[MACHINE_RIP], BOARD_CODE + 1);
	cr_expect_eq(board_read(&board, SEEN + 16), BOARD_CODE + 1, "it was asked");
}

Test(machine_exception, a_warning_is_stepped_over)
{
	bug_flags = 1;
	call(BUG_SYMBOLS, "\x0f\x0b\xb8\x07\x00\x00\x00\xc3xxxxxxxx"); /* ud2; mov $7 */
	cr_expect_eq(board.result.end, MACHINE_RETURNED, "%s", board.result.why);
	cr_expect_eq(board.result.value, 7);
	cr_expect_eq(board.machine.run.nr_warnings, 1);
}

Test(machine_exception, a_warning_with_its_text_is_as_long_as_it_is)
{
	bug_flags = 1;
	/* ud1 0x12345678(%rip),%rdx with a prefix; mov $7,%eax; ret */
	call(BUG_SYMBOLS, "\x48\x0f\xb9\x15\x78\x56\x34\x12\xb8\x07\x00\x00\x00\xc3xx");
	cr_expect_eq(board.result.end, MACHINE_RETURNED, "%s", board.result.why);
	cr_expect_eq(board.result.value, 7);
}

/* 7.x: a WARN with arguments says itself which entry is its own. No address finds that.
 */
Test(machine_exception, a_warning_with_arguments_names_its_entry)
{
	/* mov $OTHER_ENTRY,%rdi; ud1 (%edx),%rdi; push $7; pop %rax; ret */
	static const char bytes[16] = "\x48\xc7\xc7\x00\x0a\x40\x81"
				      "\x67\x48\x0f\xb9\x3a\x6a\x07\x58\xc3";

	bug_flags = 0;
	other_flags = 1;
	call(SYMBOLS, bytes);
	cr_expect_eq(board.result.end, MACHINE_RETURNED, "%s", board.result.why);
	cr_expect_eq(board.result.value, 7);
	cr_expect_eq(board.machine.run.nr_warnings, 1);
	board_close(&board);
	bug_flags = 1;
	other_flags = 0;
	call(BUG_SYMBOLS, bytes);
	cr_expect_eq(board.result.end, MACHINE_BUG);
}

Test(machine_exception, a_bug_is_the_end)
{
	bug_flags = 0;
	call(BUG_SYMBOLS, "\x90\x0f\x0b\xb8\x07\x00\x00\x00\xc3xxxxxxx");
	cr_expect_eq(board.result.end, MACHINE_BUG);
	cr_expect_eq(board.result.registers[MACHINE_RIP], BOARD_CODE + 1);
}

Test(machine_exception, without_the_kernels_table_nothing_is_said)
{
	call(SYMBOLS, "\x0f\x0b\xb8\x07\x00\x00\x00\xc3xxxxxxxx");
	cr_expect_eq(board.result.end, MACHINE_STOPPED);
	cr_expect_eq(board.result.reason, MACHINE_TRAP);
	cr_expect_not_null(strstr(board.result.why, "find_bug"), "%s", board.result.why);
}

/* --- kCFI --- */

#define TYPES (SMALL_TEXT + 0x300)
#define DECODE (SMALL_TEXT + 0x340)
#define HASH (SMALL_TEXT + 0x380)
#define TYPE_SYMBOLS                               \
	BUG_SYMBOLS                                \
	"ffffffff81000300 t handle_cfi_failure\n"  \
	"ffffffff81000340 t decode_fineibt_insn\n" \
	"ffffffff81000380 t cfi_get_func_hash\n"   \
	"ffffffff810003c0 T behind\n"
#define CALLEE (SMALL_DATA + 0x700)

/* mov $-0x36b1c5a6, %r10d; add -4(%rdi), %r10d: the call of a type, but for its trap */
#define CHECK "\x41\xba\x5a\x3a\x4e\xc9\x44\x03\x57\xfc"
#define THEN "\xb8\x07\x00\x00\x00\xc3" /* mov $7,%eax; ret */

static uint32_t types_end, callees_type;

static void fill_types(void)
{
	unsigned char end[] = {0xb8, (unsigned char)types_end, 0, 0, 0, 0xc3};
	/* movabs $CALLEE,(%rsi): by way of rax; movl $0x1234,(%rdx); mov $1,%eax; ret */
	static const char decode[] = "\x48\xc7\xc0\x00\x07\x40\x81\x48\x89\x06"
				     "\xc7\x02\x34\x12\x00\x00\xb8\x01\x00\x00\x00\xc3";

	small_put_bytes(FIND_BUG, "\x31\xc0\xc3", 3);
	small_put_bytes(TYPES, end, sizeof(end));
	small_put_bytes(DECODE, decode, sizeof(decode) - 1);
	small_put_bytes(HASH, "\xb8\x35\x12\x00\x00\xc3", 6);
	small_put_bytes(CALLEE - 4, &callees_type, sizeof(callees_type));
	small_put_bytes(BOARD_CODE, code, 32);
}

/* @bytes: 32 of them. */
static void call_types(uint32_t end, const char *bytes)
{
	types_end = end;
	code = bytes;
	board_open(&board, TYPE_SYMBOLS, fill_types, NULL);
	board_call(&board, BOARD_CODE, CALLEE);
}

static void expect_wrong_type(uint64_t rip, uint32_t wanted, uint32_t type)
{
	const struct machine_fault *fault = &board.result.fault;

	cr_expect_eq(board.result.end, MACHINE_FAULTED, "%s", board.result.why);
	cr_expect_eq(fault->exception, MACHINE_WRONG_TYPE);
	cr_expect_eq(board.result.registers[MACHINE_RIP], rip);
	cr_expect(fault->knows_callee && fault->knows_type);
	cr_expect_eq(fault->address, CALLEE);
	cr_expect_eq(fault->wanted_type, wanted, "%x", fault->wanted_type);
	cr_expect_eq(fault->type, type, "%x", fault->type);
}

Test(machine_exception, a_call_of_another_type)
{
	static const char ud2[32] = CHECK "\x74\x02\x0f\x0b" THEN,
			  udb[32] = CHECK "\x75\x01\xa8\xd6" THEN;

	callees_type = 0x5f0c2d11;
	call_types(2, ud2);
	expect_wrong_type(BOARD_CODE + 12, 0x36b1c5a6, callees_type);
	board_close(&board);
	/* As 7.x writes it anew. */
	call_types(2, udb);
	expect_wrong_type(BOARD_CODE + 13, 0x36b1c5a6, callees_type);
	board_close(&board);
	callees_type = 0x36b1c5a6;
	call_types(2, ud2);
	cr_expect_eq(board.result.value, 7, "%s", board.result.why);
	board_close(&board);
	call_types(2, udb);
	cr_expect_eq(board.result.value, 7, "%s", board.result.why);
}

/* CONFIG_CFI_PERMISSIVE, cfi=warn */
Test(machine_exception, a_call_of_another_type_that_is_only_logged)
{
	static const char ud2[32] = CHECK "\x74\x02\x0f\x0b" THEN;

	callees_type = 1;
	call_types(1, ud2);
	cr_expect_eq(board.result.end, MACHINE_RETURNED, "%s", board.result.why);
	cr_expect_eq(board.result.value, 7);
	cr_expect_eq(board.machine.run.nr_warnings, 1);
}

/* No trap of kCFI's, or no module that the kernel knows. */
Test(machine_exception, a_trap_of_nobodys_is_a_bug)
{
	static const char ud2[32] = CHECK "\x74\x02\x0f\x0b" THEN;

	callees_type = 1;
	call_types(0, ud2);
	cr_expect_eq(board.result.end, MACHINE_BUG);
	cr_expect_eq(board.result.registers[MACHINE_RIP], BOARD_CODE + 12);
}

/* Where the callee compares the kernel is asked who that is. */
Test(machine_exception, a_function_of_another_type_by_fineibt)
{
	/* nop; udb; ... and nop; lock jne, at which no emulator stops by itself */
	static const char udb[32] = "\x90\xd6" THEN, locked[32] = "\x90\xf0\x75\xfd" THEN;

	call_types(2, udb);
	expect_wrong_type(BOARD_CODE + 1, 0x1234, 0x1235);
	board_close(&board);
	call_types(2, locked);
	expect_wrong_type(BOARD_CODE + 1, 0x1234, 0x1235);
}
