/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_dataflow.h"

#include <criterion/criterion.h>
#include <string.h>

#include "dataflow/state.h"
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

	look_at_in(look, vmcoreinfo, NULL, &ko);
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

static const uint64_t SEALED = 0xffffffff81200100;

/* What is found of one event at the module's only instruction. */
static const struct finding *judge(struct look *look, struct flow_event event)
{
	const struct flow_events events = {.events = &event, .nr_events = 1};
	struct findings *findings = &look->inspect.findings;

	event.site = look->inspect.mod.sections[1].va;
	finding_free(findings);
	judge_dataflow(findings, &look->space, &look->inspect.code,
		       &look->inspect.parameters, &events);
	cr_assert_leq(findings->nr, 1);
	return findings->nr ? &findings->array[0] : NULL;
}

Test(preflight_judge_dataflow, a_store_faults_where_all_is_certain)
{
	static const struct {
		struct flow_event event;
		enum finding_verdict verdict;
		const char *note;
	} rows[] = {
		{{.is_exact = true}, FINDING_WOULD_FAULT, "when the module is loaded"},
		{{.is_exact = true, .is_conditional = true},
		 FINDING_SUSPECT,
		 "under a condition"},
		{{.is_exact = true, .flags = VALUE_MAY}, FINDING_SUSPECT, "on some path"},
		{{.is_exact = true, .flags = VALUE_GUESSED},
		 FINDING_SUSPECT,
		 "looked up by name"},
		{{.is_exact = true, .root = FLOW_EXIT},
		 FINDING_SUSPECT,
		 "when the module is unloaded"},
		{{.is_exact = true, .root = FLOW_ANY},
		 FINDING_SUSPECT,
		 "if this code is reached"},
		/* The parameter is not given. */
		{{.is_exact = true, .root = FLOW_PARAMETER},
		 FINDING_SUSPECT,
		 "when its parameter is set"},
		/* Somewhere in an object, all of which is sealed. */
		{{.is_exact = false}, FINDING_WOULD_FAULT, "when the module is loaded"},
		{{.is_exact = true, .bits = STATE_WP_CLEARED},
		 FINDING_BYPASS,
		 "protection has been lifted before"},
		{{.is_exact = true, .bits = STATE_ASKED_RW},
		 FINDING_WOULD_FAULT,
		 "does not unseal"},
	};
	static struct look look;

	look_at_store_to(&look, NULL, ".data");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_event event = rows[i].event;
		const struct finding *finding;

		event.target = SEALED;
		event.bytes = 8;
		finding = judge(&look, event);
		cr_assert_not_null(finding, "row %zu", i);
		cr_expect_str_eq(finding->kind, "store");
		cr_expect_eq(finding->verdict, rows[i].verdict, "row %zu: %s", i,
			     finding_verdict_name(finding->verdict));
		cr_expect_not_null(strstr(finding->note, rows[i].note), "row %zu: %s", i,
				   finding->note);
		cr_expect_eq(finding->error_code, 3);
	}
	look_away(&look);
}

Test(preflight_judge_dataflow, the_access)
{
	static const struct {
		struct flow_event event;
		enum finding_access access;
		const char *kind;
	} rows[] = {
		{{.what = FLOW_STORE}, FINDING_STORE, "store"},
		{{.what = FLOW_STORE, .is_read_modify_write = true},
		 FINDING_READ_MODIFY_WRITE,
		 "store"},
		{{.what = FLOW_CALL, .callee = "memcpy"}, FINDING_CALL, "call"},
	};
	static struct look look;

	look_at_store_to(&look, NULL, ".data");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_event event = rows[i].event;
		const struct finding *finding;

		event.target = SEALED;
		event.is_exact = true;
		finding = judge(&look, event);
		cr_assert_not_null(finding, "row %zu", i);
		cr_expect_eq(finding->access, rows[i].access, "row %zu", i);
		cr_expect_str_eq(finding->kind, rows[i].kind);
		cr_expect_eq(finding->callee, rows[i].event.callee);
	}
	look_away(&look);
}

