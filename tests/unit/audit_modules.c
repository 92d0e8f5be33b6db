/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loaded module, whose structure lies in data and whose sections do in the module
 * area, by BTF of both forms of struct module.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "audit/modules.h"
#include "audit/pages.h"
#include "smallmodule.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 d modules\n"
			       "ffffffff81400020 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 t good_init\t[good]\n";

static void (*damage)(void);

static void fill_memory(void)
{
	smallmodule_put();
	small_put(SMALLMODULE + 80, SMALL_MODULE);
	small_put(SMALLMODULE + 88, 0x1000);
	small_put(SMALLMODULE + 80 + 2 * 16, SMALL_MODULE + 0x1000);
	small_put(SMALLMODULE + 88 + 2 * 16, 0x1000);
	if (damage)
		damage();
}

static void fill_layout(void)
{
	smallmodule_put();
	small_put(SMALLMODULE + 80, SMALL_MODULE);
	small_put(SMALLMODULE + 88, 0x3000 | 0x1000ULL << 32);
	small_put(SMALLMODULE + 96, 0x2000 | 0x2000ULL << 32);
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill_memory, smallmodule_btf_of_memory());
	small_audit(small, 1u << AUDIT_MODULES, NULL);
}

static void expect_sound(const struct small *small)
{
	small_expect(small, 0, NULL);
	cr_expect_eq(audit_status(&small->audit), 0);
	cr_expect_str_eq(small_row(small, "list of modules")->detail, "1 modules");
	cr_expect_eq(small_row(small, "good text")->address, SMALL_MODULE);
	cr_expect_str_eq(small_row(small, "good text")->found, "r-x");
	cr_expect_eq(small_row(small, "good rodata")->address, SMALL_MODULE + 0x1000);
	cr_expect_str_eq(small_row(small, "good rodata")->found, "r--");
}

Test(audit_modules, sound_in_both_forms)
{
	struct small small;

	audit_with(NULL, &small);
	expect_sound(&small);
	small_close(&small);
	small_open(&small, kallsyms, fill_layout, smallmodule_btf_of_layout());
	small_audit(&small, 1u << AUDIT_MODULES, NULL);
	expect_sound(&small);
	small_close(&small);
}

static void open_rodata(void)
{
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0x121000 | SMALL_RW_NX);
}

Test(audit_modules, writable_constants)
{
	struct small small;

	audit_with(open_rodata, &small);
	small_expect_one(&small, AUDIT_WRITABLE, "1 page of good rodata");
	cr_expect_eq(small_row(&small, "good text")->verdict, AUDIT_SEALED);
	small_close(&small);
}

/* What init wrote in the second page, which is not sealed. */
static void open_written(void)
{
	open_rodata();
	small_put(SMALLMODULE + 88 + 2 * 16, 0);
	small_put(SMALLMODULE + 80 + 3 * 16, SMALL_MODULE + 0x1000);
	small_put(SMALLMODULE + 88 + 3 * 16, 0x1000);
}

static void keep_init(void)
{
	open_written();
	/* What is freed after init is still there. */
	small_put(SMALLMODULE + 80 + 5 * 16, SMALL_MODULE);
}

/* 6.1, all storms at once: live, and sealed seconds later. */
Test(audit_modules, a_live_module_whose_init_is_not_over)
{
	struct small small;

	audit_with(open_written, &small);
	small_expect_one(&small, AUDIT_WRITABLE, "1 page of good ro_after_init");
	small_close(&small);
	audit_with(keep_init, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "good ro_after_init")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(small_row(&small, "good text")->verdict, AUDIT_SEALED);
	small_close(&small);
}

static void break_list(void)
{
	small_put(SMALLMODULE_LIST + 8, SMALL_DATA);
}

Test(audit_modules, a_broken_back_pointer)
{
	struct small small;

	audit_with(break_list, &small);
	small_expect_one(&small, AUDIT_LIST_BROKEN,
			 "the list of modules is broken at good");
	small_close(&small);
}

static void loop(void)
{
	small_put(SMALLMODULE_LIST, SMALLMODULE_LIST);
}

static void lose(void)
{
	small_put(SMALLMODULE_LIST, 0);
}

Test(audit_modules, a_list_that_leads_nowhere)
{
	static void (*const damages[])(void) = {loop, lose};

	for (size_t i = 0; i < 2; i++) {
		struct small small;

		audit_with(damages[i], &small);
		cr_expect_eq(small_row(&small, "list of modules")->verdict,
			     small.audit.nr_findings ? AUDIT_UNSEALED : AUDIT_UNKNOWN);
		cr_expect_not_null(strstr(small_row(&small, "list of modules")->detail,
					  "cannot be followed"));
		small_close(&small);
	}
}

static unsigned state;

static void set_state(void)
{
	small_put(SMALLMODULE, state);
}

/* Nothing of a module that is not live is where it will be, or was. */
Test(audit_modules, only_live_modules_are_audited)
{
	struct small small;

	for (state = MODLIST_COMING; state <= MODLIST_UNFORMED; state++) {
		audit_with(set_state, &small);
		small_expect(&small, 0, NULL);
		cr_expect_eq(small.audit.nr_rows, 1);
		cr_assert_eq(small.audit.nr_notices, 1);
		cr_expect_str_eq(small.audit.notices[0].message,
				 "1 module was coming or going and is not audited: good");
		cr_expect_eq(audit_status(&small.audit), 0);
		small_close(&small);
	}
}

/* As audit_run() does, but that the list is another one after the checks. */
static void audit_between(struct small *small, const struct modlist *after)
{
	struct audit *audit = &small->audit;

	damage = open_rodata;
	small_open(small, kallsyms, fill_memory, smallmodule_btf_of_memory());
	small_audit(small, 0, NULL);
	audit->groups = 1u << AUDIT_MODULES;
	cr_assert_eq(modlist_take(&audit->modlist, &small->kernel), 0);
	modules_check(audit);
	modules_settle(audit, after ? after : &audit->modlist);
	pages_finish(audit);
}

Test(audit_modules, a_module_that_went_meanwhile)
{
	const struct modlist after = {.head = SMALLMODULE_HEAD};
	struct small small;

	audit_between(&small, NULL);
	small_expect_one(&small, AUDIT_WRITABLE, "1 page of good rodata");
	small_close(&small);
	audit_between(&small, &after);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "good rodata")->verdict, AUDIT_INFO);
	cr_expect_eq(small_row(&small, "good text")->verdict, AUDIT_INFO);
	cr_assert_eq(small.audit.nr_notices, 1);
	small_close(&small);
}

/* At the same place, by the same name, but loaded anew: another module. */
Test(audit_modules, a_module_that_came_again)
{
	struct modlist_member again = {
		.address = SMALLMODULE, .node = SMALLMODULE_LIST, .name = "good"};
	struct modlist after = {.head = SMALLMODULE_HEAD, .array = &again, .nr = 1};
	struct small small;

	audit_between(&small, &after);
	small_expect_one(&small, AUDIT_WRITABLE, "1 page of good rodata");
	small_close(&small);
	again.generation = 7;
	audit_between(&small, &after);
	small_expect(&small, 0, NULL);
	small_close(&small);
}

Test(audit_modules, without_btf_it_is_unknown)
{
	struct small small;

	damage = NULL;
	small_open(&small, kallsyms, fill_memory, NULL);
	small_audit(&small, 1u << AUDIT_MODULES, NULL);
	cr_expect_eq(small_row(&small, "list of modules")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(audit_status(&small.audit), 2);
	small_close(&small);
}
