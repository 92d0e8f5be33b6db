/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagetable/walk.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

static uint64_t span_of(const char *name)
{
	static const struct {
		const char *name;
		uint64_t span;
	} spans[] = {
		{"4K", 1ULL << 12},   {"2M", 1ULL << 21},   {"1G", 1ULL << 30},
		{"512G", 1ULL << 39}, {"256T", 1ULL << 48},
	};

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (strcmp(spans[i].name, name) == 0)
			return spans[i].span;
	cr_assert_fail("not a span: %s", name);
	return 0;
}

static void check_walk(const struct tables *tables, const char *line)
{
	unsigned levels = tables->pt.format.levels;
	char verdict[32], reason[32], denied_by[8], span[8], pa[32], rights[8];
	const char *denied = "-";
	struct pt_walk walk;
	uint64_t va;

	cr_assert_eq(sscanf(line, "walk %" SCNx64 " %31s %31s %7s %7s %31s %7s", &va,
			    verdict, reason, denied_by, span, pa, rights),
		     7, "malformed: %s", line);
	pt_walk(&tables->pt, va, &walk);
	if (walk.denied_by >= 0)
		denied = pt_level_name(walk.steps[walk.denied_by].level, levels);
	cr_expect_str_eq(pt_verdict_name(walk.verdict), verdict, "%s", line);
	cr_expect_str_eq(pt_reason_name(walk.reason), reason, "%s", line);
	cr_expect_eq(walk.span, span_of(span), "%s: span 0x%" PRIx64, line, walk.span);
	cr_expect_eq(walk.va, va);
	if (strcmp(pa, "-") == 0)
		return;
	cr_expect_str_eq(denied, denied_by, "%s", line);
	cr_expect_eq(walk.pa, strtoull(pa, NULL, 16), "%s: pa 0x%" PRIx64, line, walk.pa);
	cr_expect_eq(walk.writable, rights[1] == 'w', "%s", line);
	cr_expect_eq(walk.nx, rights[2] != 'x', "%s", line);
	cr_expect_eq(walk.user, rights[3] == 'u', "%s", line);
}

static void check_flags(const struct tables *tables, const char *line)
{
	struct pt_flag flags[PT_MAX_FLAGS];
	const struct pt_step *last;
	char got[256];
	struct pt_walk walk;
	size_t nr;

	pt_walk(&tables->pt, strtoull(line + 6, NULL, 16), &walk);
	last = &walk.steps[walk.nr_steps - 1];
	nr = pt_entry_flags(&tables->pt.format, last->value, last->level, flags);
	snprintf(got, sizeof(got), "flags 0x%016" PRIx64, walk.va);
	for (size_t i = 0; i < nr; i++) {
		strcat(got, " ");
		strcat(got, flags[i].name);
	}
	cr_expect_str_eq(got, line);
}

static char fixtures[][16] = {"2020-crash", "four-levels", "five-levels", "sme",
			      "tdx",	    "no-nx",	   "pks",	  "ring3"};

ParameterizedTestParameters(pagetable_walk, fixture)
{
	return cr_make_param_array(char[16], fixtures,
				   sizeof(fixtures) / sizeof(fixtures[0]));
}

ParameterizedTest(char name[16], pagetable_walk, fixture)
{
	struct tables tables;

	tables_load(&tables, name);
	for (size_t i = 0; i < tables.nr_checks; i++) {
		if (tables.checks[i][0] == 'w')
			check_walk(&tables, tables.checks[i]);
		else
			check_flags(&tables, tables.checks[i]);
	}
}

Test(pagetable_walk, steps_of_the_2020_crash)
{
	static const struct pt_step expected[] = {
		{PT_P4D, 511, 0x77222ff8, 0x3fc0e067},
		{PT_PUD, 510, 0x3fc0eff0, 0x3fc0f063},
		{PT_PMD, 339, 0x3fc0fa98, 0x34367063},
		{PT_PTE, 240, 0x34367780, 0x800000003faf0061},
	};
	struct tables tables;
	struct pt_walk walk;

	tables_load(&tables, "2020-crash");
	pt_walk(&tables.pt, 0xffffffffaa6f0210, &walk);
	cr_assert_eq(walk.nr_steps, 4);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(walk.steps[i].level, expected[i].level);
		cr_expect_eq(walk.steps[i].index, expected[i].index);
		cr_expect_eq(walk.steps[i].entry_pa, expected[i].entry_pa);
		cr_expect_eq(walk.steps[i].value, expected[i].value);
	}
	cr_expect_eq(walk.denied_by, 3);
}

/* A source whose leaf changes under the reader. */
struct moving {
	struct tables tables;
	pt_read_fn still;
	int nr_leaf_reads, changes_until;
};

static int read_moving(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct moving *moving = ctx;
	int r = moving->still(&moving->tables, pa, fresh, ret);

	/* The PTE of the 2020 crash, with RW set at every other look. */
	if (pa == 0x34367780 && moving->nr_leaf_reads < moving->changes_until &&
	    moving->nr_leaf_reads++ % 2)
		*ret |= PT_RW;
	return r;
}

static void walk_moving(int changes_until, struct pt_walk *ret)
{
	struct moving moving = {.changes_until = changes_until};

	tables_load(&moving.tables, "2020-crash");
	moving.still = moving.tables.pt.read;
	moving.tables.pt.read = read_moving;
	moving.tables.pt.ctx = &moving;
	pt_walk(&moving.tables.pt, 0xffffffffaa6f0210, ret);
}

Test(pagetable_walk, settles_when_the_entries_do)
{
	struct pt_walk walk;

	walk_moving(5, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	cr_expect_eq(walk.reason, PT_OK);
}

Test(pagetable_walk, is_unknown_while_entries_keep_changing)
{
	struct pt_walk walk;

	walk_moving(1000, &walk);
	cr_expect_eq(walk.verdict, PT_UNKNOWN);
	cr_expect_eq(walk.reason, PT_CHANGED);
}

/* The first look may come from a copy; the answer may not. */
static int read_stale(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct moving *moving = ctx;
	int r = moving->still(&moving->tables, pa, fresh, ret);

	if (pa == 0x34367780 && !fresh)
		*ret |= PT_RW;
	return r;
}

Test(pagetable_walk, a_stale_copy_never_decides)
{
	struct moving moving = {0};
	struct pt_walk walk;

	tables_load(&moving.tables, "2020-crash");
	moving.still = moving.tables.pt.read;
	moving.tables.pt.read = read_stale;
	moving.tables.pt.ctx = &moving;
	pt_walk(&moving.tables.pt, 0xffffffffaa6f0210, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	cr_expect_eq(walk.denied_by, 3);
}

Test(pagetable_walk, zeroed_memory_means_unknown)
{
	struct pt_walk walk = {0};

	cr_expect_eq(walk.verdict, PT_UNKNOWN);
	cr_expect_str_eq(pt_verdict_name(walk.verdict), "unknown");
}
