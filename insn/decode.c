/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zydis' view of an instruction, turned into ours. */
#include "insn/decode.h"

#ifdef KWCHECK_ZYDIS

#include <Zydis/Zydis.h>
#include <string.h>

/* Which operation a mnemonic is. A mnemonic that is not here is INSN_NEUTRAL or
 * INSN_OTHER. The operands say which registers it writes.
 */
static const uint8_t ops[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
	[ZYDIS_MNEMONIC_MOV] = INSN_MOV,	[ZYDIS_MNEMONIC_MOVZX] = INSN_MOV,
	[ZYDIS_MNEMONIC_MOVSX] = INSN_MOVSX,	[ZYDIS_MNEMONIC_MOVSXD] = INSN_MOVSX,
	[ZYDIS_MNEMONIC_CDQE] = INSN_MOVSX,	[ZYDIS_MNEMONIC_CWDE] = INSN_MOVSX,
	[ZYDIS_MNEMONIC_LEA] = INSN_LEA,	[ZYDIS_MNEMONIC_ADD] = INSN_ADD,
	[ZYDIS_MNEMONIC_INC] = INSN_ADD,	[ZYDIS_MNEMONIC_SUB] = INSN_SUB,
	[ZYDIS_MNEMONIC_DEC] = INSN_SUB,	[ZYDIS_MNEMONIC_AND] = INSN_AND,
	[ZYDIS_MNEMONIC_OR] = INSN_OR,		[ZYDIS_MNEMONIC_XOR] = INSN_XOR,
	[ZYDIS_MNEMONIC_SHL] = INSN_SHL,	[ZYDIS_MNEMONIC_SHR] = INSN_SHR,
	[ZYDIS_MNEMONIC_SAR] = INSN_SAR,	[ZYDIS_MNEMONIC_IMUL] = INSN_IMUL,
	[ZYDIS_MNEMONIC_BTC] = INSN_BTC,	[ZYDIS_MNEMONIC_BTR] = INSN_BTR,
	[ZYDIS_MNEMONIC_BTS] = INSN_BTS,	[ZYDIS_MNEMONIC_CMP] = INSN_CMP,
	[ZYDIS_MNEMONIC_TEST] = INSN_TEST,	[ZYDIS_MNEMONIC_XCHG] = INSN_XCHG,
	[ZYDIS_MNEMONIC_PUSH] = INSN_PUSH,	[ZYDIS_MNEMONIC_POP] = INSN_POP,
	[ZYDIS_MNEMONIC_LEAVE] = INSN_LEAVE,	[ZYDIS_MNEMONIC_CALL] = INSN_CALL,
	[ZYDIS_MNEMONIC_JMP] = INSN_JMP,	[ZYDIS_MNEMONIC_RET] = INSN_RET,
	[ZYDIS_MNEMONIC_UD0] = INSN_TRAP,	[ZYDIS_MNEMONIC_UD1] = INSN_TRAP,
	[ZYDIS_MNEMONIC_UD2] = INSN_TRAP,	[ZYDIS_MNEMONIC_HLT] = INSN_TRAP,
	[ZYDIS_MNEMONIC_INT3] = INSN_TRAP,	[ZYDIS_MNEMONIC_IRETQ] = INSN_RET,
	[ZYDIS_MNEMONIC_MOVSB] = INSN_STRING,	[ZYDIS_MNEMONIC_MOVSW] = INSN_STRING,
	[ZYDIS_MNEMONIC_MOVSD] = INSN_STRING,	[ZYDIS_MNEMONIC_MOVSQ] = INSN_STRING,
	[ZYDIS_MNEMONIC_STOSB] = INSN_STRING,	[ZYDIS_MNEMONIC_STOSW] = INSN_STRING,
	[ZYDIS_MNEMONIC_STOSD] = INSN_STRING,	[ZYDIS_MNEMONIC_STOSQ] = INSN_STRING,
	[ZYDIS_MNEMONIC_JO] = INSN_JCC,		[ZYDIS_MNEMONIC_JNO] = INSN_JCC,
	[ZYDIS_MNEMONIC_JB] = INSN_JCC,		[ZYDIS_MNEMONIC_JNB] = INSN_JCC,
	[ZYDIS_MNEMONIC_JZ] = INSN_JCC,		[ZYDIS_MNEMONIC_JNZ] = INSN_JCC,
	[ZYDIS_MNEMONIC_JBE] = INSN_JCC,	[ZYDIS_MNEMONIC_JNBE] = INSN_JCC,
	[ZYDIS_MNEMONIC_JS] = INSN_JCC,		[ZYDIS_MNEMONIC_JNS] = INSN_JCC,
	[ZYDIS_MNEMONIC_JP] = INSN_JCC,		[ZYDIS_MNEMONIC_JNP] = INSN_JCC,
	[ZYDIS_MNEMONIC_JL] = INSN_JCC,		[ZYDIS_MNEMONIC_JNL] = INSN_JCC,
	[ZYDIS_MNEMONIC_JLE] = INSN_JCC,	[ZYDIS_MNEMONIC_JNLE] = INSN_JCC,
	[ZYDIS_MNEMONIC_JRCXZ] = INSN_JCC,	[ZYDIS_MNEMONIC_JECXZ] = INSN_JCC,
	[ZYDIS_MNEMONIC_LOOP] = INSN_JCC,	[ZYDIS_MNEMONIC_LOOPE] = INSN_JCC,
	[ZYDIS_MNEMONIC_LOOPNE] = INSN_JCC,	[ZYDIS_MNEMONIC_CMOVO] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNO] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVB] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNB] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVZ] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNZ] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVBE] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNBE] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVS] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNS] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVP] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNP] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVL] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNL] = INSN_CMOV,	[ZYDIS_MNEMONIC_CMOVLE] = INSN_CMOV,
	[ZYDIS_MNEMONIC_CMOVNLE] = INSN_CMOV,	[ZYDIS_MNEMONIC_SIDT] = INSN_FROM_IDTR,
	[ZYDIS_MNEMONIC_RDMSR] = INSN_FROM_MSR, [ZYDIS_MNEMONIC_CLAC] = INSN_CLAC_STAC,
	[ZYDIS_MNEMONIC_STAC] = INSN_CLAC_STAC,
};

