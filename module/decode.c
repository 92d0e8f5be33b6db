/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zydis' view of an instruction, turned into ours. */
#include "module/decode.h"

#include <Zydis/Zydis.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

/* Which of our operations a mnemonic is. Those that are not here are CODE_OTHER: what
 * they write is known all the same, from the operands.
 */
static const uint8_t ops[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
	[ZYDIS_MNEMONIC_MOV] = CODE_MOV,	[ZYDIS_MNEMONIC_MOVZX] = CODE_MOV,
	[ZYDIS_MNEMONIC_MOVSX] = CODE_MOVSX,	[ZYDIS_MNEMONIC_MOVSXD] = CODE_MOVSX,
	[ZYDIS_MNEMONIC_CDQE] = CODE_MOVSX,	[ZYDIS_MNEMONIC_CWDE] = CODE_MOVSX,
	[ZYDIS_MNEMONIC_LEA] = CODE_LEA,	[ZYDIS_MNEMONIC_ADD] = CODE_ADD,
	[ZYDIS_MNEMONIC_INC] = CODE_ADD,	[ZYDIS_MNEMONIC_SUB] = CODE_SUB,
	[ZYDIS_MNEMONIC_DEC] = CODE_SUB,	[ZYDIS_MNEMONIC_AND] = CODE_AND,
	[ZYDIS_MNEMONIC_OR] = CODE_OR,		[ZYDIS_MNEMONIC_XOR] = CODE_XOR,
	[ZYDIS_MNEMONIC_SHL] = CODE_SHL,	[ZYDIS_MNEMONIC_SHR] = CODE_SHR,
	[ZYDIS_MNEMONIC_SAR] = CODE_SAR,	[ZYDIS_MNEMONIC_IMUL] = CODE_IMUL,
	[ZYDIS_MNEMONIC_BTR] = CODE_BTR,	[ZYDIS_MNEMONIC_BTS] = CODE_BTS,
	[ZYDIS_MNEMONIC_CMP] = CODE_CMP,	[ZYDIS_MNEMONIC_TEST] = CODE_TEST,
	[ZYDIS_MNEMONIC_XCHG] = CODE_XCHG,	[ZYDIS_MNEMONIC_PUSH] = CODE_PUSH,
	[ZYDIS_MNEMONIC_POP] = CODE_POP,	[ZYDIS_MNEMONIC_LEAVE] = CODE_LEAVE,
	[ZYDIS_MNEMONIC_CALL] = CODE_CALL,	[ZYDIS_MNEMONIC_JMP] = CODE_JMP,
	[ZYDIS_MNEMONIC_RET] = CODE_RET,	[ZYDIS_MNEMONIC_UD0] = CODE_TRAP,
	[ZYDIS_MNEMONIC_UD1] = CODE_TRAP,	[ZYDIS_MNEMONIC_UD2] = CODE_TRAP,
	[ZYDIS_MNEMONIC_HLT] = CODE_TRAP,	[ZYDIS_MNEMONIC_INT3] = CODE_TRAP,
	[ZYDIS_MNEMONIC_IRETQ] = CODE_RET,	[ZYDIS_MNEMONIC_MOVSB] = CODE_STRING,
	[ZYDIS_MNEMONIC_MOVSW] = CODE_STRING,	[ZYDIS_MNEMONIC_MOVSD] = CODE_STRING,
	[ZYDIS_MNEMONIC_MOVSQ] = CODE_STRING,	[ZYDIS_MNEMONIC_STOSB] = CODE_STRING,
	[ZYDIS_MNEMONIC_STOSW] = CODE_STRING,	[ZYDIS_MNEMONIC_STOSD] = CODE_STRING,
	[ZYDIS_MNEMONIC_STOSQ] = CODE_STRING,	[ZYDIS_MNEMONIC_JO] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNO] = CODE_JCC,	[ZYDIS_MNEMONIC_JB] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNB] = CODE_JCC,	[ZYDIS_MNEMONIC_JZ] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNZ] = CODE_JCC,	[ZYDIS_MNEMONIC_JBE] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNBE] = CODE_JCC,	[ZYDIS_MNEMONIC_JS] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNS] = CODE_JCC,	[ZYDIS_MNEMONIC_JP] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNP] = CODE_JCC,	[ZYDIS_MNEMONIC_JL] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNL] = CODE_JCC,	[ZYDIS_MNEMONIC_JLE] = CODE_JCC,
	[ZYDIS_MNEMONIC_JNLE] = CODE_JCC,	[ZYDIS_MNEMONIC_JRCXZ] = CODE_JCC,
	[ZYDIS_MNEMONIC_JECXZ] = CODE_JCC,	[ZYDIS_MNEMONIC_LOOP] = CODE_JCC,
	[ZYDIS_MNEMONIC_LOOPE] = CODE_JCC,	[ZYDIS_MNEMONIC_LOOPNE] = CODE_JCC,
	[ZYDIS_MNEMONIC_CMOVO] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNO] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVB] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNB] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVZ] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNZ] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVBE] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNBE] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVS] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNS] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVP] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNP] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVL] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNL] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CMOVLE] = CODE_CMOV,	[ZYDIS_MNEMONIC_CMOVNLE] = CODE_CMOV,
	[ZYDIS_MNEMONIC_CLAC] = CODE_CLAC_STAC, [ZYDIS_MNEMONIC_STAC] = CODE_CLAC_STAC,
};

