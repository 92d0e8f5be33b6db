/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/disassemble.h"

#include <criterion/criterion.h>

#include "look.h"
#include "insn/expand.h"

/* At every byte, whether an instruction starts there or not; some are of none. */
Test(insn_disassemble, instructions_are_found_by_address)
{
	/* Behind these, "add %al, (%rax)" to the end. */
	static const unsigned char text[200] = {0x48, 0x89, 0xe5, 0x06, 0x06, 0x06, 0x48,
						0x8b, 0x00, 0x66, 0x0f, 0x1f, 0x84, 0x00,
						0x00, 0x00, 0x00, 0x00, 0xc3};
	static struct look of;
	const struct code *code;
	const struct code_section *section, *in;
	size_t i = 0, number;

	section = look_at_code(&of, text, sizeof(text));
	code = &of.inspect.code;
	cr_assert_gt(code->nr_undecoded, 0);
	for (uint64_t offset = 0; offset < section->size_bytes; offset++) {
		uint64_t va = section->va + offset;
		const struct insn *insn;
		bool is_start, is_inside;

		while (i + 1 < section->nr_insns &&
		       section->starts[i + 1].offset <= offset)
			i++;
		insn = expand_insn(section, i);
		is_start = insn->offset == offset;
		is_inside = offset - insn->offset < insn->bytes;
		cr_expect_eq(code_at(code, va, &in), is_start ? insn : NULL, "%lu",
			     offset);
		cr_expect_eq(code_find(code, va, &in, &number), is_start);
		if (is_start)
			cr_expect_eq(number, i);
		cr_expect_eq(section_covers(section, offset, &number), is_inside, "%lu",
			     offset);
		if (is_inside)
			cr_expect_eq(number, i);
	}
	cr_expect_null(code_at(code, section->va + section->size_bytes, &in));
	look_away(&of);
}

/* A sweep that lost its way finds it again at the next function. */
Test(insn_disassemble, functions_start_instructions)
{
	/* movabs, of whose immediate "nop; ret" are the last bytes. */
	static const unsigned char text[] = {0x48, 0xb8, 1,    2,    3,	  4,
					     5,	   6,	 0x90, 0xc3, 0xc3};
	struct ko ko = ko_of_code(text, sizeof(text));
	static struct look of;
	const struct code_section *section, *in;
	const struct code *code;
	size_t last;

	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"hidden", 1,	      8,
							 STT_FUNC, STB_LOCAL, 0};
	look_at(&of, &ko, NULL, 0);
	code = &of.inspect.code;
	section = &code->sections[0];
	cr_assert(code_find(code, section->va + 8, &in, &last));
	cr_assert_eq(last + 3, section->nr_insns);
	cr_expect_eq(expand_insn(section, last)->bytes, 1);
	cr_expect_eq(expand_insn(section, last + 1)->op, INSN_RET);
	cr_expect_gt(code->nr_undecoded, 0);
	look_away(&of);
}

/* The last instruction of a section goes on behind its end. */
Test(insn_disassemble, the_end_ends)
{
	static const unsigned char text[] = {0x90, 0x48, 0x8b, 0x05, 0, 0};
	static struct look of;
	const struct code_section *section = look_at_code(&of, text, sizeof(text));

	for (size_t i = 0; i < section->nr_insns; i++)
		cr_expect_leq(section->starts[i].offset + expand_insn(section, i)->bytes,
			      sizeof(text));
	cr_expect_gt(of.inspect.code.nr_undecoded, 0);
	look_away(&of);
}
