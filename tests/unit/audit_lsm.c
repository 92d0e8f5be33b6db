/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit of hook lists: one hook, two security modules, no BTF. */

#include <criterion/criterion.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t alpha_file_open\n"
			       "ffffffff81000180 t beta_file_open\n"
			       "ffffffff81000200 T security_file_open\n"
			       "ffffffff81000300 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300000 D security_hook_heads\n"
			       "ffffffff81300018 d unrelated\n"
			       "ffffffff81300040 d alpha_hooks\n"
			       "ffffffff81301000 d beta_hooks\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81500000 D _edata\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 d evil_hook\t[evil]\n"
			       "ffffffffc0000800 t evil_file_open\t[evil]\n";

/* CONFIG_SECURITY_WRITABLE_HOOKS: heads and arrays are ordinary data. */
static const char kallsyms_writable[] = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000100 t alpha_file_open\n"
					"ffffffff81000180 t beta_file_open\n"
					"ffffffff81000200 T security_file_open\n"
					"ffffffff81000300 T _etext\n"
					"ffffffff81400000 D _sdata\n"
					"ffffffff81401000 D security_hook_heads\n"
					"ffffffff81401018 d unrelated\n"
					"ffffffff81401040 d alpha_hooks\n"
					"ffffffff81402000 d beta_hooks\n"
					"ffffffff81500000 D _edata\n"
					"ffffffff81603000 B _end\n"
					"ffffffffc0000000 d evil_hook\t[evil]\n"
					"ffffffffc0000800 t evil_file_open\t[evil]\n";

static uint64_t HEAD = 0xffffffff81300008, ALPHA = 0xffffffff81300040,
		BETA = 0xffffffff81301000;
static const uint64_t EVIL = SMALL_MODULE, NAMES = SMALL_RODATA;

/* Which damage fill() does. */
static enum damage {
	NONE,
	FOREIGN_HOOK,
	LOOP,
	OPEN_PAGE,
	ALIAS,
	REDIRECT,
	WRAPPER
} damage;

/* struct security_hook_list without BTF. */
static struct {
	unsigned list, head, hook, lsm;
} at_member = {0, 16, 24, 32};

/* @at: the element's list node. */
static void put_element(uint64_t at, uint64_t pprev, uint64_t hook, uint64_t lsm)
{
	uint64_t element = at - at_member.list;

	small_put(pprev, at);
	small_put(at, 0);
	small_put(at + 8, pprev);
	small_put(element + at_member.head, HEAD);
	small_put(element + at_member.hook, hook);
	small_put(element + at_member.lsm, lsm);
}

static void put_code(void)
{
	/* mov HEAD(%rip), %rbx, as security_file_open() begins. */
	static const unsigned char load[] = {0x48, 0x8b, 0x1d};
	static const unsigned char nop[] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	const uint64_t wrapper = 0xffffffff81000200, callback = 0xffffffff81000100;
	int32_t rel32 = (int32_t)(HEAD - (wrapper + 12));

	small_put_bytes(wrapper, nop, sizeof(nop));
	small_put_bytes(wrapper + 5, load, sizeof(load));
	small_put_bytes(wrapper + 8, &rel32, sizeof(rel32));
	small_put_bytes(callback, nop, sizeof(nop));
	small_put_bytes(0xffffffff81000180, nop, sizeof(nop));
	if (damage == WRAPPER)
		small_put_branch(wrapper, 0xe9, EVIL + 0x800);
	if (damage == REDIRECT)
		small_put_branch(callback, 0xe9, EVIL + 0x800);
}

static void fill(void)
{
	put_code();
	small_put_bytes(NAMES, "alpha", 6);
	small_put_bytes(NAMES + 16, "beta", 5);
	small_put_bytes(EVIL + 0x100, "evil", 5);
	put_element(ALPHA + at_member.list, HEAD, 0xffffffff81000100, NAMES);
	put_element(BETA + at_member.list, ALPHA + at_member.list, 0xffffffff81000180,
		    NAMES + 16);
	if (damage == FOREIGN_HOOK)
		put_element(EVIL, BETA, EVIL + 0x800, EVIL + 0x100);
	if (damage == LOOP) {
		small_put(BETA, ALPHA);
		small_put(ALPHA + 8, BETA);
	}
	if (damage == OPEN_PAGE)
		small_put_pa(SMALL_SEALED_2_ENTRY_PA, 0x111000 | SMALL_RW_NX);
	if (damage == ALIAS)
		small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0x110000 | SMALL_RW_NX);
}

static void audit_with(enum damage kind, const char *lsm, struct small *run)
{
	const struct audit_words words = {.lsm = lsm};

	damage = kind;
	small_open(run, kallsyms, fill, NULL);
	small_audit(run, 1u << AUDIT_LSM, &words);
}

