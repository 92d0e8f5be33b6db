/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/audit.h"

#include <criterion/criterion.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200000 R idt_descr\n"
			       "ffffffff81200010 R idt_table\n"
			       "ffffffff81201000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400000 D modules\n"
			       "ffffffff81400010 D kptr_restrict\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81404000 D _edata\n"
			       "ffffffff81603000 B _end\n";

static void fill(void)
{
}

/* Each group fills rows of its own, and only when it is asked for. */
Test(audit_audit, groups)
{
	struct small small;
	size_t nr_rows = 0;

	for (unsigned group = 0; group < AUDIT_NR_GROUPS; group++) {
		small_open(&small, kallsyms, fill, NULL);
		small_audit(&small, 1u << group, NULL);
		cr_expect_gt(small.audit.nr_rows, 0, "%s",
			     audit_group_name((enum audit_group)group));
		for (size_t i = 0; i < small.audit.nr_rows; i++)
			cr_expect_eq(small.audit.rows[i].group, group, "%s",
				     small.audit.rows[i].name);
		nr_rows += small.audit.nr_rows;
		small_close(&small);
	}
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, (1u << AUDIT_NR_GROUPS) - 1, NULL);
	cr_expect_eq(small.audit.nr_rows, nr_rows);
	small_close(&small);
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	cr_expect_eq(small.audit.nr_rows, 0);
	cr_expect_eq(audit_status(&small.audit), 0);
	small_close(&small);
}

/* What the kernel says of W+X pages, with each look: the last one over and over. */
static const char *const *said;
static unsigned nr_asked;

static const char *ask(void *ctx)
{
	(void)ctx;
	nr_asked++;
	return *(said[1] ? said++ : said);
}

static void audit_live(struct small *small, bool is_live, const char *const words[])
{
	const struct audit_words all = {.ask_wx_pages = ask};

	said = words;
	nr_asked = 0;
	small_open(small, kallsyms, fill, NULL);
	small->kernel.is_live = is_live;
	small_audit(small, 1u << AUDIT_EXECUTABLE, &all);
}

Test(audit_audit, a_running_kernel_is_looked_at_again)
{
	static const char *const always[] = {"FAILED\n", NULL}, *const once[] = {
									"FAILED\n",
									"SUCCESS\n",
									NULL};
	static const enum audit_kind disagrees = AUDIT_KERNEL_DISAGREES;
	struct small small;

	audit_live(&small, true, always);
	small_expect(&small, 1, &disagrees);
	cr_expect_eq(nr_asked, 2);
	cr_expect_eq(audit_status(&small.audit), 1);
	small_close(&small);
	audit_live(&small, true, once);
	small_expect(&small, 0, NULL);
	cr_expect_eq(nr_asked, 2);
	cr_expect_eq(audit_status(&small.audit), 0);
	cr_expect_eq(small.audit.nr_vanished, 1);
	cr_expect_eq(small.audit.nr_notices, 1);
	small_close(&small);
}

Test(audit_audit, a_core_does_not_move)
{
	static const char *const once[] = {"FAILED\n", "SUCCESS\n", NULL};
	static const enum audit_kind disagrees = AUDIT_KERNEL_DISAGREES;
	struct small small;

	audit_live(&small, false, once);
	small_expect(&small, 1, &disagrees);
	cr_expect_eq(nr_asked, 1);
	small_close(&small);
}