enum { CONDITION_UNKNOWN = 16 };
enum { MAX_FIRST_ROOM = 256 * 1024 };

/* What Zydis makes of all instructions that differ in displacement and immediate only:
 * they are decoded once. Kernel code comes in some ten thousand forms.
 */
struct form {
	struct insn insn;
	uint8_t disp_at, disp_bytes, imm_at, imm_bytes; /* in the instruction */
	bool is_rip_relative, is_relative;
	bool is_regular; /* the values stand in the bytes as they are */
};

/* By the next byte of an instruction: 0, another node's number, or IS_FORM and a form's
 * with the instruction's length, so that the next one need not wait for the form.
 */
struct form_node {
	uint32_t next[256];
};

static const uint32_t IS_FORM = 1U << 31;
enum { LENGTH_SHIFT = 27, LENGTH_MASK = 15, FORM_MASK = (1 << LENGTH_SHIFT) - 1 };
enum { MAX_NODES = 16 * 1024, MAX_FORMS = 128 * 1024 };

/* One relocation of the section, in a form to look up by offset. */
struct fixup {
	uint32_t offset, symbol;
};

/* Instructions whose forms are on their way from memory: filled together, they wait for
 * it together.
 */
enum { NR_FOUND = 32 };
struct found {
	const struct form *form;
	uint64_t offset;
};

struct decoder {
	ZydisDecoder zydis;
	struct forms *forms;
	const struct place *place;
	struct fixup *fixups; /* ascending by offset */
	size_t nr_fixups, at;
	struct found found[NR_FOUND];
	unsigned nr_found;
	size_t room; /* in the section's insns */
};

static int compare_fixups(const void *a, const void *b)
{
	const struct fixup *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int read_fixups(struct decoder *decoder, const struct file_section *section)
{
	bool is_sorted = true;

	decoder->fixups = calloc(section->nr_rela ? section->nr_rela : 1,
				 sizeof(*decoder->fixups));
	if (!decoder->fixups)
		return -ENOMEM;
	for (size_t i = 0; i < section->nr_rela; i++) {
		struct fixup *fixup = &decoder->fixups[decoder->nr_fixups];
		Elf64_Rela rela;

		file_rela(section, i, &rela);
		if (rela.r_offset >= section->size_bytes)
			continue;
		fixup->offset = (uint32_t)rela.r_offset;
		fixup->symbol = (uint32_t)ELF64_R_SYM(rela.r_info);
		is_sorted &= decoder->nr_fixups == 0 || fixup[-1].offset <= fixup->offset;
		decoder->nr_fixups++;
	}
	if (!is_sorted)
		qsort(decoder->fixups, decoder->nr_fixups, sizeof(*decoder->fixups),
		      compare_fixups);
	return 0;
}

static uint8_t gpr(ZydisRegister reg)
{
	ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
							      reg);

	return full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15
		       ? (uint8_t)(full - ZYDIS_REGISTER_RAX)
		       : CODE_NO_REGISTER;
}

