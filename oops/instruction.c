/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The faulting instruction: decoded, its operands filled in. */
#include "oops/instruction.h"

#ifdef KWCHECK_ZYDIS

#include <Zydis/Zydis.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcore/x86.h"

enum { MAX_INSTRUCTION_BYTES = 15 };

struct decoded {
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static bool decode(const unsigned char *bytes, size_t nr, bool is_32bit,
		   struct decoded *ret)
{
	ZydisDecoder decoder;

	return ZYAN_SUCCESS(ZydisDecoderInit(&decoder,
					     is_32bit ? ZYDIS_MACHINE_MODE_LONG_COMPAT_32
						      : ZYDIS_MACHINE_MODE_LONG_64,
					     is_32bit ? ZYDIS_STACK_WIDTH_32
						      : ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, nr, &ret->instruction,
						   ret->operands));
}

static void format(const struct decoded *decoded, char *text, size_t room)
{
	ZydisFormatter formatter;

	*text = '\0';
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE,
				  ZYAN_FALSE);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING,
				  ZYDIS_PADDING_DISABLED);
	ZydisFormatterFormatInstruction(&formatter, &decoded->instruction,
					decoded->operands,
					decoded->instruction.operand_count_visible, text,
					room, ZYDIS_RUNTIME_ADDRESS_NONE, NULL);
}

/* The value of general-purpose register @reg, or of its part; false: not in the dump. */
static bool register_value(const struct registers *registers, ZydisRegister reg,
			   uint64_t *ret)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
							       reg);
	unsigned width = ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, reg);
	int id;
	uint64_t value;

	if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
		return false;
	id = whole - ZYDIS_REGISTER_RAX;
	if (!registers_has(registers, (enum register_name)id))
		return false;
	value = registers->value[id];
	if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
		value >>= 8;
	*ret = width < 64 ? value & ((1ULL << width) - 1) : value;
	return true;
}

static const char *register_text(ZydisRegister reg)
{
	const char *text = ZydisRegisterGetString(reg);

	return text ? text : "?";
}

static void describe_memory(const ZydisDecodedOperandMem *mem,
			    struct instruction_memory *ret)
{
	char *text = ret->expression;
	size_t room = sizeof(ret->expression);
	int n = 0;

	if (mem->segment == ZYDIS_REGISTER_FS || mem->segment == ZYDIS_REGISTER_GS)
		n += snprintf(text, room, "%s:", register_text(mem->segment));
	if (mem->base != ZYDIS_REGISTER_NONE)
		n += snprintf(text + n, room - (size_t)n, "%s", register_text(mem->base));
	if (mem->index != ZYDIS_REGISTER_NONE)
		n += snprintf(text + n, room - (size_t)n, "%s%s*%u",
			      mem->base != ZYDIS_REGISTER_NONE ? "+" : "",
			      register_text(mem->index), mem->scale);
	if (!mem->disp.has_displacement || mem->disp.value == 0)
		return;
	if (mem->base == ZYDIS_REGISTER_NONE && mem->index == ZYDIS_REGISTER_NONE)
		snprintf(text + n, room - (size_t)n, "0x%" PRIx64,
			 (uint64_t)mem->disp.value);
	else
		snprintf(text + n, room - (size_t)n, "%s0x%" PRIx64,
			 mem->disp.value < 0 ? "-" : "+",
			 mem->disp.value < 0 ? -(uint64_t)mem->disp.value
					     : (uint64_t)mem->disp.value);
}

/* The address of a memory operand. RIP is not in the dump. */
static bool find_address(const struct registers *registers,
			 const ZydisDecodedOperandMem *mem, uint64_t *ret)
{
	uint64_t address = (uint64_t)mem->disp.value, value;

	if (mem->segment == ZYDIS_REGISTER_FS || mem->segment == ZYDIS_REGISTER_GS) {
		enum register_name base = mem->segment == ZYDIS_REGISTER_FS ? REGISTER_FS
									    : REGISTER_GS;

		if (!registers_has(registers, base))
			return false;
		address += registers->value[base];
	}
	if (mem->base != ZYDIS_REGISTER_NONE) {
		if (!register_value(registers, mem->base, &value))
			return false;
		address += value;
	}
	if (mem->index != ZYDIS_REGISTER_NONE) {
		if (!register_value(registers, mem->index, &value))
			return false;
		address += value * mem->scale;
	}
	/* Only 32-bit code can use these as an address without a prefix. */
	if (mem->base != ZYDIS_REGISTER_NONE &&
	    ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, mem->base) == 32)
		address &= UINT32_MAX;
	*ret = address;
	return true;
}

