/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single instructions do to what is known. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"
#include "dataflow/step.h"
#include "insn/expand.h"

static const uint64_t ENTRY = 0xffffffff81000180;
#define SEALED 0xffffffff81200100
#define VARIABLE 0xffffffff81400108
#define SWITCH 0xffffffff81400110 /* kernel_set_to_readonly */

static struct look of;
static struct flow flow;
static struct flow_events events;
static struct state *state;

static void setup(void)
{
	state = calloc(1, state_bytes(STATE_MAX_CELLS));
	cr_assert_not_null(state);
	state->room = STATE_MAX_CELLS;
	state->registers[X86_RSP] = value_exact(VALUE_STACK);
	memset(&events, 0, sizeof(events));
}

static void teardown(void)
{
	events_free(&events);
	free(state);
}

TestSuite(dataflow_step, .init = setup, .fini = teardown);

/* All instructions of @code, one after the other. */
static void step(const unsigned char *code, size_t size_bytes)
{
	struct activation activation = {.flow = &flow, .is_exact = true};
	const struct code_section *section = look_at_code(&of, code, size_bytes);

	of.space.landmarks.syscall_entry = ENTRY;
	of.space.landmarks.ro_flag = SWITCH;
	look_flow(&of, &flow);
	flow.result = &events;
	for (size_t i = 0; i < section->nr_insns; i++) {
		const struct insn *insn = expand_insn(section, i);

		step_insn(&activation, state, insn, section_va(section, insn));
	}
	free(activation.events.array);
	look_away(&of);
}

static void expect(unsigned reg, uint64_t n)
{
	cr_expect(value_is_exact(state->registers[reg]), "register %u", reg);
	cr_expect_eq(state->registers[reg].n, n, "register %u: %lx", reg,
		     state->registers[reg].n);
}

Test(dataflow_step, arithmetic_and_widths)
{
	static const unsigned char code[] = {
		0xb8, 0xff, 0xff, 0xff, 0xff, /* mov $0xffffffff, %eax */
		0x48, 0x63, 0xc8,	      /* movsxd %eax, %rcx */
		0x0f, 0xb6, 0xd0,	      /* movzx %al, %edx */
		0x48, 0x8d, 0x74, 0x52, 0x08, /* lea 8(%rdx, %rdx, 2), %rsi */
		0x48, 0xc1, 0xe6, 0x04,	      /* shl $4, %rsi */
		0x48, 0x87, 0xf2,	      /* xchg %rsi, %rdx */
		0x4c, 0x6b, 0xc2, 0xfd,	      /* imul $-3, %rdx, %r8 */
		0x31, 0xc0,		      /* xor %eax, %eax */
	};

	step(code, sizeof(code));
	expect(X86_RAX, 0);
	expect(X86_RCX, (uint64_t)-1);
	expect(X86_RDX, (0xff * 3 + 8) << 4);
	expect(X86_RSI, 0xff);
	expect(8, (uint64_t)-3 * ((0xff * 3 + 8) << 4));
}

/* Half a register that is not known is not known. */
Test(dataflow_step, the_rest_of_a_register)
{
	static const unsigned char code[] = {
		0xb0, 7,	  /* mov $7, %al */
		0x66, 0xb9, 8, 0, /* mov $8, %cx */
		0x89, 0xd3,	  /* mov %edx, %ebx */
	};

	step(code, sizeof(code));
	cr_expect(!value_is_exact(state->registers[X86_RAX]));
	cr_expect(!value_is_exact(state->registers[X86_RCX]));
	cr_expect(!value_is_exact(state->registers[X86_RBX]));
}

Test(dataflow_step, the_stack)
{
	static const unsigned char code[] = {
		0x55,				       /* push %rbp */
		0x48, 0x89, 0xe5,		       /* mov %rsp, %rbp */
		0x6a, 9,			       /* push $9 */
		0x53,				       /* push %rbx */
		0x59,				       /* pop %rcx */
		0x5a,				       /* pop %rdx */
		0x48, 0x83, 0xec, 0x10,		       /* sub $16, %rsp */
		0x48, 0xc7, 0x44, 0x24, 8, 3, 0, 0, 0, /* movq $3, 8(%rsp) */
		0x48, 0x8b, 0x45, 0xf8,		       /* mov -8(%rbp), %rax */
		0x83, 0x45, 0xf8, 0x04,		       /* addl $4, -8(%rbp) */
		0x8b, 0x74, 0x24, 8,		       /* mov 8(%rsp), %esi */
		0xc9,				       /* leave */
	};

	state->registers[X86_RBP] = value_exact(0x1234);
	state->registers[X86_RBX] = value_exact(5);
	step(code, sizeof(code));
	expect(X86_RCX, 5);
	expect(X86_RDX, 9);
	expect(X86_RAX, 3);
	expect(X86_RSI, 7);
	expect(X86_RBP, 0x1234);
	expect(X86_RSP, VALUE_STACK);
}