/* The symbol of the relocation at @offset, or 0; relocations below are left behind. */
static uint32_t fixup_at(struct decoder *decoder, uint64_t offset)
{
	size_t i = decoder->at;

	while (i < decoder->nr_fixups && decoder->fixups[i].offset < offset)
		i++;
	if (i < decoder->nr_fixups && decoder->fixups[i].offset == offset)
		return decoder->fixups[i].symbol;
	return 0;
}

static bool is_stack_op(const ZydisDecodedInstruction *z)
{
	return z->meta.category == ZYDIS_CATEGORY_PUSH ||
	       z->meta.category == ZYDIS_CATEGORY_POP ||
	       z->meta.category == ZYDIS_CATEGORY_CALL ||
	       z->meta.category == ZYDIS_CATEGORY_RET ||
	       z->mnemonic == ZYDIS_MNEMONIC_LEAVE || z->mnemonic == ZYDIS_MNEMONIC_ENTER;
}

/* A displacement whose address is outside its symbol's section is a biased base
 * (buf - 8 + 8 * i): no evidence of which object is meant.
 */
static bool is_stray(const struct place *place, uint32_t symbol, uint64_t address)
{
	const struct file_symbol *of = &place->file->symbols[symbol];
	uint64_t base;

	if (of->section == SHN_UNDEF)
		return address - place->symbols[symbol] > 1024 * 1024;
	if (of->section >= place->file->nr_sections)
		return false;
	base = place->sections[of->section].va;
	return address - base >= place->file->sections[of->section].size_bytes;
}

static void take_memory(const ZydisDecodedInstruction *z,
			const ZydisDecodedOperand *operand, struct form *form)
{
	const ZydisDecodedOperandMem *mem = &operand->mem;
	bool writes = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
	struct insn *insn = &form->insn;

	/* movs has two: the one that is written counts. */
	if (insn->flags & CODE_WRITES)
		return;
	insn->base = insn->index = CODE_NO_REGISTER;
	insn->disp = mem->disp.has_displacement ? mem->disp.value : 0;
	form->is_rip_relative = mem->base == ZYDIS_REGISTER_RIP ||
				mem->base == ZYDIS_REGISTER_EIP;
	if (!form->is_rip_relative)
		insn->base = gpr(mem->base);
	if (mem->index != ZYDIS_REGISTER_NONE)
		insn->index = gpr(mem->index);
	insn->scale = mem->scale;
	insn->mem_bytes = operand->size / 8 <= 255 ? (uint8_t)(operand->size / 8) : 0;
	if (mem->segment == ZYDIS_REGISTER_FS || mem->segment == ZYDIS_REGISTER_GS)
		insn->flags |= CODE_SEGMENT;
	if (writes)
		insn->flags |= CODE_WRITES;
	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		insn->flags |= CODE_READS;
	form->disp_at = z->raw.disp.offset;
	form->disp_bytes = z->raw.disp.size / 8;
}

