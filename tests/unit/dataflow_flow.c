/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shapes that compilers give code, and that must not hide a store. */
#include "dataflow/flow.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

enum { SYMBOL_INIT = 1, SYMBOL_SEALED, SYMBOL_OTHER, SYMBOL_TEXT };

#define RELA(at, symbol, type, addend)                                             \
	{                                                                          \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_##type), \
		.r_addend = (addend)                                               \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* init_module is at 0 of @code, a function named other at @other_at; @more: a section
 * that refers to the code by SYMBOL_TEXT.
 */
static void look(struct look *look, const unsigned char *code, size_t code_bytes,
		 const Elf64_Rela *rela, size_t nr_rela, uint64_t other_at,
		 const struct ko_section *more)
{
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, code_bytes,
			      rela, nr_rela}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"other", 1, other_at, STT_FUNC, STB_LOCAL, 0},
			    {"", 1, 0, STT_SECTION, STB_LOCAL, 0}},
		.nr_symbols = 4,
	};

	if (more)
		ko.sections[ko.nr_sections++] = *more;
	look_at(look, &ko, NULL, 0);
}

static void expect_store(struct look *of, enum finding_verdict verdict,
			 const char *function, uint64_t offset)
{
	const struct finding *store = look_find(of, "store");

	cr_expect_eq(of->inspect.verdict, verdict, "%s",
		     finding_verdict_name(of->inspect.verdict));
	cr_assert_not_null(store);
	cr_expect_str_eq(store->site.function, function);
	cr_expect_eq(store->site.offset, offset);
	cr_expect_str_eq(store->target.name.symbol, "sealed");
	look_away(of);
}

Test(dataflow_flow, a_case_of_a_jump_table)
{
	static const unsigned char code[] = {
		0xf3, 0x0f, 0x1e, 0xfa,		 /* endbr64 */
		0x83, 0xff, 0x01,		 /* cmp $1, %edi */
		0x77, 0x11,			 /* ja 1a */
		0x89, 0xf8,			 /* mov %edi, %eax */
		0xff, 0x24, 0xc5, 0,	0, 0, 0, /* jmp *table(, %rax, 8) */
		0xc6, 0x05, 0,	  0,	0, 0, 0, /* 12: movb $0, sealed(%rip) */
		0xc3,				 /* ret */
		0xc3,				 /* 1a: ret */
	};
	static const unsigned char zeros[16];
	static const Elf64_Rela table_rela[] = {RELA(0, SYMBOL_TEXT, 64, 0x1a),
						RELA(8, SYMBOL_TEXT, 64, 0x12)};
	static const Elf64_Rela rela[] = {RELA(14, 3, 32S, 0),
					  RELA(20, SYMBOL_SEALED, PC32, -5)};
	struct ko_section table = {".rodata", SHF_ALLOC, 0, zeros, 16, table_rela, 2};
	static struct look of;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, COUNT(rela)},
			     table},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"sealed", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"table", 2, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"", 1, 0, STT_SECTION, STB_LOCAL, 0}},
		.nr_symbols = 4,
	};

	look_at(&of, &ko, NULL, 0);
	expect_store(&of, FINDING_SUSPECT, "init_module", 0x12);
}

/* clang's: the hash of the prototype ahead of a function, and a check of it ahead of a
 * call through a pointer.
 */
Test(dataflow_flow, a_call_checked_by_kcfi)
{
	static const unsigned char code[] = {
		0x49, 0xc7, 0xc3, 0,	0,    0,    0, /* mov $other, %r11 */
		0x41, 0xba, 0xee, 0xdd, 0xcc, 0xbb,    /* mov $-hash, %r10d */
		0x45, 0x03, 0x53, 0xfc,		       /* add -4(%r11), %r10d */
		0x74, 0x02,			       /* je 15 */
		0x0f, 0x0b,			       /* ud2 */
		0x41, 0xff, 0xd3,		       /* 15: call *%r11 */
		0xc3,				       /* ret */
		0x90, 0x90, 0x90,		       /* padding */
		0xb8, 0x12, 0x22, 0x33, 0x44,	       /* 1c: mov $hash, %eax */
		0xf3, 0x0f, 0x1e, 0xfa,		       /* 21: endbr64 */
		0xc6, 0x05, 0,	  0,	0,    0,    0, /* movb $0, sealed(%rip) */
		0xc3,				       /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(3, SYMBOL_OTHER, 32S, 0),
					  RELA(0x27, SYMBOL_SEALED, PC32, -5)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x21, NULL);
	expect_store(&of, FINDING_WOULD_FAULT, "other", 4);
}

