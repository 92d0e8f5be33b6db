/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions are kept from the emulator, and what they do. */
#include "machine/emulate.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "board.h"

struct row {
	char name[24];
	unsigned char bytes[8];
	unsigned size;
	bool is_wanted;
};

ParameterizedTestParameters(machine_emulate, wanted)
{
	static struct row rows[] = {
		{"in %dx,%al", {0xec}, 1, true},
		{"in %dx,%ax", {0x66, 0xed}, 2, true},
		{"out %eax,$0x70", {0xe7, 0x70}, 2, true},
		{"rep outsb", {0xf3, 0x6e}, 2, true},
		{"hlt", {0xf4}, 1, true},
		{"rdmsr", {0x0f, 0x32}, 2, true},
		{"rdtsc", {0x0f, 0x31}, 2, true},
		{"cpuid", {0x0f, 0xa2}, 2, true},
		{"mov %cr0,%rax", {0x0f, 0x20, 0xc0}, 3, true},
		{"mov %r8,%cr0", {0x41, 0x0f, 0x22, 0xc0}, 4, true},
		{"invlpg (%rdi)", {0x0f, 0x01, 0x3f}, 3, true},
		{"swapgs", {0x0f, 0x01, 0xf8}, 3, true},
		{"cut off", {0x0f}, 1, false},
		{"cut off, too", {0x0f, 0x01}, 2, false},
		{"sidt (%rdi)", {0x0f, 0x01, 0x0f}, 3, false},
		{"clac", {0x0f, 0x01, 0xca}, 3, false},
		{"repz; ret", {0xf3, 0xc3}, 2, false},
		{"endbr64", {0xf3, 0x0f, 0x1e, 0xfa}, 4, false},
		{"nopw", {0x66, 0x90}, 2, false},
		{"movaps", {0x0f, 0x28, 0xc1}, 3, false},
		{"mov %rsi,(%rdi)", {0x48, 0x89, 0x37}, 3, false},
		{"call", {0xe8, 0, 0, 0, 0}, 5, false},
	};

	return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *row, machine_emulate, wanted)
{
	cr_expect_eq(emulate_wants(row->bytes, row->size), row->is_wanted, "%s",
		     row->name);
}

/* --- what they do --- */

#define MEMORY (SMALL_DATA + 0x2000)
#define FEATURES (SMALL_DATA + 0x2100) /* mmu_cr4_features */
#define LSTAR (SMALL_TEXT + 0x80)

enum { CF = 1, ZF = 64 };

static struct board board;

static void fill(void)
{
	small_put(MEMORY, 0x8877665544332211);
	small_put(FEATURES, 0x3006f0);
}

static void open_board(void)
{
	board_open(&board,
		   BOARD_SYMBOLS "ffffffff81000080 T entry_SYSCALL_64\n"
				 "ffffffff81402100 D mmu_cr4_features\n",
		   fill, NULL);
	machine_set_register(&board.machine, X86_RDI, MEMORY);
}

static void close_board(void)
{
	board_close(&board);
}

static uint64_t reg(unsigned number)
{
	return machine_register(&board.machine, number);
}

/* Does the instruction at BOARD_CODE. */
static void emulate(const void *bytes, size_t size)
{
	cr_assert_eq(machine_write(&board.machine, BOARD_CODE, bytes, size), 0);
	machine_set_register(&board.machine, MACHINE_RIP, BOARD_CODE);
	emulate_insn(&board.machine, BOARD_CODE);
}

#define EMULATE(bytes) emulate(bytes, sizeof(bytes) - 1)

static void expect_went_on(uint64_t size)
{
	cr_expect_not(board.machine.run.has_ended, "%s", board.machine.run.why);
	cr_expect_eq(reg(MACHINE_RIP), BOARD_CODE + size);
}

/* Instructions that compute, whose registers are written before. */
struct computed {
	char name[28];
	unsigned char bytes[10];
	unsigned size;
	uint64_t rcx, rax; /* before */
	uint64_t result;   /* rax */
	unsigned flags;	   /* of CF and ZF */
};