static void take_register(const ZydisDecodedOperand *operand, struct insn *insn)
{
	uint8_t number = gpr(operand->reg.value);

	if (number < CODE_NR_REGISTERS &&
	    operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		insn->clobbers |= (uint16_t)(1U << number);
	if (operand->reg.value >= ZYDIS_REGISTER_AH &&
	    operand->reg.value <= ZYDIS_REGISTER_BH)
		insn->flags |= CODE_HIGH_BYTE;
}

/* What the operand is, for dst and src. */
static uint8_t role(const ZydisDecodedOperand *operand)
{
	switch (operand->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return gpr(operand->reg.value);
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		return CODE_IMMEDIATE;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return CODE_MEMORY;
	default:
		return CODE_NO_REGISTER;
	}
}

static void take_control_registers(const ZydisDecodedOperand *operands, struct insn *insn)
{
	ZydisRegister to = operands[0].reg.value, from = operands[1].reg.value;

	if (insn->op != CODE_MOV || operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    operands[1].type != ZYDIS_OPERAND_TYPE_REGISTER)
		return;
	if (to == ZYDIS_REGISTER_CR0)
		insn->op = CODE_TO_CR0;
	else if (from == ZYDIS_REGISTER_CR0)
		insn->op = CODE_FROM_CR0;
	else if (from == ZYDIS_REGISTER_CR3)
		insn->op = CODE_FROM_CR3;
	else if (to == ZYDIS_REGISTER_CR4)
		insn->op = CODE_TO_CR4;
}

static void take_immediate(const ZydisDecodedInstruction *z,
			   const ZydisDecodedOperand *operand, struct form *form)
{
	unsigned size = z->raw.imm[0].size, shift = size && size < 64 ? 64 - size : 0;

	/* Shorter ones are sign-extended, whatever Zydis calls them. */
	form->insn.imm = (int64_t)(operand->imm.value.u << shift) >> shift;
	form->is_relative = operand->imm.is_relative;
	form->imm_at = z->raw.imm[0].offset;
	form->imm_bytes = size / 8;
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
			take_register(operand, insn);
		else if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
			take_immediate(z, operand, form);
		else if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
			 !(is_stack && is_hidden))
			take_memory(z, operand, form);
	}
	if (z->operand_count_visible > 0)
		insn->dst = role(&operands[0]);
	if (z->operand_count_visible > 1) {
		insn->src = role(&operands[1]);
		insn->src_bytes = (uint8_t)(operands[1].size / 8);
		take_control_registers(operands, insn);
	}
}

/* Operations whose one visible operand, or lack of a second, stands for something. */
static void settle(const ZydisDecodedInstruction *z, struct insn *insn)
{
	switch (z->mnemonic) {
	case ZYDIS_MNEMONIC_CDQE:
	case ZYDIS_MNEMONIC_CWDE:
		insn->dst = insn->src = CODE_RAX;
		insn->src_bytes = insn->width / 2;
		return;
	case ZYDIS_MNEMONIC_INC:
	case ZYDIS_MNEMONIC_DEC:
		insn->src = CODE_IMMEDIATE;
		insn->imm = 1;
		return;
	case ZYDIS_MNEMONIC_PUSH:
	case ZYDIS_MNEMONIC_CALL:
	case ZYDIS_MNEMONIC_JMP:
		insn->src = insn->dst;
		return;
	case ZYDIS_MNEMONIC_MOVSD: /* also SSE's */
		if (z->meta.category != ZYDIS_CATEGORY_STRINGOP)
			insn->op = CODE_OTHER;
		return;
	case ZYDIS_MNEMONIC_IMUL: /* of three operands the third is the immediate */
		if (z->operand_count_visible == 3)
			insn->flags |= CODE_THREE;
		else if (z->operand_count_visible != 2)
			insn->op = CODE_OTHER;
		return;
	default:
		break;
	}
	if (insn->op == CODE_JCC) {
		insn->src = CODE_IMMEDIATE;
		insn->condition = z->opcode & 0xf;
		if (z->meta.category != ZYDIS_CATEGORY_COND_BR ||
		    (z->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && z->opcode >= 0xe0))
			insn->condition = CONDITION_UNKNOWN;
	} else if (insn->op == CODE_CMOV) {
		insn->condition = z->opcode & 0xf;
	}
}

static void take(struct decoder *decoder, const ZydisDecoderContext *context,
		 const ZydisDecodedInstruction *z, struct form *form)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	struct insn *insn = &form->insn;

	insn->bytes = z->length;
	insn->op = ops[z->mnemonic];
	insn->width = (uint8_t)(z->operand_width / 8);
	insn->dst = insn->src = insn->base = insn->index = CODE_NO_REGISTER;
	if (z->attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE))
		insn->flags |= CODE_REP;
	if (z->attributes & ZYDIS_ATTRIB_HAS_LOCK)
		insn->flags |= CODE_LOCK;
	if (z->mnemonic == ZYDIS_MNEMONIC_NOP || insn->op == CODE_RET ||
	    insn->op == CODE_TRAP || z->meta.category == ZYDIS_CATEGORY_PREFETCH ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeOperands(&decoder->zydis, context, z,
						     operands, z->operand_count)))
		return;
	take_operands(z, operands, form);
	settle(z, insn);
}