enum { CONDITION_UNKNOWN = 16 };

/* REX has W, R, X and B, and VEX has R, X and B inverted, or R only. */
enum { REX_WRXB = 15, REX_RXB = 7, REX_R = 4, VEX_SHIFT = 5, VEX_VVVV = 15 << 3 };

static uint8_t gpr(ZydisRegister reg)
{
	ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
							      reg);

	return full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15
		       ? (uint8_t)(full - ZYDIS_REGISTER_RAX)
		       : INSN_NO_REGISTER;
}

static bool is_high(const ZydisDecodedOperand *operand)
{
	return operand->reg.value >= ZYDIS_REGISTER_AH &&
	       operand->reg.value <= ZYDIS_REGISTER_BH;
}

static bool is_stack_op(const ZydisDecodedInstruction *z)
{
	return z->meta.category == ZYDIS_CATEGORY_PUSH ||
	       z->meta.category == ZYDIS_CATEGORY_POP ||
	       z->meta.category == ZYDIS_CATEGORY_CALL ||
	       z->meta.category == ZYDIS_CATEGORY_RET ||
	       z->mnemonic == ZYDIS_MNEMONIC_LEAVE || z->mnemonic == ZYDIS_MNEMONIC_ENTER;
}

/* Which field of the bytes numbers the register @operand. */
static enum form_role role_of(const ZydisDecodedOperand *operand, const struct form *form)
{
	/* The numbers of ah, bh, ch and dh mean other registers in their full width. */
	if (!form->is_regular || gpr(operand->reg.value) == INSN_NO_REGISTER ||
	    is_high(operand))
		return FORM_NONE;
	switch (operand->encoding) {
	case ZYDIS_OPERAND_ENCODING_MODRM_REG:
		return FORM_REG;
	case ZYDIS_OPERAND_ENCODING_MODRM_RM:
		return FORM_RM;
	case ZYDIS_OPERAND_ENCODING_OPCODE:
		return FORM_OPCODE;
	default:
		return FORM_NONE;
	}
}

