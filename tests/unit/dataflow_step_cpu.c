/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken to be known behind instructions, against the CPU that runs them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "look.h"
#include "room.h"
#include "dataflow/step.h"
#include "insn/expand.h"

enum { NR_RUNS = 2500, MAX_BYTES = 512, CODE_BYTES = 4096 };
/* clang's sanitizer looks for a function's type before it. */
enum { CODE_AT = 16 };

static uint64_t seed;

static unsigned any(unsigned below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % below;
}

struct bytes {
	unsigned char at[MAX_BYTES];
	size_t nr;
};

static void put(struct bytes *bytes, unsigned byte)
{
	bytes->at[bytes->nr++] = (unsigned char)byte;
}

static void put_all(struct bytes *to, const unsigned char *bytes, size_t nr)
{
	memcpy(to->at + to->nr, bytes, nr);
	to->nr += nr;
}

static void put_any(struct bytes *bytes, unsigned nr)
{
	/* Mostly small: that is where carries and signs are. */
	unsigned first = any(3) ? any(4) : any(256), rest = any(3) ? 0 : any(256);

	for (unsigned i = 0; i < nr; i++)
		put(bytes, i ? rest : first);
}

/* Any register but rsp, which is the stack's. */
static unsigned any_register(void)
{
	unsigned reg = any(15);

	return reg < X86_RSP ? reg : reg + 1;
}

