/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three modules, whose structures lie in data. */
#include "audit/modlist.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 d modules\n"
			       "ffffffff81400020 D init_mm\n"
			       "ffffffff81603000 B _end\n";

/* struct module: state 0, list 8, name 24, the pointer to its kernfs_node 80. */
enum { NR = 3, MODULE_BYTES = 0x200 };
static const uint64_t HEAD = SMALL_DATA + 0x10, FIRST = SMALL_DATA + 0x1000,
		      SYSFS = SMALL_DATA + 0x2000;

static void (*damage)(void);

static struct btf *btf_of_module(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "unsigned int", 4, 0),
	    word = btf__add_int(btf, "unsigned long", 8, 0),
	    letter = btf__add_int(btf, "char", 1, BTF_INT_CHAR),
	    name = btf__add_array(btf, number, letter, 56), list, kobject, mkobj;

	list = btf__add_struct(btf, "list_head", 16);
	btf__add_field(btf, "next", word, 0, 0);
	btf__add_field(btf, "prev", word, 64, 0);
	btf__add_struct(btf, "kernfs_node", 64);
	btf__add_field(btf, "id", word, 64, 0);
	kobject = btf__add_struct(btf, "kobject", 16);
	btf__add_field(btf, "sd", word, 64, 0);
	mkobj = btf__add_struct(btf, "module_kobject", 16);
	btf__add_field(btf, "kobj", kobject, 0, 0);
	btf__add_struct(btf, "module", MODULE_BYTES);
	btf__add_field(btf, "state", number, 0, 0);
	btf__add_field(btf, "list", list, 64, 0);
	btf__add_field(btf, "name", name, 192, 0);
	btf__add_field(btf, "mkobj", mkobj, 72 * 8, 0);
	return btf;
}

static uint64_t module_at(int i)
{
	return FIRST + (uint64_t)i * MODULE_BYTES;
}

static uint64_t node_at(int i)
{
	return i < 0 || i == NR ? HEAD : module_at(i) + 8;
}

static void fill(void)
{
	static const char *const names[NR] = {"one", "two", "three"};

	small_put(HEAD, node_at(0));
	small_put(HEAD + 8, node_at(NR - 1));
	for (int i = 0; i < NR; i++) {
		small_put(node_at(i), node_at(i + 1));
		small_put(node_at(i) + 8, node_at(i - 1));
		small_put_bytes(module_at(i) + 24, names[i], strlen(names[i]) + 1);
		small_put(module_at(i) + 80, SYSFS + (uint64_t)i * 64);
		small_put(SYSFS + (uint64_t)i * 64 + 8, 0x100 + (uint64_t)i);
	}
	if (damage)
		damage();
}

static struct small small;
static struct modlist list;

static void take(void (*damage_it)(void), bool is_live)
{
	damage = damage_it;
	small_open(&small, kallsyms, fill, btf_of_module());
	small.kernel.is_live = is_live;
	cr_assert_eq(modlist_take(&list, &small.kernel), 0);
}

static void end(void)
{
	modlist_free(&list);
	small_close(&small);
}

static void two_is_going(void)
{
	small_put(module_at(1), MODLIST_GOING);
}

Test(audit_modlist, members_in_their_order)
{
	for (int is_live = 0; is_live < 2; is_live++) {
		take(two_is_going, is_live);
		cr_expect_eq(list.error, 0);
		cr_expect_eq(list.head, HEAD);
		cr_assert_eq(list.nr, NR);
		for (int i = 0; i < NR; i++) {
			cr_expect_eq(list.array[i].address, module_at(i));
			cr_expect_eq(list.array[i].back, node_at(i - 1));
			cr_expect_eq(list.array[i].generation, 0x100 + (uint64_t)i);
		}
		cr_expect_str_eq(list.array[2].name, "three");
		cr_expect(modlist_has_live(&list, &list.array[0]));
		cr_expect_not(modlist_has_live(&list, &list.array[1]));
		end();
	}
}

/* What makes it another module. */
Test(audit_modlist, the_same_module)
{
	struct modlist_member member;

	take(NULL, false);
	member = list.array[1];
	cr_expect(modlist_has_live(&list, &member));
	member.generation++;
	cr_expect_not(modlist_has_live(&list, &member));
	member = list.array[1];
	member.address += MODULE_BYTES;
	cr_expect_not(modlist_has_live(&list, &member));
	member = list.array[1];
	member.name[0] = 'T';
	cr_expect_not(modlist_has_live(&list, &member));
	member = list.array[1];
	list.array[1].state = MODLIST_GOING;
	cr_expect_not(modlist_has_live(&list, &member));
	end();
}

static void loop(void)
{
	small_put(node_at(1), node_at(1));
}

static void lose(void)
{
	small_put(node_at(1), 0);
}

static void unname(void)
{
	small_put(module_at(1) + 24, 0x0102030405060708);
}

Test(audit_modlist, a_list_that_leads_nowhere)
{
	take(loop, false);
	cr_expect_eq(list.error, -ELOOP);
	end();
	take(lose, true);
	cr_expect_eq(list.error, -EFAULT);
	cr_expect_eq(list.nr, 2);
	end();
	take(unname, false);
	cr_expect_eq(list.error, -EFAULT);
	cr_expect_eq(list.nr, 1);
	end();
}

Test(audit_modlist, without_types)
{
	damage = NULL;
	small_open(&small, kallsyms, fill, NULL);
	cr_assert_eq(modlist_take(&list, &small.kernel), 0);
	cr_expect_eq(list.error, -ENOENT);
	cr_expect_eq(list.head, HEAD);
	end();
}