static struct instruction_memory memory_of(const struct registers *registers,
					   const ZydisDecodedOperand *operand)
{
	struct instruction_memory memory = {
		.is_read = operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ,
		.is_write = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE,
		.size_bytes = operand->size / 8,
	};

	memory.has_address = find_address(registers, &operand->mem, &memory.address);
	/* The stack operand of push and call lies below RSP. */
	if (memory.has_address &&
	    operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
	    operand->mem.base == ZYDIS_REGISTER_RSP && memory.is_write)
		memory.address -= memory.size_bytes;
	describe_memory(&operand->mem, &memory);

	return memory;
}

static bool covers(const struct instruction_memory *memory, uint64_t address)
{
	uint64_t size_bytes = memory->size_bytes ? memory->size_bytes : 1;

	return memory->has_address && address - memory->address < size_bytes;
}

static bool is_rip_relative(const ZydisDecodedOperand *operand)
{
	return operand->mem.base == ZYDIS_REGISTER_RIP &&
	       operand->mem.segment != ZYDIS_REGISTER_FS &&
	       operand->mem.segment != ZYDIS_REGISTER_GS;
}

/* What its operand names is never accessed, or without a fault. */
static bool is_hint(const struct decoded *decoded)
{
	ZydisInstructionCategory category = decoded->instruction.meta.category;

	return category == ZYDIS_CATEGORY_NOP || category == ZYDIS_CATEGORY_WIDENOP ||
	       category == ZYDIS_CATEGORY_PREFETCH;
}

static bool is_noncanonical(uint64_t address)
{
	/* Does the address fault with five levels as well? An address that only four
	 * levels refuse is for the caller to judge.
	 */
	return (uint64_t)((int64_t)(address << 7) >> 7) != address ||
	       (uint64_t)((int64_t)(address << 16) >> 16) != address;
}

/* How well an operand explains the fault: higher is better, 0 not at all. */
static int rate(const struct crash *crash, const struct instruction_memory *memory,
		const ZydisDecodedOperand *operand)
{
	bool is_write = crash->has_error_code && crash->error_code >> 1 & 1;
	bool has_address = crash->address_from != CRASH_ADDRESS_UNKNOWN;
	int score = 1 + (operand->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN);

	if (crash->kind == CRASH_PAGE_FAULT &&
	    (is_write ? memory->is_write : memory->is_read))
		score += 2;
	if (has_address && covers(memory, crash->address))
		score += 8;
	if (crash->kind == CRASH_GENERAL_PROTECTION && memory->has_address &&
	    is_noncanonical(memory->address))
		score += 4;
	return score;
}

/* Loads of a segment register and returns read the descriptor, and mark it accessed; ltr
 * marks it busy. Intel SDM vol. 3A 3.4.5.1.
 */
static bool loads_descriptor(const struct decoded *decoded)
{
	switch (decoded->instruction.mnemonic) {
	case ZYDIS_MNEMONIC_IRET:
	case ZYDIS_MNEMONIC_IRETD:
	case ZYDIS_MNEMONIC_IRETQ:
	case ZYDIS_MNEMONIC_LSS:
	case ZYDIS_MNEMONIC_LFS:
	case ZYDIS_MNEMONIC_LGS:
	case ZYDIS_MNEMONIC_LTR:
	case ZYDIS_MNEMONIC_LLDT:
		return true;
	case ZYDIS_MNEMONIC_RET:
	case ZYDIS_MNEMONIC_JMP:
	case ZYDIS_MNEMONIC_CALL:
		return decoded->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
	case ZYDIS_MNEMONIC_MOV:
	case ZYDIS_MNEMONIC_POP:
		return decoded->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		       ZydisRegisterGetClass(decoded->operands[0].reg.value) ==
			       ZYDIS_REGCLASS_SEGMENT;
	default:
		return false;
	}
}

/* An interrupt or exception that stays on the stack aligns RSP and pushes SS first.
 * Intel SDM vol. 3A 6.14.2.
 */
static bool is_own_push(const struct crash *crash)
{
	uint64_t stack = crash->registers.value[REGISTER_RSP];

	return registers_has(&crash->registers, REGISTER_RSP) &&
	       (crash->kind != CRASH_PAGE_FAULT || crash->error_code >> 1 & 1) &&
	       (crash->address == stack - 8 || crash->address == (stack & ~15ULL) - 8);
}