/* What is no store has its verdict from its kind, and no error code. */
Test(preflight_judge_dataflow, ways_around_protection)
{
	static const struct {
		unsigned what;
		enum finding_verdict verdict;
		const char *kind;
	} rows[] = {
		{FLOW_CAUGHT, FINDING_CLEAN, "caught-store"},
		{FLOW_PASSED, FINDING_SUSPECT, "passed"},
		{FLOW_CR0, FINDING_BYPASS, "cr0-wp"},
		{FLOW_CR0_PINNED, FINDING_CLEAN, "cr0-wp"},
		{FLOW_ENTRY, FINDING_BYPASS, "page-table-entry"},
		{FLOW_DISARM, FINDING_BYPASS, "kernel-set-to-readonly"},
		{FLOW_STATIC_CALL, FINDING_BYPASS, "static-call"},
	};
	static struct look look;

	look_at_store_to(&look, NULL, ".data");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct finding *finding = judge(
			&look, (struct flow_event){.what = rows[i].what,
						   .target = SEALED,
						   .is_exact = true});

		cr_assert_not_null(finding, "row %zu", i);
		cr_expect_eq(finding->verdict, rows[i].verdict, "row %zu", i);
		cr_expect_str_eq(finding->kind, rows[i].kind);
		cr_expect_eq(finding->error_code, 0);
	}
	look_away(&look);
}

/* CR4.CET: clearing WP faults, and nothing goes through because of it. */
Test(preflight_judge_dataflow, wp_that_cannot_be_cleared)
{
	static const struct {
		struct flow_event event;
		enum finding_verdict verdict;
		const char *kind;
	} rows[] = {
		{{.what = FLOW_CR0}, FINDING_WOULD_FAULT, "cr0-wp"},
		{{.what = FLOW_CR0, .root = FLOW_ANY}, FINDING_SUSPECT, "cr0-wp"},
		{{.what = FLOW_CR0, .is_conditional = true}, FINDING_SUSPECT, "cr0-wp"},
		{{.what = FLOW_CR0_PINNED}, FINDING_WOULD_FAULT, "cr0-wp"},
		{{.what = FLOW_STORE, .bits = STATE_WP_CLEARED, .root = FLOW_ANY},
		 FINDING_SUSPECT,
		 "store"},
		{{.what = FLOW_STORE, .bits = STATE_PTE_EDITED}, FINDING_BYPASS, "store"},
	};
	static struct look look;

	look_at_store_to(&look, NULL, ".data");
	look.space.landmarks.guards.keeps_wp = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_event event = rows[i].event;
		const struct finding *finding;

		event.target = event.what == FLOW_STORE ? SEALED : 0;
		event.is_exact = true;
		finding = judge(&look, event);
		cr_assert_not_null(finding, "row %zu", i);
		cr_expect_eq(finding->verdict, rows[i].verdict, "row %zu", i);
		cr_expect_str_eq(finding->kind, rows[i].kind);
		cr_expect_eq(strstr(finding->note, "#GP") != NULL,
			     event.what != FLOW_STORE, "row %zu: %s", i, finding->note);
	}
	look_away(&look);
}

/* mov %rax, %cr4; mov %r9, %cr4: the module may clear CR4.CET before. mov %rax, %cr3 does
 * not.
 */
Test(preflight_judge_dataflow, wp_where_the_module_writes_cr4)
{
	static const unsigned char codes[][5] = {{0x0f, 0x22, 0xe0, 0xc3},
						 {0x41, 0x0f, 0x22, 0xe1, 0xc3},
						 {0x0f, 0x22, 0xd8, 0xc3}};

	for (size_t i = 0; i < 3; i++) {
		static struct look look;
		const struct finding *finding;

		look_at_code(&look, codes[i], sizeof(codes[i]));
		look.space.landmarks.guards.keeps_wp = true;
		finding = judge(&look, (struct flow_event){.what = FLOW_CR0});
		cr_expect_eq(finding->verdict,
			     i < 2 ? FINDING_SUSPECT : FINDING_WOULD_FAULT, "%zu", i);
		look_away(&look);
	}
}
