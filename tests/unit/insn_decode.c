/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "insn/decode.h"

#include <Zydis/Zydis.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"
#include "insn/expand.h"

enum { NR_INSTRUCTIONS = 10 * 1000, EVERY = 500 /* a function starts */ };

static uint64_t state;

static unsigned any(unsigned below)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(state >> 33) % below;
}

static size_t make_prefixes(unsigned char bytes[FORMS_MAX_BYTES])
{
	static const unsigned char prefixes[] = {0x66, 0xf2, 0xf3, 0xf0,
						 0x65, 0x67, 0x2e};
	size_t nr = 0;

	if (any(4) == 0)
		bytes[nr++] = prefixes[any(sizeof(prefixes))];
	if (any(3) > 0)
		bytes[nr++] = (unsigned char)(0x40 + any(16));
	if (any(5) == 0) {
		bytes[nr++] = 0x0f;
		if (any(8) == 0)
			bytes[nr++] = any(2) ? 0x38 : 0x3a;
	}
	return nr;
}

/* Bytes that may be an instruction, of legacy encoding or VEX. */
static void make_bytes(unsigned char bytes[FORMS_MAX_BYTES])
{
	size_t nr = 0;

	if (any(3) == 0) {
		bytes[nr++] = any(2) ? 0xc4 : 0xc5;
		if (bytes[0] == 0xc4)
			bytes[nr++] = (unsigned char)(any(8) << 5 | (1 + any(3)));
	} else {
		nr = make_prefixes(bytes);
	}
	while (nr < FORMS_MAX_BYTES)
		bytes[nr++] = (unsigned char)any(256);
}

static unsigned number_of(ZydisRegister reg)
{
	ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
							      reg);

	return full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15
		       ? full - ZYDIS_REGISTER_RAX
		       : INSN_NO_REGISTER;
}

/* What Zydis says of the operands, where it is taken as it is. */
static void compare(const struct insn *insn, const ZydisDecodedInstruction *z,
		    const ZydisDecodedOperand *operands, uint64_t va, const char *bytes)
{
	unsigned clobbers = 0;
	bool has_two = z->mnemonic == ZYDIS_MNEMONIC_MOVDIR64B; /* see below */

	for (int i = 0; i < z->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];
		unsigned number = number_of(operand->reg.value);

		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE &&
		    number != INSN_NO_REGISTER)
			clobbers |= 1U << number;
		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    operand->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT && i < 2 &&
		    insn->op != INSN_PUSH && insn->op != INSN_CALL &&
		    insn->op != INSN_JMP)
			cr_expect_eq(i ? insn->src : insn->dst, number, "%s: operand %d",
				     bytes, i);
		if (operand->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM &&
		    operand->type == ZYDIS_OPERAND_TYPE_MEMORY && !has_two) {
			bool is_relative = operand->mem.base == ZYDIS_REGISTER_RIP ||
					   operand->mem.base == ZYDIS_REGISTER_EIP;

			cr_expect_eq(insn->base,
				     is_relative ? INSN_NO_REGISTER
						 : number_of(operand->mem.base),
				     "%s: base", bytes);
			cr_expect_eq(insn->index, number_of(operand->mem.index),
				     "%s: index", bytes);
			if (insn->index != INSN_NO_REGISTER)
				cr_expect_eq(insn->scale, operand->mem.scale, "%s: scale",
					     bytes);
			cr_expect_eq(
				insn->disp,
				operand->mem.disp.value +
					(is_relative ? (int64_t)(va + z->length) : 0),
				"%s: displacement", bytes);
		}
	}
	cr_expect_eq(insn->clobbers, clobbers, "%s: clobbers", bytes);
}

static const char *in_hex(const unsigned char *bytes, size_t nr)
{
	static char text[3 * FORMS_MAX_BYTES + 1];

	for (size_t i = 0; i < nr; i++)
		sprintf(text + 3 * i, "%02x ", bytes[i]);
	return text;
}

/* Forms are learned from a few instructions and hold for all: each against Zydis. */
Test(insn_decode, what_a_form_says_of_each)
{
	unsigned char *text = malloc((size_t)NR_INSTRUCTIONS * FORMS_MAX_BYTES);
	struct ko ko;
	ZydisDecoder zydis;
	ZydisDecodedInstruction z;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	static struct look of;
	const struct code_section *section;
	size_t size = 0, i = 0;

	cr_assert(text);
	state = 1;
	ko = ko_of_code(text, 0);
	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t nr = 0; nr < NR_INSTRUCTIONS;) {
		make_bytes(text + size);
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&zydis, NULL, text + size,
								FORMS_MAX_BYTES, &z)) ||
		    (z.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
		     z.encoding != ZYDIS_INSTRUCTION_ENCODING_VEX))
			continue;
		if (nr % EVERY == 0 && nr / EVERY < 12)
			ko.symbols[nr / EVERY] = (struct ko_symbol){
				nr ? "function" : "init_module",
				1,
				size,
				STT_FUNC,
				STB_GLOBAL,
				0};
		size += z.length;
		nr++;
	}
	ko.sections[0].size_bytes = size;
	look_at(&of, &ko, NULL, 0);
	section = &of.inspect.code.sections[0];
	cr_assert_eq(section->nr_insns, NR_INSTRUCTIONS);
	cr_expect_eq(of.inspect.code.nr_undecoded, 0);
	for (size_t at = 0; at < size; at += z.length, i++) {
		const struct insn *insn = expand_insn(section, i);

		cr_assert(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&zydis, text + at,
							      size - at, &z, operands)));
		cr_assert_eq(section->starts[i].offset, at);
		cr_assert_eq(insn->bytes, z.length);
		if (insn->op != INSN_RET && insn->op != INSN_TRAP &&
		    insn->op != INSN_STRING && z.mnemonic != ZYDIS_MNEMONIC_NOP &&
		    z.meta.category != ZYDIS_CATEGORY_PREFETCH)
			compare(insn, &z, operands, section->va + at,
				in_hex(text + at, z.length));
	}
	look_away(&of);
	free(text);
}

/* Of two places in memory the one that is written counts. Its register is no operand of
 * ModRM's, but differs like one.
 */
Test(insn_decode, a_store_to_where_a_register_points)
{
	static const unsigned char code[] = {
		0x66, 0x0f, 0x38, 0xf8, 0x1f,	    /* movdir64b (%rdi), (%rbx) */
		0x66, 0x44, 0x0f, 0x38, 0xf8, 0x37, /* movdir64b (%rdi), (%r14) */
		0x66, 0x46, 0x0f, 0x38, 0xf8, 0x37, /* the same */
		0x66, 0x40, 0x0f, 0x38, 0xf8, 0x37, /* movdir64b (%rdi), (%rsi) */
	};
	static const uint8_t bases[] = {X86_RBX, 14, 14, X86_RSI};
	static struct look of;
	const struct code_section *section = look_at_code(&of, code, sizeof(code));

	cr_assert_eq(section->nr_insns, sizeof(bases));
	for (size_t i = 0; i < sizeof(bases); i++) {
		cr_expect_eq(expand_insn(section, i)->base, bases[i], "%zu", i);
		cr_expect(expand_insn(section, i)->flags & INSN_WRITES, "%zu", i);
	}
	look_away(&of);
}