Test(audit_lsm, a_sound_list)
{
	const struct audit_row *alpha, *beta;
	struct small run;

	audit_with(NONE, "alpha,beta\n", &run);
	small_expect(&run, 0, NULL);
	cr_expect_eq(audit_status(&run.audit), 0);
	alpha = small_row(&run, "alpha");
	beta = small_row(&run, "beta");
	cr_expect_eq(alpha->verdict, AUDIT_SEALED);
	cr_expect_str_eq(alpha->symbol, "alpha_hooks");
	cr_expect_str_eq(alpha->found, "r--");
	cr_expect_eq(alpha->address, ALPHA);
	cr_expect_eq(alpha->nr_hooks, 1);
	cr_expect_eq(alpha->nr_pages, 1);
	cr_expect_eq(alpha->rank, 1);
	cr_expect_eq(beta->rank, 2);
	cr_assert_eq(run.audit.nr_slots, 2);
	cr_expect_str_eq(run.audit.slots[0].hook, "file_open");
	cr_expect_str_eq(run.audit.slots[0].element_place, "alpha_hooks");
	cr_expect_eq(run.audit.slots[1].callback, 0xffffffff81000180);
	cr_expect_str_eq(run.audit.slots[1].callback_place, "beta_file_open");
	small_close(&run);
}

static void open_writable(enum damage kind, struct small *run)
{
	const struct audit_words words = {.lsm = "alpha,beta\n"};

	damage = kind;
	HEAD = 0xffffffff81401008;
	ALPHA = 0xffffffff81401040;
	BETA = 0xffffffff81402000;
	small_open(run, kallsyms_writable, fill, NULL);
	small_audit(run, 1u << AUDIT_LSM, &words);
}

/* That they can be written to is the kernel's configuration, and told; no finding. */
Test(audit_lsm, writable_hooks)
{
	static const enum audit_kind kinds[] = {
		AUDIT_HOOK_OUTSIDE, AUDIT_CALLBACK_OUTSIDE, AUDIT_KERNEL_DISAGREES};
	struct small run;

	open_writable(NONE, &run);
	small_expect(&run, 0, NULL);
	cr_expect_eq(audit_status(&run.audit), 0);
	cr_expect_eq(small_row(&run, "alpha")->verdict, AUDIT_INFO);
	cr_expect_str_eq(small_row(&run, "alpha")->found, "rw-");
	cr_expect_eq(small_row(&run, "hook list heads")->verdict, AUDIT_INFO);
	cr_expect_not_null(strstr(small_row(&run, "hook list heads")->detail,
				  "SECURITY_WRITABLE_HOOKS=y, up to 6.3"));
	cr_expect_not_null(
		strstr(small_row(&run, "hook list heads")->detail, "stay sealed"));
	small_close(&run);
	/* What a module registers is one all the same. */
	open_writable(FOREIGN_HOOK, &run);
	small_expect(&run, 3, kinds);
	small_close(&run);
}

/* Layout randomisation: the members in any order are found out. */
Test(audit_lsm, a_shuffled_list)
{
	static const unsigned orders[][4] = {
		{16, 0, 8, 32}, {8, 0, 24, 32}, {24, 16, 8, 0}, {0, 32, 16, 24}};
	struct small run;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		memcpy(&at_member, orders[i], sizeof(at_member));
		audit_with(NONE, "alpha,beta\n", &run);
		small_expect(&run, 0, NULL);
		cr_expect_eq(audit_status(&run.audit), 0, "order %zu", i);
		cr_expect_eq(small_row(&run, "alpha")->nr_hooks, 1);
		cr_assert_eq(run.audit.nr_slots, 2);
		cr_expect_eq(run.audit.slots[0].element, ALPHA);
		cr_expect_eq(run.audit.slots[1].callback, 0xffffffff81000180);
		small_close(&run);
	}
}

/* A member more than is known: one unknown for all hooks, and no finding. */
Test(audit_lsm, an_unknown_layout)
{
	struct small run;
	size_t nr_unknown = 0;

	memcpy(&at_member, (const unsigned[]){0, 16, 32, 40}, sizeof(at_member));
	audit_with(NONE, "alpha,beta\n", &run);
	small_expect(&run, 0, NULL);
	for (size_t i = 0; i < run.audit.nr_rows; i++)
		nr_unknown += run.audit.rows[i].verdict == AUDIT_UNKNOWN;
	cr_expect_eq(nr_unknown, 1);
	cr_expect_not_null(strstr(small_row(&run, "hook list heads")->detail,
				  "BTF (CONFIG_DEBUG_INFO_BTF) would tell the layout"));
	cr_expect_eq(run.audit.nr_slots, 0);
	cr_expect_eq(audit_status(&run.audit), 2);
	small_close(&run);
}