static void take_value(struct form *form, struct form_value *value, uint8_t at,
		       unsigned nr_bits)
{
	value->at = at;
	value->nr_bytes = (uint8_t)(nr_bits / 8);
	value->is_told = form->is_regular && nr_bits;
	value->shift = value->is_told ? (uint8_t)(64 - nr_bits) : 0;
}

static void take_memory(const ZydisDecodedInstruction *z,
			const ZydisDecodedOperand *operand, struct form *form)
{
	const ZydisDecodedOperandMem *mem = &operand->mem;
	bool writes = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
	bool is_told = form->is_regular &&
		       operand->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM;
	struct insn *insn = &form->insn;

	/* movs has two memory operands. The one that is written counts. */
	if (insn->flags & INSN_WRITES)
		return;
	form->disp.is_relative = mem->base == ZYDIS_REGISTER_RIP ||
				 mem->base == ZYDIS_REGISTER_EIP;
	insn->base = insn->index = INSN_NO_REGISTER;
	insn->scale = 0;
	form->base = FORM_NONE;
	if (is_told && !form->disp.is_relative && mem->base != ZYDIS_REGISTER_NONE) {
		form->base = FORM_BASE;
		insn->base = 0;
	} else if (!form->disp.is_relative) {
		insn->base = gpr(mem->base);
	}
	if (is_told && z->raw.modrm.rm == 4) {
		form->sib_at = form->base_at = z->raw.sib.offset;
	} else if (mem->index != ZYDIS_REGISTER_NONE) {
		insn->index = gpr(mem->index);
		insn->scale = mem->scale;
	}
	insn->mem_bytes = operand->size / 8 <= 255 ? (uint8_t)(operand->size / 8) : 0;
	if (mem->segment == ZYDIS_REGISTER_FS || mem->segment == ZYDIS_REGISTER_GS)
		insn->flags |= INSN_SEGMENT;
	if (writes)
		insn->flags |= INSN_WRITES;
	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		insn->flags |= INSN_READS;
	take_value(form, &form->disp, z->raw.disp.offset, z->raw.disp.size);
	insn->disp = mem->disp.has_displacement && !form->disp.is_told ? mem->disp.value
								       : 0;
}

static void take_register(const ZydisDecodedOperand *operand, struct form *form)
{
	uint8_t number = gpr(operand->reg.value);
	enum form_role role = role_of(operand, form);

	if (is_high(operand))
		form->insn.flags |= INSN_HIGH_BYTE;
	if (!(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
		return;
	if (role != FORM_NONE)
		form->writes |= (uint8_t)(1U << role / 8);
	else if (number < X86_NR_REGISTERS)
		form->insn.clobbers |= (uint16_t)(1U << number);
}

/* What the operand is, as dst or src say it. *@role: which field of the bytes numbers it.
 */
static uint8_t kind_of(const ZydisDecodedOperand *operand, const struct form *form,
		       uint8_t *role)
{
	switch (operand->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		*role = role_of(operand, form);
		return *role == FORM_NONE ? gpr(operand->reg.value) : 0;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		return INSN_IMMEDIATE;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return INSN_MEMORY;
	default:
		return INSN_NO_REGISTER;
	}
}

static void take_control_registers(const ZydisDecodedOperand *operands, struct insn *insn)
{
	ZydisRegister to = operands[0].reg.value, from = operands[1].reg.value;

	if (insn->op != INSN_MOV || operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    operands[1].type != ZYDIS_OPERAND_TYPE_REGISTER)
		return;
	if (to == ZYDIS_REGISTER_CR0)
		insn->op = INSN_TO_CR0;
	else if (from == ZYDIS_REGISTER_CR0)
		insn->op = INSN_FROM_CR0;
	else if (from == ZYDIS_REGISTER_CR3)
		insn->op = INSN_FROM_CR3;
	else if (to == ZYDIS_REGISTER_CR4)
		insn->op = INSN_TO_CR4;
}

static void take_immediate(const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *operand, struct form *form)
{
	unsigned size = z->raw.imm[0].size, shift = size && size < 64 ? 64 - size : 0;

	take_value(form, &form->imm, z->raw.imm[0].offset, size);
	form->imm.is_relative = operand->imm.is_relative;
	/* Shorter immediates are sign-extended, whatever Zydis calls them. */
	form->insn.imm = form->imm.is_told
				 ? 0
				 : (int64_t)(operand->imm.value.u << shift) >> shift;
}

static void take_operands(const ZydisDecodedInstruction *z,
			  const ZydisDecodedOperand *operands, struct form *form)
{
	bool is_stack = is_stack_op(z);
	struct insn *insn = &form->insn;

	for (int i = 0; i < z->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];
		bool is_hidden = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;

		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
			take_register(operand, form);
		else if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
			take_immediate(z, operand, form);
		else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
			 !(is_stack && is_hidden))
			take_memory(z, operand, form);
	}
	if (z->operand_count_visible > 0)
		insn->dst = kind_of(&operands[0], form, &form->dst);
	if (z->operand_count_visible > 1) {
		insn->src = kind_of(&operands[1], form, &form->src);
		insn->src_bytes = (uint8_t)(operands[1].size / 8);
		take_control_registers(operands, insn);
	}
}