int forms_open(struct forms *ret)
{
	struct forms forms = {0};

	forms.nodes = malloc(MAX_NODES * sizeof(*forms.nodes));
	forms.array = malloc(MAX_FORMS * sizeof(*forms.array));
	if (!forms.nodes || !forms.array) {
		forms_close(&forms);
		return -ENOMEM;
	}
	memset(&forms.nodes[0], 0, sizeof(forms.nodes[0]));
	forms.nr_nodes = 1;
	*ret = forms;
	return 0;
}

void forms_close(struct forms *forms)
{
	free(forms->nodes);
	free(forms->array);
	memset(forms, 0, sizeof(*forms));
}

/* The form of the instruction that @bytes begin with, if it has been seen. */
static const struct form *find_form(const struct forms *forms, const unsigned char *bytes,
				    uint64_t nr_bytes, unsigned *length)
{
	uint32_t at = 0;

	for (uint64_t i = 0; i < nr_bytes; i++) {
		at = forms->nodes[at].next[bytes[i]];
		if (at & IS_FORM) {
			*length = at >> LENGTH_SHIFT & LENGTH_MASK;
			return *length <= nr_bytes ? &forms->array[at & FORM_MASK] : NULL;
		}
		if (!at)
			return NULL;
	}
	return NULL;
}

/* Is all but the values of displacement and immediate told by the bytes before them, and
 * do those stand there as they are?
 */
static bool is_regular(const ZydisDecodedInstruction *z)
{
	return z->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY && !z->raw.imm[1].size;
}

/* Remembers @form, whose @nr_bytes first bytes tell it from all others. */
static void add_form(struct forms *forms, const unsigned char *bytes, unsigned nr_bytes,
		     const struct form *form)
{
	uint32_t at = 0;

	if (forms->nr == MAX_FORMS || forms->nr_nodes + nr_bytes > MAX_NODES)
		return;
	for (unsigned i = 0; i + 1 < nr_bytes; i++) {
		uint32_t *next = &forms->nodes[at].next[bytes[i]];

		if (!*next) {
			memset(&forms->nodes[forms->nr_nodes], 0,
			       sizeof(forms->nodes[0]));
			*next = (uint32_t)forms->nr_nodes++;
		}
		at = *next;
	}
	forms->array[forms->nr] = *form;
	forms->nodes[at].next[bytes[nr_bytes - 1]] = IS_FORM |
						     (uint32_t)form->insn.bytes
							     << LENGTH_SHIFT |
						     (uint32_t)forms->nr++;
}

/* The form of the instruction that @bytes begin with, in @scratch if it is not one to be
 * remembered. NULL: they begin none.
 */
static const struct form *decode(struct decoder *decoder, const unsigned char *bytes,
				 uint64_t nr_bytes, struct form *scratch,
				 unsigned *length)
{
	const struct form *known = find_form(decoder->forms, bytes, nr_bytes, length);
	ZydisDecodedInstruction z;
	ZydisDecoderContext context;
	unsigned told;

	if (known)
		return known;
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder->zydis, &context, bytes,
							nr_bytes, &z)))
		return NULL;
	*scratch = (struct form){0};
	take(decoder, &context, &z, scratch);
	scratch->is_regular = is_regular(&z);
	*length = z.length;
	told = z.raw.disp.size	   ? z.raw.disp.offset
	       : z.raw.imm[0].size ? z.raw.imm[0].offset
				   : z.length;
	if (scratch->is_regular)
		add_form(decoder->forms, bytes, told, scratch);
	return scratch;
}

