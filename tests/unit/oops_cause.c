/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/cause.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "kcore/release.h"
#include "oopslog.h"

/* A page fault of module "mine" at @address. */
static struct crash fault(uint64_t address, uint64_t code)
{
	struct crash crash = {
		.kind = CRASH_PAGE_FAULT,
		.address_from = CRASH_ADDRESS_HEADLINE,
		.address = address,
		.has_error_code = true,
		.error_code = code,
		.has_site = true,
	};

	strcpy(crash.site.module, "mine");
	return crash;
}

static struct hit hit_of(uint64_t address, enum hit_kind kind, enum hit_section section)
{
	return (struct hit){.address = address,
			    .kind = kind,
			    .section = section,
			    .source = HIT_FROM_KERNEL};
}

Test(oops_cause, page_faults)
{
	static const struct {
		uint64_t address, code;
		enum hit_kind kind;
		enum hit_section section;
		enum tables_denial denial;
		enum cause_kind cause;
	} rows[] = {
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_TEXT, TABLES_NO_RW,
		 CAUSE_KERNEL_TEXT},
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_RODATA, TABLES_NO_RW,
		 CAUSE_KERNEL_CONST},
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_RO_AFTER_INIT, TABLES_NO_RW,
		 CAUSE_KERNEL_RO_AFTER_INIT},
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_SECTION_UNKNOWN, TABLES_NO_RW,
		 CAUSE_KERNEL_TEXT}, /* the walk below is executable */
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_SECTION_UNKNOWN, TABLES_UNKNOWN,
		 CAUSE_KERNEL_SEALED},
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_FREED_INIT, TABLES_NO_RW,
		 CAUSE_FREED_INIT},
		{0xffffffff81000000, 2, HIT_IMAGE, HIT_FREED_INIT, TABLES_NOT_PRESENT,
		 CAUSE_FREED_INIT},
		{0xffffffff81000000, 0, HIT_IMAGE, HIT_FREED_GAP, TABLES_NOT_PRESENT,
		 CAUSE_FREED_INIT},
		{0xffffffff81000000, 3, HIT_IMAGE, HIT_RODATA, TABLES_PERMITTED,
		 CAUSE_CHANGED},
		{0xffffffffc0001000, 3, HIT_MODULES, HIT_RODATA, TABLES_NO_RW,
		 CAUSE_MODULE_CONST},
		{0xffffffffc0001000, 3, HIT_MODULES, HIT_RO_AFTER_INIT, TABLES_NO_RW,
		 CAUSE_MODULE_RO_AFTER_INIT},
		{0xffffffffc0001000, 3, HIT_MODULES, HIT_TEXT, TABLES_NO_RW,
		 CAUSE_MODULE_TEXT},
		{0xffffffffc0001000, 3, HIT_MODULES, HIT_SECTION_UNKNOWN, TABLES_UNKNOWN,
		 CAUSE_MODULE_SEALED},
		{0x10, 2, HIT_NULL_PAGE, HIT_SECTION_UNKNOWN, TABLES_NOT_PRESENT,
		 CAUSE_NULL},
		{0, 0x10, HIT_NULL_PAGE, HIT_SECTION_UNKNOWN, TABLES_NOT_PRESENT,
		 CAUSE_EXECUTE_NULL},
		{0x400000, 0x11, HIT_USER, HIT_SECTION_UNKNOWN, TABLES_SMEP,
		 CAUSE_EXECUTE_USER},
		{0xffffffffc0001000, 0x11, HIT_MODULES, HIT_DATA, TABLES_NX,
		 CAUSE_EXECUTE_DATA},
		{0xffffffffc0001000, 0x10, HIT_MODULES, HIT_SECTION_UNKNOWN,
		 TABLES_NOT_PRESENT, CAUSE_EXECUTE_UNMAPPED},
		{0x400000, 3, HIT_USER, HIT_SECTION_UNKNOWN, TABLES_SMAP,
		 CAUSE_USER_ACCESS},
		{0x400000, 0, HIT_USER, HIT_SECTION_UNKNOWN, TABLES_NOT_PRESENT,
		 CAUSE_USER_UNMAPPED},
		{0xffff888000000000, 0, HIT_KERNEL, HIT_SECTION_UNKNOWN,
		 TABLES_NOT_PRESENT, CAUSE_KERNEL_UNMAPPED},
		{0xffff888000000000, 0xb, HIT_KERNEL, HIT_SECTION_UNKNOWN,
		 TABLES_RESERVED, CAUSE_PAGE_TABLE},
		{0xffff888000000000, 7, HIT_KERNEL, HIT_SECTION_UNKNOWN, TABLES_UNKNOWN,
		 CAUSE_UNKNOWN},
		{0xffff888000000000, 0x80000003, HIT_KERNEL, HIT_SECTION_UNKNOWN,
		 TABLES_UNKNOWN, CAUSE_RMP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = fault(rows[i].address, rows[i].code);
		struct hit hit = hit_of(rows[i].address, rows[i].kind, rows[i].section);
		struct tables tables = {.denial = rows[i].denial};
		struct cause cause;

		crash.has_all_error_bits = true;
		cause_find(&crash, &tables, NULL, &hit, 0, &cause);
		cr_expect_eq(cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(cause.kind));
		cr_expect_not_null(cause.summary);
	}
}

Test(oops_cause, special_targets)
{
	struct crash crash = fault(0xffffffff81000138, 3);
	struct hit hit = hit_of(crash.address, HIT_IMAGE, HIT_RODATA);
	struct tables tables = {.denial = TABLES_NO_RW};
	struct cause cause;

	hit.has_symbol = true;
	hit.offset = 0x138;
	strcpy(hit.symbol, "sys_call_table");
	cause_find(&crash, &tables, NULL, &hit, 0, &cause);
	cr_expect_eq(cause.kind, CAUSE_SYSCALL_TABLE);
	cr_assert_eq(cause.nr_notes, 1);
	cr_expect_str_eq(cause.notes[0], "slot 39 of sys_call_table");
	hit.lsm.structure = LSMPART_HOOK_HEADS;
	hit.lsm.meaning = "x";
	cause_find(&crash, &tables, NULL, &hit, 0, &cause);
	cr_expect_eq(cause.kind, CAUSE_LSM_LIST);
	hit.lsm.structure = LSMPART_HOOK_ARRAY_UNUSED;
	cause_find(&crash, &tables, NULL, &hit, 0, &cause);
	cr_expect_eq(cause.kind, CAUSE_LSM_STATIC_CALL);
}

static bool has_way(const struct cause *cause, const char *word)
{
	for (size_t i = 0; i < cause->nr_ways; i++)
		if (strstr(cause->ways[i].what, word) && *cause->ways[i].cost)
			return true;
	return false;
}

Test(oops_cause, ways_out_of_the_release)
{
	struct crash crash = fault(0xffffffff81000138, 3);
	struct hit hit = hit_of(crash.address, HIT_IMAGE, HIT_RO_AFTER_INIT);
	struct tables tables = {.denial = TABLES_NO_RW};
	struct cause cause;

	hit.lsm.structure = LSMPART_HOOK_ARRAY;
	cause_find(&crash, &tables, NULL, &hit, RELEASE(4, 19), &cause);
	cr_expect(has_way(&cause, "SECURITY_WRITABLE_HOOKS"));
	cr_expect(has_way(&cause, "security_initcall"));
	cr_expect_not(has_way(&cause, "BPF LSM"));
	cause_find(&crash, &tables, NULL, &hit, RELEASE(6, 1), &cause);
	cr_expect(has_way(&cause, "SECURITY_WRITABLE_HOOKS"));
	cr_expect(has_way(&cause, "BPF LSM"));
	cause_find(&crash, &tables, NULL, &hit, RELEASE(6, 4), &cause);
	cr_expect_not(has_way(&cause, "SECURITY_WRITABLE_HOOKS"));
	cause_find(&crash, &tables, NULL, &hit, 0, &cause);
	cr_expect(has_way(&cause, "SECURITY_WRITABLE_HOOKS"));
	cr_expect(has_way(&cause, "BPF LSM"));
}

Test(oops_cause, other_kinds)
{
	static const struct {
		enum crash_kind kind;
		uint64_t address;
		enum cause_kind cause;
	} rows[] = {
		{CRASH_GENERAL_PROTECTION, 0xdead000000000108, CAUSE_LIST_POISON},
		{CRASH_GENERAL_PROTECTION, 0x4141414141414141, CAUSE_NON_CANONICAL},
		{CRASH_GENERAL_PROTECTION, 0xffffffff81000000, CAUSE_UNKNOWN},
		{CRASH_BUG, 0, CAUSE_BUG},
		{CRASH_LIST_CORRUPTION, 0, CAUSE_LIST_CORRUPTION},
		{CRASH_CFI, 0, CAUSE_CFI},
		{CRASH_STACK_OVERFLOW, 0, CAUSE_STACK_OVERFLOW},
		{CRASH_BAD_PAGETABLE, 0, CAUSE_PAGE_TABLE},
		{CRASH_TRAP, 0, CAUSE_UNKNOWN},
	};
	struct tables tables = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct crash crash = {.kind = rows[i].kind, .address = rows[i].address};
		struct hit hit = {0};
		struct cause cause;

		if (rows[i].address)
			crash.address_from = CRASH_ADDRESS_HEADLINE;
		cause_find(&crash, &tables, NULL, &hit, 0, &cause);
		cr_expect_eq(cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(cause.kind));
	}
}

Test(oops_cause, every_kind_is_known)
{
	for (enum cause_kind kind = 0; kind < CAUSE_NR; kind++)
		cr_expect_not_null(cause_name(kind), "%d", kind);
}

/* The first crash of a log. */
static void explain(const char *text, struct oopslog *oopslog, struct explanation *ret)
{
	oopslog_read(oopslog, text, strlen(text));
	oopslog_explain(oopslog, 0, NULL, ret);
}