/* Operations of which the number of visible operands means something. */
static void settle(const ZydisDecodedInstruction *z, struct form *form)
{
	struct insn *insn = &form->insn;

	switch (z->mnemonic) {
	case ZYDIS_MNEMONIC_CDQE:
	case ZYDIS_MNEMONIC_CWDE:
		insn->dst = insn->src = X86_RAX;
		insn->src_bytes = insn->width / 2;
		return;
	case ZYDIS_MNEMONIC_INC:
	case ZYDIS_MNEMONIC_DEC:
		insn->src = INSN_IMMEDIATE;
		insn->imm = 1;
		return;
	case ZYDIS_MNEMONIC_PUSH:
	case ZYDIS_MNEMONIC_CALL:
	case ZYDIS_MNEMONIC_JMP:
		insn->src = insn->dst;
		form->src = form->dst;
		return;
	case ZYDIS_MNEMONIC_MOVSD: /* also SSE's */
		if (z->meta.category != ZYDIS_CATEGORY_STRINGOP)
			insn->op = INSN_NEUTRAL;
		return;
	case ZYDIS_MNEMONIC_IMUL: /* of three operands the third is the immediate */
		if (z->operand_count_visible == 3)
			insn->flags |= INSN_THREE;
		else if (z->operand_count_visible != 2)
			insn->op = INSN_OTHER;
		return;
	default:
		break;
	}
	if (insn->op == INSN_JCC) {
		insn->src = INSN_IMMEDIATE;
		insn->condition = z->opcode & 0xf;
		if (z->meta.category != ZYDIS_CATEGORY_COND_BR ||
		    (z->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && z->opcode >= 0xe0))
			insn->condition = CONDITION_UNKNOWN;
	} else if (insn->op == INSN_CMOV) {
		insn->condition = z->opcode & 0xf;
	}
}

static bool has_rex(const ZydisDecodedInstruction *z)
{
	return z->attributes & ZYDIS_ATTRIB_HAS_REX;
}

static bool has_vex(const ZydisDecodedInstruction *z)
{
	return z->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX;
}

static bool is_vector(const ZydisDecodedOperand *operand)
{
	ZydisRegisterClass class = ZydisRegisterGetClass(operand->reg.value);

	return class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM;
}

/* Can any register stand where @operands has one? Under VEX, registers of masks and tiles
 * and the indices of gathers are bound.
 */
static bool is_regular_vex(const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *operands)
{
	for (int i = 0; i < z->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    operand->mem.index != ZYDIS_REGISTER_NONE &&
		    gpr(operand->mem.index) == INSN_NO_REGISTER)
			return false;
		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    operand->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT &&
		    !is_vector(operand) &&
		    (gpr(operand->reg.value) == INSN_NO_REGISTER ||
		     operand->encoding == ZYDIS_OPERAND_ENCODING_NDSNDD))
			return false;
	}
	return true;
}