static int64_t read_signed(const unsigned char *bytes, unsigned nr_bytes)
{
	int16_t two;
	int32_t four;
	int64_t eight;

	switch (nr_bytes) {
	case 1:
		return (int8_t)*bytes;
	case 2:
		memcpy(&two, bytes, sizeof(two));
		return two;
	case 4:
		memcpy(&four, bytes, sizeof(four));
		return four;
	default:
		memcpy(&eight, bytes, sizeof(eight));
		return eight;
	}
}

/* The symbol of the relocation of the field at @at, which works out to @value; 0: none.
 */
static uint32_t take_fixup(struct decoder *decoder, struct insn *insn, unsigned at,
			   int64_t value, bool is_branch)
{
	uint32_t symbol = fixup_at(decoder, insn->offset + at);

	if (symbol && !decoder->place->is_resolved[symbol])
		insn->flags |= CODE_UNRESOLVED;
	else if (symbol && !is_branch &&
		 is_stray(decoder->place, symbol, (uint64_t)value))
		insn->flags |= CODE_STRAY;
	return symbol;
}

/* What this one instruction of the form has of its own. */
static void fill(struct decoder *decoder, const struct form *form,
		 const unsigned char *bytes, uint64_t va, struct insn *insn)
{
	int64_t next_va = (int64_t)(va + insn->bytes);

	if (form->is_regular && form->disp_bytes)
		insn->disp = read_signed(bytes + form->disp_at, form->disp_bytes);
	if (form->is_rip_relative)
		insn->disp += next_va;
	if (form->disp_bytes)
		insn->disp_symbol = take_fixup(decoder, insn, form->disp_at, insn->disp,
					       false);
	if (form->is_regular && form->imm_bytes)
		insn->imm = read_signed(bytes + form->imm_at, form->imm_bytes);
	if (form->is_relative)
		insn->imm += next_va;
	if (form->imm_bytes)
		insn->imm_symbol = take_fixup(decoder, insn, form->imm_at, insn->imm,
					      form->is_relative);
}

