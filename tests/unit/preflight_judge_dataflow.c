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
			     {section, SHF_ALLOC | SHF_WRITE, 0, "12345678", 8, NULL, 0},
			     {".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0, "",
			      1, NULL, 0}},
		.nr_sections = 3,
		.symbols = {{"store", 1, 0, STT_FUNC, STB_GLOBAL, 8},
			    {"object", 2, 0, STT_OBJECT, STB_LOCAL, 8}},
		.nr_symbols = 2,
	};

	look_at_in(look, vmcoreinfo, &ko);
}

/* What becomes of a module's section depends on the kernel: kcore/modsection.c. */
Test(preflight_judge_dataflow, what_the_kernel_seals)
{
	static const struct {
		const char *vmcoreinfo, *section;
		bool is_found;
		enum finding_verdict verdict;
		unsigned error_code;
		const char *note;
	} rows[] = {
		{OF_RELEASE("OSRELEASE=7.3.4\n"), ".data..ro_after_init", true,
		 FINDING_SUSPECT, 3, "sealed once its init has returned 0"},
		{OF_RELEASE("OSRELEASE=4.19.1\n"), "__jump_table", false, 0, 0, NULL},
		{OF_RELEASE("OSRELEASE=5.10.1\n"), "__jump_table", true, FINDING_SUSPECT,
		 3, "follows from the release alone"},
		{OF_RELEASE("OSRELEASE=6.12.118\n"), ".static_call_sites", false, 0, 0,
		 NULL},
		/* Of 6.16 and newer, but without the function that came with it. */
		{OF_RELEASE("OSRELEASE=7.3.4\n"), ".static_call_sites", true,
		 FINDING_UNDECIDED, 0, "is not known"},
		{OF_RELEASE(""), ".static_call_sites", true, FINDING_UNDECIDED, 0,
		 "is not known"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct look look;
		const struct finding *store;

		look_at_store_to(&look, rows[i].vmcoreinfo, rows[i].section);
		store = look_find(&look, "store");
		cr_expect_eq(store != NULL, rows[i].is_found, "row %zu", i);
		if (store) {
			cr_expect_eq(store->verdict, rows[i].verdict, "row %zu: %s", i,
				     finding_verdict_name(store->verdict));
			cr_expect_eq(look.inspect.verdict, rows[i].verdict, "row %zu", i);
			cr_expect_eq(store->error_code, rows[i].error_code, "row %zu", i);
			cr_expect_not_null(strstr(store->note, rows[i].note),
					   "row %zu: %s", i, store->note);
		}
		if (store && store->verdict == FINDING_UNDECIDED)
			cr_expect_str_eq(look.inspect.reason, store->note);
		look_away(&look);
	}
}
