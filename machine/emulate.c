/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that are done in software. */
#include "machine/emulate.h"

#ifdef KWCHECK_UNICORN

#include <Zydis/Zydis.h>
#include <cpuid.h>
#include <string.h>

#include "machine/unicorn.h"
#include "machine/cpu.h"

bool emulate_wants(const unsigned char *bytes, uint32_t size)
{
	uint32_t i = 0;

	while (i + 1 < size && (bytes[i] == 0x66 || bytes[i] == 0xf2 ||
				bytes[i] == 0xf3 || (bytes[i] & 0xf0) == 0x40))
		i++;
	switch (bytes[i]) {
	case 0x6c ... 0x6f: /* ins, outs */
	case 0xe4 ... 0xe7: /* in, out */
	case 0xec ... 0xef:
	case 0xf4: /* hlt */
		return true;
	case 0x0f:
		break;
	default:
		return false;
	}
	if (i + 1 >= size)
		return false;
	switch (bytes[i + 1]) {
	case 0x20 ... 0x23: /* mov to and from control and debug registers */
	case 0x30 ... 0x33: /* wrmsr, rdtsc, rdmsr, rdpmc */
	case 0xa2:	    /* cpuid */
		return true;
	case 0x01:
		break;
	default:
		return false;
	}
	if (i + 2 >= size)
		return false;
	switch (bytes[i + 2]) {
	case 0xc1: /* vmcall, vmmcall */
	case 0xd9:
	case 0xd0: /* xgetbv, xsetbv */
	case 0xd1:
	case 0xf8: /* swapgs, rdtscp */
	case 0xf9:
		return true;
	}
	/* lgdt, lidt, invlpg */
	return bytes[i + 2] < 0xc0 &&
	       ((bytes[i + 2] >> 3 & 7) == 7 || (bytes[i + 2] >> 3 & 6) == 2);
}

struct instruction {
	struct machine *machine;
	uint64_t rip;
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static int number_of(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
							       reg);

	if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
		return -1;
	return whole - ZYDIS_REGISTER_RAX;
}

static uint64_t mask_of(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : (1ULL << bits) - 1;
}

static bool address_of(const struct instruction *instruction,
		       const ZydisDecodedOperand *operand, uint64_t *ret)
{
	struct machine *machine = instruction->machine;
	uint64_t address = (uint64_t)operand->mem.disp.value;
	int base = number_of(operand->mem.base), index = number_of(operand->mem.index);

	if (operand->mem.base == ZYDIS_REGISTER_RIP)
		address += instruction->rip + instruction->decoded.length;
	else if (base >= 0)
		address += machine_register(machine, (unsigned)base);
	if (index >= 0)
		address += machine_register(machine, (unsigned)index) *
			   operand->mem.scale;
	if (operand->mem.segment == ZYDIS_REGISTER_GS)
		address += machine->gs_base;
	*ret = address;
	return operand->mem.segment != ZYDIS_REGISTER_FS;
}

static bool get(const struct instruction *instruction, unsigned i, uint64_t *ret)
{
	const ZydisDecodedOperand *operand = &instruction->operands[i];
	uint64_t address;
	int number;

	*ret = 0;
	switch (operand->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		number = number_of(operand->reg.value);
		if (number < 0)
			return false;
		*ret = machine_register(instruction->machine, (unsigned)number);
		break;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		*ret = operand->imm.value.u;
		break;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		if (operand->size > 64 || !address_of(instruction, operand, &address) ||
		    machine_read(instruction->machine, address, ret, operand->size / 8) <
			    0)
			return false;
		break;
	default:
		return false;
	}
	*ret &= mask_of(operand->size);
	return true;
}

/* A 32-bit result clears the upper half; a narrower one leaves the rest. */
static bool put(const struct instruction *instruction, unsigned i, uint64_t value)
{
	const ZydisDecodedOperand *operand = &instruction->operands[i];
	int number = operand->type == ZYDIS_OPERAND_TYPE_REGISTER
			     ? number_of(operand->reg.value)
			     : -1;
	uint64_t old, mask = mask_of(operand->size);

	if (number < 0)
		return false;
	old = machine_register(instruction->machine, (unsigned)number);
	if (operand->size >= 32)
		old = 0;
	machine_set_register(instruction->machine, (unsigned)number,
			     (old & ~mask) | (value & mask));
	return true;
}

