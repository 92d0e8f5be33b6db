/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions are kept from the emulator. */
#include "machine/emulate.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

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