/* What "rep stos" writes, and how far, is not followed: nothing stays known there. */
Test(dataflow_step, a_string)
{
	static const unsigned char code[] = {
		0x48, 0xc7, 0x04, 0x24, 3, 0, 0, 0, /* movq $3, (%rsp) */
		0x48, 0x89, 0xe7,		    /* mov %rsp, %rdi */
		0xf3, 0x48, 0xab,		    /* rep stos %rax, (%rdi) */
		0x48, 0x8b, 0x0c, 0x24,		    /* mov (%rsp), %rcx */
	};

	step(code, sizeof(code));
	cr_expect(!value_is_exact(state->registers[X86_RCX]));
}

Test(dataflow_step, a_conditional_move)
{
	static const unsigned char code[] = {
		0x48, 0x0f, 0x44, 0xd9, /* cmove %rcx, %rbx */
		0x31, 0xc0,		/* xor %eax, %eax */
		0x85, 0xc0,		/* test %eax, %eax */
		0x48, 0x0f, 0x44, 0xd1, /* cmove %rcx, %rdx */
		0x48, 0x0f, 0x45, 0xf1, /* cmovne %rcx, %rsi */
	};

	state->registers[X86_RBX] = value_exact(1);
	state->registers[X86_RCX] = value_exact(2);
	state->registers[X86_RDX] = value_exact(3);
	state->registers[X86_RSI] = value_exact(4);
	step(code, sizeof(code));
	cr_expect(!value_is_exact(state->registers[X86_RBX]), "of what is not known");
	expect(X86_RDX, 2);
	expect(X86_RSI, 4);
}

/* A carry is of the operands, and not of what came of them. */
Test(dataflow_step, a_carry)
{
	static const unsigned char code[] = {
		0xb8, 0,    0,	  0,	0x80,	    /* mov $0x80000000, %eax */
		0x48, 0x05, 0x40, 0x16, 0xcb, 0x9a, /* add $-0x6534e9c0, %rax */
		0x48, 0x0f, 0x42, 0xd9,		    /* cmovb %rcx, %rbx */
		0xb8, 0,    0,	  0,	0x80,	    /* mov $0x80000000, %eax */
		0xff, 0xc0,			    /* inc %eax */
		0x48, 0x0f, 0x42, 0xd1,		    /* cmovb %rcx, %rdx */
		0x48, 0x0f, 0x48, 0xf1,		    /* cmovs %rcx, %rsi */
		0xc1, 0xe8, 0x1f,		    /* shr $31, %eax */
		0x48, 0x0f, 0x45, 0xf9,		    /* cmovne %rcx, %rdi */
		0x4c, 0x0f, 0x42, 0xc1,		    /* cmovb %rcx, %r8 */
	};

	state->registers[X86_RCX] = value_exact(2);
	state->registers[X86_RBX] = state->registers[X86_RDX] = value_exact(3);
	state->registers[8] = value_exact(4);
	step(code, sizeof(code));
	expect(X86_RBX, 2);
	cr_expect(!value_is_exact(state->registers[X86_RDX]), "inc leaves it alone");
	expect(X86_RSI, 2);
	expect(X86_RDI, 2);
	cr_expect(!value_is_exact(state->registers[8]), "the bit that fell out");
}

Test(dataflow_step, cr0)
{
	static const unsigned char clear[] = {
		0x0f, 0x20, 0xc0,		    /* mov %cr0, %rax */
		0x48, 0x25, 0xff, 0xff, 0xfe, 0xff, /* and $~0x10000, %rax */
		0x0f, 0x22, 0xc0,		    /* mov %rax, %cr0 */
	};
	static const unsigned char set[] = {
		0x48, 0x0d, 0,	  0, 1, 0, /* or $0x10000, %rax */
		0x0f, 0x22, 0xc0,	   /* mov %rax, %cr0 */
	};

	step(clear, sizeof(clear));
	cr_expect(state->bits & STATE_WP_CLEARED);
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, FLOW_CR0);
	step(set, sizeof(set));
	cr_expect_not(state->bits & STATE_WP_CLEARED);
	cr_expect_eq(events.nr_events, 1);
}

