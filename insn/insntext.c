/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction in words. */
#include "insn/insntext.h"

#ifdef KWCHECK_ZYDIS

#include <Zydis/Zydis.h>

static void find_target(const ZydisDecodedInstruction *insn,
			const ZydisDecodedOperand *operands, uint64_t va,
			struct insntext *text)
{
	for (unsigned i = 0; i < insn->operand_count_visible && !text->has_target; i++) {
		const ZydisDecodedOperand *operand = &operands[i];
		bool is_branch = operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
				 operand->imm.is_relative;
		bool is_rip = operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
			      operand->mem.base == ZYDIS_REGISTER_RIP;

		text->has_target = (is_branch || is_rip) &&
				   ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(
					   insn, operand, va, &text->target));
	}
}

bool insntext_of(const unsigned char *bytes, size_t nr_bytes, uint64_t va,
		 struct insntext *ret)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	struct insntext text = {0};
	ZydisDecodedInstruction insn;
	ZydisFormatter formatter;
	ZydisDecoder decoder;

	if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
					   ZYDIS_STACK_WIDTH_64)) ||
	    !ZYAN_SUCCESS(
		    ZydisDecoderDecodeFull(&decoder, bytes, nr_bytes, &insn, operands)) ||
	    !ZYAN_SUCCESS(ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL)))
		return false;
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE,
				  ZYAN_FALSE);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING,
				  ZYDIS_PADDING_DISABLED);
	if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
		    &formatter, &insn, operands, insn.operand_count_visible, text.words,
		    sizeof(text.words), va, NULL)))
		return false;
	text.size_bytes = insn.length;
	find_target(&insn, operands, va, &text);
	*ret = text;
	return true;
}

#else

bool insntext_of(const unsigned char *bytes, size_t nr_bytes, uint64_t va,
		 struct insntext *ret)
{
	(void)bytes, (void)nr_bytes, (void)va, (void)ret;
	return false;
}

#endif