static bool is_implicit(const struct crash *crash, const struct decoded *decoded)
{
	if ((crash->kind != CRASH_PAGE_FAULT && crash->kind != CRASH_STACK_OVERFLOW) ||
	    !crash->has_error_code || crash->address_from == CRASH_ADDRESS_UNKNOWN)
		return false;
	if (is_own_push(crash))
		return true;
	return crash->kind == CRASH_PAGE_FAULT && loads_descriptor(decoded) &&
	       crash->address >= X86_CPU_ENTRY_AREA &&
	       crash->address < X86_CPU_ENTRY_AREA_END;
}

static void choose_memory(const struct crash *crash, const struct decoded *decoded,
			  bool is_relocated, struct instruction *ret)
{
	const ZydisDecodedOperand *chosen = NULL;
	bool has_address = crash->address_from != CRASH_ADDRESS_UNKNOWN;
	int best = 0;

	for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &decoded->operands[i];
		struct instruction_memory memory;
		int score;

		if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY || is_hint(decoded) ||
		    operand->mem.type == ZYDIS_MEMOP_TYPE_AGEN ||
		    !(operand->actions &
		      (ZYDIS_OPERAND_ACTION_MASK_READ | ZYDIS_OPERAND_ACTION_MASK_WRITE)))
			continue;
		memory = memory_of(&crash->registers, operand);
		score = rate(crash, &memory, operand);
		if (score <= best)
			continue;
		best = score;
		chosen = operand;
		ret->memory = memory;
	}
	ret->has_memory = chosen;
	if (!chosen && has_address && crash->kind == CRASH_PAGE_FAULT)
		ret->match = INSTRUCTION_DISAGREES;
	if (!chosen || !has_address)
		return;
	if (is_rip_relative(chosen) && !is_relocated)
		return;
	if (is_rip_relative(chosen) && crash->kind == CRASH_PAGE_FAULT) {
		ret->has_rip = true;
		ret->rip = crash->address - (uint64_t)chosen->mem.disp.value -
			   decoded->instruction.length;
		ret->memory.has_address = true;
		ret->memory.address = crash->address;
		return;
	}
	/* Before 5.12 the kernel left the displacement out of the address that it named.
	 */
	if (crash->kind == CRASH_GENERAL_PROTECTION && ret->memory.has_address &&
	    is_noncanonical(ret->memory.address))
		ret->match = INSTRUCTION_AGREES;
	else if (ret->memory.has_address)
		ret->match = covers(&ret->memory, crash->address) ? INSTRUCTION_AGREES
								  : INSTRUCTION_DISAGREES;
}

static void add_register(const struct registers *registers, ZydisRegister reg,
			 struct instruction *ret)
{
	struct instruction_operand *operand = &ret->operands[ret->nr_operands];
	uint64_t value;

	if (ret->nr_operands == INSTRUCTION_MAX_OPERANDS ||
	    !register_value(registers, reg, &value))
		return;
	for (size_t i = 0; i < ret->nr_operands; i++)
		if (strcmp(ret->operands[i].name, register_text(reg)) == 0)
			return;
	snprintf(operand->name, sizeof(operand->name), "%s", register_text(reg));
	operand->has_value = true;
	operand->value = value;
	ret->nr_operands++;
}

/* Is what it writes its source, as it is? "and" and "add" write a sum of it and of what
 * was there, "call" writes where it returns to.
 */
static bool is_store(const ZydisDecodedInstruction *decoded)
{
	static const ZydisMnemonic mnemonics[] = {
		ZYDIS_MNEMONIC_MOV,    ZYDIS_MNEMONIC_MOVNTI, ZYDIS_MNEMONIC_PUSH,
		ZYDIS_MNEMONIC_XCHG,   ZYDIS_MNEMONIC_MOVAPS, ZYDIS_MNEMONIC_MOVUPS,
		ZYDIS_MNEMONIC_MOVDQA, ZYDIS_MNEMONIC_MOVDQU, ZYDIS_MNEMONIC_MOVQ,
		ZYDIS_MNEMONIC_MOVD,   ZYDIS_MNEMONIC_MOVBE,
	};

	for (size_t i = 0; i < sizeof(mnemonics) / sizeof(mnemonics[0]); i++)
		if (decoded->mnemonic == mnemonics[i])
			return true;
	return false;
}

