/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/preflight.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* One function, init_module, that refers to symbol 2 of the module by @rela. */
static void look(struct look *bench, const char *name, const void *code,
		 size_t code_bytes, const Elf64_Rela *rela, size_t nr_rela)
{
	struct ko ko = {
		.sections = {{".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, code,
			      code_bytes, rela, nr_rela},
			     {".rodata", SHF_ALLOC, 0, "constant", 8, NULL, 0},
			     {".bss", SHF_ALLOC | SHF_WRITE, SHT_NOBITS, NULL, 64, NULL,
			      0}},
		.nr_sections = 3,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {name, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"own", 2, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"flag", 3, 0, STT_OBJECT, STB_LOCAL, 0},
			    {"helper", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = 5,
	};

	look_at(bench, &ko, NULL, 0);
}

static const struct finding *find_store(const struct look *bench)
{
	return look_find(bench, "store");
}

#define PC32(at, symbol, addend)                                                 \
	{                                                                        \
		.r_offset = (at), .r_info = ELF64_R_INFO(symbol, R_X86_64_PC32), \
		.r_addend = (addend)                                             \
	}

/* movb $0, symbol(%rip); ret */
static const unsigned char direct[] = {0xc6, 0x05, 0, 0, 0, 0, 0, 0xc3};
static const Elf64_Rela direct_rela[] = {PC32(2, 2, -5)};

Test(preflight_preflight, a_store_to_sealed_memory_would_fault)
{
	static struct look bench;
	const struct finding *store;

	look(&bench, "sealed", direct, sizeof(direct), direct_rela, 1);
	store = find_store(&bench);
	cr_assert_not_null(store);
	cr_expect_eq(bench.inspect.verdict, FINDING_WOULD_FAULT);
	cr_expect_eq(store->target.address, 0xffffffff81200100);
	cr_expect_str_eq(store->target.name.symbol, "sealed");
	cr_expect_str_eq(store->site.function, "init_module");
	cr_expect_eq(store->site.offset, 0);
	cr_expect_eq(store->size_bytes, 1);
	cr_expect_eq(store->error_code, 3);
	look_away(&bench);
}

Test(preflight_preflight, a_store_to_writable_memory_would_not)
{
	static struct look bench;

	look(&bench, "variable", direct, sizeof(direct), direct_rela, 1);
	cr_expect_null(find_store(&bench));
	look_away(&bench);
}

Test(preflight_preflight, a_store_behind_an_unknown_condition_is_suspect)
{
	/* test %edi, %edi; je 1f; movb $0, sealed(%rip); 1: ret */
	static const unsigned char code[] = {0x85, 0xff, 0x74, 0x07, 0xc6, 0x05,
					     0,	   0,	 0,    0,    0,	   0xc3};
	static const Elf64_Rela rela[] = {PC32(6, 2, -5)};
	static struct look bench;

	look(&bench, "sealed", code, sizeof(code), rela, 1);
	cr_expect_eq(bench.inspect.verdict, FINDING_SUSPECT);
	cr_expect_not_null(find_store(&bench));
	look_away(&bench);
}

Test(preflight_preflight, a_store_behind_a_call_that_may_fail_would_fault)
{
	/* call helper; test %eax, %eax; js 1f; movb $0, sealed(%rip); 1: ret */
	static const unsigned char code[] = {0xe8, 0,	 0, 0, 0, 0x85, 0xc0, 0x78, 0x07,
					     0xc6, 0x05, 0, 0, 0, 0,	0,    0xc3};
	static const Elf64_Rela rela[] = {PC32(1, 5, -4), PC32(11, 2, -5)};
	static struct look bench;

	look(&bench, "sealed", code, sizeof(code), rela, 2);
	cr_expect_eq(bench.inspect.verdict, FINDING_WOULD_FAULT);
	look_away(&bench);
}

Test(preflight_preflight, a_flag_that_is_zero_is_not_taken)
{
	/* cmpl $0, flag(%rip); jne 1f; ret; 1: movb $0, sealed(%rip); ret */
	static const unsigned char code[] = {0x83, 0x3d, 0,    0, 0, 0, 0, 0x75, 0x01,
					     0xc3, 0xc6, 0x05, 0, 0, 0, 0, 0,	 0xc3};
	static const Elf64_Rela rela[] = {PC32(2, 4, -5), PC32(12, 2, -5)};
	static struct look bench;

	look(&bench, "sealed", code, sizeof(code), rela, 2);
	cr_expect_eq(bench.inspect.verdict, FINDING_SUSPECT);
	look_away(&bench);
}

Test(preflight_preflight, a_constant_of_its_own_would_fault)
{
	static const Elf64_Rela rela[] = {PC32(2, 3, -5)};
	static struct look bench;
	const struct finding *store;

	look(&bench, "sealed", direct, sizeof(direct), rela, 1);
	store = find_store(&bench);
	cr_assert_not_null(store);
	cr_expect_eq(store->verdict, FINDING_WOULD_FAULT);
	cr_expect_str_eq(store->target.name.symbol, "own");
	cr_expect(store->target.is_own);
	look_away(&bench);
}

Test(preflight_preflight, hidden_operands_are_seen)
{
	/* lea sealed(%rip), %rdi; stosq; ret */
	static const unsigned char code[] = {0x48, 0x8d, 0x3d, 0,    0,
					     0,	   0,	 0x48, 0xab, 0xc3};
	static const Elf64_Rela rela[] = {PC32(3, 2, -4)};
	static struct look bench;

	look(&bench, "sealed", code, sizeof(code), rela, 1);
	cr_assert_not_null(find_store(&bench));
	cr_expect_eq(find_store(&bench)->size_bytes, 8);
	look_away(&bench);
}

Test(preflight_preflight, cr0_by_hand_is_a_bypass)
{
	/* mov %cr0, %rax; and $~0x10000, %rax; mov %rax, %cr0; movb $0, sealed; ret */
	static const unsigned char code[] = {0x0f, 0x20, 0xc0, 0x48, 0x25, 0xff, 0xff,
					     0xfe, 0xff, 0x0f, 0x22, 0xc0, 0xc6, 0x05,
					     0,	   0,	 0,    0,    0,	   0xc3};
	static const Elf64_Rela rela[] = {PC32(14, 2, -5)};
	static struct look bench;

	look(&bench, "sealed", code, sizeof(code), rela, 1);
	cr_expect_eq(bench.inspect.verdict, FINDING_BYPASS);
	cr_expect_eq(find_store(&bench)->verdict, FINDING_BYPASS);
	look_away(&bench);
}

/* Every byte of the code, any value of it: an answer, and no read outside. */
Test(preflight_preflight, any_code_gets_an_answer)
{
	unsigned char code[sizeof(direct)];

	for (size_t at = 0; at < 2; at++)
		for (int byte = 0; byte < 256; byte += 5) {
			static struct look bench;

			memcpy(code, direct, sizeof(code));
			code[at] = (unsigned char)byte;
			look(&bench, "sealed", code, sizeof(code), direct_rela, 1);
			look_away(&bench);
		}
}