/* Does ModRM's reg field number the base of a memory operand, as in movdir64b? */
static bool writes_by_register(const ZydisDecodedInstruction *z,
			       const ZydisDecodedOperand *operands)
{
	if (!(z->attributes & ZYDIS_ATTRIB_HAS_MODRM) || is_stack_op(z))
		return false;
	for (int i = 0; i < z->operand_count; i++)
		if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    operands[i].visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
			return true;
	return false;
}

/* Do the lower bits of REX or VEX only number registers, and do the other bytes say all
 * but registers, displacement and immediate? There are three exceptions. REX makes
 * another instruction of nop. It selects another control register. Addresses of 32 bits
 * are not sign-extended.
 */
static bool is_regular(const ZydisDecodedInstruction *z,
		       const ZydisDecodedOperand *operands)
{
	bool is_nop = z->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && z->opcode == 0x90;
	bool is_control = z->opcode_map == ZYDIS_OPCODE_MAP_0F && z->opcode >= 0x20 &&
			  z->opcode <= 0x23;

	if (z->raw.imm[1].size || z->address_width != 64 ||
	    writes_by_register(z, operands))
		return false;
	if (has_vex(z))
		return is_regular_vex(z, operands);
	return z->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY && !is_control &&
	       !(is_nop && has_rex(z));
}

/* Is @operand a register of which only the number matters? Byte registers are left out:
 * some numbers mean ah, bh, ch and dh.
 */
static bool is_any_register(const ZydisDecodedOperand *operand,
			    ZydisOperandEncoding encoding)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       operand->encoding == encoding && operand->size > 8 &&
	       (gpr(operand->reg.value) != INSN_NO_REGISTER || is_vector(operand));
}

static void take_key(const ZydisDecodedInstruction *z,
		     const ZydisDecodedOperand *operands, struct form_key *key)
{
	for (int i = 0; i < z->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];

		key->has_any_reg |= is_any_register(operand,
						    ZYDIS_OPERAND_ENCODING_MODRM_REG);
		key->has_any_rm |= is_any_register(operand,
						   ZYDIS_OPERAND_ENCODING_MODRM_RM) ||
				   (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
				    operand->encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM);
		if (has_vex(z) && is_any_register(operand, ZYDIS_OPERAND_ENCODING_NDSNDD))
			key->any[z->raw.modrm.offset - 2] |= VEX_VVVV;
	}
}

static void take_rex(const ZydisDecodedInstruction *z, struct form *form,
		     struct form_key *key)
{
	if (has_rex(z)) {
		form->rex_at = z->raw.rex.offset;
		form->rex_mask = REX_WRXB;
		key->any[form->rex_at] = REX_RXB;
	} else if (has_vex(z)) {
		form->rex_at = z->raw.vex.offset + 1;
		form->rex_mask = z->raw.vex.size == 3 ? REX_RXB : REX_R;
		form->rex_shift = VEX_SHIFT;
		form->rex_flip = 0xff;
		key->any[form->rex_at] = (uint8_t)(form->rex_mask << VEX_SHIFT);
	}
}

/* Sets where the fields are that number registers. Returns how many leading bytes are the
 * key of the form.
 */
static unsigned take_fields(const ZydisDecodedInstruction *z, struct form *form)
{
	unsigned end = z->raw.disp.size	    ? z->raw.disp.offset
		       : z->raw.imm[0].size ? z->raw.imm[0].offset
					    : z->length;

	if (!(z->attributes & ZYDIS_ATTRIB_HAS_MODRM)) {
		form->opcode_at = (uint8_t)(end - 1);
		return end;
	}
	form->modrm_at = form->base_at = z->raw.modrm.offset;
	form->opcode_at = form->modrm_at - 1;
	/* SIB without a base comes with four bytes of displacement, so it is of the key.
	 */
	return form->modrm_at + (z->raw.modrm.mod == 0 && z->raw.modrm.rm == 4 ? 2 : 1);
}

static bool sets_flags(const ZydisDecodedInstruction *z)
{
	const ZydisAccessedFlags *flags = z->cpu_flags;

	return (flags->modified | flags->set_0 | flags->set_1 | flags->undefined) &
	       (ZYDIS_CPUFLAG_CF | ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_ZF |
		ZYDIS_CPUFLAG_SF | ZYDIS_CPUFLAG_OF);
}