enum {
	FLAG_CF = 1,
	FLAG_PF = 4,
	FLAG_AF = 16,
	FLAG_ZF = 64,
	FLAG_SF = 128,
	FLAG_OF = 2048
};

static void set_flags(struct machine *machine, bool carry, bool zero)
{
	uint64_t flags = machine_register(machine, MACHINE_RFLAGS);

	flags &= ~(uint64_t)(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF);
	machine_set_register(machine, MACHINE_RFLAGS,
			     flags | (carry ? FLAG_CF : 0) | (zero ? FLAG_ZF : 0));
}

static void set_edx_eax(struct machine *machine, uint64_t value)
{
	machine_set_register(machine, X86_RAX, (uint32_t)value);
	machine_set_register(machine, X86_RDX, value >> 32);
}

static uint64_t read_msr(struct machine *machine, uint32_t number)
{
	uint64_t content;

	switch (number) {
	case 0xc0000080: /* EFER: SCE, LME, LMA, NXE */
		return 0xd01;
	case 0xc0000101: /* GS base */
		return machine->gs_base;
	case 0xc0000100: /* FS base */
	case 0xc0000102: /* kernel GS base: user's while the kernel runs */
		return 0;
	}
	content = landmarks_msr(machine->landmarks, number);
	return content ? content : machine_invent(machine, 0, 0x1111111111111111);
}

static bool run_cpuid(const struct instruction *instruction)
{
	struct machine *machine = instruction->machine;
	uint32_t leaf = (uint32_t)machine_register(machine, X86_RAX);
	uint32_t subleaf = (uint32_t)machine_register(machine, X86_RCX);
	uint32_t a, b, c, d;

	__cpuid_count(leaf, subleaf, a, b, c, d);
	/* The CPU of a kernel that does not run here is not known. */
	if (!machine->kernel->is_live && machine_invent(machine, 0, 1) == 0)
		a = b = c = d = 0;
	machine_set_register(machine, X86_RAX, a);
	machine_set_register(machine, X86_RBX, b);
	machine_set_register(machine, X86_RCX, c);
	machine_set_register(machine, X86_RDX, d);
	return true;
}

static uint64_t read_cr4(struct machine *machine)
{
	uint64_t value = 0;

	if (machine->kernel->labels[LABEL_MMU_CR4_FEATURES])
		machine_read(machine, machine->kernel->labels[LABEL_MMU_CR4_FEATURES],
			     &value, sizeof(value));
	/* What that variable lacks is set on each CPU, later than it. */
	return machine->run.keeps_wp ? value | X86_CR4_CET : value;
}

/* Intel SDM vol. 3A 2.5: CR0.WP and CR4.CET go together. Both are a #GP. */
static bool is_allowed(struct machine *machine, uint64_t cr0, bool has_cet)
{
	if (!has_cet || cr0 & X86_CR0_WP)
		return true;
	machine->run.fault = (struct machine_fault){.exception = MACHINE_KEEPS_WP};
	machine->run.has_trapped = true;
	return false;
}