Test(oops_cause, a_user_page_is_refused_by_smap_alone)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: 00007ffc12345678\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 100067067 P4D 100067067 PUD 100068067 PMD 100069067 PTE 800000010006a%s\n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n"
		"RIP: 0010:f+0x1/0x2 [mine]\n"
		"RSP: 0018:ffffc90000123e50 EFLAGS: 000%s0246\n"
		"CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
		"CR2: 00007ffc12345678 CR3: 0000000100060000 CR4: %s\n";
	static const struct {
		const char *leaf, *ac, *cr4;
		enum cause_kind cause;
	} rows[] = {
		{"867", "1", "00000000003506f0", CAUSE_USER_ACCESS},
		{"867", "5", "00000000003506f0", CAUSE_CHANGED}, /* stac was there */
		{"867", "1", "00000000001506f0", CAUSE_CHANGED}, /* SMAP is off */
		{"865", "5", "00000000003506f0", CAUSE_UNKNOWN}, /* read-only for all */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text), form, rows[i].leaf, rows[i].ac, rows[i].cr4);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(oopslog_has_note(&e.cause, "only SMAP"), i == 0);
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, bit_31_is_the_reverse_map)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: ffff8881036a0000\n"
		"%s"
		"PGD 8801067 P4D 8801067 PUD 43ffff067 PMD 80000001036001e3\n"
		"Oops: Oops: 0003 [#1] SMP NOPTI\n"
		"CPU: 0 UID: 0 PID: 9 Comm: x Not tainted %s #1\n"
		"RIP: 0010:f+0x1/0x2\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[1024];

	snprintf(text, sizeof(text), form,
		 "#PF: error_code(0x80000003) - RMP violation\n", "6.12.0");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_RMP);
	cr_expect_eq(e.tables.denial, TABLES_RMP);
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "", "6.12.0");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_UNKNOWN);
	cr_expect(oopslog_has_note(&e.cause, "reverse map"));
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "", "5.10.0");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_CHANGED);
	cr_expect_not(oopslog_has_note(&e.cause, "reverse map"));
	oopslog_close(&oopslog);
}

Test(oops_cause, xen_keeps_pages_of_a_pv_guest)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: %s\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 100067067 P4D 100067067 PUD 100068067 PMD 100069067 PTE %s\n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n"
		"RIP: %s:f+0x1/0x2 [mine]\n"
		"RSP: e02b:ffffc90000123e50 EFLAGS: 00010246\n"
		"CR2: 0000000000000000 CR3: 0000000100060000 CR4: 0000000000350660\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[1024];

	snprintf(text, sizeof(text), form, "ffff888012345678", "801000010006a065",
		 "e030");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_XEN_PV, "%s", cause_name(e.cause.kind));
	cr_expect(e.cause.is_likely);
	cr_expect_eq(e.tables.denial, TABLES_NO_RW);
	oopslog_close(&oopslog);
	/* What the kernel sealed by itself is sealed here, too. */
	snprintf(text, sizeof(text), form, "ffffffff81c00000", "801000010006a065",
		 "e030");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_KERNEL_SEALED);
	cr_expect_eq(e.tables.denial, TABLES_NO_RW);
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "ffff888012345678", "800000010006a061",
		 "0010");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_UNKNOWN);
	oopslog_close(&oopslog);
}

Test(oops_cause, nx_in_the_root_is_of_pti)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: 000055d012345678\n"
		"#PF: supervisor instruction fetch in kernel mode\n"
		"#PF: error_code(0x0011) - permissions violation\n"
		"PGD %s P4D %s PUD 100068067 PMD 100069067 PTE 10006a065\n"
		"Oops: 0011 [#1] SMP PTI\n"
		"RIP: 0010:0x55d012345678\n"
		"Code: 00 00 <48> 89 0a 00 00\n"
		"RSP: 0018:ffffc90000123e50 EFLAGS: 00010246\n"
		"CR2: 000055d012345678 CR3: 0000000100060000 CR4: 00000000003506f0\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[1024];

	snprintf(text, sizeof(text), form, "8000000100067067", "8000000100067067");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_EXECUTE_USER);
	cr_expect_eq(e.tables.denial, TABLES_NX);
	cr_expect_eq(e.tables.denied_by, 0);
	cr_expect(oopslog_has_note(&e.cause, "PTI"));
	cr_expect_not(e.has_instruction); /* data, whatever it looks like */
	cr_expect_eq(e.rip, 0x55d012345678);
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "100067067", "100067067");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.tables.denial, TABLES_SMEP);
	cr_expect_not(oopslog_has_note(&e.cause, "PTI"));
	oopslog_close(&oopslog);
}

Test(oops_cause, a_leaf_of_2m_denies)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("BUG: unable to handle page fault for address: ffffffff81809810\n"
		"PGD 1a0c067 P4D 1a0c067 PUD 1a0d063 PMD 80000000018001e1 \n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"RIP: 0010:f+0x1/0x2 [mine]\n",
		&oopslog, &e);
	cr_expect_eq(e.tables.denial, TABLES_NO_RW);
	cr_assert_eq(e.tables.denied_by, 2);
	cr_expect_eq(e.tables.walk.steps[2].level, PT_PMD);
	cr_expect_eq(e.tables.walk.span, 2 << 20);
	cr_expect_eq(e.tables.walk.pa, 0x1809810);
	oopslog_close(&oopslog);
}

Test(oops_cause, missing_endbr_is_not_the_reporters_ud2)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("traps: Missing ENDBR: helper+0x0/0x20 [mine]\n"
		"------------[ cut here ]------------\n"
		"kernel BUG at arch/x86/kernel/traps.c:255!\n"
		"invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\n"
		"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n"
		"RIP: 0010:exc_control_protection+0xc2/0xd0\n"
		"Code: e8 00 00 00 00 <0f> 0b 66 90\n"
		"RSP: 0018:ffffc90000123e50 EFLAGS: 00010246\n"
		"Call Trace:\n"
		" <TASK>\n"
		" ? asm_exc_control_protection+0x10/0x30\n"
		" asm_exc_control_protection+0x22/0x30\n"
		"RIP: 0010:helper+0x0/0x20 [mine]\n"
		" ? stale+0x1/0x10\n"
		" caller+0x12/0x30 [mine]\n"
		" do_one_initcall+0x56/0x240\n"
		" </TASK>\n"
		"---[ end trace 0000000000000000 ]---\n",
		&oopslog, &e);
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(e.crash->kind, CRASH_MISSING_ENDBR);
	cr_expect_eq(e.cause.kind, CAUSE_MISSING_ENDBR);
	cr_expect(oopslog_has_note(&e.cause, "went to helper+0x0/0x20 [mine]"));
	cr_expect(oopslog_has_note(&e.cause, "came from caller+0x12 of module mine"));
	cr_expect_not(e.has_instruction);
	oopslog_close(&oopslog);
}

Test(oops_cause, cr0_wp)
{
	static const char form[] =
		"general protection fault, maybe for address 0x80040033: 0000 [#1] SMP NOPTI\n"
		"RIP: %s:init_module+0x10/0x40 [mine]\n"
		"Code: 0f 20 c0 25 ff ff fe ff <0f> 22 c0 c3 90 90\n"
		"RSP: 0018:ffffc90000123e50 EFLAGS: 00010246\n"
		"RAX: 00000000800%c0033 RBX: 0000000000000000 RCX: 0000000000000000\n"
		"CR2: 00007ffc12345678 CR3: 0000000100060000 CR4: 0000000000%s506f0\n";
	static const struct {
		const char *selector, *cr4;
		char wp;
		enum cause_kind cause;
		bool is_likely;
		const char *note;
	} rows[] = {
		{"0010", "b", '4', CAUSE_CR0_WP, false, "CR4.CET is set"},
		{"e030", "3", '4', CAUSE_CR0_WP, false, "Xen PV"},
		{"0010", "3", '4', CAUSE_CR0_WP, true, "CR4.CET is clear"},
		{"0010", "b", '5', CAUSE_UNKNOWN, false, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text), form, rows[i].selector, rows[i].wp,
			 rows[i].cr4);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(e.cause.is_likely, rows[i].is_likely, "%zu", i);
		cr_expect(!rows[i].note || oopslog_has_note(&e.cause, rows[i].note),
			  "%zu", i);
		cr_expect_not(e.has_target, "%zu", i);
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, cr0_wp_went_missing)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("------------[ cut here ]------------\n"
		"CR0 WP bit went missing!?\n"
		"WARNING: CPU: 0 PID: 85 at arch/x86/kernel/cpu/common.c:377 "
		"native_write_cr0+0x38/0x50\n"
		"Modules linked in: mine(OE+)\n"
		"CPU: 0 PID: 85 Comm: insmod Tainted: G           OE     6.1.0 #1\n"
		"RIP: 0010:native_write_cr0+0x38/0x50\n"
		"Call Trace:\n"
		" init_module+0x20/0x1000 [mine]\n"
		"---[ end trace 0000000000000000 ]---\n",
		&oopslog, &e);
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(e.cause.kind, CAUSE_CR0_WP);
	cr_expect(e.crash->is_warning);
	cr_expect_str_eq(e.crash->bug_at, "arch/x86/kernel/cpu/common.c:377");
	cr_expect_eq(e.crash->nr_frames, 1);
	oopslog_close(&oopslog);
}

Test(oops_cause, which_guard_page_of_the_stack)
{
	static const struct {
		const char *head, *rsp, *cr2;
		enum cause_kind cause;
	} rows[] = {
		{"ffffc90000128000 (stack is ffffc90000124000..ffffc90000127fff)",
		 "ffffc90000127f00", "ffffc90000128000", CAUSE_STACK_OVERRUN},
		{"ffffc90000123ff8 (stack is ffffc90000124000..ffffc90000127fff)",
		 "ffffc90000124000", "ffffc90000123ff8", CAUSE_STACK_OVERFLOW},
		/* Hashed: CR2 and RSP tell. */
		{"00000000b2f3c4d5 (stack is 000000001a2b3c4d..00000000deadbee0)",
		 "ffffc90000127f00", "ffffc90000128000", CAUSE_STACK_OVERRUN},
		{"00000000b2f3c4d5 (stack is 000000001a2b3c4d..00000000deadbee0)",
		 "ffffc90000124000", "ffffc90000123ff8", CAUSE_STACK_OVERFLOW},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text),
			 "BUG: TASK stack guard page was hit at %s\n"
			 "stack guard page: 0000 [#1] SMP NOPTI\n"
			 "RIP: 0010:f+0x1/0x20 [mine]\n"
			 "Code: 55 55 <f3> 48 a5 c3\n"
			 "RSP: 0018:%s EFLAGS: 00010246\n"
			 "CR2: %s CR3: 0000000100060000 CR4: 00000000003506f0\n",
			 rows[i].head, rows[i].rsp, rows[i].cr2);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, a_double_fault_without_a_stack)
{
	static const struct {
		const char *rsp;
		enum cause_kind cause;
	} rows[] = {
		{"0000000000000000", CAUSE_STACK_LOST},
		{"00007ffc12345678", CAUSE_STACK_LOST},
		{"4141414141414141", CAUSE_STACK_LOST},
		{"ffffc90000124000", CAUSE_UNKNOWN},
		{"ffa0000000124000", CAUSE_UNKNOWN}, /* with five levels */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[512];

		snprintf(text, sizeof(text),
			 "double fault: 0000 [#1] SMP NOPTI\n"
			 "RIP: 0010:f+0x2/0x10\n"
			 "RSP: 0018:%s EFLAGS: 00010246\n",
			 rows[i].rsp);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		oopslog_close(&oopslog);
	}
}