/* Where the CPU says that it finds the IDT, and enters the kernel. */
Test(dataflow_step, what_the_cpu_tells)
{
	static const unsigned char code[] = {
		0x0f, 0x01, 0x4c, 0x24, 0x06, /* sidt 6(%rsp) */
		0x48, 0x8b, 0x5c, 0x24, 0x08, /* mov 8(%rsp), %rbx */
		0x66, 0x8b, 0x74, 0x24, 0x06, /* mov 6(%rsp), %si */
		0xb9, 0x82, 0,	  0,	0xc0, /* mov $0xc0000082, %ecx */
		0x0f, 0x32,		      /* rdmsr */
		0x48, 0xc1, 0xe2, 0x20,	      /* shl $32, %rdx */
		0x48, 0x09, 0xd0,	      /* or %rdx, %rax */
		0x48, 0x89, 0xc7,	      /* mov %rax, %rdi */
		0x31, 0xd2,		      /* xor %edx, %edx */
		0xff, 0xc1,		      /* inc %ecx */
		0x0f, 0x32,		      /* rdmsr */
	};

	step(code, sizeof(code));
	expect(X86_RBX, 0xfffffe0000000000);
	cr_expect(!value_is_exact(state->registers[X86_RSI]), "its size");
	expect(X86_RDI, ENTRY);
	cr_expect(!value_is_exact(state->registers[X86_RAX]), "another MSR");
	cr_expect(!value_is_exact(state->registers[X86_RDX]));
}

/* The number of a bit in memory may lead far from the operand. */
Test(dataflow_step, a_bit_of_memory)
{
	static const unsigned char code[] = {
		0x48, 0x0f, 0xab, 0x07, /* bts %rax, (%rdi) */
		0x0f, 0xb3, 0x1f,	/* btr %ebx, (%rdi) */
		0x48, 0x0f, 0xbb, 0x17, /* btc %rdx, (%rdi) */
	};

	state->registers[X86_RDI] = value_exact(SEALED);
	state->registers[X86_RDI].flags = VALUE_ADDRESS;
	state->registers[X86_RAX] = value_exact(200);
	state->registers[X86_RBX] = value_exact((uint32_t)-33);
	step(code, sizeof(code));
	cr_assert_eq(events.nr_events, 3);
	cr_expect_eq(events.events[0].target, SEALED + 24);
	cr_expect(events.events[0].is_exact);
	cr_expect_eq(events.events[1].target, SEALED - 8);
	cr_expect_eq(events.events[1].bytes, 4);
	cr_expect_not(events.events[2].is_exact, "whichever bit it is");
}

static void expect_seen(enum flow_kind what)
{
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].what, what);
}

static const unsigned char store_rcx[] = {0x48, 0x89, 0x08}; /* mov %rcx,(%rax) */

Test(dataflow_step, stores_and_what_they_are)
{
	static const struct {
		struct value address;
		enum flow_kind what; /* FLOW_NR_KINDS: nothing */
		uint16_t bits;
	} rows[] = {
		{{.n = SEALED, .kind = VALUE_EXACT}, FLOW_STORE, 0},
		{{.n = SEALED, .kind = VALUE_NEAR}, FLOW_STORE, 0},
		{{.n = SEALED, .kind = VALUE_ALIAS}, FLOW_ALIAS, 0},
		{{.flags = VALUE_TABLE}, FLOW_ENTRY, STATE_PTE_EDITED},
		{{.n = SWITCH, .kind = VALUE_EXACT}, FLOW_DISARM, STATE_RO_DISARMED},
		{{.n = VARIABLE, .kind = VALUE_EXACT}, FLOW_NR_KINDS, 0},
		{{.n = 0x1000, .kind = VALUE_EXACT}, FLOW_NR_KINDS, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		state->registers[X86_RAX] = rows[i].address;
		state->bits = 0;
		events_free(&events);
		memset(&events, 0, sizeof(events));
		step(store_rcx, sizeof(store_rcx));
		cr_expect_eq(events.nr_events, rows[i].what != FLOW_NR_KINDS, "%zu", i);
		if (events.nr_events)
			cr_expect_eq(events.events[0].what, rows[i].what, "%zu", i);
		cr_expect_eq(state->bits & (STATE_PTE_EDITED | STATE_RO_DISARMED),
			     rows[i].bits, "%zu", i);
	}
}

/* What CR3 leads to are page tables. */
Test(dataflow_step, the_tables_are_found_through_cr3)
{
	static const unsigned char code[] = {
		0x0f, 0x20, 0xd8, /* mov %cr3,%rax */
		0x48, 0x89, 0x08, /* mov %rcx,(%rax) */
	};

	step(code, sizeof(code));
	expect_seen(FLOW_ENTRY);
}

Test(dataflow_step, a_string_of_nothing_is_not_stored)
{
	static const unsigned char code[] = {0xf3, 0x48, 0xab}; /* rep stosq */

	state->registers[X86_RDI] = value_exact(SEALED);
	state->registers[X86_RCX] = value_exact(0);
	step(code, sizeof(code));
	cr_expect_eq(events.nr_events, 0);
	state->registers[X86_RDI] = value_exact(SEALED);
	state->registers[X86_RCX] = value_exact(2);
	step(code, sizeof(code));
	expect_seen(FLOW_STORE);
}