/* Lists what goes into the instruction: the registers that it reads, and the value that a
 * store stores.
 */
static void fill_operands(const struct registers *registers,
			  const struct decoded *decoded, struct instruction *ret)
{
	for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &decoded->operands[i];
		struct instruction_operand source = {0};

		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
			add_register(registers, operand->mem.base, ret);
			add_register(registers, operand->mem.index, ret);
			continue;
		}
		if (!(operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ))
			continue;
		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
			add_register(registers, operand->reg.value, ret);
			/* ins stores what the port gives, not the port's number. */
			if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN ||
			    decoded->instruction.meta.category ==
				    ZYDIS_CATEGORY_IOSTRINGOP ||
			    decoded->instruction.meta.category == ZYDIS_CATEGORY_IO)
				continue;
			snprintf(source.name, sizeof(source.name), "%s",
				 register_text(operand->reg.value));
			source.has_value = register_value(registers, operand->reg.value,
							  &source.value);
		} else if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
			source.has_value = true;
			source.value = operand->imm.value.u;
		} else {
			continue;
		}
		if (!ret->has_source && ret->has_memory && ret->memory.is_write &&
		    is_store(&decoded->instruction)) {
			if (!source.name[0] &&
			    ret->memory.size_bytes < sizeof(source.value))
				source.value &= (1ULL << 8 * ret->memory.size_bytes) - 1;
			ret->has_source = true;
			ret->source = source;
		}
	}
}

/* KASAN's inline checks read [register + register], of which one is the shadow's offset
 * (CONFIG_KASAN_SHADOW_OFFSET of x86-64): one byte for eight.
 */
static void find_shadow(struct instruction *ret)
{
	const uint64_t offset = 0xdffffc0000000000;

	for (size_t i = 0; i < ret->nr_operands && ret->has_memory; i++) {
		if (!ret->operands[i].has_value || ret->operands[i].value != offset ||
		    !ret->memory.has_address ||
		    !strstr(ret->memory.expression, ret->operands[i].name))
			continue;
		ret->is_shadow_check = true;
		ret->shadowed = (ret->memory.address - offset) * 8;
	}
}

/* Starts of the bytes before the mark from which decoding lands on it: of the earliest
 * the last instructions are kept. x86 code falls into step after a few instructions.
 */
static void decode_before(const struct crash_code *code, bool is_32bit,
			  struct instruction *ret)
{
	size_t at = (size_t)code->at;

	for (size_t start = 0; start < at; start++) {
		size_t starts[CRASH_CODE_BYTES], nr = 0, i = start;
		struct decoded decoded;

		while (i < at && decode(code->bytes + i, at - i, is_32bit, &decoded)) {
			starts[nr++] = i;
			i += decoded.instruction.length;
		}
		if (i != at)
			continue;
		for (i = nr > INSTRUCTION_MAX_BEFORE ? nr - INSTRUCTION_MAX_BEFORE : 0;
		     i < nr; i++)
			if (decode(code->bytes + starts[i], at - starts[i], is_32bit,
				   &decoded))
				format(&decoded, ret->before[ret->nr_before++],
				       INSTRUCTION_TEXT_BYTES);
		return;
	}
}

static void decode_after(const struct crash_code *code, bool is_32bit,
			 struct instruction *ret)
{
	size_t i = (size_t)code->at + ret->size_bytes;
	struct decoded decoded;

	while (ret->nr_after < INSTRUCTION_MAX_AFTER && i < code->nr &&
	       decode(code->bytes + i, code->nr - i, is_32bit, &decoded)) {
		format(&decoded, ret->after[ret->nr_after++], INSTRUCTION_TEXT_BYTES);
		i += decoded.instruction.length;
	}
}

size_t instruction_size(const struct crash_code *code)
{
	struct decoded decoded;

	if (code->at < 0 || (size_t)code->at >= code->nr ||
	    !decode(code->bytes + code->at, code->nr - (size_t)code->at, false, &decoded))
		return 0;
	return decoded.instruction.length;
}

