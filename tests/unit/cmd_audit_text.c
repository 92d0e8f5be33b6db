/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit made by hand, for people. */
#include "cmd/audit_text.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>

static const struct audit_row rows[] = {
	{.group = AUDIT_LSM,
	 .verdict = AUDIT_SEALED,
	 .name = "alpha",
	 .symbol = "alpha_hooks",
	 .found = "r--",
	 .address = 0xffffffff81300000,
	 .nr_pages = 2,
	 .nr_hooks = 2,
	 .rank = 1},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_SEALED, .name = "a_table"},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_SEALED, .name = "b_table"},
	{.group = AUDIT_IMAGE,
	 .verdict = AUDIT_UNSEALED,
	 .name = "text\033",
	 .found = "rwx",
	 .detail = "why"},
	{.group = AUDIT_CPU, .verdict = AUDIT_UNKNOWN, .name = "IDT"},
};
static const struct audit_finding findings[] = {
	{.row = 3, .kind = AUDIT_WRITABLE, .message = "it is open"}};
static const struct audit_notice notices[] = {{.row = 0, .message = "a tracer"}};
static const struct audit_slot slots[] = {
	{.row = 0,
	 .hook = "file_open",
	 .index = 1,
	 .element = 0xffffffff81300000,
	 .callback = 0xffffffff81000100,
	 .element_place = "alpha_hooks",
	 .callback_place = "alpha_file_open"},
	{.row = 0, .hook = "inode_free", .index = 2, .is_bad = true},
};
static struct auditfacts audit;
static struct options options;

static void setup(void)
{
	audit = (struct auditfacts){
		.groups = (1u << AUDIT_NR_GROUPS) - 1,
		.rows = rows,
		.nr_rows = sizeof(rows) / sizeof(rows[0]),
		.findings = findings,
		.nr_findings = 1,
		.notices = notices,
		.nr_notices = 1,
		.slots = slots,
		.nr_slots = 2,
		.nr_transient = 1,
	};
	cr_redirect_stdout();
}

TestSuite(cmd_audit_text, .init = setup);

#define HEAD "VERDICT  GROUP    OBJECT   FOUND ADDRESS          PAGES WHAT\n"
#define OPEN "UNSEALED image    text\\x1b rwx   -                    - (why)\n"
#define UNKNOWN "unknown  cpu      IDT      -     -                    -\n"
#define ALPHA \
	"sealed   lsm      alpha    r--   ffffffff81300000     2 2 hooks alpha_hooks\n"
#define SUM                                                                              \
	"note: a tracer.\n"                                                              \
	"1 finding; 3 objects sealed, 1 unsealed, 1 undecided; 1 open for a moment and " \
	"closed again.\n"

static const char *want_head = HEAD;

static void expect(bool is_verbose, const char *table)
{
	const struct text text = {.is_verbose = is_verbose};
	char want[4096];

	audit_text_print(&text, &audit, &options);
	fflush(stdout);
	snprintf(want, sizeof(want), "%s%swritable: it is open.\n  %s.\n%s%s%s" SUM,
		 want_head, table, audit_kind_advice(AUDIT_WRITABLE),
		 is_verbose ? "  Rightfully: " : "",
		 is_verbose ? audit_kind_legitimate(AUDIT_WRITABLE) : "",
		 is_verbose ? ".\n" : "");
	cr_assert_stdout_eq_str(want);
}

Test(cmd_audit_text, worst_first_and_what_is_alike_summed_up)
{
	want_head = "VERDICT  GROUP OBJECT   FOUND ADDRESS          PAGES WHAT\n";
	expect(false,
	       "UNSEALED image text\\x1b rwx   -                    - (why)\n"
	       "unknown  cpu   IDT      -     -                    -\n"
	       "sealed   lsm   alpha    r--   ffffffff81300000     2 2 hooks alpha_hooks\n"
	       "sealed dispatch: 2 objects; 'kwcheck audit dispatch' lists them\n");
}

