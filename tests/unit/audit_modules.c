/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loaded module, whose structure lies in data and whose sections do in the module
 * area, by BTF of both forms of struct module.
 */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>

#include "audit/modules.h"
#include "audit/pages.h"
#include "small.h"

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

/* struct module: state 0, list 8, name 24, mem[] or core_layout 80. */
static const uint64_t HEAD = SMALL_DATA + 0x10, MODULE = SMALL_DATA + 0x1000,
		      LIST = SMALL_DATA + 0x1008;

static void (*damage)(void);

static struct btf *begin_btf(int *number, int *word, int *name, int *list)
{
	struct btf *btf = btf__new_empty();
	int letter;

	*number = btf__add_int(btf, "unsigned int", 4, 0);
	*word = btf__add_int(btf, "unsigned long", 8, 0);
	letter = btf__add_int(btf, "char", 1, BTF_INT_CHAR);
	*name = btf__add_array(btf, *number, letter, 56);
	*list = btf__add_struct(btf, "list_head", 16);
	btf__add_field(btf, "next", *word, 0, 0);
	btf__add_field(btf, "prev", *word, 64, 0);
	return btf;
}

static void add_module(struct btf *btf, int number, int list, int name,
		       const char *member, int type)
{
	btf__add_struct(btf, "module", 0x200);
	btf__add_field(btf, "state", number, 0, 0);
	btf__add_field(btf, "list", list, 64, 0);
	btf__add_field(btf, "name", name, 192, 0);
	btf__add_field(btf, member, type, 640, 0);
}

/* 6.4 and newer. */
static struct btf *btf_of_memory(void)
{
	int number, word, name, list, memory;
	struct btf *btf = begin_btf(&number, &word, &name, &list);

	memory = btf__add_struct(btf, "module_memory", 16);
	btf__add_field(btf, "base", word, 0, 0);
	btf__add_field(btf, "size", number, 64, 0);
	add_module(btf, number, list, name, "mem",
		   btf__add_array(btf, number, memory, 7));
	return btf;
}

/* Up to 6.3. */
static struct btf *btf_of_layout(void)
{
	static const char *const sizes[] = {"size", "text_size", "ro_size",
					    "ro_after_init_size"};
	int number, word, name, list, layout;
	struct btf *btf = begin_btf(&number, &word, &name, &list);

	layout = btf__add_struct(btf, "module_layout", 24);
	btf__add_field(btf, "base", word, 0, 0);
	for (unsigned i = 0; i < 4; i++)
		btf__add_field(btf, sizes[i], number, 64 + 32 * i, 0);
	add_module(btf, number, list, name, "core_layout", layout);
	return btf;
}

static void put_module(void)
{
	small_put(HEAD, LIST);
	small_put(HEAD + 8, LIST);
	small_put(LIST, HEAD);
	small_put(LIST + 8, HEAD);
	small_put_bytes(MODULE + 24, "good", 5);
	/* Its code is the one page, its constants the next. */
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RO_X);
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0x121000 | SMALL_RO_NX);
	/* The direct map has both read-only, too. */
	small_put_pa(0xb000 + 0x120 * 8, 0x120000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x121 * 8, 0x121000 | SMALL_RO_NX);
}

static void fill_memory(void)
{
	put_module();
	small_put(MODULE + 80, SMALL_MODULE);
	small_put(MODULE + 88, 0x1000);
	small_put(MODULE + 80 + 2 * 16, SMALL_MODULE + 0x1000);
	small_put(MODULE + 88 + 2 * 16, 0x1000);
	if (damage)
		damage();
}

static void fill_layout(void)
{
	put_module();
	small_put(MODULE + 80, SMALL_MODULE);
	small_put(MODULE + 88, 0x3000 | 0x1000ULL << 32);
	small_put(MODULE + 96, 0x2000 | 0x2000ULL << 32);
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill_memory, btf_of_memory());
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
	small_open(&small, kallsyms, fill_layout, btf_of_layout());
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
	small_put(MODULE + 88 + 2 * 16, 0);
	small_put(MODULE + 80 + 3 * 16, SMALL_MODULE + 0x1000);
	small_put(MODULE + 88 + 3 * 16, 0x1000);
}

static void keep_init(void)
{
	open_written();
	/* What is freed after init is still there. */
	small_put(MODULE + 80 + 5 * 16, SMALL_MODULE);
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
	small_put(LIST + 8, SMALL_DATA);
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
	small_put(LIST, LIST);
}

static void lose(void)
{
	small_put(LIST, 0);
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
	small_put(MODULE, state);
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
	small_open(small, kallsyms, fill_memory, btf_of_memory());
	small_audit(small, 0, NULL);
	audit->groups = 1u << AUDIT_MODULES;
	cr_assert_eq(modlist_take(&audit->modlist, &small->kernel), 0);
	modules_check(audit);
	modules_settle(audit, after ? after : &audit->modlist);
	pages_finish(audit);
}

Test(audit_modules, a_module_that_went_meanwhile)
{
	const struct modlist after = {.head = HEAD};
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
	struct modlist_member again = {.address = MODULE, .node = LIST, .name = "good"};
	struct modlist after = {.head = HEAD, .array = &again, .nr = 1};
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