static void find_nature(const ZydisDecodedInstruction *decoded, struct instruction *ret)
{
	ret->is_branch = decoded->meta.category == ZYDIS_CATEGORY_CALL ||
			 decoded->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
			 decoded->meta.category == ZYDIS_CATEGORY_COND_BR ||
			 decoded->meta.category == ZYDIS_CATEGORY_RET;
	ret->is_return = decoded->mnemonic == ZYDIS_MNEMONIC_RET &&
			 decoded->meta.branch_type == ZYDIS_BRANCH_TYPE_NEAR;
	ret->is_hypercall = decoded->mnemonic == ZYDIS_MNEMONIC_VMCALL ||
			    decoded->mnemonic == ZYDIS_MNEMONIC_VMMCALL;
	ret->is_privileged = decoded->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED ||
			     decoded->mnemonic == ZYDIS_MNEMONIC_RDPMC;
}

static int decode_as(const struct crash *crash, const struct crash_code *code,
		     bool is_32bit, bool is_relocated, struct instruction *ret)
{
	struct instruction instruction = {0};
	struct decoded decoded;
	size_t nr;

	if (code->at < 0 || (size_t)code->at >= code->nr)
		return -ENODATA;
	nr = code->nr - (size_t)code->at;
	if (!decode(code->bytes + code->at,
		    nr < MAX_INSTRUCTION_BYTES ? nr : MAX_INSTRUCTION_BYTES, is_32bit,
		    &decoded))
		return -EINVAL;
	instruction.size_bytes = decoded.instruction.length;
	format(&decoded, instruction.text, sizeof(instruction.text));
	find_nature(&decoded.instruction, &instruction);
	if (decoded.instruction.mnemonic == ZYDIS_MNEMONIC_MOV &&
	    decoded.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
	    decoded.operands[0].reg.value == ZYDIS_REGISTER_CR0) {
		instruction.is_cr0_write = true;
		instruction.has_cr0_value = register_value(&crash->registers,
							   decoded.operands[1].reg.value,
							   &instruction.cr0_value);
	}
	choose_memory(crash, &decoded, is_relocated, &instruction);
	/* The return's own access did not fault, where it returns to did; of a hypercall
	 * the access is the hypervisor's.
	 */
	if ((crash->kind == CRASH_GENERAL_PROTECTION && instruction.is_return) ||
	    instruction.is_hypercall)
		instruction.match = INSTRUCTION_UNCHECKED;
	else if (instruction.match != INSTRUCTION_AGREES && !instruction.has_rip &&
		 is_implicit(crash, &decoded))
		instruction.match = INSTRUCTION_IMPLICIT;
	fill_operands(&crash->registers, &decoded, &instruction);
	find_shadow(&instruction);
	/* An address that loading fills in. */
	if (!is_relocated && instruction.has_source && !instruction.source.name[0])
		instruction.has_source = false;
	decode_before(code, is_32bit, &instruction);
	decode_after(code, is_32bit, &instruction);
	*ret = instruction;
	return 0;
}

/* EFI mixed mode: Linux calls 32-bit firmware through __KERNEL32_CS. Firmware's own GDT
 * has 32-bit code at 0x10, where Linux has 64-bit code, so below 4 GiB both may be.
 */
static bool may_be_32bit(const struct crash *crash)
{
	return crash->has_selector && crash->selector == 0x10 && crash->has_site &&
	       crash->site.has_address && !crash->site.function[0] &&
	       crash->site.address <= UINT32_MAX;
}

int instruction_decode(const struct crash *crash, const struct crash_code *code,
		       bool is_relocated, struct instruction *ret)
{
	bool is_32bit = crash->has_selector && crash->selector == 0x08;
	struct instruction instruction, other;
	int r = decode_as(crash, code, is_32bit, is_relocated, &instruction);

	if (r == 0 && may_be_32bit(crash)) {
		if (decode_as(crash, code, true, is_relocated, &other) < 0)
			return -EILSEQ;
		if (instruction.match != INSTRUCTION_AGREES &&
		    other.match == INSTRUCTION_AGREES)
			instruction = other;
		else if (strcmp(instruction.text, other.text) != 0 &&
			 (instruction.match != INSTRUCTION_AGREES ||
			  other.match == INSTRUCTION_AGREES))
			return -EILSEQ;
	}
	if (r == 0)
		*ret = instruction;
	return r;
}

#else

#include <errno.h>

size_t instruction_size(const struct crash_code *code)
{
	(void)code;
	return 0;
}

int instruction_decode(const struct crash *crash, const struct crash_code *code,
		       bool is_relocated, struct instruction *ret)
{
	(void)crash, (void)is_relocated, (void)ret;
	return code->at < 0 || (size_t)code->at >= code->nr ? -ENODATA : -ENOSYS;
}

#endif