/* @opcode in its place behind 66 or REX, with two registers. */
static void put_modrm(struct bytes *bytes, const unsigned char *opcode, unsigned nr,
		      unsigned reg, unsigned rm)
{
	unsigned rex = 0x40 | any(2) << 3 | reg >> 3 << 2 | rm >> 3;

	if (any(6) == 0)
		put(bytes, 0x66);
	if (rex != 0x40 || any(4) == 0)
		put(bytes, rex);
	for (unsigned i = 0; i < nr; i++)
		put(bytes, opcode[i]);
	put(bytes, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

static void put_two(struct bytes *bytes)
{
	static const unsigned char opcodes[] = {
		0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b, 0x11, 0x13, 0x19,
		0x1b, 0x20, 0x21, 0x22, 0x23, 0x28, 0x29, 0x2a, 0x2b, 0x30, 0x31,
		0x32, 0x33, 0x38, 0x39, 0x3a, 0x3b, 0x84, 0x85, 0x86, 0x87, 0x88,
		0x89, 0x8a, 0x8b, 0x39, 0x39, 0x85, 0x85, 0x01, 0x29, 0x89, 0x63};

	put_modrm(bytes, &opcodes[any(sizeof(opcodes))], 1, any_register(),
		  any_register());
}

static void put_two_0f(struct bytes *bytes)
{
	static const unsigned char opcodes[] = {0xa3, 0xab, 0xaf, 0xb3, 0xb6, 0xb7, 0xbe,
						0xbf, 0xc0, 0xc1, 0xb0, 0xb1, 0xa5, 0xad,
						0xbb, 0xb6, 0xb7, 0xaf, 0xa3};
	unsigned char opcode[] = {0x0f, opcodes[any(sizeof(opcodes))]};

	if (any(2))
		opcode[1] = (unsigned char)((any(3) ? 0x40 : 0x90) + any(16));
	put_modrm(bytes, opcode, 2, any_register(), any_register());
}

static bool is_short(const struct bytes *bytes, size_t start)
{
	return bytes->at[start] == 0x66;
}

/* Of ModRM: rol, ror, shl, shr and sar. */
static const unsigned char shifts[] = {0, 1, 4, 5, 7, 4, 5, 7};

static void put_with_immediate(struct bytes *bytes)
{
	size_t start = bytes->nr;
	unsigned char opcode[] = {0x0f, 0xba};

	switch (any(8)) {
	case 0:
	case 1:
		put_modrm(bytes, (const unsigned char[]){0x83}, 1, any(8),
			  any_register());
		put_any(bytes, 1);
		break;
	case 2:
		put_modrm(bytes, (const unsigned char[]){0x80}, 1, any(8),
			  any_register());
		put_any(bytes, 1);
		break;
	case 3:
		put_modrm(bytes, (const unsigned char[]){0x81}, 1, any(8),
			  any_register());
		put_any(bytes, is_short(bytes, start) && !(bytes->at[start + 1] >> 3 == 9)
				       ? 2
				       : 4);
		break;
	case 4:
		put_modrm(bytes,
			  any(2) ? (const unsigned char[]){0xc1}
				 : (const unsigned char[]){0xc0},
			  1, shifts[any(8)], any_register());
		put(bytes, any(4) ? any(64) : 0);
		break;
	case 5:
		put_modrm(bytes, opcode, 2, 4 + any(4), any_register());
		put(bytes, any(64));
		break;
	case 6:
		put_modrm(bytes, (const unsigned char[]){0x6b}, 1, any_register(),
			  any_register());
		put_any(bytes, 1);
		break;
	default:
		put_modrm(bytes, (const unsigned char[]){0xc6}, 1, 0, any_register());
		put_any(bytes, 1);
		break;
	}
}

static void put_one(struct bytes *bytes)
{
	switch (any(6)) {
	case 0:
		put_modrm(bytes,
			  any(2) ? (const unsigned char[]){0xff}
				 : (const unsigned char[]){0xfe},
			  1, any(2), any_register());
		break;
	case 1:
		put_modrm(bytes,
			  any(2) ? (const unsigned char[]){0xf7}
				 : (const unsigned char[]){0xf6},
			  1, 2 + any(4), any_register());
		break;
	case 2:
		put_modrm(bytes,
			  any(2) ? (const unsigned char[]){0xd1}
				 : (const unsigned char[]){0xd3},
			  1, shifts[any(8)], any_register());
		break;
	case 3: /* clc, stc, cmc */
		put(bytes, (const unsigned char[]){0xf8, 0xf9, 0xf5}[any(3)]);
		break;
	case 4:
		if (any(2))
			put(bytes, 0x48);
		put(bytes, 0x98 + any(2));
		break;
	default: /* push and pop */
		put(bytes, 0x50 + any(4));
		put(bytes, 0x58 + any(4));
		break;
	}
}

static void put_move(struct bytes *bytes)
{
	unsigned reg = any_register();

	if (any(2)) {
		put(bytes, 0x48 | reg >> 3);
		put(bytes, 0xb8 + (reg & 7));
		put_any(bytes, 8);
	} else {
		if (reg >> 3)
			put(bytes, 0x41);
		put(bytes, 0xb8 + (reg & 7));
		put_any(bytes, 4);
	}
}

static void put_lea(struct bytes *bytes)
{
	unsigned reg = any_register(), base = any_register(), index = any_register();

	put(bytes, 0x40 | any(2) << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3);
	put(bytes, 0x8d);
	put(bytes, 0x40 | (reg & 7) << 3 | 4);
	put(bytes, any(4) << 6 | (index & 7) << 3 | (base & 7));
	put_any(bytes, 1);
}

/* The same with a place on the stack. */
static void put_memory(struct bytes *bytes, const unsigned char *opcode, unsigned nr,
		       unsigned reg)
{
	unsigned rex = 0x40 | any(2) << 3 | reg >> 3 << 2;

	if (any(6) == 0)
		put(bytes, 0x66);
	if (rex != 0x40)
		put(bytes, rex);
	put_all(bytes, opcode, nr);
	put(bytes, 0x44 | (reg & 7) << 3);
	put(bytes, 0x24);
	put(bytes, any(3) * 8 + (any(3) ? 0 : any(8)));
}

static void put_with_memory(struct bytes *bytes)
{
	static const unsigned char opcodes[] = {
		0x89, 0x8b, 0x88, 0x8a, 0x01, 0x03, 0x29, 0x2b, 0x31, 0x33, 0x39, 0x3b,
		0x21, 0x09, 0x85, 0x87, 0x00, 0x63, 0x11, 0x89, 0x8b, 0x89, 0x8b};
	static const unsigned char of_0f[] = {0xb6, 0xb7, 0xbe, 0xbf, 0xaf,
					      0xc1, 0xb1, 0x44, 0x45, 0x92};
	static const unsigned char of_bits[] = {0xa3, 0xab, 0xb3, 0xbb};
	unsigned char opcode[] = {0x0f, of_0f[any(sizeof(of_0f))]};
	unsigned reg = any_register();

	switch (any(6)) {
	case 0:
		put_memory(bytes, opcode, 2, reg);
		break;
	case 1:
		put_memory(bytes, (const unsigned char[]){0x83}, 1, any(8));
		put_any(bytes, 1);
		break;
	case 2:
		put_memory(bytes, (const unsigned char[]){0xff}, 1, any(2));
		break;
	case 3: /* and $0x7f, %reg, so that the bit is not far */
		put(bytes, 0x48 | reg >> 3);
		put(bytes, 0x83);
		put(bytes, 0xe0 | (reg & 7));
		put(bytes, 0x7f);
		opcode[1] = of_bits[any(sizeof(of_bits))];
		put_memory(bytes, opcode, 2, reg);
		break;
	default:
		put_memory(bytes, &opcodes[any(sizeof(opcodes))], 1, reg);
	}
}

static void put_instruction(struct bytes *bytes)
{
	switch (any(14)) {
	case 10 ... 13:
		put_with_memory(bytes);
		break;
	case 0 ... 2:
		put_two(bytes);
		break;
	case 3 ... 5:
		put_two_0f(bytes);
		break;
	case 6 ... 7:
		put_with_immediate(bytes);
		break;
	case 8:
		put_one(bytes);
		break;
	default:
		if (any(2))
			put_move(bytes);
		else
			put_lea(bytes);
	}
}

/* mov registers[@reg], @reg, or the other way, by rdi's address or rax's. */
static void put_register(struct bytes *to, unsigned opcode, unsigned reg, unsigned base)
{
	put(to, 0x48 | reg >> 3 << 2);
	put(to, opcode);
	put(to, 0x40 | (reg & 7) << 3 | base);
	put(to, 8 * reg);
}

/* void run(uint64_t registers[16]), around @bytes. */
static void make_function(struct bytes *to, const struct bytes *bytes)
{
	static const unsigned char begin[] = {0x53, 0x55, 0x41, 0x54, 0x41, 0x55,
					      0x41, 0x56, 0x41, 0x57, 0x57},
				   room[] = {0x48, 0x8d, 0x64, 0x24, 0xc0},
				   no_room[] = {0x48, 0x8d, 0x64, 0x24, 0x40},
				   end[] = {0x50, 0x48, 0x8b, 0x44, 0x24, 8,	0x8f,
					    0,	  0x5f, 0x41, 0x5f, 0x41, 0x5e, 0x41,
					    0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3};

	to->nr = 0;
	put_all(to, begin, sizeof(begin)); /* push all that is the caller's, and rdi */
	for (unsigned reg = 0; reg < X86_NR_REGISTERS; reg++)
		if (reg != X86_RSP && reg != X86_RDI)
			put_register(to, 0x8b, reg, X86_RDI);
	put_register(to, 0x8b, X86_RDI, X86_RDI);
	put_all(to, room, sizeof(room)); /* lea -64(%rsp), %rsp: flags stay */
	put_all(to, bytes->at, bytes->nr);
	put_all(to, no_room, sizeof(no_room));
	put_all(to, end, 6); /* push rax; mov 8(%rsp), %rax */
	for (unsigned reg = 1; reg < X86_NR_REGISTERS; reg++)
		if (reg != X86_RSP)
			put_register(to, 0x89, reg, X86_RAX);
	put_all(to, end + 6, sizeof(end) - 6); /* pop (%rax); pop rdi; and the rest */
}

static void run_on_cpu(void *code, const struct bytes *bytes,
		       uint64_t registers[X86_NR_REGISTERS])
{
	struct bytes function;

	make_function(&function, bytes);
	memcpy(code, function.at, function.nr);
	((void (*)(uint64_t *))(uintptr_t)code)(registers);
}

static const char *in_hex(const struct bytes *bytes)
{
	static char text[3 * MAX_BYTES + 1];

	for (size_t i = 0; i < bytes->nr; i++)
		sprintf(text + 3 * i, "%02x ", bytes->at[i]);
	return text;
}

static uint64_t any_value(void)
{
	static const uint64_t edges[] = {
		0,	    1,	       2,	   0x7f,       0x80,
		0xff,	    0x7fff,    0x8000,	   0x7fffffff, 0x80000000,
		0xffffffff, INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 1,
		0x100000000};

	if (any(3))
		return edges[any(sizeof(edges) / sizeof(edges[0]))];
	return (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);
}

static size_t compare(const struct state *state,
		      const uint64_t registers[X86_NR_REGISTERS],
		      const struct bytes *bytes)
{
	size_t nr_known = 0;

	for (unsigned i = 0; i < X86_NR_REGISTERS; i++) {
		const struct value *value = &state->registers[i];

		if (i == X86_RSP || !value_is_exact(*value))
			continue;
		nr_known++;
		cr_expect_eq(value->n, registers[i], "%s: register %u: %lx, not %lx",
			     in_hex(bytes), i, value->n, registers[i]);
	}
	return nr_known;
}

/* From registers that are all known, on the CPU and as the dataflow would. */
static size_t run(const struct code_section *section, size_t first,
		  const struct bytes *bytes, struct flow *flow, void *code)
{
	struct activation activation = {.flow = flow, .is_exact = true};
	struct state *state = calloc(1, state_bytes(STATE_MAX_CELLS));
	uint64_t registers[X86_NR_REGISTERS];
	uint64_t end = section->starts[first].offset + bytes->nr;
	size_t nr_known;

	cr_assert(state);
	state->room = STATE_MAX_CELLS;
	for (unsigned i = 0; i < X86_NR_REGISTERS; i++) {
		registers[i] = any_value();
		state->registers[i] = value_exact(registers[i]);
	}
	state->registers[X86_RSP] = value_exact(VALUE_STACK);
	for (size_t i = first; i < section->nr_insns && section->starts[i].offset < end;
	     i++)
		step_insn(&activation, state, expand_insn(section, i),
			  section_va(section, expand_insn(section, i)));
	run_on_cpu(code, bytes, registers);
	nr_known = compare(state, registers, bytes);
	free(activation.events.array);
	free(state);
	return nr_known;
}

Test(dataflow_step_cpu, what_is_known_is_so)
{
	void *code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct bytes *sequences = room_take(NR_RUNS * sizeof(*sequences));
	unsigned char *text = room_take((size_t)NR_RUNS * MAX_BYTES);
	static struct look of;
	static struct flow flow;
	static struct flow_events events;
	const struct code_section *section;
	size_t nr_known = 0, size = 0, first = 0;

	cr_assert_neq(code, MAP_FAILED);
	seed = 1;
	for (unsigned i = 0; i < NR_RUNS; i++) {
		for (unsigned nr = 1 + any(8); nr > 0; nr--)
			put_instruction(&sequences[i]);
		memcpy(text + size, sequences[i].at, sequences[i].nr);
		size += sequences[i].nr;
	}
	section = look_at_code(&of, text, size);
	look_flow(&of, &flow);
	flow.result = &events;
	for (unsigned i = 0; i < NR_RUNS; i++) {
		size_t end = section->starts[first].offset + sequences[i].nr;

		nr_known += run(section, first, &sequences[i], &flow,
				(char *)code + CODE_AT);
		while (first < section->nr_insns && section->starts[first].offset < end)
			first++;
	}
	/* Most of it is known, or nothing would be tested. */
	cr_expect_gt(nr_known, (size_t)NR_RUNS * 10);
	events_free(&events);
	look_away(&of);
	munmap(code, CODE_BYTES);
}