#ifdef KWCHECK_ZYDIS
Test(oops_cause, one_flipped_bit)
{
	static const struct {
		const char *rax, *rbx;
		bool is_told;
	} rows[] = {
		{"fffb888012345678", "ffff888012345000", true},	 /* bit 50 */
		{"7fff888012345678", "ffff888012345000", true},	 /* bit 63 */
		{"ffff888012345678", "ffff888012345000", false}, /* the same page */
		{"fff3888012345678", "ffff888012345000", false}, /* two bits */
		{"fffb888012345678", "0000000012345000", false}, /* no good one */
		{"fffb888012345678", "fffb888012345000", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text),
			 "general protection fault, probably for non-canonical address "
			 "0x%s: 0000 [#1] SMP NOPTI\n"
			 "RIP: 0010:f+0x1/0x20\n"
			 "Code: 55 55 <48> 8b 08 c3\n"
			 "RSP: 0018:ffffc90000123e50 EFLAGS: 00010246\n"
			 "RAX: %s RBX: %s RCX: 0000000000000000\n",
			 rows[i].rax, rows[i].rax, rows[i].rbx);
		explain(text, &oopslog, &e);
		cr_expect_eq(oopslog_has_note(&e.cause, "failing memory or a stray"),
			     rows[i].is_told, "%zu", i);
		oopslog_close(&oopslog);
	}
}
#endif

Test(oops_cause, reports_of_the_checkers)
{
#define BODY                                           \
	"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n" \
	"RIP: 0010:reporter+0x1/0x2\n"                 \
	"Code: 55 55 <0f> 0b c3\n"                     \
	"Call Trace:\n"                                \
	" dump_stack_lvl+0x44/0x5c\n"                  \
	" caller+0x12/0x30 [mine]\n"
	static const struct {
		const char *text, *note;
		enum cause_kind cause;
		bool has_instruction;
	} rows[] = {
		{"refcount_t: underflow; use-after-free.\n"
		 "WARNING: CPU: 0 PID: 9 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110\n" BODY,
		 "caller+0x12 of module mine", CAUSE_REFCOUNT, false},
		{"UBSAN: shift-out-of-bounds in drivers/x.c:12:3\n"
		 "shift exponent 64 is too large for 32-bit type 'int'\n" BODY,
		 "caller+0x12 of module mine", CAUSE_UBSAN, false},
		{"CRED: Invalid credentials\nCRED: At kernel/x.c:12\n"
		 "kernel BUG at kernel/cred.c:434!\ninvalid opcode: 0000 [#1] SMP\n" BODY,
		 NULL, CAUSE_CRED, false},
		{"kernel BUG at kernel/cred.c:434!\ninvalid opcode: 0000 [#1] SMP\n" BODY,
		 NULL, CAUSE_CRED, false},
		{"BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 34s!\n",
		 NULL, CAUSE_WORKQUEUE, false},
		{"watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [x:9]\n" BODY, NULL,
		 CAUSE_LOCKUP, false},
		{"rcu: INFO: rcu_sched self-detected stall on CPU\n" BODY, NULL,
		 CAUSE_RCU_STALL, false},
	};
#undef BODY

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		explain(rows[i].text, &oopslog, &e);
		cr_expect_eq(oopslog.crashes.nr, 1, "%zu", i);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(e.has_instruction, rows[i].has_instruction, "%zu", i);
		cr_expect(!rows[i].note || oopslog_has_note(&e.cause, rows[i].note),
			  "%zu", i);
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, a_kasan_report)
{
	static const char report[] =
		"BUG: KASAN: slab-out-of-bounds in f+0x10/0x20 [mine]\n"
		"Write of size 8 at addr ffff888012345678 by task x/9\n"
		"\n"
		"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n"
		"Call Trace:\n"
		" f+0x10/0x20 [mine]\n"
		"Allocated by task 8:\n"
		" maker+0x1/0x20\n"
		"The buggy address belongs to the object at ffff888012345600\n";
	static const char next[] =
		"BUG: TASK stack guard page was hit at ffffc90000123ff8 (stack is "
		"ffffc90000124000..ffffc90000127fff)\n"
		"stack guard page: 0000 [#1] SMP NOPTI\n"
		"CPU: 0 PID: 9 Comm: x Not tainted 6.1.0 #1\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[2048];

	explain(report, &oopslog, &e);
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(e.cause.kind, CAUSE_KASAN);
	cr_expect_str_eq(e.crash->site.function, "f");
	cr_expect_str_eq(e.crash->site.module, "mine");
	cr_expect(oopslog_has_note(&e.cause, "Write of size 8"));
	cr_expect_eq(e.target.address, 0xffff888012345678);
	cr_expect_eq(e.crash->nr_frames, 1); /* the object's are not the access's */
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), "%s%s", report, next);
	explain(text, &oopslog, &e);
	cr_assert_eq(oopslog.crashes.nr, 2);
	cr_expect_eq(e.cause.kind, CAUSE_STACK_OVERFLOW);
	oopslog_close(&oopslog);
	explain("BUG: KFENCE: use-after-free read in f+0x10/0x20 [mine]\n"
		"Use-after-free read at 0x000000001234 (in kfence-#17):\n"
		" f+0x10/0x20 [mine]\n",
		&oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_KFENCE);
	cr_expect_str_eq(e.crash->site.module, "mine");
	oopslog_close(&oopslog);
}

Test(oops_cause, the_suspect_is_apart_from_the_place)
{
	static const struct {
		const char *rip, *frames, *modules, *function;
	} rows[] = {
		{"strlen+0x0/0x20", " seq_puts+0x1/0x20\n show+0x5/0x20 [mine]\n",
		 "other mine(OE) [last unloaded: gone]", "show"},
		{"strlen+0x0/0x20", " start+0x5/0x20 [mine]\n", "mine(+) other", "start"},
		{"strlen+0x0/0x20", " show+0x5/0x20 [mine]\n", "mine other(OE)", NULL},
		{"strlen+0x0/0x20", " ? show+0x5/0x20 [mine]\n f+0x1/0x2\n", "mine(OE)",
		 NULL},
		/* An in-tree module stands between. */
		{"strlen+0x0/0x20", " f+0x1/0x2 [ext4]\n show+0x5/0x20 [mine]\n",
		 "ext4 mine(OE)", NULL},
		{"strlen+0x0/0x20",
		 " a+0x1/0x2\n b+0x1/0x2\n c+0x1/0x2\n d+0x1/0x2\n show+0x5/0x20 [mine]\n",
		 "mine(OE)", NULL},
		{"start+0x5/0x20 [mine]", " do_one_initcall+0x1/0x20\n", "mine(+)",
		 "start"},
		{"start+0x5/0x20 [mine]", " do_one_initcall+0x1/0x20\n", "mine(OE)",
		 NULL},
		/* One that goes. */
		{"down_write+0x1a/0x50", " f+0x1/0x2\n stop+0x5/0x20 [mine]\n",
		 "mine(E-)", "stop"},
		{"stop+0x5/0x20 [mine]", " f+0x1/0x20\n", "mine(-)", "stop"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(
			text, sizeof(text),
			"BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
			"#PF: error_code(0x0000) - not-present page\n"
			"Oops: 0000 [#1] SMP NOPTI\n"
			"RIP: 0010:%s\n"
			"Call Trace:\n%s"
			"Modules linked in: %s\n",
			rows[i].rip, rows[i].frames, rows[i].modules);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, CAUSE_NULL);
		if (rows[i].function)
			cr_expect(e.cause.suspect && strcmp(e.cause.suspect->function,
							    rows[i].function) == 0,
				  "%zu", i);
		else
			cr_expect_null(e.cause.suspect, "%zu", i);
		oopslog_close(&oopslog);
	}
}

struct by_text {
	const char *text;
	enum cause_kind cause;
	const char *note; /* in the first one */
};

static void expect_causes(const struct by_text rows[], size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct oopslog oopslog;
		struct explanation e;

		explain(rows[i].text, &oopslog, &e);
		cr_expect_eq(oopslog.crashes.nr, 1, "%zu", i);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		if (rows[i].note) {
			cr_assert_geq(e.cause.nr_notes, 1, "%zu", i);
			cr_expect_not_null(strstr(e.cause.notes[0], rows[i].note),
					   "%zu: %s", i, e.cause.notes[0]);
		}
		oopslog_close(&oopslog);
	}
}