static bool move_control(const struct instruction *instruction)
{
	struct machine *machine = instruction->machine;
	const ZydisDecodedOperand *to = &instruction->operands[0];
	bool is_write = to->reg.value >= ZYDIS_REGISTER_CR0 &&
			to->reg.value <= ZYDIS_REGISTER_CR15;
	ZydisRegister control = is_write ? to->reg.value
					 : instruction->operands[1].reg.value;
	uint64_t value = 0;

	if (is_write && !get(instruction, 1, &value))
		return false;
	switch (control) {
	case ZYDIS_REGISTER_CR0:
		if (is_write && is_allowed(machine, value, machine->run.keeps_wp))
			machine->run.cr0 = value;
		value = machine->run.cr0;
		break;
	case ZYDIS_REGISTER_CR3:
		if (is_write)
			machine_flush(machine);
		value = machine->overlay.pt.root_pa;
		break;
	case ZYDIS_REGISTER_CR4:
		if (is_write)
			machine_flush(machine);
		if (is_write &&
		    is_allowed(machine, machine->run.cr0, value & X86_CR4_CET))
			machine->run.keeps_wp = value & X86_CR4_CET;
		value = read_cr4(machine);
		break;
	case ZYDIS_REGISTER_CR2:
	case ZYDIS_REGISTER_CR8:
		value = 0;
		break;
	default: /* a debug register */
		is_write = to->reg.value >= ZYDIS_REGISTER_DR0 &&
			   to->reg.value <= ZYDIS_REGISTER_DR15;
		value = 0;
	}
	return is_write || put(instruction, 0, value);
}

static bool count_bits(const struct instruction *instruction)
{
	unsigned bits = instruction->operands[0].size;
	uint64_t value, result;
	bool carry = false;

	if (!get(instruction, 1, &value))
		return false;
	switch (instruction->decoded.mnemonic) {
	case ZYDIS_MNEMONIC_POPCNT:
		result = (uint64_t)__builtin_popcountll(value);
		set_flags(instruction->machine, false, value == 0);
		return put(instruction, 0, result);
	case ZYDIS_MNEMONIC_TZCNT:
		result = value ? (uint64_t)__builtin_ctzll(value) : bits;
		break;
	default: /* lzcnt */
		result = value ? (uint64_t)__builtin_clzll(value) - (64 - bits) : bits;
	}
	carry = value == 0;
	set_flags(instruction->machine, carry, result == 0);
	return put(instruction, 0, result);
}

static bool run_movbe(const struct instruction *instruction)
{
	unsigned bits = instruction->operands[0].size;
	uint64_t value, address;

	if (!get(instruction, 1, &value))
		return false;
	value = __builtin_bswap64(value) >> (64 - bits);
	if (instruction->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER)
		return put(instruction, 0, value);
	return address_of(instruction, &instruction->operands[0], &address) &&
	       machine_write(instruction->machine, address, &value, bits / 8) == 0;
}

static bool run_random(const struct instruction *instruction)
{
	struct machine *machine = instruction->machine;

	set_flags(machine, true, false);
	return put(instruction, 0,
		   machine_invent(machine,
				  0x0123456789abcdef * (machine->run.nr_invented + 1),
				  0x13579bdf02468ace * (machine->run.nr_invented + 3)));
}

/* The machine does not keep what the instruction would change. */
static bool run_nothing(const struct instruction *instruction)
{
	(void)instruction;
	return true;
}

static bool run_in(const struct instruction *instruction)
{
	return put(instruction, 0,
		   machine_invent(instruction->machine,
				  mask_of(instruction->operands[0].size), 0));
}

static bool run_rdmsr(const struct instruction *instruction)
{
	struct machine *machine = instruction->machine;
	uint32_t number = (uint32_t)machine_register(machine, X86_RCX);

	set_edx_eax(machine, read_msr(machine, number));
	return true;
}

static bool run_rdpmc(const struct instruction *instruction)
{
	set_edx_eax(instruction->machine, machine_invent(instruction->machine, 0, 1));
	return true;
}

static bool run_rdtsc(const struct instruction *instruction)
{
	struct machine *machine = instruction->machine;

	if (instruction->decoded.mnemonic == ZYDIS_MNEMONIC_RDTSCP)
		machine_set_register(machine, X86_RCX, machine->cpu);
	set_edx_eax(machine, clock_tsc(machine));
	return true;
}

static bool run_rdpid(const struct instruction *instruction)
{
	return put(instruction, 0, instruction->machine->cpu);
}

static bool run_xgetbv(const struct instruction *instruction)
{
	set_edx_eax(instruction->machine, machine_invent(instruction->machine, 7, 0xe7));
	return true;
}

static bool run_invlpg(const struct instruction *instruction)
{
	machine_flush(instruction->machine);
	return true;
}

