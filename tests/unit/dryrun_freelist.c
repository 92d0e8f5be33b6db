/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/freelist.h"

#include <criterion/criterion.h>

#include "board.h"

#define CACHES (SMALL_DATA + 0x100)
#define CACHE (SMALL_DATA + 0x200)
#define NODE (SMALL_DATA + 0x300)
#define PARTIAL (NODE + 16) /* a list's head */
#define PER_CPU (SMALL_DATA + 0x1000)
#define CPU_SLAB (PER_CPU + 0x40)
#define CPU_PAGES (PER_CPU + 0x100)
#define PG_DATA (SMALL_DATA + 0x400)
#define ZONE PG_DATA /* the only one, first */
#define SYMBOLS                            \
	BOARD_SYMBOLS                      \
	"ffffffff81400100 d slab_caches\n" \
	"ffffffff81400180 d node_data\n"

static const struct board_type types[] = {
	{"kmem_cache", 64, {{"cpu_slab", 0}, {"list", 16}, {"node", 32}}},
	{"kmem_cache_cpu", 32, {{"freelist", 0}, {"slab", 16}, {"partial", 24}}},
	{"kmem_cache_node", 64, {{"nr_partial", 8}, {"partial", 16}}},
	{"zone", 32, {{"per_cpu_pageset", 8}}},
	{"per_cpu_pages", 0x40, {{"count", 0}, {"lists", 0x20}}},
	{"pglist_data", 128, {{"node_zones", 0}, {"nr_zones", 64}}},
};

static struct board board;

static void fill(void)
{
	small_put(SMALL_DATA + 0xf08, PER_CPU);
	small_put(CACHES, CACHE + 16);
	small_put(CACHE, CPU_SLAB - PER_CPU);
	small_put(CACHE + 16, CACHES);
	small_put(CACHE + 32, NODE);
	for (uint64_t i = 0; i < 4; i++)
		small_put(CPU_SLAB + 8 * i, 0x1111);
	small_put(NODE + 8, 3);
	small_put(PARTIAL, 0x2222);
	small_put(PARTIAL + 8, 0x2222);
	small_put(SMALL_DATA + 0x180, PG_DATA);
	small_put(ZONE + 8, CPU_PAGES - PER_CPU);
	small_put(PG_DATA + 64, 1);
	for (uint64_t i = 0; i < 10; i++)
		small_put(CPU_PAGES + 8 * i, 0x3333);
}

static void setup(void)
{
	board_open(&board, SYMBOLS, fill,
		   board_btf(types, sizeof(types) / sizeof(types[0])));
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_freelist, .init = setup, .fini = teardown);

Test(dryrun_freelist, a_cpu_has_no_objects_at_hand)
{
	struct freelist_layout layout = {0};

	freelist_empty_all(&board.machine, &layout);
	cr_expect(layout.is_known);
	cr_expect_eq(board_read(&board, CPU_SLAB), 0);
	cr_expect_eq(board_read(&board, CPU_SLAB + 8), 0x1111, "no list");
	cr_expect_eq(board_read(&board, CPU_SLAB + 16), 0);
	cr_expect_eq(board_read(&board, CPU_SLAB + 24), 0);
}

Test(dryrun_freelist, a_node_has_no_partial_slabs)
{
	struct freelist_layout layout = {0};

	freelist_empty_all(&board.machine, &layout);
	cr_expect_eq(board_read(&board, NODE + 8), 0);
	cr_expect_eq(board_read(&board, PARTIAL), PARTIAL);
	cr_expect_eq(board_read(&board, PARTIAL + 8), PARTIAL);
}

Test(dryrun_freelist, a_cpu_has_no_pages_at_hand)
{
	struct freelist_layout layout = {0};

	freelist_empty_all(&board.machine, &layout);
	cr_expect_eq((uint32_t)board_read(&board, CPU_PAGES), 0);
	for (uint64_t va = CPU_PAGES + 0x20; va < CPU_PAGES + 0x40; va += 16) {
		cr_expect_eq(board_read(&board, va), va);
		cr_expect_eq(board_read(&board, va + 8), va);
	}
	cr_expect_eq(board_read(&board, CPU_PAGES + 0x40), 0x3333, "behind the struct");
}

/* The layout is looked up once: what is given is believed. */
Test(dryrun_freelist, what_this_kernel_does_not_have_is_left_out)
{
	struct freelist_layout layout = {.is_known = true, .caches = CACHES};

	for (int i = 0; i < FREELIST_NR_MEMBERS; i++)
		layout.offsets[i] = -1;
	freelist_empty_all(&board.machine, &layout);
	cr_expect_eq(board_read(&board, CPU_SLAB), 0x1111);
	cr_expect_eq(board_read(&board, PARTIAL), 0x2222);
}

/* --- 6.18 and newer: sheaves of objects at hand --- */

#define SHEAVES (PER_CPU + 0x80)
#define MAIN (SMALL_DATA + 0x500)
#define BARN (SMALL_DATA + 0x600)

static const struct board_type sheaf_types[] = {
	{"kmem_cache", 96, {{"list", 16}, {"node", 32}, {"cpu_sheaves", 40}}},
	{"kmem_cache_node", 64, {{"nr_partial", 8}, {"partial", 16}, {"barn", 40}}},
	{"slub_percpu_sheaves", 64, {{"main", 8}, {"spare", 16}}},
	{"slab_sheaf", 64, {{"size", 24}}},
	{"node_barn",
	 96,
	 {{"sheaves_full", 8}, {"sheaves_empty", 24}, {"nr_full", 40}, {"nr_empty", 48}}},
	{"pglist_data", 128, {{"node_zones", 0}, {"nr_zones", 64}}},
};

static void fill_sheaves(void)
{
	fill();
	small_put(CACHE + 40, SHEAVES - PER_CPU);
	small_put(SHEAVES + 8, MAIN);
	small_put(SHEAVES + 16, 0x4444);
	small_put(MAIN + 24, 0x0000777700000005);
	small_put(NODE + 40, BARN);
	for (uint64_t i = 8; i < 56; i += 8)
		small_put(BARN + i, 0x5555);
}

Test(dryrun_freelist, a_cpu_has_no_sheaves_at_hand)
{
	struct freelist_layout layout = {0};

	teardown();
	board_open(&board, SYMBOLS, fill_sheaves,
		   board_btf(sheaf_types, sizeof(sheaf_types) / sizeof(sheaf_types[0])));
	freelist_empty_all(&board.machine, &layout);
	cr_expect_eq(board_read(&board, SHEAVES + 16), 0, "none to spare");
	cr_expect_eq(board_read(&board, SHEAVES + 8), MAIN);
	cr_expect_eq(board_read(&board, MAIN + 24), 0x0000777700000000, "empty");
	for (uint64_t at = BARN + 8; at < BARN + 40; at += 16) {
		cr_expect_eq(board_read(&board, at), at);
		cr_expect_eq(board_read(&board, at + 8), at);
	}
	cr_expect_eq((uint32_t)board_read(&board, BARN + 40), 0);
	cr_expect_eq((uint32_t)board_read(&board, BARN + 48), 0);
}