Test(audit_lsm, the_kernels_own_list_is_compared)
{
	static const enum audit_kind kinds[] = {AUDIT_KERNEL_DISAGREES,
						AUDIT_KERNEL_DISAGREES};
	static const enum audit_kind order[] = {AUDIT_KERNEL_DISAGREES};
	struct small run;

	audit_with(NONE, "alpha,gamma\n", &run);
	small_expect(&run, 2, kinds);
	cr_expect_not_null(
		strstr(run.audit.findings[0].message, "lists gamma as active"));
	cr_expect_not_null(strstr(run.audit.findings[1].message, "hooks of beta"));
	small_close(&run);
	audit_with(NONE, "beta,alpha\n", &run);
	small_expect(&run, 1, order);
	cr_expect_not_null(
		strstr(run.audit.findings[0].message, "alpha is called before beta"));
	small_close(&run);
}

Test(audit_lsm, a_hook_of_a_module)
{
	static const enum audit_kind kinds[] = {AUDIT_HOOK_OUTSIDE,
						AUDIT_CALLBACK_OUTSIDE};
	struct small run;

	audit_with(FOREIGN_HOOK, NULL, &run);
	small_expect(&run, 2, kinds);
	cr_expect_eq(small_row(&run, "evil")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(small_row(&run, "alpha")->verdict, AUDIT_SEALED);
	cr_expect_not_null(
		strstr(run.audit.findings[1].message,
		       "calls evil_file_open [evil], which is not kernel text"));
	cr_expect_eq(audit_status(&run.audit), 1);
	small_close(&run);
}

/* Without BTF a broken list may be another layout: undecided, and it ends. */
Test(audit_lsm, a_loop_ends)
{
	struct small run;

	audit_with(LOOP, NULL, &run);
	small_expect(&run, 0, NULL);
	cr_expect_eq(small_row(&run, "hook list heads")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(audit_status(&run.audit), 2);
	small_close(&run);
}

Test(audit_lsm, a_writable_page_is_told_once_and_named)
{
	static const enum audit_kind kinds[] = {AUDIT_WRITABLE};
	struct small run;

	audit_with(OPEN_PAGE, NULL, &run);
	small_expect(&run, 1, kinds);
	cr_expect_not_null(strstr(run.audit.findings[0].message,
				  "1 page of beta at 0xffffffff81301000"));
	cr_expect_not_null(strstr(run.audit.findings[0].message, "changed by hand"));
	cr_expect_eq(small_row(&run, "beta")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(small_row(&run, "alpha")->verdict, AUDIT_SEALED);
	small_close(&run);
}

Test(audit_lsm, a_writable_alias_is_found)
{
	static const enum audit_kind kinds[] = {AUDIT_WRITABLE_ALIAS};
	struct small run;

	audit_with(ALIAS, NULL, &run);
	small_expect(&run, 1, kinds);
	cr_expect_eq(run.audit.findings[0].address, 0xffffffffc0001000);
	cr_expect_not_null(strstr(run.audit.findings[0].message, "alpha"));
	cr_expect_eq(small_row(&run, "alpha")->verdict, AUDIT_UNSEALED);
	cr_expect_eq(small_row(&run, "beta")->verdict, AUDIT_SEALED);
	small_close(&run);
}

Test(audit_lsm, a_patched_callback_is_found)
{
	static const enum audit_kind kinds[] = {AUDIT_REDIRECTED};
	struct small run;

	audit_with(REDIRECT, NULL, &run);
	small_expect(&run, 1, kinds);
	cr_expect_not_null(strstr(run.audit.findings[0].message,
				  "the first bytes of alpha_file_open (alpha's hook "
				  "file_open) lead to evil_file_open [evil]"));
	small_close(&run);
}

/* Where kallsyms lists functions only no hook is found, but the wrappers are. */
Test(audit_lsm, wrappers_of_a_kernel_that_lists_functions)
{
	static const char functions[] = "ffffffff81000000 T _text\n"
					"ffffffff81000000 T _stext\n"
					"ffffffff81000200 T security_file_open\n"
					"ffffffff81000300 T _etext\n"
					"ffffffffc0000800 t evil_file_open\t[evil]\n";
	static const enum audit_kind kinds[] = {AUDIT_REDIRECTED};
	struct small run;

	damage = NONE;
	small_open(&run, functions, fill, NULL);
	small_audit(&run, 1u << AUDIT_LSM, NULL);
	small_expect(&run, 0, NULL);
	cr_expect_eq(small_row(&run, "hook functions")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(small_row(&run, "security_* functions")->verdict, AUDIT_SEALED);
	small_close(&run);
	damage = WRAPPER;
	small_open(&run, functions, fill, NULL);
	small_audit(&run, 1u << AUDIT_LSM, NULL);
	small_expect(&run, 1, kinds);
	small_close(&run);
}
