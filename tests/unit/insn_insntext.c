/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "insn/decode.h"
#include "insn/insntext.h"

static const uint64_t va = 0xffffffff81000000;

static void expect_text(const char *bytes, size_t nr, const char *words, uint64_t target)
{
	struct insntext text;

	if (decode_missing())
		cr_skip_test("%s", decode_missing());
	cr_assert(insntext_of((const unsigned char *)bytes, nr, va, &text), "%s", words);
	cr_expect_str_eq(text.words, words);
	cr_expect_eq(text.size_bytes, nr);
	cr_expect_eq(text.has_target, target != 0, "%s", words);
	cr_expect_eq(text.target, target, "%s: %#lx", words, text.target);
}

Test(insn_insntext, branches_and_operands_say_where_they_lead)
{
	expect_text("\xe8\xfb\x0f\x00\x00", 5, "call 0xffffffff81001000", va + 0x1000);
	expect_text("\xe9\xfb\xff\xff\xff", 5, "jmp 0xffffffff81000000", va);
	expect_text("\x74\x10", 2, "jz 0xffffffff81000012", va + 0x12);
	expect_text("\x48\x8b\x05\x10\x00\x00\x00", 7, "mov rax, [0xffffffff81000017]",
		    va + 0x17);
	expect_text("\xf3\x0f\x1e\xfa", 4, "endbr64", 0);
	expect_text("\x48\x8b\x43\x18", 4, "mov rax, [rbx+0x18]", 0);
}

Test(insn_insntext, what_begins_no_instruction)
{
	struct insntext text;

	cr_expect_not(insntext_of((const unsigned char *)"\x06", 1, va, &text));
	cr_expect_not(insntext_of((const unsigned char *)"\xe8\x00", 2, va, &text));
}