/* What the value of a bad pointer tells, and what it does not. */
Test(oops_cause, by_the_pointers_value)
{
	static const struct by_text rows[] = {
		/* mov [rcx+0x8], rdx */
		{"BUG: kernel NULL pointer dereference, address: 000000000000000b\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:f+0x67/0x250\n"
		 "Code: 90 <48> 89 51 08 48 89 0a 90 90 90 90 90 90 90 90 90 90 90\n"
		 "RAX: ffffa15a93f87800 RBX: ffffa15088cb4180 RCX: 0000000000000003\n",
		 CAUSE_SMALL, "rcx is 0x3"},
		/* lock cmpxchg [rbx], rdx: a lock in a structure that is not there */
		{"BUG: kernel NULL pointer dereference, address: 0000000000000088\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:mutex_lock+0x1c/0x30\n"
		 "Code: 90 <f0> 48 0f b1 13 75 06 5b e9 97 8a 00 00 48 89 df 5b eb b1\n"
		 "RAX: 0000000000000000 RBX: 0000000000000088 RCX: 0000000000000000\n"
		 "RDX: ff2de9c80f5d3080 RSI: ffffffffb9e58559 RDI: 0000000000000088\n",
		 CAUSE_NULL, "rbx is 0x88: the address of a member of NULL"},
		/* mov r11d, [rax+0xc] */
		{"BUG: unable to handle page fault for address: fffffffffffffffa\n"
		 "Oops: 0000 [#1] SMP PTI\n"
		 "RIP: 0010:f+0x547/0xbe0\n"
		 "Code: 90 <44> 8b 58 0c 8b 48 10 90 90 90 90 90 90 90 90 90 90 90\n"
		 "RAX: ffffffffffffffee RBX: 0000000000000011 RCX: ffff888c7bc580e2\n",
		 CAUSE_NEGATIVE, "rax is -18"},
		{"BUG: unable to handle page fault for address: fffffffffffffff4\n"
		 "Oops: 0000 [#1] SMP PTI\n",
		 CAUSE_NEGATIVE, "-12 as a number"},
		{"BUG: unable to handle kernel NULL pointer dereference at           (null)\n"
		 "Oops: 0010 [#1] SMP\n",
		 CAUSE_EXECUTE_NULL, NULL},
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc000000000e: 0000 [#1] PREEMPT SMP KASAN NOPTI\n"
		 "KASAN: null-ptr-deref in range [0x0000000000000070-0x0000000000000077]\n",
		 CAUSE_NULL, "KASAN's check of 0x0000000000000070"},
		{"general protection fault, probably for non-canonical address "
		 "0xfbd59c0000000024: 0000 [#1] SMP KASAN\n"
		 "KASAN: maybe wild-memory-access in range "
		 "[0xdead000000000120-0xdead000000000127]\n",
		 CAUSE_LIST_POISON, "KASAN's check of 0xdead000000000120"},
		/* movzx eax, byte ptr [rdx+rax*1] */
		{"general protection fault: 0000 [#1] SMP KASAN\n"
		 "RIP: 0010:f+0x80/0x130\n"
		 "Code: 90 <0f> b6 04 02 48 89 fa 83 e2 07 38 d0 7f 04 84 c0 75 7b 48\n"
		 "RAX: dffffc0000000000 RBX: 0000000000000001 RCX: ffffffff833819c2\n"
		 "RDX: 0000000000000002 RSI: ffffffff833819dc RDI: 0000000000000003\n",
		 CAUSE_NULL, "KASAN's check of 0x0000000000000010"},
		/* cmp byte ptr [rbp+r13*1], 0x0 */
		{"Oops: stack segment: 0000 [#1] SMP KASAN PTI\n"
		 "RIP: 0010:f+0x3e/0x130\n"
		 "Code: 90 <42> 80 7c 2d 00 00 74 08 4c 89 e7 e8 32 c4 9d fd 4d 39 34\n"
		 "RAX: 0000000000000000 RBX: dead000000000100 RCX: ffff88801dbc9e00\n"
		 "RBP: 1bd5a00000000021 R08: 0000000000000000 R09: 0000000000000000\n"
		 "R13: dffffc0000000000 R14: ffffc9000323a140 R15: ffff88802f4c9898\n",
		 CAUSE_LIST_POISON, "KASAN's check of 0xdead000000000108"},
		{"stack segment: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0x1e8/0x570 [md_mod]\n"
		 "RBP: 6b6b6b6b6b6b6b6b R08: ffff9d490fc01e40 R09: 0000000000000000\n",
		 CAUSE_NON_CANONICAL, "rbp holds the bytes that fill freed slab"},
		/* div rcx */
		{"divide error: 0000 [#1] PREEMPT SMP\n"
		 "RIP: 0010:f+0x221/0x284\n"
		 "Code: 90 <48> f7 f1 49 89 c4 48 89 c3 49 8d 87 28 64 00 00 48 89 c2\n"
		 "RAX: 0000000000000005 RBX: 0000000000000000 RCX: 0000000000000000\n"
		 "RDX: 0000000000000000 RSI: 0000000000000000 RDI: 0000000000000000\n",
		 CAUSE_DIVIDE, "rcx is 0"},
		{"BUG: unable to handle kernel paging request at ffffc90000663b9e\n"
		 "PGD 276512067 P4D 276512067 PUD 276513067 PMD 274efa067 PTE "
		 "8000000271de2163\n"
		 "Oops: 0009 [#1] SMP\n",
		 CAUSE_PAGE_TABLE, "no entry of the log has such a bit"},
		{"BUG: kernel NULL pointer dereference, address: 0000000000000045\n"
		 "#PF: error_code(0x0010) - not-present page\n"
		 "Oops: 0010 [#2] SMP PTI\n",
		 CAUSE_SMALL, "0x45 was called"},
		{"general protection fault: 0000 [#1] SMP\n"
		 "RIP: e030:[<ffffffff8115e055>]  [<ffffffff8115e055>] f+0xe5/0x520\n"
		 "RDX: dead000000000200 RSI: ffffea00057b4900 RDI: dead000000000100\n",
		 CAUSE_LIST_POISON, "rdx holds 0xdead000000000200"},
		{"BUG: unable to handle page fault for address: ffffea0004a5a000\n"
		 "#PF: supervisor write access in kernel mode\n"
		 "#PF: error_code(0x0003) - permissions violation\n"
		 "PGD 23fff8067 P4D 23fff8067 PUD 23fff7067 PMD 23ffd9067 PTE "
		 "800000021c98e061\n"
		 "Oops: 0003 [#1] SMP PTI\n",
		 CAUSE_VMEMMAP, NULL},
		{"list_del corruption, ffffcb01d14e6408->next is LIST_POISON1 "
		 "(dead000000000100)\n"
		 "WARNING: CPU: 0 PID: 138 at lib/list_debug.c:47 "
		 "__list_del_entry_valid+0x46/0xa0\n"
		 "RIP: 0010:__list_del_entry_valid+0x46/0xa0\n",
		 CAUSE_LIST_CORRUPTION, "deleted already"},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What the kernel says before a BUG() or a WARNING, and what it knew before. */
Test(oops_cause, by_what_was_said_before)
{
	static const struct by_text rows[] = {
		{"usercopy: kernel memory overwrite attempt detected to ffff8947486c7dc0 "
		 "(<process stack>) (16 bytes)\n"
		 "------------[ cut here ]------------\n"
		 "kernel BUG at mm/usercopy.c:72!\n"
		 "invalid opcode: 0000 [#1] SMP \n"
		 "Call Trace:\n"
		 " __check_object_size+0x1/0x2\n"
		 " f+0x10/0x20 [mine]\n",
		 CAUSE_USERCOPY, "f+0x10 of module mine"},
		{"detected buffer overflow in memcpy\n"
		 "kernel BUG at lib/string_helpers.c:1048!\n"
		 "invalid opcode: 0000 [#1] SMP \n",
		 CAUSE_FORTIFY, NULL},
		{"skbuff: skb_under_panic: text:ffffffff88771f69 len:56 put:-4\n"
		 "kernel BUG at net/core/skbuff.c:192!\n"
		 "invalid opcode: 0000 [#1] SMP \n",
		 CAUSE_BUG, NULL},
		{"[Firmware Bug]: Page fault caused by firmware at PA: 0xffffb1edc0068000\n"
		 "WARNING: CPU: 3 PID: 104 at arch/x86/platform/efi/quirks.c:735 f+0x50/0xf0\n",
		 CAUSE_FIRMWARE, NULL},
		{"kernel BUG at mm/filemap.c:203!\n"
		 "invalid opcode: 0000 [#1] SMP \n"
		 "CPU: 3 PID: 1 Comm: busybox Tainted: G    B          3.18.9 #1\n",
		 CAUSE_BUG, "taint B"},
		{"general protection fault: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0xf/0xc0\n"
		 "Code: 90 <0f> b7 47 70 48 89 d3 66 83 e0 20 0f 95 c2 38 d1 75 56 4c\n"
		 "RDX: 0000000000000000 RSI: ffffffffc04edaa4 RDI: 6b6b6b6b6b6b6b6b\n",
		 CAUSE_NON_CANONICAL, "freed slab objects"},
		/* mov rax, [rax-0x20] */
		{"BUG: unable to handle page fault for address: ffffffffffffffe0\n"
		 "Oops: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0x6d/0xa0\n"
		 "Code: 90 <48> 8b 40 e0 48 89 54 03 30 48 90 90 90 90 90 90 90 90\n"
		 "RAX: 0000000000000000 RBX: ffff8b665e848548 RCX: 0000000000000000\n",
		 CAUSE_NULL, "less an offset"},
		/* A read, and no control registers. */
		{"BUG: unable to handle kernel paging request at 00007fffe3542f90\n"
		 "PGD 8000000232ede067 P4D 8000000232ede067 PUD 232d60067 PMD 232f7c067 "
		 "PTE 8000000203f12867\n"
		 "Oops: 0001 [#1] SMP PTI\n",
		 CAUSE_USER_ACCESS, "SMAP alone is left"},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* The kernel's other reports, by their first lines. */
Test(oops_cause, reports_by_name)
{
	static const struct by_text rows[] = {
		{"BUG: Bad page state in process oom01  pfn:fffffe7a09fffd07\n"
		 "CPU: 0 PID: 1 Comm: a Not tainted 5.0.0 #1\n"
		 "Call Trace:\n"
		 " dump_stack+0x1/0x2\n"
		 " bad_page.cold+0x3/0x4\n"
		 " get_page_from_freelist+0x5/0x6\n",
		 CAUSE_BAD_PAGE, "get_page_from_freelist+0x5"},
		{"BUG: Bad page map in process udevd  pte:ba4a2025 pmd:ba275067\n",
		 CAUSE_BAD_PAGE, NULL},
		{"BUG: scheduling while atomic: swapper/3/0/0x00000002\n"
		 "Call Trace:\n"
		 " __schedule_bug+0x1/0x2\n"
		 " __schedule+0x1/0x2\n"
		 " schedule+0x1/0x2\n"
		 " schedule_timeout+0x5/0x6\n",
		 CAUSE_ATOMIC, "schedule_timeout+0x5"},
		{"BUG: sleeping function called from invalid context at mm/slab.h:421\n",
		 CAUSE_ATOMIC, NULL},
		{"BUG: spinlock bad magic on CPU#0, insmod/1\n", CAUSE_SPINLOCK, NULL},
		{"BUG kmalloc-64 (Not tainted): Poison overwritten\n", CAUSE_SLAB, NULL},
		{"BUG filp (Tainted: P           O   ): Object already free\n",
		 CAUSE_SLAB, NULL},
		{"BUG: KCSAN: data-race in f / g\n", CAUSE_KCSAN, NULL},
		{"BUG: KMSAN: uninit-value in f+0x1/0x2 [mine]\n", CAUSE_KMSAN, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What ran on a CPU that was stuck, and a copy off the stack's end. */
Test(oops_cause, the_cpus_own_and_the_stacks_end)
{
	static const struct by_text rows[] = {
		/* iretq; the descriptor is in the read-only GDT. */
		{"BUG: unable to handle page fault for address: fffffe0000001028\n"
		 "#PF: error_code(0x0003) - permissions violation\n"
		 "PGD 23ffc9067 P4D 23ffc9067 PUD 23ffc7067 PMD 23ffc6067 PTE "
		 "800000023fc0a161\n"
		 "Oops: 0003 [#1] SMP PTI\n"
		 "Code: 90 <48> cf 57 0f 01 f8 eb 12 0f 20 df 90 90 90 90 90 90 90\n"
		 "RSP: 0018:ffffc90000013fd8 EFLAGS: 00010002\n",
		 CAUSE_DESCRIPTOR, NULL},
		{"BUG: unable to handle page fault for address: ffffc90000128000\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "PGD 100000067 P4D 100000067 PUD 1001d4067 PMD 1001d5067 PTE 0\n"
		 "Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
		 "RSP: 0018:ffffc90000127d58 EFLAGS: 00010286\n",
		 CAUSE_STACK_OVERRUN, "right above the stack"},
		{"BUG: unable to handle page fault for address: ffffc90000129000\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "PGD 100000067 P4D 100000067 PUD 1001d4067 PMD 1001d5067 PTE 0\n"
		 "Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
		 "RSP: 0018:ffffc90000127d58 EFLAGS: 00010286\n",
		 CAUSE_KERNEL_UNMAPPED, NULL},
	};
	struct oopslog oopslog;
	struct explanation e;

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
	explain("watchdog: Watchdog detected hard LOCKUP on cpu 3\n"
		"Modules linked in: mine(OE)\n"
		"RIP: 0010:native_queued_spin_lock_slowpath+0x6a/0x1f0\n"
		"Call Trace:\n"
		" mine_ioctl+0x22/0x80 [mine]\n",
		&oopslog, &e);
	cr_assert_not_null(e.cause.suspect);
	cr_expect_str_eq(e.cause.suspect->function, "mine_ioctl");
	cr_expect_not_null(strstr(e.cause.suspicion, "stuck"));
	oopslog_close(&oopslog);
}

/* A push or store to the stack that faults twice had no stack to go to. */
Test(oops_cause, a_double_fault_at_the_stacks_end)
{
	static const struct {
		const char *code;
		enum cause_kind cause;
	} rows[] = {
		{"<55> 53 e8 09 20 f2 ff 48 90 90 90 90 90 90 90 90 90",
		 CAUSE_STACK_OVERFLOW},
		{"<48> 89 54 24 28 0f 1f 44 00 00 90 90 90 90 90 90 90",
		 CAUSE_STACK_OVERFLOW},
		{"<48> 8b 54 24 28 0f 1f 44 00 00 90 90 90 90 90 90 90", CAUSE_UNKNOWN},
		{"<48> 89 18 90 90 90 90 90 90 90 90 90 90 90 90 90 90", CAUSE_UNKNOWN},
		/* Delivering what came there faulted. */
		{"<0f> 1f 44 00 00 55 48 89 e5 90 90 90 90 90 90 90 90",
		 CAUSE_STACK_OVERFLOW},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[512];

		snprintf(text, sizeof(text),
			 "double fault: 0000 [#1] SMP NOPTI\n"
			 "RIP: 0010:f+0x2/0x10\n"
			 "Code: 90 %s\n"
			 "RSP: 0018:fffffe000000b000 EFLAGS: 00010246\n"
			 "RAX: fffffe000000b000 RBX: 0000000000000000 RCX: "
			 "0000000000000000\n",
			 rows[i].code);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(e.cause.is_likely, rows[i].cause != CAUSE_UNKNOWN, "%zu", i);
		oopslog_close(&oopslog);
	}
}

/* General protection faults of what has no operand, and what a value reads as. */
Test(oops_cause, a_protection_fault_without_an_operand)
{
	static const struct by_text rows[] = {
		/* ret, with registers that were loaded from the same stack */
		{"general protection fault, maybe for address 0xffff888020655880: 0000 [#1] "
		 "SMP\n"
		 "RIP: 0010:f+0x80/0x90\n"
		 "Code: 90 <c3> 48 8d bd 28 18 00 00 48 b8 00 00 00 00 00 fc ff df 48 89\n"
		 "RSP: 0000:ffffc900057cf530 EFLAGS: 00010086\n"
		 "RAX: ffff888020655880 RBX: ffff000000000000 RCX: ffffffff812a921c\n",
		 CAUSE_RETURN, "rbx, which"},
		{"general protection fault: 0000 [#1] SMP\n"
		 "RIP: 0010:__x86_indirect_thunk_rax+0x14/0x20\n"
		 "Code: 90 <c3> 48 8d bd 28 18 00 00 48 b8 00 00 00 00 00 fc ff df 48 89\n"
		 "RSP: 0000:ffffc900057cf530 EFLAGS: 00010086\n"
		 "RAX: 2f62696c2f727375 RBX: ffff888000000000 RCX: ffffffff812a921c\n",
		 CAUSE_NON_CANONICAL, "rax was to be called"},
		/* wrmsr */
		{"general protection fault, maybe for address 0x48: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0x80/0x90\n"
		 "Code: 90 <0f> 30 c3 bd 28 18 00 00 48 b8 00 00 00 00 00 fc ff df 48 89\n"
		 "RAX: 0000000000000048 RBX: ffff888000000000 RCX: 0000000000000048\n",
		 CAUSE_PRIVILEGED, "ecx: 0x48"},
		/* swapgs */
		{"general protection fault, maybe for address 0x8800: 0000 [#1] SMP\n"
		 "RIP: e030:error_entry+0xaf/0xe0\n"
		 "Code: 90 <0f> 01 f8 90 90 90 eb 11 0f 20 d8 90 90 90 90 90 48 25 ff e7\n"
		 "RAX: 0000000000008800 RBX: 0000000000000000 RCX: ffffffff81e00fa7\n",
		 CAUSE_PRIVILEGED, "Xen PV"},
		/* cmp dword ptr [rdi+0xb4], 0x3 */
		{"general protection fault, probably for non-canonical address "
		 "0x3020393535312030: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:f+0x5/0x40\n"
		 "Code: 90 <83> bf b4 00 00 00 03 48 89 d1 74 12 44 8b 47 38 48 8b 7f 10\n"
		 "RDX: ffff9af34924ad6c RSI: 0000000000000bf0 RDI: 3020393535312030\n",
		 CAUSE_NON_CANONICAL, "rdi read as text is \"0 1559 0\""},
		/* A digit is missing: "maybe" is said of canonical ones. */
		{"general protection fault, maybe for address 0xffff89aeceab400: 0000 [#1] "
		 "SMP\n"
		 "RIP: 0010:f+0x7/0x40\n",
		 CAUSE_UNKNOWN, NULL},
		{"general protection fault: 0000 [#1] SMP\n"
		 "RIP: 0010:__kmalloc+0x7b/0x1a0\n"
		 "RAX: 0000000000000000 RBX: ffff880211ea5e58 RCX: 000000000008d55a\n",
		 CAUSE_UNKNOWN, "links inside free objects"},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* A write at RIP that no operand shows is the hypervisor's; an excerpt has no error code;
 * DEBUG_PAGEALLOC leaves the entry in place.
 */
Test(oops_cause, by_what_is_not_in_the_operand)
{
	static const struct by_text rows[] = {
		{"BUG: unable to handle page fault for address: ffffffff810d9c42\n"
		 "#PF: supervisor write access in kernel mode\n"
		 "#PF: error_code(0x0003) - permissions violation\n"
		 "PGD 2224067 P4D 2224067 PUD 2225063 PMD 10001e1\n"
		 "Oops: 0003 [#1] SMP NOPTI\n"
		 "RIP: 0010:f+0x22/0x30\n"
		 "Code: 90 <0f> 01 d9 5b 5d c3 0f 1f 84 00 00 00 00 00 55 48 89 e5 53 48\n",
		 CAUSE_HYPERCALL, NULL},
		{"BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		 "RIP: 0010:f+0x29/0x70 [mine]\n",
		 CAUSE_NULL, "0x8 is a member's offset"},
		{"BUG: unable to handle page fault for address: ffff8a08a90ab128\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "PGD 100000067 P4D 100000067 PUD 1001d4067 PMD 1001d5067 PTE "
		 "800ffffed6f54060\n"
		 "Oops: 0000 [#1] PREEMPT SMP DEBUG_PAGEALLOC NOPTI\n"
		 "RIP: 0010:f+0x29/0x70\n",
		 CAUSE_KERNEL_UNMAPPED, "had been freed"},
		/* KVM of an SEV guest: the entries are there. */
		{"BUG: unable to handle page fault for address: ffffc90000065068\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "PGD 100000067 P4D 100000067 PUD 1000fb067 PMD 1000fc067 PTE "
		 "80000000fed40173\n"
		 "Oops: 0000 [#1] PREEMPT SMP NOPTI\n",
		 CAUSE_CHANGED, "by the entries it is"},
		{"kernel BUG at lib/string_helpers.c:1043!\n"
		 "Oops: invalid opcode: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:__fortify_panic+0x5/0x10\n"
		 "Call Trace:\n"
		 " __fortify_panic+0x5/0x10\n"
		 " g+0x34f/0x360\n",
		 CAUSE_FORTIFY, "g+0x34f"},
		{"list_del corruption, ffff88812cd2d0c8->next is NULL\n"
		 "WARNING: lib/list_debug.c:52 at g+0x6f/0x120, CPU#2: insmod/2921\n",
		 CAUSE_LIST_CORRUPTION, "a link is NULL"},
	};
	struct oopslog oopslog;
	struct explanation e;

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
	/* What was called is another cause: that it was is in the error code alone. */
	explain("BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
		"RIP: 0010:0x0\n",
		&oopslog, &e);
	cr_expect_eq(e.status, EXPLANATION_DAMAGED);
	cr_expect_not_null(e.missing);
	oopslog_close(&oopslog);
}

/* The same report of other memories. */
Test(oops_cause, the_image_lies_in_a_row)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: ffffffffa0b41728\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 280e067 P4D 280e067 PUD 280f063 PMD 13dcca067 PTE 800000014%s161\n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"CPU: 1 PID: 9 Comm: x Not tainted 5.14.0 #1\n"
		"RIP: 0010:f+0x33/0x8d [mine]\n"
		"Code: 56 41 55 41 54 53 48\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[1024];

	snprintf(text, sizeof(text), form, "4cf5");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.target.kind, HIT_MODULES);
	cr_expect_eq(e.cause.kind, CAUSE_MODULE_SEALED);
	cr_expect(strstr(e.no_instruction, "marked"));
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "4d41");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.target.kind, HIT_IMAGE);
	oopslog_close(&oopslog);
}

Test(oops_cause, firmware_runs_in_its_own_mapping)
{
	static const struct {
		const char *text;
		enum cause_kind cause;
	} rows[] = {
		{"BUG: unable to handle page fault for address: 0000000000209af0\n"
		 "#PF: supervisor instruction fetch in kernel mode\n"
		 "#PF: error_code(0x0011) - permissions violation\n"
		 "PGD 1f08f063 P4D 1f08f063 PUD 1f090063 PMD 1f096063 PTE 8000000000209063\n"
		 "Oops: 0011 [#1] SMP PTI\n",
		 CAUSE_EFI},
		{"BUG: unable to handle page fault for address: 0000000000209af0\n"
		 "#PF: supervisor instruction fetch in kernel mode\n"
		 "#PF: error_code(0x0011) - permissions violation\n"
		 "PGD 1f08f067 P4D 1f08f067 PUD 1f090067 PMD 1f096067 PTE 8000000000509067\n"
		 "Oops: 0011 [#1] SMP PTI\n",
		 CAUSE_EXECUTE_USER},
		{"BUG: unable to handle page fault for address: 000000007a001000\n"
		 "#PF: supervisor read access in kernel mode\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "PGD 0 P4D 0 \n"
		 "Oops: 0000 [#1] SMP PTI\n"
		 "RIP: 0010:0xfffffffef5581234\n"
		 "Call Trace:\n",
		 CAUSE_EFI},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		explain(rows[i].text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, the_slab_allocators_reports)
{
	static const struct {
		const char *text;
		enum cause_kind cause;
	} rows[] = {
		{"BUG mine (Tainted: G           OE  ): Objects remaining in mine on "
		 "kmem_cache_close()\n"
		 "CPU: 1 PID: 9 Comm: rmmod Tainted: G    B      OE   5.4.0 #1\n",
		 CAUSE_SLAB_LEAK},
		{"BUG mine (Tainted: G           OE  ): Poison overwritten\n"
		 "CPU: 1 PID: 9 Comm: rmmod Tainted: G    B      OE   5.4.0 #1\n",
		 CAUSE_SLAB},
		{"kernel BUG at mm/slub.c:3995!\n"
		 "invalid opcode: 0000 [#1] SMP PTI\n"
		 "CPU: 1 PID: 9 Comm: x Tainted: G           OE     5.4.0 #1\n"
		 "RIP: 0010:kfree+0x1de/0x250\n"
		 "Call Trace:\n",
		 CAUSE_BAD_FREE},
		{"kernel BUG at /build/linux/mm/slub.c:305!\n"
		 "invalid opcode: 0000 [#1] SMP PTI\n"
		 "RIP: 0010:kmem_cache_alloc+0x1de/0x250\n"
		 "Call Trace:\n",
		 CAUSE_SLAB},
		{"kernel BUG at mm/slub.c:1500!\n"
		 "invalid opcode: 0000 [#1] SMP PTI\n"
		 "RIP: 0010:new_slab+0x1de/0x250\n"
		 "Call Trace:\n",
		 CAUSE_BUG},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		explain(rows[i].text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		/* The allocator itself has set it. */
		cr_expect_not(oopslog_has_note(&e.cause, "taint B"));
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, a_double_fault_of_user_space_is_a_failed_delivery)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("traps: PANIC: double fault, error_code: 0x0\n"
		"double fault: 0000 [#1] SMP NOPTI\n"
		"CPU: 0 PID: 500 Comm: x Not tainted 5.10.0 #1\n"
		"RIP: 0033:0x55e1662a9c40\n"
		"RSP: 002b:00007ffcbb248608 EFLAGS: 00010202\n",
		&oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_DELIVERY);
	oopslog_close(&oopslog);
}

Test(oops_cause, the_direct_map_of_a_sealed_page)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("BUG: unable to handle page fault for address: ffff888007e00360\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 3a00067 P4D 3a00067 PUD 3a01067 PMD 7af5063 PTE 8000000007e00121\n"
		"Oops: Oops: 0003 [#1] SMP NOPTI\n",
		&oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_DIRECT_MAP);
	cr_expect(e.cause.is_likely);
	oopslog_close(&oopslog);
}

/* Unmapped places of the kernel half, and what their values tell. */
Test(oops_cause, unmapped_kernel_addresses)
{
	static const struct {
		const char *address, *registers, *note;
		bool has_note;
	} rows[] = {
		{"ffffc9010888fdfd",
		 "RAX: ffffc9000888fdfe RBX: 0000000000000001 RCX: 00000000ffffffff",
		 "-1 as a number of 32 bits", true},
		{"ffffc9010888fdfd",
		 "RAX: ffffc9000888fdfd RBX: 0000000000000001 RCX: 00000000ffffffff",
		 "of 32 bits", false},
		{"ffffffbfa02c6430",
		 "RAX: 0000000000000000 RBX: 0000000000000001 RCX: 0000000000000002",
		 "bit 38 alone makes it 0xffffffffa02c6430", true},
		{"ffffff9fa02c6430",
		 "RAX: 0000000000000000 RBX: 0000000000000001 RCX: 0000000000000002",
		 "alone makes it", false},
		{"ffffffff82000878",
		 "RAX: 0000000000000000 RBX: 0000000000000001 RCX: 0000000000000002",
		 "System.map", true},
		{"ffffffff9a000878",
		 "RAX: 0000000000000000 RBX: 0000000000000001 RCX: 0000000000000002",
		 "System.map", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text),
			 "BUG: unable to handle page fault for address: %s\n"
			 "#PF: error_code(0x0002) - not-present page\n"
			 "PGD 100067067 P4D 100067067 PUD 0\n"
			 "Oops: 0002 [#1] SMP NOPTI\n"
			 "RIP: 0010:f+0x1/0x20 [mine]\n"
			 "%s\nCall Trace:\n",
			 rows[i].address, rows[i].registers);
		explain(text, &oopslog, &e);
		cr_expect_eq(oopslog_has_note(&e.cause, rows[i].note), rows[i].has_note,
			     "%zu: %s", i, e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}

/* Pages of a Xen PV kernel are the user's; the log may end before it names a selector. */
Test(oops_cause, a_users_page_in_the_kernel_half)
{
	static const char form[] =
		"BUG: unable to handle kernel paging request at ffffffffa04544f8\n"
		"PGD 1a0d067 PUD 1a0e067 PMD 2a7f067 PTE 8010000005d47065\n"
		"Oops: 0003 [#1] SMP\n"
		"CPU: 2 PID: 6721 Comm: x Tainted: G           O    4.4.0 #1\n"
		"RIP: %s:[<ffffffffa046d026>]  [<ffffffffa046d026>] f+0x386/0x4f0 [mine]\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;
	char text[1024];

	snprintf(text, sizeof(text), form, "e030");
	*strstr(text, "RIP: ") = 'x';
	explain(text, &oopslog, &e);
	cr_expect_eq(e.tables.denial, TABLES_NO_RW);
	oopslog_close(&oopslog);
	snprintf(text, sizeof(text), form, "0010");
	explain(text, &oopslog, &e);
	cr_expect_eq(e.tables.denial, TABLES_CONTRADICTION);
	oopslog_close(&oopslog);
}

Test(oops_cause, notes_about_places_and_values)
{
	static const struct {
		const char *text;
		enum cause_kind cause;
		const char *note;
	} rows[] = {
		{"BUG: unable to handle page fault for address: 0000000040000040\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:f+0xe7/0x200 [mine]\n"
		 "Code: 00 <4c> 8b 6b 40 4c 8b 23 4d 85 ed 74 12 49 8b bc 24\n"
		 "RAX: 0000000000040000 RBX: 0000000040000000 RCX: 0000000000000018\n"
		 "Call Trace:\n",
		 CAUSE_USER_UNMAPPED, "NULL but for bit 30"},
		{"BUG: unable to handle kernel NULL pointer dereference at (null)\n"
		 "Oops: 0000 [#1] SMP\n"
		 "RIP: 0010:run_timer_softirq+0x138/0x20d\n"
		 "Call Trace:\n",
		 CAUSE_NULL, "links of timers"},
		{"general protection fault: 0000 [#1] SMP\n"
		 "Modules linked in: a(O) mine(O-) b\n"
		 "CPU: 13 PID: 7393 Comm: rmmod Tainted: G           O    4.6.0 #117\n"
		 "RIP: 0010:proto_unregister+0x48/0xe0\n"
		 "Call Trace:\n",
		 CAUSE_UNKNOWN, "module mine was being unloaded by rmmod"},
		{"general protection fault, maybe for address 0xffffa1ba87833ec0: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0x1f/0x90 [mine]\n"
		 "Code: 00 <66> 0f 38 82 04 24 48 c7 04 24 ff 00 00 00\n"
		 "RSP: 0018:ffffa1ba87833ec0 EFLAGS: 00010286\n"
		 "Call Trace:\n",
		 CAUSE_PRIVILEGED, NULL},
		{"general protection fault: 0000 [#1] SMP\n"
		 "RIP: 0010:f+0x1f/0x90 [mine]\n"
		 "Code: 00 <0f> 29 04 24 48 c7 04 24 ff 00 00 00\n"
		 "RSP: 0018:ffffa1ba87833ec8 EFLAGS: 00010286\n"
		 "Call Trace:\n",
		 CAUSE_ALIGNMENT, "0xffffa1ba87833ec8 is no multiple of 16"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		explain(rows[i].text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect(!rows[i].note || oopslog_has_note(&e.cause, rows[i].note),
			  "%zu: %s", i, e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}

/* Firmware's data is mapped read-only; RSP's own area tells vmalloc from vmemmap. */
Test(oops_cause, a_mapping_that_is_read_only)
{
	static const char form[] =
		"BUG: unable to handle page fault for address: ffff9d6750970000\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 100000067 P4D 100000067 PUD 10019c067 PMD 13820f067 PTE 8000000127436161\n"
		"Oops: 0003 [#1] PREEMPT SMP NOPTI\n"
		"CPU: 6 PID: 4318 Comm: X Tainted: G           O      5.19.5 #1\n"
		"%s"
		"Call Trace:\n";
	static const struct {
		const char *rsp;
		enum cause_kind cause;
	} rows[] = {
		{"RSP: 0018:ffff9d6740c63b88 EFLAGS: 00010246\n", CAUSE_VMAP},
		{"", CAUSE_VMAP},
		{"RSP: 0018:ffffb1c740c63b88 EFLAGS: 00010246\n", CAUSE_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text), form, rows[i].rsp);
		explain(text, &oopslog, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(e.cause.is_likely, rows[i].cause == CAUSE_VMAP);
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, a_trace_tells_where_rip_is_lost)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("BUG: unable to handle page fault for address: ffffffffba556e70\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"Call Trace:\n"
		" <TASK>\n"
		" ? page_fault_oops+0x10c/0x270\n"
		" ? f+0x71/0x100\n"
		" ? asm_exc_page_fault+0x27/0x30\n"
		" ? f+0x71/0x100\n"
		" g+0x1b9/0x1f0\n"
		" </TASK>\n",
		&oopslog, &e);
	cr_expect_eq(e.cause.kind, CAUSE_SEALED);
	cr_expect(oopslog_has_note(&e.cause, "it came in f+0x71"));
	oopslog_close(&oopslog);
}

/* The kernel names the function whose page is NX: it need be no data. */
Test(oops_cause, named_code_on_a_page_that_is_nx)
{
	static const struct {
		const char *address, *name, *note;
	} cases[] = {
		{"ffffffff83d5e310", "mine_enable+0x0/0x30", ".init.text"},
		{"ffffffffc0005000", "mine_init+0x0/0x1000 [mine]", "of module mine"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(text, sizeof(text),
			 "kernel tried to execute NX-protected page - exploit attempt? "
			 "(uid: 0)\n"
			 "BUG: unable to handle page fault for address: %s\n"
			 "#PF: supervisor instruction fetch in kernel mode\n"
			 "#PF: error_code(0x0011) - permissions violation\n"
			 "Oops: 0011 [#1] SMP\n"
			 "RIP: 0010:%s\n"
			 "Call Trace:\n"
			 " f+0x1/0x2\n",
			 cases[i].address, cases[i].name);
		oopslog_read(&oopslog, text, strlen(text));
		cr_assert_eq(oopslog.crashes.nr, 1);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, CAUSE_EXECUTE_DATA);
		cr_assert_geq(e.cause.nr_notes, 1);
		cr_expect(strstr(e.cause.notes[0], cases[i].note), "%s",
			  e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}

Test(oops_cause, a_double_fault_of_a_recursion)
{
	static const char text[] = "traps: PANIC: double fault, error_code: 0x0\n"
				   "double fault: 0000 [#1] SMP PTI\n"
				   "RIP: 0010:enter+0x4/0x50\n"
				   "Call Trace:\n"
				   " asm_exc_page_fault+0x1e/0x30\n"
				   " %s+0x18/0x1000\n"
				   " leave+0x5/0x50\n"
				   " asm_exc_page_fault+0x1e/0x30\n"
				   " trampoline+0x18/0x1000\n"
				   " last+0x5/0x50\n";
	static const char *const names[] = {"other", "trampoline"};

	for (size_t i = 0; i < 2; i++) {
		struct oopslog oopslog;
		struct explanation e;
		char copy[sizeof(text) + 20];

		snprintf(copy, sizeof(copy), text, names[i]);
		oopslog_read(&oopslog, copy, strlen(copy));
		cr_assert_eq(oopslog.crashes.nr, 1);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, i ? CAUSE_STACK_OVERFLOW : CAUSE_UNKNOWN,
			     "%zu", i);
		oopslog_close(&oopslog);
	}
}

/* The error code is the selector. */
Test(oops_cause, a_segment_the_cpu_refused)
{
	static const char text[] =
		"segment-related general protection fault: e030 [#1] SMP NOPTI\n"
		"CPU: 0 PID: 0 Comm: swapper/0 Not tainted 5.15.0 #1\n"
		"RIP: e030:my_iret+0x0/0x2\n"
		"Code: 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 "
		"90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 <48> cf 57 "
		"0f 01 f8 eb 12 0f 20 df 90 90 90 90 90 48 81 e7 ff\n"
		"RSP: e02b:ffffffff82e03bd8 EFLAGS: 00010046\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_SEGMENT);
	cr_assert_eq(e.cause.nr_notes, 2);
	cr_expect(strstr(e.cause.notes[0], "0xe030"), "%s", e.cause.notes[0]);
	cr_expect(strstr(e.cause.notes[1], "Xen PV"), "%s", e.cause.notes[1]);
	oopslog_close(&oopslog);
}

/* The kernel's hint is of RIP's operand, if that is one. */
Test(oops_cause, null_of_a_general_protection_fault)
{
	static const struct {
		const char *code;
		enum cause_kind kind;
		bool is_likely;
	} cases[] = {
		{"", CAUSE_NULL, true},
		{"Code: 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 "
		 "90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 <48> 8b 50 "
		 "01 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90\n",
		 CAUSE_NULL, false},
		{"Code: ... 89 da <0f> 01 fe eb 08 90 90 90 90 90 90 90 90\n",
		 CAUSE_PRIVILEGED, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[1024];

		snprintf(
			text, sizeof(text),
			"Oops: general protection fault, kernel NULL pointer dereference "
			"0x1: 0000 [#1] SMP NOPTI\n"
			"RIP: 0010:f+0x1/0x20\n"
			"%s"
			"RSP: 0018:ffffc90000a87718 EFLAGS: 00010287\n"
			"RAX: 0000000000000000 RBX: ffffc90000a87868 RCX: "
			"0000000000000000\n"
			"Call Trace:\n",
			cases[i].code);
		oopslog_read(&oopslog, text, strlen(text));
		cr_assert_eq(oopslog.crashes.nr, 1);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, cases[i].kind, "%zu: %s", i, e.cause.summary);
		cr_expect_eq(e.cause.is_likely, cases[i].is_likely, "%zu", i);
		oopslog_close(&oopslog);
	}
}

/* To 4.6 the slab's lines are KASAN's; an address of five levels is one. */
Test(oops_cause, kasan_with_a_slabs_lines)
{
	static const char text[] =
		"BUG: KASan: use after free in f+0x2c9/0x340 [mine] at addr "
		"ff11000111932274\n"
		"Read of size 8 by task mine/15\n"
		"=====================================================\n"
		"BUG mine_cache (Tainted: P    B      O   ): kasan: bad access detected\n"
		"INFO: Allocated in g+0xb3/0x350 [mine] age=1 cpu=5 pid=27\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1, "%zu", oopslog.crashes.nr);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_KASAN);
	cr_assert(e.has_target);
	cr_expect_eq(e.target.kind, HIT_KERNEL);
	oopslog_close(&oopslog);
}

Test(oops_cause, a_page_of_kasans_shadow)
{
	static const char text[] =
		"BUG: unable to handle page fault for address: ffffed1000020000\n"
		"#PF: supervisor read access in kernel mode\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"Oops: 0000 [#1] PREEMPT SMP KASAN\n"
		"RIP: 0010:kasan_check_range+0xe6/0x1a0\n"
		"RAX: ffffed1000020000 RBX: ffffed1000020001 RCX: ffffffff8440db66\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_KERNEL_UNMAPPED);
	cr_assert_geq(e.cause.nr_notes, 1);
	cr_expect(strstr(e.cause.notes[0], "0xffff888000100000"), "%s", e.cause.notes[0]);
	oopslog_close(&oopslog);
}

/* RAX is what was followed: of it more than one bit is set. */
Test(oops_cause, two_numbers_are_not_null_but_for_a_bit)
{
	static const char text[] =
		"BUG: unable to handle page fault for address: 0000000100000001\n"
		"#PF: supervisor read access in kernel mode\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"PGD 0 P4D 0\n"
		"Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
		"RIP: 0010:f+0xe/0x20 [mine]\n"
		"RAX: 0000000100000001 RBX: ffff8881071020a0 RCX: ffffc90003b01700\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_USER_UNMAPPED);
	cr_expect_eq(e.cause.nr_notes, 0);
	oopslog_close(&oopslog);
}

/* KASAN's check of an address of user space, which has no shadow. */
Test(oops_cause, kasans_check_of_user_space)
{
	static const char text[] =
		"Oops: general protection fault, probably for non-canonical address "
		"0xdffffc001fffa9f7: 0000 [#1] SMP KASAN NOPTI\n"
		"KASAN: probably user-memory-access in range "
		"[0x00000000fffd4fb8-0x00000000fffd4fbf]\n"
		"RIP: 0010:f+0x1/0x20\n"
		"Call Trace:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_USER_UNMAPPED);
	cr_expect(e.cause.is_likely);
	oopslog_close(&oopslog);
}

/* Without an error code the entry that is not there tells, unless RIP may be the address.
 */
Test(oops_cause, an_entry_that_is_not_there_needs_no_error_code)
{
	static const char text[] =
		"BUG: unable to handle kernel paging request at ffff880300000000\n"
		"IP: %s\n"
		"PGD 317d067\n"
		"PUD 3180067\n"
		"PMD 33f102067\n"
		"PTE %s\n"
		"Call Trace:\n";
	static const struct {
		const char *ip, *pte;
		enum explanation_status status;
	} cases[] = {
		{"f+0x60/0x110", "0", EXPLANATION_WHOLE},
		{"0xffff880300000000", "0", EXPLANATION_DAMAGED},
		{"f+0x60/0x110", "300000063", EXPLANATION_DAMAGED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char copy[sizeof(text) + 40];

		snprintf(copy, sizeof(copy), text, cases[i].ip, cases[i].pte);
		oopslog_read(&oopslog, copy, strlen(copy));
		cr_assert_eq(oopslog.crashes.nr, 1);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.status, cases[i].status, "%zu: %s", i, e.missing);
		if (e.status == EXPLANATION_WHOLE)
			cr_expect_eq(e.cause.kind, CAUSE_KERNEL_UNMAPPED);
		oopslog_close(&oopslog);
	}
}

/* Without code a register that holds no address tells what was followed, most likely. */
Test(oops_cause, a_general_protection_fault_without_code)
{
	static const struct {
		const char *name, *rcx;
		enum cause_kind kind;
	} cases[] = {
		{"my_wake", "00a98025048b4865", CAUSE_NON_CANONICAL},
		{"my_wake", "000000000048b486", CAUSE_UNKNOWN},
		{"native_write_msr", "00a98025048b4865", CAUSE_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;
		char text[512];

		snprintf(
			text, sizeof(text),
			"12   \xe2\x94\x82 general protection fault: 0000 [#1] SMP\n"
			"13   \xe2\x94\x82 RIP: 0010:%s+0x80/0x160\n"
			"14   \xe2\x94\x82 RSP: 0000:ffff88027431fdc8  EFLAGS: 00010086\n"
			"15   \xe2\x94\x82 RAX: ffffffff815d0920 RBX: 0000000000000002 "
			"RCX: %s\n"
			"16   \xe2\x94\x82 Call Trace:\n",
			cases[i].name, cases[i].rcx);
		oopslog_read(&oopslog, text, strlen(text));
		cr_assert_eq(oopslog.crashes.nr, 1);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, cases[i].kind, "%zu", i);
		cr_expect_eq(e.cause.is_likely, cases[i].kind == CAUSE_NON_CANONICAL);
		oopslog_close(&oopslog);
	}
}

/* What the code names by its distance from RIP no pointer led to; a variable of the image
 * that is gone was there once.
 */
Test(oops_cause, code_that_names_where_nothing_is)
{
	static const struct by_text rows[] = {
		{"BUG: kernel NULL pointer dereference, address: 0000000000000fa8\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:log_start+0x6/0xd0 [mine]\n"
		 "Code: 55 48 89 e5 53 50 <48> 89 3d 3b ef f3 5f b8 01 00 00 00\n"
		 "RSP: 0018:ffffc900011c3ad8 EFLAGS: 00010246\n",
		 CAUSE_MISPLACED, NULL},
		{"BUG: unable to handle page fault for address: ffffffff82fa8000\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:log_start+0x6/0xd0 [mine]\n"
		 "Code: 55 48 89 e5 53 50 <48> 89 3d 3b ef f3 5f b8 01 00 00 00\n"
		 "RSP: 0018:ffffc900011c3ad8 EFLAGS: 00010246\n",
		 CAUSE_KERNEL_UNMAPPED, NULL},
		/* Its own CPU's: GS is added, whatever it was. */
		{"BUG: kernel NULL pointer dereference, address: 0000000000000fa8\n"
		 "#PF: error_code(0x0002) - not-present page\n"
		 "Oops: 0002 [#1] SMP NOPTI\n"
		 "RIP: 0010:log_start+0x6/0xd0 [mine]\n"
		 "Code: 55 48 89 e5 53 50 <65> 48 89 3d 3b ef f3 5f b8 01 00 00\n"
		 "RSP: 0018:ffffc900011c3ad8 EFLAGS: 00010246\n",
		 CAUSE_NULL, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* KASAN's checks without code: the registers that they use; the kernel's own words. */
Test(oops_cause, kasan_without_code)
{
	static const struct by_text rows[] = {
		{"general protection fault: 0000 [#1] SMP KASAN PTI\n"
		 "RIP: 0010:f+0x1fd/0x430\n"
		 "RSP: 0018:ffff8801a5c333b0 EFLAGS: 00010206\n"
		 "RAX: 0000000000000003 RBX: 00000000fffffff8 RCX: ffffc9000712f000\n"
		 "RDX: 00000000000043bf RSI: ffffffff83be8962 RDI: 0000000000000018\n"
		 "R13: ffff88018da95188 R14: dffffc0000000000 R15: 0000000000000015\n",
		 CAUSE_NULL, "check of 0x0000000000000018"},
		{"kasan: GPF could be caused by NULL-ptr deref or user memory access\n"
		 "general protection fault: 0000 [#1] SMP KASAN PTI\n"
		 "RIP: 0010:f+0xac/0x7a0\n",
		 CAUSE_NULL, "KASAN's own guess"},
		/* A pointer of the kernel without its highest byte. */
		{"general protection fault, probably for non-canonical address "
		 "0xe01ffbf110207cde: 0000 [#1] PREEMPT SMP KASAN PTI\n"
		 "KASAN: probably user-memory-access in range\n"
		 "[0x00ffff888103e6f0-0x00ffff888103e6f7]\n"
		 "RIP: 0010:f+0xac/0x7a0\n",
		 CAUSE_NON_CANONICAL, "check of 0x00ffff888103e6f0"},
		/* Its offset is no bad pointer. */
		{"general protection fault: 0000 [#1] SMP KASAN PTI\n"
		 "RIP: 0010:f+0x1fd/0x430\n"
		 "RSP: 0018:ffff8801a5c333b0 EFLAGS: 00010206\n"
		 "R13: ffff88018da95188 R14: dffffc0000000000 R15: 0000000000000015\n",
		 CAUSE_UNKNOWN, NULL},
		/* mov [r12], rbp */
		{"general protection fault: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:f+0x19a/0x2a0\n"
		 "Code: 48 34 91 <49> 89 2c 24 b8 00 80 00 00 eb 15 84 c0 75 0a 41 0f\n"
		 "RBP: ffff9e66f196a540 R08: 000000000000028a R09: ffff9e66d2757788\n"
		 "R10: 0000000000000000 R11: 0000000000000000 R12: 646e61725f770b07\n",
		 CAUSE_NON_CANONICAL, "\"w_rand\""},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* A WARNING since 6.9, and the BUG() behind it; of others' logs the BUG() alone. */
Test(oops_cause, fortify_of_6_9)
{
	struct oopslog oopslog;
	struct explanation e;

	explain("memcpy: detected buffer overflow: 52 byte read of buffer size 40\n"
		"WARNING: CPU: 3 PID: 3310 at lib/string_helpers.c:1029 "
		"__fortify_report+0x45/0x50\n"
		"RIP: 0010:__fortify_report+0x45/0x50\n"
		"Call Trace:\n"
		" __fortify_panic+0x9/0x10\n"
		" f+0x1/0x2 [mine]\n"
		"---[ end trace 0000000000000000 ]---\n"
		"------------[ cut here ]------------\n"
		"kernel BUG at lib/string_helpers.c:1040!\n"
		"Oops: invalid opcode: 0000 [#1] SMP PTI\n"
		"RIP: 0010:__fortify_panic+0x9/0x10\n"
		"Call Trace:\n",
		&oopslog, &e);
	cr_assert_eq(oopslog.crashes.nr, 2);
	cr_expect_eq(e.crash->kind, CRASH_WARNING);
	cr_expect(e.crash->is_warning);
	cr_expect_eq(e.cause.kind, CAUSE_FORTIFY);
	cr_expect(oopslog_has_note(&e.cause, "f+0x1 of module mine"));
	oopslog_explain(&oopslog, 1, NULL, &e);
	cr_expect_eq(e.crash->kind, CRASH_BUG);
	cr_expect_eq(e.cause.kind, CAUSE_FORTIFY);
	oopslog_close(&oopslog);
}

Test(oops_cause, floating_point)
{
	static const struct by_text rows[] = {
		{"simd exception: 0000 [#1] PREEMPT SMP NOPTI\n"
		 "RIP: 0010:f+0x35/0x60 [mine]\n"
		 "Code: 5a da <f2> 0f 58 1d 5b 19 2e 00 66 0f 2f dc 72 01 c3\n",
		 CAUSE_FLOATING_POINT, NULL},
	};

	expect_causes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* What a log has beside RIP and the registers. */
Test(oops_cause, whose_stack_work_and_strings)
{
	static const struct {
		const char *text;
		enum cause_kind cause;
		const char *note, *no_note; /* or NULL */
	} rows[] = {
		/* The task's stack, as 4.9 to 4.13 name it; to 4.8; to 3.9. */
		{"BUG: unable to handle kernel paging request at ffffc9000c6ffb80\n"
		 "IP: [<ffffc9000c6ffb80>] 0xffffc9000c6ffb80\n"
		 "PGD 80000002c31063 PUD 32300a063 PMD 2e32bb063 PTE 80000002d702b163\n"
		 "Oops: 0011 [#1] SMP\n"
		 "CPU: 1 PID: 85 Comm: x Not tainted 4.9.65 #1\n"
		 "task: ffff88031b6fc380 task.stack: ffffc9000c6fc000\n",
		 CAUSE_EXECUTE_DATA, "on a kernel stack", NULL},
		{"BUG: unable to handle kernel paging request at ffff88000c6ffb80\n"
		 "IP: [<ffff88000c6ffb80>] 0xffff88000c6ffb80\n"
		 "PGD 1a05067 PUD 1a09063 PMD 37270067 PTE 800000000d6ff163\n"
		 "Oops: 0011 [#1] SMP\n"
		 "CPU: 1 PID: 85 Comm: x Not tainted 4.4.0 #1\n"
		 "task: ffff88031b6fc380 ti: ffff88000c6fc000 task.ti: ffff88000c6fc000\n",
		 CAUSE_EXECUTE_DATA, "on a kernel stack", NULL},
		{"BUG: unable to handle kernel paging request at ffff88000c6fdb80\n"
		 "IP: [<ffff88000c6fdb80>] 0xffff88000c6fdb80\n"
		 "PGD 1a05067 PUD 1a09063 PMD 37270067 PTE 800000000d6ff163\n"
		 "Oops: 0011 [#1] SMP\n"
		 "Pid: 85, comm: x Not tainted 2.6.38 #1\n"
		 "Process x (pid: 85, threadinfo ffff88000c6fc000, task ffff88031b6fc380)\n",
		 CAUSE_EXECUTE_DATA, "on a kernel stack", NULL},
		/* Beyond it. */
		{"BUG: unable to handle kernel paging request at ffffc9000c700b80\n"
		 "IP: [<ffffc9000c700b80>] 0xffffc9000c700b80\n"
		 "PGD 80000002c31063 PUD 32300a063 PMD 2e32bb063 PTE 80000002d702b163\n"
		 "Oops: 0011 [#1] SMP\n"
		 "CPU: 1 PID: 85 Comm: x Not tainted 4.9.65 #1\n"
		 "task: ffff88031b6fc380 task.stack: ffffc9000c6fc000\n",
		 CAUSE_EXECUTE_DATA, NULL, "stack"},
		/* Past a symbol's end the symbol is nothing. */
		{"kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n"
		 "BUG: unable to handle kernel paging request at ffffffffa014a000\n"
		 "IP: [<ffffffffa014a000>] reset_widget+0x180/0x180 [mine]\n"
		 "PGD 1a05067 PUD 1a09063 PMD 37270067 PTE 800000001bf21161\n"
		 "Oops: 0011 [#1] SMP\n"
		 "Pid: 10, comm: kworker/0:1 Not tainted 2.6.38 #1\n",
		 CAUSE_EXECUTE_DATA, "past the end of reset_widget", "is a variable"},
		/* An entry that was made present with its frame still inverted. */
		{"BUG: unable to handle page fault for address: ffff888058a67000\n"
		 "#PF: supervisor write access in kernel mode\n"
		 "#PF: error_code(0x000b) - reserved bit violation\n"
		 "PGD 2e01067 P4D 2e01067 PUD 2e04067 PMD 58a30063 PTE 800fffffa7598063\n"
		 "Oops: 000b [#1] SMP NOPTI\n"
		 "RIP: 0010:clear_page_orig+0x12/0x40\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_PAGE_TABLE, "0x58a67000 is meant", "they changed"},
		{"BUG: unable to handle page fault for address: ffff888058a68000\n"
		 "#PF: supervisor write access in kernel mode\n"
		 "#PF: error_code(0x000b) - reserved bit violation\n"
		 "PGD 2e01067 P4D 2e01067 PUD 2e04067 PMD 58a30063 PTE 800fffffa7598063\n"
		 "Oops: 000b [#1] SMP NOPTI\n"
		 "RIP: 0010:clear_page_orig+0x12/0x40\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_PAGE_TABLE, "they changed", "is meant"},
		/* A kworker's work. */
		{"BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "CPU: 0 PID: 85 Comm: kworker/0:0 Tainted: G           O       6.1.0 #1\n"
		 "Workqueue: events drop_widget [mine]\n"
		 "RIP: 0010:mutex_lock+0x19/0x30\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_NULL, "work item of module mine: drop_widget, of workqueue events",
		 NULL},
		{"BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "CPU: 0 PID: 85 Comm: kworker/0:0 Tainted: G           O       6.1.0 #1\n"
		 "Workqueue: widget-wq 0xffffffffc0598020\n"
		 "RIP: 0010:mutex_lock+0x19/0x30\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_NULL, "at 0xffffffffc0598020, of workqueue widget-wq", NULL},
		{"BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "CPU: 0 PID: 85 Comm: kworker/0:0 Tainted: G           O       6.1.0 #1\n"
		 "Workqueue: events_unbound call_usermodehelper_exec_work\n"
		 "RIP: 0010:mutex_lock+0x19/0x30\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_NULL, NULL, "work item"},
		/* A string for printf(). */
		{"BUG: unable to handle page fault for address: ffffc9000447fbd4\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:string_nocheck+0x16/0x90\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_KERNEL_UNMAPPED, "formats for printf()", NULL},
		{"BUG: unable to handle page fault for address: ffffc9000447fbd4\n"
		 "#PF: error_code(0x0000) - not-present page\n"
		 "Oops: 0000 [#1] SMP NOPTI\n"
		 "RIP: 0010:string_widget+0x16/0x90\n"
		 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
		 CAUSE_KERNEL_UNMAPPED, NULL, "printf"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		oopslog_read(&oopslog, rows[i].text, strlen(rows[i].text));
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu", i);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		oopslog_expect_notes(&e.cause, rows[i].note, rows[i].no_note, i);
		oopslog_close(&oopslog);
	}
}
