/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A layout of BTF is doubted where more than a handful of elements contradict it.
 * Orders of members without BTF: audit_lsm.c, audit_lsmcalls.c.
 */
#include "audit/lsmlayout.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81603000 B _end\n";

enum { NR = 20, ELEMENT_BYTES = 40 };
/* Elements that call what is no kernel text. */
static size_t nr_foreign;

static uint64_t element_at(size_t i)
{
	return SMALL_SEALED + 0x100 + i * ELEMENT_BYTES;
}

static void fill(void)
{
	small_put_bytes(SMALL_RODATA, "alpha", 6);
	for (size_t i = 0; i < NR; i++) {
		small_put(element_at(i) + 16, SMALL_SEALED);
		small_put(element_at(i) + 24, i < nr_foreign ? 0 : SMALL_TEXT + 0x100);
		small_put(element_at(i) + 32, SMALL_RODATA);
	}
}

static int prove(size_t nr, bool has_btf, uint32_t *hook)
{
	struct lsmlayout_element elements[NR];
	struct small small;
	struct lsm lsm;
	int r;

	for (size_t i = 0; i < nr; i++)
		elements[i] = (struct lsmlayout_element){element_at(i), SMALL_SEALED};
	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 0, NULL);
	lsmhooks_open(&lsm, &small.audit, false);
	lsm.has_btf = has_btf;
	r = lsmlayout_prove(&lsm, elements, nr);
	*hook = lsm.layout.hook;
	small_close(&small);
	return r;
}

Test(audit_lsmlayout, of_btf)
{
	uint32_t hook;

	nr_foreign = 0;
	cr_expect_eq(prove(NR, true, &hook), 0);
	/* A few, or less than half, are an attack and no doubt. */
	nr_foreign = 8;
	cr_expect_eq(prove(8, true, &hook), 0);
	nr_foreign = 9;
	cr_expect_eq(prove(NR, true, &hook), 0);
	cr_expect_eq(prove(18, true, &hook), -ENOENT);
	nr_foreign = NR;
	cr_expect_eq(prove(NR, true, &hook), -ENOENT);
}

Test(audit_lsmlayout, without_btf)
{
	uint32_t hook;

	nr_foreign = 0;
	cr_expect_eq(prove(NR, false, &hook), 0);
	cr_expect_eq(hook, 24);
	nr_foreign = 9;
	cr_expect_eq(prove(NR, false, &hook), 0);
	nr_foreign = 10;
	cr_expect_eq(prove(NR, false, &hook), -ENOENT);
}