Test(cmd_audit_text, verbose_has_all_rows_and_hooks)
{
	expect(true, OPEN UNKNOWN ALPHA
	       "         file_open                       1  ffffffff81300000  "
	       "alpha_file_open\n"
	       "         inode_free                      2  0000000000000000  nothing  "
	       "HIJACKED\n"
	       "sealed   dispatch a_table  -     -                    -\n"
	       "sealed   dispatch b_table  -     -                    -\n");
}

Test(cmd_audit_text, a_group_that_was_asked_for_is_listed)
{
	audit.groups = 1u << AUDIT_DISPATCH;
	audit.rows = &rows[1];
	audit.nr_rows = 2;
	audit.nr_findings = audit.nr_notices = audit.nr_slots = audit.nr_transient = 0;
	audit_text_print(&(struct text){0}, &audit, &options);
	fflush(stdout);
	cr_assert_stdout_eq_str(
		"VERDICT GROUP    OBJECT  FOUND ADDRESS PAGES WHAT\n"
		"sealed  dispatch a_table -     -           -\n"
		"sealed  dispatch b_table -     -           -\n"
		"no finding; 2 objects sealed, 0 unsealed, 0 undecided.\n");
}

Test(cmd_audit_text, findings_only)
{
	options.only = ONLY_FINDINGS;
	/* Neither of these two rows has an address or pages. */
	want_head = "VERDICT  GROUP OBJECT   FOUND ADDRESS PAGES WHAT\n";
	expect(false, "UNSEALED image text\\x1b rwx   -           - (why)\n"
		      "unknown  cpu   IDT      -     -           -\n");
}

Test(cmd_audit_text, columns_that_were_asked_for)
{
	options.only = ONLY_FINDINGS;
	options.output = "object,Verdict";
	options.noheadings = true;
	audit_text_print(&(struct text){0}, &audit, &options);
	fflush(stdout);
	/* A script's table: no sentence stands below it. */
	cr_assert_stdout_eq_str("text\\x1b UNSEALED\nIDT      unknown\n");
}

/* A tracer of all functions, and a module that registered a hook of each kind. */
Test(cmd_audit_text, what_repeats_is_told_once)
{
	static const struct audit_finding many[] = {
		{.row = 0, .kind = AUDIT_HOOK_OUTSIDE, .message = "hook a"},
		{.row = 0, .kind = AUDIT_HOOK_OUTSIDE, .message = "hook b"},
		{.row = 3, .kind = AUDIT_HOOK_OUTSIDE, .message = "elsewhere"},
		{.row = 0, .kind = AUDIT_HOOK_OUTSIDE, .message = "hook c"},
		{.row = 0, .kind = AUDIT_HOOK_OUTSIDE, .message = "hook d"},
	};
	static const struct audit_notice traced[] = {
		{.row = 0, .message = "a (hook a) is traced by ftrace, for t"},
		{.row = 0, .message = "b (hook b) is traced by ftrace, for t"},
		{.row = 0, .message = "c (hook c): a kprobe sits on it"},
		{.row = 0, .message = "d (hook d) is traced by ftrace, for t"},
		{.row = 0, .message = "e (hook e) is traced by ftrace, for t"},
	};
	char want[4096];

	audit.findings = many;
	audit.nr_findings = 5;
	audit.notices = traced;
	audit.nr_notices = 5;
	audit.nr_rows = audit.nr_slots = audit.nr_transient = 0;
	audit_text_print(&(struct text){0}, &audit, &options);
	fflush(stdout);
	snprintf(want, sizeof(want),
		 "hook-outside: hook a; 3 more like it (-v lists them).\n  %s.\n"
		 "hook-outside: elsewhere.\n  %s.\n"
		 "note: a (hook a) is traced by ftrace, for t; 3 more like it (-v lists "
		 "them).\n"
		 "note: c (hook c): a kprobe sits on it.\n"
		 "5 findings; 0 objects sealed, 0 unsealed, 0 undecided.\n",
		 audit_kind_advice(AUDIT_HOOK_OUTSIDE),
		 audit_kind_advice(AUDIT_HOOK_OUTSIDE));
	cr_assert_stdout_eq_str(want);
}
