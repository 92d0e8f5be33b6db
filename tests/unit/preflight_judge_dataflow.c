/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_dataflow.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

/* A kernel like the usual small one, of another release. */
#define OF_RELEASE(release_)                                 \
	release_ "BUILD-ID=00\n"                             \
		 "SYMBOL(_stext)=ffffffff81000000\n"         \
		 "SYMBOL(swapper_pg_dir)=ffffffff7f001000\n" \
		 "NUMBER(phys_base)=16777216\n"              \
		 "NUMBER(pgtable_l5_enabled)=0\n"

/* A function that nothing calls stores to the module's own @section. */
static void look_at_store_to(struct look *look, const char *vmcoreinfo,
			     const char *section)
{
	/* movb $0, object(%rip); ret */
	static const unsigned char code[] = {0xc6, 0x05, 0, 0, 0, 0, 0, 0xc3};
	static const Elf64_Rela rela[] = {{.r_offset = 2,
					   .r_info = ELF64_R_INFO(2, R_X86_64_PC32),
					   .r_addend = -5}};
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, sizeof(code),
			      rela, 1},
			     {section, SHF_ALLOC | SHF_WRITE, 0, "12345678", 8, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"store", 1, 0, STT_FUNC, STB_GLOBAL, 8},
			    {"object", 2, 0, STT_OBJECT, STB_LOCAL, 8}},
		.nr_symbols = 2,
	};

	look_at_in(look, vmcoreinfo, &ko);
}

/* What becomes of a module's section depends on the release: kcore/modsection.c. */
Test(preflight_judge_dataflow, what_the_release_seals)
{
	static const struct {
		const char *vmcoreinfo, *section;
		bool is_found;
		enum finding_verdict verdict;
	} rows[] = {
		{OF_RELEASE("OSRELEASE=7.3.4\n"), ".data..ro_after_init", true,
		 FINDING_SUSPECT},
		{OF_RELEASE("OSRELEASE=6.12.118\n"), ".static_call_sites", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct look look;
		const struct finding *store;

		look_at_store_to(&look, rows[i].vmcoreinfo, rows[i].section);
		store = look_find(&look, "store");
		cr_expect_eq(store != NULL, rows[i].is_found, "row %zu", i);
		if (store)
			cr_expect_eq(store->verdict, rows[i].verdict, "row %zu: %s", i,
				     finding_verdict_name(store->verdict));
		look_away(&look);
	}
}

/* The symbol tells a kernel of 6.16 and newer; so does its list, where it is held. */
Test(preflight_judge_dataflow, the_kernel_that_seals_static_call_sites)
{
	static struct look look;
	const struct finding *store;

	look_at_store_to(&look, OF_RELEASE("OSRELEASE=7.3.4\n"), ".static_call_sites");
	store = look_find(&look, "store");
	cr_assert_not_null(store);
	look_away(&look);
}