Test(dataflow_flow, a_tail_call)
{
	static const unsigned char code[] = {
		0x48, 0xc7, 0xc7, 0,	0, 0, 0, /* mov $sealed, %rdi */
		0xe9, 0,    0,	  0,	0,	 /* jmp other */
		0x90, 0x90, 0x90, 0x90,		 /* padding */
		0xc6, 0x07, 0x00,		 /* 10: movb $0, (%rdi) */
		0xc3,				 /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(3, SYMBOL_SEALED, 32S, 0),
					  RELA(8, SYMBOL_OTHER, PLT32, -4)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x10, NULL);
	expect_store(&of, FINDING_WOULD_FAULT, "other", 0);
}

Test(dataflow_flow, behind_a_static_branch)
{
	static const unsigned char code[] = {
		0x0f, 0x1f, 0x44, 0x00, 0x00,	    /* nop */
		0xc3,				    /* ret */
		0xc6, 0x05, 0,	  0,	0,    0, 0, /* 6: movb $0, sealed(%rip) */
		0xc3,				    /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(8, SYMBOL_SEALED, PC32, -5)};
	/* { s32 code, s32 target, long key } */
	static const unsigned char zeros[16];
	static const Elf64_Rela jump_rela[] = {RELA(0, SYMBOL_TEXT, PC32, 0),
					       RELA(4, SYMBOL_TEXT, PC32, 6)};
	struct ko_section table = {
		"__jump_table", SHF_ALLOC | SHF_WRITE, 0, zeros, 16, jump_rela, 2};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), sizeof(code) - 1, &table);
	expect_store(&of, FINDING_SUSPECT, "init_module", 6);
}

/* The third pass of a loop stores, as each branch on the way there says. */
Test(dataflow_flow, a_store_that_constants_lead_to_is_certain)
{
	static const unsigned char code[] = {
		0x31, 0xc0,		      /* xor %eax, %eax */
		0x83, 0xf8, 0x02,	      /* 2: cmp $2, %eax */
		0x75, 0x07,		      /* jne e */
		0xc6, 0x05, 0,	  0, 0, 0, 0, /* 7: movb $0, sealed(%rip) */
		0xff, 0xc0,		      /* e: inc %eax */
		0x83, 0xf8, 0x04,	      /* cmp $4, %eax */
		0x75, 0xed,		      /* jne 2 */
		0xc3,			      /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(9, SYMBOL_SEALED, PC32, -5)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x15, NULL);
	expect_store(&of, FINDING_WOULD_FAULT, "init_module", 7);
}

/* The same, but whether it starts at 0 or at 3 is not known. */
Test(dataflow_flow, a_store_that_an_unknown_leads_to_is_not)
{
	static const unsigned char code[] = {
		0x31, 0xc0,		      /* xor %eax, %eax */
		0x83, 0xff, 0x01,	      /* cmp $1, %edi */
		0x74, 0x05,		      /* je c */
		0xb8, 0x03, 0,	  0, 0,	      /* mov $3, %eax */
		0x83, 0xf8, 0x02,	      /* c: cmp $2, %eax */
		0x75, 0x07,		      /* jne 18 */
		0xc6, 0x05, 0,	  0, 0, 0, 0, /* 11: movb $0, sealed(%rip) */
		0xff, 0xc0,		      /* 18: inc %eax */
		0x83, 0xf8, 0x04,	      /* cmp $4, %eax */
		0x75, 0xed,		      /* jne c */
		0xc3,			      /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(19, SYMBOL_SEALED, PC32, -5)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x1f, NULL);
	expect_store(&of, FINDING_SUSPECT, "init_module", 0x11);
}