static int grow(struct code_section *section, size_t *room)
{
	struct insn *insns;
	uint64_t *notable;

	if (section->nr_insns < *room)
		return 0;
	/* Four to five bytes an instruction on average; no more is believed at once. */
	if (*room)
		*room += *room / 2;
	else
		*room = section->size_bytes / 4 < MAX_FIRST_ROOM
				? section->size_bytes / 4 + 16
				: MAX_FIRST_ROOM;
	insns = reallocarray(section->insns, *room, sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	section->insns = insns;
	notable = reallocarray(section->notable, *room / 64 + 1, sizeof(*notable));
	if (!notable)
		return -ENOMEM;
	section->notable = notable;
	return 0;
}

/* A bit per byte where a function symbol starts: a sweep that lost its way resumes. */
static unsigned char *find_starts(const struct place *place,
				  const struct code_section *section)
{
	const struct file *file = place->file;
	unsigned char *starts = calloc(section->size_bytes / 8 + 1, 1);

	for (size_t i = 1; starts && i < file->nr_symbols; i++)
		if (file->symbols[i].section == section->section &&
		    file->symbols[i].type == STT_FUNC &&
		    file->symbols[i].value < section->size_bytes)
			starts[file->symbols[i].value / 8] |=
				(unsigned char)(1 << file->symbols[i].value % 8);
	return starts;
}

/* The first start behind @offset, or the section's end. */
static uint64_t next_start(const unsigned char *starts, uint64_t offset,
			   uint64_t size_bytes)
{
	for (offset++; offset < size_bytes; offset++) {
		if (offset % 8 == 0 && !starts[offset / 8])
			offset += 7;
		else if (starts[offset / 8] & 1 << offset % 8)
			return offset;
	}
	return size_bytes;
}

/* The next instruction starts at @offset. */
static void add_to_index(struct code_section *section, uint64_t offset)
{
	struct code_index *index = &section->index[offset / CODE_INDEX_BYTES];

	if (!index->starts)
		index->before = section->nr_insns;
	index->starts |= 1ULL << offset % CODE_INDEX_BYTES;
}

/* Where none start, there are as many before as before the next ones. */
static void fill_index(struct code_section *section)
{
	uint64_t before = section->nr_insns;

	for (size_t i = section->size_bytes / CODE_INDEX_BYTES + 1; i-- > 0;) {
		struct code_index *index = &section->index[i];

		if (index->starts)
			before = index->before;
		else
			index->before = before;
	}
}

static bool is_notable(const struct insn *insn)
{
	switch (insn->op) {
	case CODE_FROM_CR0 ... CODE_FROM_CR3:
	case CODE_CALL ... CODE_TRAP:
		return true;
	case CODE_LEA:
		return insn->base == CODE_RSP || code_is_address((uint64_t)insn->disp);
	default:
		return code_is_address((uint64_t)insn->disp) ||
		       code_is_address((uint64_t)insn->imm) ||
		       (insn->op == CODE_MOV && insn->src == CODE_RSP);
	}
}

/* Is the last instruction notable? */
static void note(struct code_section *section, const struct insn *insn)
{
	size_t i = section->nr_insns - 1;

	if (i % 64 == 0)
		section->notable[i / 64] = 0;
	section->notable[i / 64] |= (uint64_t)is_notable(insn) << i % 64;
}

static int take_found(struct decoder *decoder, struct code_section *section)
{
	const unsigned char *image = decoder->place->sections[section->section].image;

	for (unsigned i = 0; i < decoder->nr_found; i++) {
		const struct found *found = &decoder->found[i];
		uint64_t offset = found->offset;
		struct insn *insn;

		if (grow(section, &decoder->room) < 0)
			return -ENOMEM;
		add_to_index(section, offset);
		insn = &section->insns[section->nr_insns++];
		*insn = found->form->insn;
		insn->offset = (uint32_t)offset;
		while (decoder->at < decoder->nr_fixups &&
		       decoder->fixups[decoder->at].offset < offset)
			decoder->at++;
		fill(decoder, found->form, image + offset, section->va + offset, insn);
		note(section, insn);
	}
	decoder->nr_found = 0;
	return 0;
}

static int sweep(struct decoder *decoder, struct code_section *section,
		 const unsigned char *starts, size_t *nr_undecoded)
{
	const unsigned char *image = decoder->place->sections[section->section].image;
	uint64_t offset = 0, end = 0;
	int r = 0;

	while (r == 0 && offset < section->size_bytes) {
		const struct form *form;
		struct form scratch;
		unsigned length;
		uint64_t n;

		if (offset >= end)
			end = next_start(starts, offset, section->size_bytes);
		n = end - offset;
		if (n > ZYDIS_MAX_INSTRUCTION_LENGTH)
			n = ZYDIS_MAX_INSTRUCTION_LENGTH;
		form = decode(decoder, image + offset, n, &scratch, &length);
		if (!form) {
			++*nr_undecoded;
			offset++;
			continue;
		}
		__builtin_prefetch(form);
		__builtin_prefetch(&form->is_regular);
		decoder->found[decoder->nr_found++] = (struct found){form, offset};
		if (form == &scratch || decoder->nr_found == NR_FOUND)
			r = take_found(decoder, section);
		offset += length;
	}
	return r == 0 ? take_found(decoder, section) : r;
}

int decode_section(struct forms *forms, const struct place *place,
		   struct code_section *section, size_t *nr_undecoded)
{
	struct decoder decoder = {.place = place, .forms = forms};
	_cleanup_free_ unsigned char *starts = find_starts(place, section);
	int r;

	section->index = calloc(section->size_bytes / CODE_INDEX_BYTES + 1,
				sizeof(*section->index));
	if (!starts || !section->index)
		return -ENOMEM;
	ZydisDecoderInit(&decoder.zydis, ZYDIS_MACHINE_MODE_LONG_64,
			 ZYDIS_STACK_WIDTH_64);
	r = read_fixups(&decoder, &place->file->sections[section->section]);
	if (r == 0)
		r = sweep(&decoder, section, starts, nr_undecoded);
	fill_index(section);
	free(decoder.fixups);
	return r;
}
