/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hook lists where BTF tells their layout: what does not fit is a finding. Without BTF:
 * audit_lsm.c.
 */
#include "audit/lsmlist.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t alpha_file_open\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81300000 D security_hook_heads\n"
			       "ffffffff81300040 d alpha_hooks\n"
			       "ffffffff81302000 d after_hooks\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

static const uint64_t HEADS = SMALL_SEALED, HEAD = SMALL_SEALED + 8,
		      ALPHA = SMALL_SEALED + 0x40;

/* What is written over a sound list: an address and a value. */
static uint64_t damage[2];

static void fill(void)
{
	small_put_bytes(SMALL_RODATA, "alpha", 6);
	small_put(HEAD, ALPHA);
	small_put(ALPHA, 0);
	small_put(ALPHA + 8, HEAD);
	small_put(ALPHA + 16, HEAD);
	small_put(ALPHA + 24, SMALL_TEXT + 0x100);
	small_put(ALPHA + 32, SMALL_RODATA);
	if (damage[0])
		small_put(damage[0], damage[1]);
}

static struct btf *btf_of_heads(void)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "unsigned long", 8, 0);
	int head = btf__add_struct(btf, "hlist_head", 8);
	int node;

	btf__add_field(btf, "first", word, 0, 0);
	node = btf__add_struct(btf, "hlist_node", 16);
	btf__add_struct(btf, "security_hook_list", 40);
	btf__add_field(btf, "list", node, 0, 0);
	btf__add_field(btf, "head", word, 128, 0);
	btf__add_field(btf, "hook", word, 192, 0);
	btf__add_field(btf, "lsm", word, 256, 0);
	btf__add_struct(btf, "security_hook_heads", 16);
	btf__add_field(btf, "ptrace_traceme", head, 0, 0);
	btf__add_field(btf, "file_open", head, 64, 0);
	return btf;
}

static struct small small;
static struct lsm lsm;

static void check_with(uint64_t at, uint64_t value)
{
	damage[0] = at;
	damage[1] = value;
	small_open(&small, kallsyms, fill, btf_of_heads());
	small_audit(&small, 0, NULL);
	lsmhooks_open(&lsm, &small.audit, false);
	lsm.callback_row = audit_add_row(
		&small.audit,
		&(struct audit_row){.name = "functions", .expected = "r-x"});
	lsmlist_check(&lsm, HEADS);
}

Test(audit_lsmlist, a_sound_list)
{
	check_with(0, 0);
	small_expect(&small, 0, NULL);
	cr_expect_str_eq(small_row(&small, "hook list heads")->detail,
			 "2 hooks, found by BTF");
	cr_expect_eq(small_row(&small, "hook list heads")->size_bytes, 16);
	cr_assert_eq(small.audit.nr_slots, 1);
	cr_expect_str_eq(small.audit.slots[0].hook, "file_open");
	cr_expect_eq(small.audit.slots[0].element, ALPHA);
	small_close(&small);
}

/* Among what is found is a broken list, for the reason that @words tell. */
static void expect_broken(uint64_t at, uint64_t value, const char *words)
{
	bool is_always_told = false;

	check_with(at, value);
	for (size_t i = 0; i < small.audit.nr_findings; i++) {
		const struct audit_finding *finding = &small.audit.findings[i];

		is_always_told |= finding->kind == AUDIT_LIST_BROKEN &&
				  strstr(finding->message,
					 "the list of hook file_open is broken at") &&
				  strstr(finding->message, words);
	}
	cr_expect(is_always_told, "%s", words);
	small_close(&small);
}

Test(audit_lsmlist, what_does_not_fit)
{
	expect_broken(ALPHA + 8, HEADS, "back-pointer does not lead");
	expect_broken(ALPHA + 16, HEADS, "it names another list as its own");
	expect_broken(HEAD, 0xffffffffc8000000, "the element is not mapped");
	expect_broken(ALPHA, ALPHA, "it does not end: a loop");
}