/* Does the instruction read, write or compute anything with its operands? */
static bool has_operands(const ZydisDecodedInstruction *z)
{
	return z->mnemonic != ZYDIS_MNEMONIC_NOP && ops[z->mnemonic] != INSN_RET &&
	       ops[z->mnemonic] != INSN_TRAP &&
	       z->meta.category != ZYDIS_CATEGORY_PREFETCH;
}

static void take(const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands,
		 struct form *form, struct form_key *key)
{
	struct insn *insn = &form->insn;

	insn->bytes = z->length;
	insn->op = ops[z->mnemonic];
	if (insn->op == INSN_NEUTRAL && sets_flags(z))
		insn->op = INSN_OTHER;
	insn->width = (uint8_t)(z->operand_width / 8);
	insn->dst = insn->src = insn->base = insn->index = INSN_NO_REGISTER;
	form->dst = form->src = form->base = FORM_NONE;
	if (z->attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE))
		insn->flags |= INSN_REP;
	if (!has_operands(z))
		return;
	take_operands(z, operands, form);
	settle(z, form);
	if (z->raw.modrm.offset && key->nr_bytes == z->raw.modrm.offset + 1U)
		take_key(z, operands, key);
}

static enum form_note note(const struct form *form, const ZydisDecodedInstruction *z)
{
	bool has_address = form->disp.nr_bytes >= 4 || form->imm.nr_bytes >= 4 ||
			   form->disp.is_relative || !form->is_regular;

	switch (form->insn.op) {
	case INSN_CALL ... INSN_JCC:
		if (form->insn.src == INSN_IMMEDIATE)
			return FORM_BRANCH;
		return has_address ? FORM_LOOK : FORM_END;
	case INSN_RET:
	case INSN_TRAP:
		return FORM_END;
	case INSN_FROM_CR0 ... INSN_FROM_MSR:
		return FORM_LOOK;
	case INSN_LEA: /* based on rsp */
		return has_address || form->sib_at ? FORM_LOOK : FORM_PLAIN;
	case INSN_MOV: /* from rsp */
		has_address |= (form->src == FORM_REG && z->raw.modrm.reg == 4) ||
			       (form->src == FORM_RM && z->raw.modrm.rm == 4);
		/* fall through */
	default:
		return has_address ? FORM_LOOK : FORM_PLAIN;
	}
}

bool decode_form(const unsigned char *bytes, size_t nr_bytes, struct form *ret,
		 struct form_key *key)
{
	ZydisDecoder decoder;
	ZydisDecoderContext context;
	ZydisDecodedInstruction z;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	memset(ret, 0, sizeof(*ret));
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, &context, bytes,
							nr_bytes, &z)) ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeOperands(&decoder, &context, &z, operands,
						     z.operand_count)))
		return false;
	ret->is_regular = is_regular(&z, operands);
	*key = (struct form_key){.nr_bytes = z.length};
	if (ret->is_regular) {
		take_rex(&z, ret, key);
		key->nr_bytes = take_fields(&z, ret);
	}
	take(&z, operands, ret, key);
	ret->note = note(ret, &z);
	return true;
}

const char *decode_missing(void)
{
	return NULL;
}

#else

bool decode_form(const unsigned char *bytes, size_t nr_bytes, struct form *ret,
		 struct form_key *key)
{
	(void)bytes, (void)nr_bytes, (void)ret, (void)key;
	return false;
}

const char *decode_missing(void)
{
	return "kwcheck was built without Zydis, which reads instructions (Debian: "
	       "libzydis-dev)";
}

#endif

uint32_t decode_entry(struct forms *forms, const unsigned char *bytes, size_t nr_bytes)
{
	uint32_t entry = forms_find(forms, bytes, nr_bytes);
	struct form form;
	struct form_key key;

	if (entry)
		return entry;
	if (nr_bytes > FORMS_MAX_BYTES)
		nr_bytes = FORMS_MAX_BYTES;
	if (!decode_form(bytes, nr_bytes, &form, &key))
		return 0;
	return forms_add(forms, bytes, &key, &form);
}