ParameterizedTestParameters(machine_emulate, computed)
{
	static struct computed rows[] = {
		{"popcnt %rcx,%rax",
		 {0xf3, 0x48, 0x0f, 0xb8, 0xc1},
		 5,
		 0xff00ff,
		 9,
		 16,
		 0},
		{"popcnt of 0", {0xf3, 0x48, 0x0f, 0xb8, 0xc1}, 5, 0, 9, 0, ZF},
		{"tzcnt %rcx,%rax", {0xf3, 0x48, 0x0f, 0xbc, 0xc1}, 5, 0x100, 9, 8, 0},
		{"tzcnt of 0", {0xf3, 0x48, 0x0f, 0xbc, 0xc1}, 5, 0, 9, 64, CF},
		{"tzcnt of 1", {0xf3, 0x48, 0x0f, 0xbc, 0xc1}, 5, 1, 9, 0, ZF},
		{"lzcnt %ecx,%eax",
		 {0xf3, 0x0f, 0xbd, 0xc1},
		 4,
		 0xf00000100,
		 UINT64_MAX,
		 23,
		 0},
		{"lzcnt of 0, 32 bits", {0xf3, 0x0f, 0xbd, 0xc1}, 4, 0, 9, 32, CF},
		/* Of 16 bits the upper ones stay. */
		{"tzcnt %cx,%ax",
		 {0x66, 0xf3, 0x0f, 0xbc, 0xc1},
		 5,
		 0x80,
		 0xaaaa0000,
		 0xaaaa0007,
		 0},
		{"tzcnt (%rdi),%rax", {0xf3, 0x48, 0x0f, 0xbc, 0x07}, 5, 0, 9, 0, ZF},
		{"movbe (%rdi),%rax",
		 {0x48, 0x0f, 0x38, 0xf0, 0x07},
		 5,
		 0,
		 9,
		 0x1122334455667788,
		 0},
		{"movbe (%rdi),%eax",
		 {0x0f, 0x38, 0xf0, 0x07},
		 4,
		 0,
		 UINT64_MAX,
		 0x11223344,
		 0},
		{"movbe 2(%rdi,%rcx,2),%ax",
		 {0x66, 0x0f, 0x38, 0xf0, 0x44, 0x4f, 0x02},
		 7,
		 1,
		 0xaaaa0000,
		 0xaaaa5566,
		 0},
		{"movbe -9(%rip),%rax",
		 {0x48, 0x0f, 0x38, 0xf0, 0x05, 0xf7, 0xff, 0xff, 0xff},
		 9,
		 0,
		 9,
		 0x480f38f005f7ffff,
		 0},
		{"rdpid %rax", {0xf3, 0x0f, 0xc7, 0xf8}, 4, 0, 9, 0, 0},
		{"clwb (%rdi)", {0x66, 0x0f, 0xae, 0x37}, 4, 0, 9, 9, 0},
	};

	return cr_make_param_array(struct computed, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct computed *row, machine_emulate, computed, .init = open_board,
		  .fini = close_board)
{
	machine_set_register(&board.machine, X86_RCX, row->rcx);
	machine_set_register(&board.machine, X86_RAX, row->rax);
	machine_set_register(&board.machine, MACHINE_RFLAGS, 0x202);
	emulate(row->bytes, row->size);
	expect_went_on(row->size);
	cr_expect_eq(reg(X86_RAX), row->result, "%s: 0x%lx", row->name, reg(X86_RAX));
	cr_expect_eq(reg(MACHINE_RFLAGS) & (CF | ZF), row->flags, "%s", row->name);
	cr_expect_eq(board.machine.run.nr_invented, 0, "%s", row->name);
}

Test(machine_emulate, movbe_stores, .init = open_board, .fini = close_board)
{
	machine_set_register(&board.machine, X86_RCX, 0xaabbccdd);
	EMULATE("\x0f\x38\xf1\x0f"); /* movbe %ecx,(%rdi) */
	expect_went_on(4);
	cr_expect_eq(board_read(&board, MEMORY), 0x88776655ddccbbaa);
}

/* What is made up is made up in both runs, and differs. */
static void expect_invented(const char *bytes, size_t size, uint64_t first,
			    uint64_t second)
{
	size_t nr = board.machine.run.nr_invented;

	for (unsigned variant = 0; variant < 2; variant++) {
		board.machine.variant = variant;
		emulate(bytes, size);
		expect_went_on(size);
		cr_expect_eq(reg(X86_RAX), variant ? second : first, "0x%lx",
			     reg(X86_RAX));
	}
	cr_expect_eq(board.machine.run.nr_invented, nr + 2);
}

#define EXPECT_INVENTED(bytes, first, second) \
	expect_invented(bytes, sizeof(bytes) - 1, first, second)

Test(machine_emulate, devices_are_not_known, .init = open_board, .fini = close_board)
{
	machine_set_register(&board.machine, X86_RAX, 0xaaaaaaaa);
	EXPECT_INVENTED("\xec", 0xaaaaaaff, 0xaaaaaa00); /* in (%dx),%al */
	EXPECT_INVENTED("\xed", 0xffffffff, 0);		 /* in (%dx),%eax */
	EMULATE("\xee");				 /* out %al,(%dx) */
	expect_went_on(1);
}

Test(machine_emulate, what_the_cpu_alone_knows, .init = open_board, .fini = close_board)
{
	EXPECT_INVENTED("\x0f\x33", 0, 1);	  /* rdpmc */
	EXPECT_INVENTED("\x0f\x01\xd0", 7, 0xe7); /* xgetbv */
	EMULATE("\x48\x0f\xc7\xf0");		  /* rdrand %rax */
	expect_went_on(4);
	cr_expect_eq(reg(MACHINE_RFLAGS) & CF, CF, "there is a number");
	cr_expect_eq(board.machine.run.nr_invented, 5);
}

/* Another machine's CPU is not this one. */
Test(machine_emulate, cpuid, .init = open_board, .fini = close_board)
{
	machine_set_register(&board.machine, X86_RAX, 0);
	EMULATE("\x0f\xa2");
	expect_went_on(2);
	cr_expect_eq(reg(X86_RAX) | reg(X86_RBX) | reg(X86_RCX) | reg(X86_RDX), 0);
	cr_expect_eq(board.machine.run.nr_invented, 1);
	board.machine.kernel->is_live = true;
	EMULATE("\x0f\xa2");
	cr_expect_gt(reg(X86_RAX), 0, "leaves");
	cr_expect_gt(reg(X86_RBX), 0, "whose");
	cr_expect_eq(board.machine.run.nr_invented, 1);
	board.machine.kernel->is_live = false;
}

Test(machine_emulate, msrs, .init = open_board, .fini = close_board)
{
	static const struct {
		uint32_t number;
		uint64_t value;
	} rows[] = {{0xc0000080, 0xd01}, {0xc0000102, 0}, {0xc0000082, LSTAR}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		machine_set_register(&board.machine, X86_RCX, rows[i].number);
		EMULATE("\x0f\x32");
		cr_expect_eq(reg(X86_RDX) << 32 | reg(X86_RAX), rows[i].value, "%x",
			     rows[i].number);
	}
	machine_set_register(&board.machine, X86_RCX, 0xc0000101);
	EMULATE("\x0f\x32");
	cr_expect_eq(reg(X86_RDX) << 32 | reg(X86_RAX), board.machine.gs_base);
	cr_expect_eq(board.machine.run.nr_invented, 0);
	machine_set_register(&board.machine, X86_RCX, 0x1b);
	EXPECT_INVENTED("\x0f\x32", 0, 0x11111111);
	EMULATE("\x0f\x30"); /* wrmsr */
	expect_went_on(2);
}

Test(machine_emulate, clocks, .init = open_board, .fini = close_board)
{
	uint64_t first;

	machine_set_register(&board.machine, X86_RCX, 9);
	EMULATE("\x0f\x31");
	first = reg(X86_RDX) << 32 | reg(X86_RAX);
	cr_expect_eq(reg(X86_RCX), 9);
	EMULATE("\x0f\x01\xf9"); /* rdtscp */
	expect_went_on(3);
	cr_expect_gt(reg(X86_RDX) << 32 | reg(X86_RAX), first);
	cr_expect_eq(reg(X86_RCX), 0, "the CPU");
}

Test(machine_emulate, control_registers, .init = open_board, .fini = close_board)
{
	EMULATE("\x0f\x20\xc0"); /* mov %cr0,%rax */
	cr_expect_eq(reg(X86_RAX), board.machine.run.cr0);
	EMULATE("\x0f\x20\xd8");
	cr_expect_eq(reg(X86_RAX), board.machine.overlay.pt.root_pa, "cr3");
	EMULATE("\x0f\x22\xd8");
	expect_went_on(3);
	EMULATE("\x0f\x20\xd0");
	cr_expect_eq(reg(X86_RAX), 0, "cr2");
	machine_set_register(&board.machine, X86_RAX, 9);
	EMULATE("\x0f\x21\xf8");
	cr_expect_eq(reg(X86_RAX), 0, "db7");
	EMULATE("\x0f\x23\xf8");
	expect_went_on(3);
	EMULATE("\x0f\x20\xe0");
	cr_expect_eq(reg(X86_RAX), 0x3006f0, "cr4");
}

/* Intel SDM vol. 3A 2.5: neither WP without CET nor the other way round. */
Test(machine_emulate, cet_keeps_wp, .init = open_board, .fini = close_board)
{
	static const uint64_t WP = 1 << 16, CET = 1 << 23;
	uint64_t cr0 = board.machine.run.cr0;

	machine_set_register(&board.machine, X86_RAX, CET);
	EMULATE("\x0f\x22\xe0"); /* mov %rax,%cr4 */
	expect_went_on(3);
	EMULATE("\x0f\x20\xe0");
	cr_expect_eq(reg(X86_RAX), 0x3006f0 | CET);
	machine_set_register(&board.machine, X86_RAX, cr0 & ~WP);
	EMULATE("\x0f\x22\xc0"); /* mov %rax,%cr0 */
	cr_expect(board.machine.run.has_trapped);
	cr_expect_eq(board.machine.run.fault.exception, MACHINE_KEEPS_WP);
	cr_expect_eq(reg(MACHINE_RIP), BOARD_CODE);
	cr_expect_eq(board.machine.run.cr0, cr0);
	board.machine.run.has_trapped = false;
	machine_set_register(&board.machine, X86_RAX, 0);
	EMULATE("\x0f\x22\xe0");
	machine_set_register(&board.machine, X86_RAX, cr0 & ~WP);
	EMULATE("\x0f\x22\xc0");
	expect_went_on(3);
	cr_expect_eq(board.machine.run.cr0, cr0 & ~WP);
	machine_set_register(&board.machine, X86_RAX, CET);
	EMULATE("\x0f\x22\xe0");
	cr_expect(board.machine.run.has_trapped);
	cr_expect_not(board.machine.run.keeps_wp);
}

Test(machine_emulate, a_halted_cpu_waits, .init = open_board, .fini = close_board)
{
	EMULATE("\x0f\x01\x3f"); /* invlpg (%rdi) */
	expect_went_on(3);
	EMULATE("\xf4");
	cr_expect(board.machine.run.has_ended);
	cr_expect_eq(board.machine.run.reason, MACHINE_HALTED);
}

static void expect_not_emulated(const char *why)
{
	cr_expect(board.machine.run.has_ended);
	cr_expect_eq(board.machine.run.reason, MACHINE_UNSUPPORTED);
	cr_expect_str_eq(board.machine.run.why, why);
}

Test(machine_emulate, what_is_not_done, .init = open_board, .fini = close_board)
{
	EMULATE("\x0f\x01\xc1");
	expect_not_emulated("vmcall at 0xffffffff81001000 is not emulated");
}

Test(machine_emulate, memory_that_is_not_there, .init = open_board, .fini = close_board)
{
	machine_set_register(&board.machine, X86_RDI, BOARD_NOTHING);
	EMULATE("\x0f\x38\xf0\x07");
	expect_not_emulated("movbe at 0xffffffff81001000 is not emulated");
}

Test(machine_emulate, no_instruction, .init = open_board, .fini = close_board)
{
	EMULATE("\x0f\x04");
	cr_expect_eq(board.machine.run.reason, MACHINE_UNSUPPORTED);
}

/* The last instruction of what is mapped is not cut off. */
Test(machine_emulate, the_end_of_a_page, .init = open_board, .fini = close_board)
{
	static const uint64_t last = SMALL_DATA + 0x4000 - 1;

	cr_assert_eq(machine_write(&board.machine, last, "\xec", 1), 0);
	emulate_insn(&board.machine, last);
	cr_expect_eq(reg(MACHINE_RIP), last + 1);
	cr_expect_not(board.machine.run.has_ended, "%s", board.machine.run.why);
}
