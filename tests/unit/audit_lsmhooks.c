/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owners of hooks and the order that they are called in; no list and no table. */
#include "audit/lsmhooks.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t callback\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81300000 d hooks\n"
			       "ffffffff81302000 d after_hooks\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 d evil_hook\t[evil]\n";

/* Elements of 40 bytes, whose owner is the word at 32; names of 16 bytes. */
static const uint64_t ELEMENTS = SMALL_SEALED, NAMES = SMALL_RODATA,
		      IDS = SMALL_RODATA + 0x800, CALLBACK = SMALL_TEXT + 0x100;
enum { NR_NAMES = LSM_MAX_OWNERS + 1 };

static uint64_t element(size_t i)
{
	return ELEMENTS + 40 * i;
}

static void fill(void)
{
	for (size_t i = 0; i < NR_NAMES; i++) {
		char name[16] = "";

		snprintf(name, sizeof(name), "lsm%zu", i);
		small_put_bytes(NAMES + 16 * i, name, sizeof(name));
		small_put(element(i) + 32, NAMES + 16 * i);
	}
	/* struct lsm_id, and an element of nobody's. */
	small_put(IDS, NAMES + 16);
	small_put(element(NR_NAMES) + 32, IDS);
	small_put(SMALL_MODULE + 32, 0);
}

static struct small small;
static struct lsm lsm;

static void setup(void)
{
	const struct audit_row row = {.name = "hook functions", .expected = "r-x"};

	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	lsmhooks_open(&lsm, &small.audit, false);
	lsm.callback_row = audit_add_row(&small.audit, &row);
}

static void teardown(void)
{
	small_close(&small);
}

TestSuite(audit_lsmhooks, .init = setup, .fini = teardown);

Test(audit_lsmhooks, owners_by_name)
{
	cr_expect_eq(lsmhooks_owner_of(&lsm, element(0)), 0);
	cr_expect_eq(lsmhooks_owner_of(&lsm, element(1)), 1);
	cr_expect_eq(lsmhooks_owner_of(&lsm, element(0)), 0);
	/* By the structure that 6.8 has there: the same owner. */
	cr_expect_eq(lsmhooks_owner_of(&lsm, element(NR_NAMES)), 1);
	cr_expect_eq(lsmhooks_owner_of(&lsm, SMALL_MODULE), 2);
	cr_expect_str_eq(lsm.owners[1].name, "lsm1");
	cr_expect_str_eq(lsm.owners[2].name, "?");
	cr_expect_eq(small.audit.nr_rows, 4);
	cr_expect_str_eq(small.audit.rows[lsm.owners[1].row].name, "lsm1");
}

Test(audit_lsmhooks, more_owners_than_there_is_room_for)
{
	for (size_t i = 0; i < LSM_MAX_OWNERS; i++)
		cr_expect_eq(lsmhooks_owner_of(&lsm, element(i)), i);
	cr_expect_eq(lsmhooks_owner_of(&lsm, element(LSM_MAX_OWNERS)), LSM_MAX_OWNERS);
	lsmhooks_add(&lsm, LSM_MAX_OWNERS, &(struct lsm_hook){.name = "file_open"});
	cr_expect_eq(small.audit.nr_slots, 0);
}

static void add(size_t i)
{
	lsmhooks_add(&lsm, lsmhooks_owner_of(&lsm, element(i)),
		     &(struct lsm_hook){.name = "file_open",
					.element = element(i),
					.callback = CALLBACK});
}

/* Only within one hook's order of calls. */
Test(audit_lsmhooks, the_order_of_calls)
{
	lsmhooks_begin(&lsm);
	add(0);
	add(1);
	lsmhooks_begin(&lsm);
	add(2);
	add(2);
	cr_expect(lsm.is_before[0][1]);
	cr_expect_not(lsm.is_before[1][0]);
	cr_expect_not(lsm.is_before[1][2]);
	cr_expect_not(lsm.is_before[2][2]);
}

/* Without lsmhooks_begin(), nothing comes before the first. */
Test(audit_lsmhooks, the_first_of_all)
{
	lsmhooks_owner_of(&lsm, element(0));
	add(1);
	cr_expect_not(lsm.is_before[0][1]);
}

Test(audit_lsmhooks, elements_and_callbacks)
{
	static const enum audit_kind kinds[] = {AUDIT_HOOK_OUTSIDE,
						AUDIT_CALLBACK_OUTSIDE};

	add(0);
	add(0);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small.audit.rows[lsm.owners[0].row].nr_hooks, 2);
	cr_expect_eq(lsm.nr_callbacks, 2);
	cr_assert_eq(lsm.owners[0].nr_arrays, 1);
	cr_expect_eq(lsm.owners[0].arrays[0].start, ELEMENTS);
	cr_expect_eq(lsm.owners[0].arrays[0].end, ELEMENTS + 40);
	lsmhooks_add(&lsm, 0,
		     &(struct lsm_hook){.name = "file_open",
					.element = SMALL_MODULE,
					.callback = SMALL_MODULE + 0x100});
	small_expect(&small, 2, kinds);
	cr_expect_not_null(strstr(small.audit.findings[0].message, "evil_hook [evil]"));
	cr_expect_eq(lsm.nr_callbacks, 2);
}