static bool run_hlt(const struct instruction *instruction)
{
	machine_stop(instruction->machine, MACHINE_HALTED,
		     "hlt: the CPU waits for an interrupt");
	return true;
}

/* What each instruction does. @run returns false where it cannot be done. */
static const struct {
	ZydisMnemonic mnemonic;
	bool (*run)(const struct instruction *instruction);
} rows[] = {
	{ZYDIS_MNEMONIC_CLFLUSHOPT, run_nothing},
	{ZYDIS_MNEMONIC_CLWB, run_nothing},
	{ZYDIS_MNEMONIC_CPUID, run_cpuid},
	{ZYDIS_MNEMONIC_HLT, run_hlt},
	{ZYDIS_MNEMONIC_IN, run_in},
	{ZYDIS_MNEMONIC_INVLPG, run_invlpg},
	{ZYDIS_MNEMONIC_INVPCID, run_invlpg},
	{ZYDIS_MNEMONIC_LGDT, run_nothing},
	{ZYDIS_MNEMONIC_LIDT, run_nothing},
	{ZYDIS_MNEMONIC_LZCNT, count_bits},
	{ZYDIS_MNEMONIC_MOV, move_control},
	{ZYDIS_MNEMONIC_MOVBE, run_movbe},
	{ZYDIS_MNEMONIC_OUT, run_nothing},
	{ZYDIS_MNEMONIC_POPCNT, count_bits},
	{ZYDIS_MNEMONIC_RDMSR, run_rdmsr},
	{ZYDIS_MNEMONIC_RDPID, run_rdpid},
	{ZYDIS_MNEMONIC_RDPMC, run_rdpmc},
	{ZYDIS_MNEMONIC_RDRAND, run_random},
	{ZYDIS_MNEMONIC_RDSEED, run_random},
	{ZYDIS_MNEMONIC_RDTSC, run_rdtsc},
	{ZYDIS_MNEMONIC_RDTSCP, run_rdtsc},
	{ZYDIS_MNEMONIC_SERIALIZE, run_nothing},
	{ZYDIS_MNEMONIC_TZCNT, count_bits},
	{ZYDIS_MNEMONIC_WRMSR, run_nothing},
	{ZYDIS_MNEMONIC_XGETBV, run_xgetbv},
	{ZYDIS_MNEMONIC_XRSTOR64, run_nothing},
	{ZYDIS_MNEMONIC_XRSTORS64, run_nothing},
	{ZYDIS_MNEMONIC_XSAVE, run_nothing},
	{ZYDIS_MNEMONIC_XSAVE64, run_nothing},
	{ZYDIS_MNEMONIC_XSAVEC64, run_nothing},
	{ZYDIS_MNEMONIC_XSAVEOPT64, run_nothing},
	{ZYDIS_MNEMONIC_XSAVES64, run_nothing},
};

static bool run(const struct instruction *instruction)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].mnemonic == instruction->decoded.mnemonic)
			return rows[i].run(instruction);
	return false;
}

void emulate_insn(struct machine *machine, uint64_t rip)
{
	struct instruction instruction = {.machine = machine, .rip = rip};
	unsigned char bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
	size_t n = sizeof(bytes);
	ZydisDecoder decoder;

	/* The instruction may be the last of what is mapped. */
	if (machine_read(machine, rip, bytes, n) < 0) {
		n = PAGE_BYTES - rip % PAGE_BYTES;
		if (n > sizeof(bytes) || machine_read(machine, rip, bytes, n) < 0)
			n = 0;
	}
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes, n, &instruction.decoded,
					       instruction.operands)) ||
	    !run(&instruction)) {
		machine_stop(
			machine, MACHINE_UNSUPPORTED, "%s at 0x%016llx is not emulated",
			ZydisMnemonicGetString(instruction.decoded.mnemonic)
				? ZydisMnemonicGetString(instruction.decoded.mnemonic)
				: "an instruction",
			(unsigned long long)rip);
		return;
	}
	if (!machine->run.has_trapped)
		machine_set_register(machine, MACHINE_RIP,
				     rip + instruction.decoded.length);
}

#endif