/* Handed from init to another function, a constant is written there. */
Test(dataflow_flow, a_constant_that_another_function_writes)
{
	static const unsigned char code[] = {
		0x48, 0xc7, 0xc7, 0, 0, 0, 0, /* mov $constant, %rdi */
		0xe8, 0,    0,	  0, 0,	      /* call other */
		0xc3,			      /* ret */
		0xc6, 0x07, 0x01,	      /* d: other: movb $1, (%rdi) */
		0xc3,			      /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(3, 3, 32S, 0), RELA(8, 2, PLT32, -4)};
	static struct look of;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, COUNT(rela)},
			     {".rodata", SHF_ALLOC, 0, "constant", 8, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"other", 1, 13, STT_FUNC, STB_LOCAL, 0},
			    {"constant", 2, 0, STT_OBJECT, STB_LOCAL, 0}},
		.nr_symbols = 3,
	};

	look_at(&of, &ko, NULL, 0);
	cr_expect_eq(of.inspect.verdict, FINDING_WOULD_FAULT);
	cr_assert_not_null(look_find(&of, "store"));
	cr_expect_str_eq(look_find(&of, "store")->site.function, "other");
	look_away(&of);
}

/* Returned by another function, through the return thunk, a constant is written there. */
Test(dataflow_flow, a_constant_that_another_function_returns)
{
	static const unsigned char code[] = {
		0xe8, 0,    0,	  0, 0,	      /* call other */
		0xc6, 0x00, 0x01,	      /* 5: movb $1, (%rax) */
		0xc3,			      /* ret */
		0x48, 0xc7, 0xc0, 0, 0, 0, 0, /* 9: other: mov $constant, %rax */
		0xe9, 0,    0,	  0, 0,	      /* jmp __x86_return_thunk */
	};
	static const Elf64_Rela rela[] = {RELA(1, 2, PLT32, -4), RELA(12, 3, 32S, 0),
					  RELA(17, 4, PLT32, -4)};
	static struct look of;
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, COUNT(rela)},
			     {".rodata", SHF_ALLOC, 0, "constant", 8, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"other", 1, 9, STT_FUNC, STB_LOCAL, 0},
			    {"constant", 2, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"__x86_return_thunk", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL,
			     0}},
		.nr_symbols = 4,
	};

	look_at(&of, &ko, NULL, 0);
	cr_assert_not_null(look_find(&of, "store"));
	cr_expect_eq(look_find(&of, "store")->verdict, FINDING_WOULD_FAULT);
	cr_expect_eq(look_find(&of, "store")->site.offset, 5);
	look_away(&of);
}

/* Nothing leads from the first branch to the store; what leads to it is looked at all the
 * same, and so is whether it can be avoided.
 */
Test(dataflow_flow, a_store_between_what_is_not_looked_at)
{
	static const unsigned char code[] = {
		0x85, 0xff,		      /* test %edi, %edi */
		0x74, 0x09,		      /* je d */
		0x85, 0xf6,		      /* test %esi, %esi */
		0x74, 0x04,		      /* je c */
		0xff, 0x03,		      /* incl (%rbx) */
		0xeb, 0xf8,		      /* jmp 4 */
		0xc3,			      /* c: ret */
		0xc6, 0x05, 0, 0, 0, 0, 0x01, /* d: movb $1, sealed(%rip) */
		0xff, 0x03,		      /* incl (%rbx) */
		0xc3,			      /* ret */
	};
	static const Elf64_Rela rela[] = {RELA(15, SYMBOL_SEALED, PC32, -5)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x16, NULL);
	expect_store(&of, FINDING_SUSPECT, "init_module", 0xd);
}

/* More states come to the loop than are kept apart: it is begun anew with fewer. */
Test(dataflow_flow, a_store_behind_a_long_loop)
{
	static const unsigned char code[] = {
		0x31, 0xc0,			 /* xor %eax, %eax */
		0xff, 0xc0,			 /* 2: inc %eax */
		0x3d, 200,  0,	  0,	0,	 /* cmp $200, %eax */
		0x75, 0xf7,			 /* jne 2 */
		0xc6, 0x05, 0,	  0,	0, 0, 1, /* movb $1, sealed(%rip) */
		0x31, 0xc0, 0xc3, 0xc3,		 /* other */
	};
	static const Elf64_Rela rela[] = {RELA(0x0d, SYMBOL_SEALED, PC32, -5)};
	static struct look of;

	look(&of, code, sizeof(code), rela, COUNT(rela), 0x15, NULL);
	expect_store(&of, FINDING_WOULD_FAULT, "init_module", 0x0b);
}
