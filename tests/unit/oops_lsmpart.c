/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/lsmpart.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>

#include "kcore/release.h"
#include "small.h"

Test(oops_lsmpart, by_the_usual_layout)
{
	static const struct {
		const char *symbol;
		uint64_t offset;
		unsigned version;
		enum lsmpart_structure structure;
		unsigned element;
		const char *field;
	} rows[] = {
		{"apparmor_hooks", 0x2d0, RELEASE(4, 19), LSMPART_HOOK_ARRAY, 18,
		 "list.next"},
		{"apparmor_hooks", 0x2d0 + 8, RELEASE(5, 10), LSMPART_HOOK_ARRAY, 18,
		 "list.pprev"},
		{"tomoyo_hooks", 24, RELEASE(6, 11), LSMPART_HOOK_ARRAY, 0, "hook"},
		{"tomoyo_hooks", 39, RELEASE(6, 1), LSMPART_HOOK_ARRAY, 0, "lsm"},
		{"apparmor_hooks", 0x30, RELEASE(6, 12), LSMPART_HOOK_ARRAY_UNUSED, 2,
		 "scalls"},
		{"static_calls_table", 32 * 11 + 16, RELEASE(7, 3), LSMPART_STATIC_CALLS,
		 0, "hl"},
		{"security_hook_heads", 8, RELEASE(5, 10), LSMPART_HOOK_HEADS, 0,
		 "first"},
		/* The release unknown: which array, but not which element. */
		{"apparmor_hooks", 0x2d0, 0, LSMPART_HOOK_ARRAY, 0, NULL},
		{"netfilter_hooks", 0, RELEASE(5, 10), LSMPART_NONE, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lsmpart lsm;

		lsmpart_find(&(struct lsmpart_question){.version = rows[i].version},
			     rows[i].symbol, rows[i].offset, &lsm);
		cr_expect_eq(lsm.structure, rows[i].structure, "%zu", i);
		cr_expect_eq(lsm.element, rows[i].element, "%zu", i);
		if (rows[i].field)
			cr_expect_str_eq(lsm.field, rows[i].field);
		else
			cr_expect_null(lsm.field, "%zu", i);
	}
}

/* A kernel built with RANDSTRUCT, by the log's taint: the element is as long as ever. */
Test(oops_lsmpart, shuffled_by_the_log)
{
	const struct lsmpart_question q = {.version = RELEASE(6, 1), .is_shuffled = true};
	const struct lsmpart_question newer = {.version = RELEASE(6, 12),
					       .is_shuffled = true};
	struct lsmpart lsm;

	lsmpart_find(&q, "apparmor_hooks", 0x2d0, &lsm);
	cr_expect_eq(lsm.structure, LSMPART_HOOK_ARRAY);
	cr_expect(lsm.has_element);
	cr_expect_eq(lsm.element, 18);
	cr_expect_null(lsm.field);
	lsmpart_find(&newer, "static_calls_table", 32 * 11 + 16, &lsm);
	cr_expect_eq(lsm.structure, LSMPART_STATIC_CALLS);
	cr_expect_null(lsm.field);
}

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t alpha_file_open\n"
			       "ffffffff81000200 T _etext\n"
			       "ffffffff81300000 D security_hook_heads\n"
			       "ffffffff81300100 d tomoyo_hooks\n"
			       "ffffffff81301000 d behind\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81603000 B _end\n";

#define HEADS SMALL_SEALED
#define ARRAY (SMALL_SEALED + 0x100)

/* Element 1, whose head and callback lie at these offsets. */
static unsigned head_at, hook_at;

static void fill(void)
{
	small_put(ARRAY + 40 + head_at, HEADS + 8);
	small_put(ARRAY + 40 + hook_at, SMALL_TEXT + 0x100);
}

static struct lsmpart ask(struct btf *btf, unsigned head, unsigned hook, unsigned offset)
{
	struct lsmpart_question q = {.address = ARRAY + 40 + offset,
				     .version = RELEASE(6, 1)};
	struct lsmpart lsm;
	struct small small;

	head_at = head;
	hook_at = hook;
	small_open(&small, kallsyms, fill, btf);
	q.kernel = &small.kernel;
	lsmpart_find(&q, "tomoyo_hooks", 40 + offset, &lsm);
	small_close(&small);
	return lsm;
}

/* Without types the element's own words prove the layout, or nothing does. */
Test(oops_lsmpart, the_element_proves_the_usual_layout)
{
	struct lsmpart lsm = ask(NULL, 16, 24, 0);

	cr_assert_not_null(lsm.field);
	cr_expect_str_eq(lsm.field, "list.next");
	cr_expect_str_eq(lsm.callback, "alpha_file_open");
	cr_expect_not(lsm.is_assumed);
	lsm = ask(NULL, 24, 0, 0);
	cr_expect(lsm.has_element);
	cr_expect_eq(lsm.element, 1);
	cr_expect_null(lsm.field, "%s", lsm.field);
	cr_expect_str_empty(lsm.callback);
}

/* The types of a shuffled kernel: hook, list, lsmid, head. */
Test(oops_lsmpart, the_types_of_a_shuffled_kernel)
{
	static const struct {
		unsigned offset;
		const char *field;
	} rows[] = {
		{0, "hook"}, {8, "list.next"}, {16, "list.pprev"},
		{24, "lsm"}, {32, "head"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct btf *btf = btf__new_empty();
		int word = btf__add_int(btf, "unsigned long", 8, 0), node;
		struct lsmpart lsm;

		btf__add_struct(btf, "security_hook_heads", 16);
		btf__add_field(btf, "ptrace_traceme", word, 0, 0);
		btf__add_field(btf, "file_open", word, 64, 0);
		node = btf__add_struct(btf, "hlist_node", 16);
		btf__add_struct(btf, "security_hook_list", 40);
		btf__add_field(btf, "hook", word, 0, 0);
		btf__add_field(btf, "list", node, 64, 0);
		btf__add_field(btf, "lsmid", word, 192, 0);
		btf__add_field(btf, "head", word, 256, 0);
		lsm = ask(btf, 32, 0, rows[i].offset);
		cr_assert_not_null(lsm.field, "%zu", i);
		cr_expect_str_eq(lsm.field, rows[i].field);
		cr_expect_not(lsm.is_assumed);
		cr_expect_str_eq(lsm.hook, "file_open");
		cr_expect_str_eq(lsm.callback, "alpha_file_open");
	}
}
