/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/section.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

Test(insn_section, which_instruction_a_byte_is_of)
{
	/* nop; mov $1, %eax; 63 times nop; ret: more than one part of the index */
	unsigned char code[70];
	static struct look of;
	const struct code_section *section;
	size_t i = 99;

	memset(code, 0x90, sizeof(code));
	memcpy(code + 1, "\xb8\x01\0\0\0", 5);
	code[sizeof(code) - 1] = 0xc3;
	section = look_at_code(&of, code, sizeof(code));
	cr_assert_eq(section->nr_insns, 66);
	cr_expect(section_find(section, 1, &i));
	cr_expect_eq(i, 1);
	cr_expect(section_find(section, 69, &i));
	cr_expect_eq(i, 65);
	i = 99;
	cr_expect_not(section_find(section, 3, &i));
	cr_expect_eq(i, 99);
	cr_expect(section_covers(section, 3, &i));
	cr_expect_eq(i, 1);
	cr_expect(section_covers(section, 64, &i));
	cr_expect_eq(i, 60);
	look_away(&of);
}

Test(insn_section, a_byte_that_begins_no_instruction_is_of_none)
{
	static const unsigned char code[] = {0x06, 0xc3}; /* no instruction; ret */
	static struct look of;
	const struct code_section *section = look_at_code(&of, code, sizeof(code));
	size_t i;

	cr_expect_not(section_covers(section, 0, &i));
	cr_expect(section_covers(section, 1, &i));
	cr_expect_eq(i, 0);
	look_away(&of);
}

Test(insn_section, bits_are_found_from_both_ends)
{
	uint64_t bits[3] = {1ULL << 3 | 1ULL << 63, 0, 1ULL << 5};
	struct code_section section = {.notable = bits};

	cr_expect_eq(section_next(bits, 0, 192), 3);
	cr_expect_eq(section_next(bits, 4, 192), 63);
	cr_expect_eq(section_next(bits, 64, 192), 133);
	cr_expect_eq(section_next(bits, 64, 133), 133, "the end");
	cr_expect_eq(section_next(bits, 134, 192), 192, "the end");
	cr_expect_eq(section_next_notable(&section, 4, 20), 20, "the end");
	cr_expect_eq(section_last_notable(&section, 0, 192), 133);
	cr_expect_eq(section_last_notable(&section, 0, 133), 63);
	cr_expect_eq(section_last_notable(&section, 4, 63), 63, "none");
	cr_expect_eq(section_last_notable(&section, 3, 63), 3);
	cr_expect_eq(section_count(bits[0], 3), 0);
	cr_expect_eq(section_count(bits[0], 63), 1);
	cr_expect_eq(section_count(UINT64_MAX, 63), 63);
	section_set(bits, 70);
	cr_expect(section_has(bits, 70));
	cr_expect_not(section_has(bits, 71));
}
