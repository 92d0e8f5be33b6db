/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/modtree.h"

#include <criterion/criterion.h>

#include "board.h"
#include "dryrun/reason.h"

#define MODULES (SMALL_DATA + 0x1200) /* the list's head */
#define TREE (SMALL_DATA + 0x1300)    /* mod_tree */
#define SYMBOLS                        \
	BOARD_SYMBOLS                  \
	"ffffffff81401200 d modules\n" \
	"ffffffff81401300 d mod_tree\n"
#define TREE_TYPES                                                  \
	{"mod_tree_node", 56, {{"mod", 0}, {"node", 8}}},           \
		{"latch_tree_node", 48, {{"node", 0}}},             \
		{"latch_tree_root", 24, {{"seq", 0}, {"tree", 8}}}, \
		{"rb_node", 24, {{"__rb_parent_color", 0}}},        \
		{"rb_root", 8, {{"rb_node", 0}}},                   \
		{"mod_tree_root", 40, {{"root", 0}, {"addr_min", 24}}},

enum {
	LIST = 8,
	MEM = 0x40, /* its parts */
	PART_BYTES = 80,
	NODE = 24, /* of a part: behind base, size and the node's module */
	MAX_PARTS = 64,
};

static const struct board_type types[] = {
	{"module", 0x400, {{"list", LIST}, {"mem", MEM}}},
	{"module_memory", PART_BYTES, {{"base", 0}, {"size", 8}, {"mtn", 16}}},
	TREE_TYPES};

/* Before 6.4. */
static const struct board_type older_types[] = {
	{"module",
	 0x400,
	 {{"list", LIST}, {"core_layout", MEM}, {"init_layout", MEM + PART_BYTES}}},
	{"module_layout", PART_BYTES, {{"base", 0}, {"size", 8}, {"mtn", 16}}},
	TREE_TYPES};

/* Without CONFIG_MODULES_TREE_LOOKUP. */
static const struct board_type no_tree_types[] = {
	{"module", 0x400, {{"list", LIST}, {"mem", MEM}}},
	{"module_memory", PART_BYTES, {{"base", 0}, {"size", 8}}}};

static struct board board;

static void fill(void)
{
	small_put(MODULES, MODULES);
	small_put(MODULES + 8, MODULES);
	small_put(TREE + 8, 0xdead000000000100); /* a node that was freed */
	small_put(TREE + 16, 0xdead000000000100);
}

static void open_with(const struct board_type rows[], size_t nr)
{
	board_open(&board, SYMBOLS, fill, board_btf(rows, nr));
}

static void teardown(void)
{
	board_close(&board);
}

TestSuite(dryrun_modtree, .fini = teardown);

static void put(uint64_t va, uint64_t value)
{
	cr_assert_eq(machine_write(&board.machine, va, &value, sizeof(value)), 0);
}

static uint64_t module_at(unsigned i)
{
	return BOARD_FREE + i * 0x400;
}

/* A module of so many parts at the list's end; a page each, the last module lowest. */
static void add_module(unsigned i, unsigned nr_parts)
{
	uint64_t module = module_at(i), self = module + LIST;
	uint64_t last = board_read(&board, MODULES + 8);

	for (uint64_t part = 0; part < nr_parts; part++) {
		uint64_t at = module + MEM + part * PART_BYTES;

		put(at, SMALL_MODULE + (MAX_PARTS - i) * 0x10000 + part * 0x1000);
		put(at + 8, 0x1000);
	}
	put(self, MODULES);
	put(self + 8, last);
	put(last, self);
	put(MODULES + 8, self);
}

static uint64_t nodes[MAX_PARTS]; /* of one tree, in their order */
static size_t nr_nodes;

/* Checks the nodes below @node; returns how many black ones each way down meets. */
static unsigned check_below(uint64_t node, uint64_t parent, bool is_parent_red)
{
	uint64_t word, right, left;
	unsigned below;

	if (!node)
		return 0;
	word = board_read(&board, node);
	right = board_read(&board, node + 8);
	left = board_read(&board, node + 16);
	cr_expect_eq(word & ~UINT64_C(3), parent);
	cr_expect(!is_parent_red || (word & 1), "no red one is below a red one");
	below = check_below(left, node, !(word & 1));
	cr_assert_lt(nr_nodes, MAX_PARTS);
	nodes[nr_nodes++] = node;
	cr_expect_eq(check_below(right, node, !(word & 1)), below);
	return below + (word & 1);
}

/* Both trees have these nodes, in the order of their addresses. */
static void expect_trees(size_t nr)
{
	for (uint64_t i = 0; i < 2; i++) {
		uint64_t top = board_read(&board, TREE + 8 + i * 8), before = 0;

		nr_nodes = 0;
		check_below(top, 0, true);
		cr_expect_eq(nr_nodes, nr, "tree %d has %zu nodes, not %zu", (int)i,
			     nr_nodes, nr);
		for (size_t j = 0; j < nr_nodes; j++) {
			uint64_t base = board_read(&board, nodes[j] - i * 24 - NODE);

			cr_expect_gt(base, before);
			before = base;
		}
	}
}

Test(dryrun_modtree, of_any_number_of_modules)
{
	open_with(types, sizeof(types) / sizeof(types[0]));
	for (unsigned i = 0; i < 8; i++) {
		cr_assert(modtree_rebuild(&board.machine));
		/* One more part each time: 0, 0, 1, 3, 6, 10, 15, 21 */
		expect_trees(i ? (size_t)i * (i - 1) / 2 : 0);
		add_module(i, i);
	}
	cr_expect_not(board.machine.run.has_ended);
}

Test(dryrun_modtree, of_each_number_of_nodes)
{
	open_with(types, sizeof(types) / sizeof(types[0]));
	for (unsigned i = 0; i < 20; i++) {
		add_module(i, 1);
		cr_assert(modtree_rebuild(&board.machine));
		expect_trees(i + 1);
	}
}

Test(dryrun_modtree, of_an_older_kernel)
{
	open_with(older_types, sizeof(older_types) / sizeof(older_types[0]));
	add_module(0, 2);
	add_module(1, 1); /* its init is over */
	add_module(2, 2);
	cr_assert(modtree_rebuild(&board.machine));
	expect_trees(5);
}

Test(dryrun_modtree, a_kernel_without_it)
{
	open_with(no_tree_types, sizeof(no_tree_types) / sizeof(no_tree_types[0]));
	add_module(0, 2);
	cr_assert(modtree_rebuild(&board.machine));
	cr_expect_eq(board_read(&board, TREE + 8), 0xdead000000000100);
}

/* The list has these modules, both ways. */
static void expect_list(unsigned nr, const unsigned which[])
{
	uint64_t at = MODULES;

	for (unsigned i = 0; i < nr; i++) {
		uint64_t next = board_read(&board, at);

		cr_expect_eq(next, module_at(which[i]) + LIST);
		cr_expect_eq(board_read(&board, next + 8), at);
		at = next;
	}
	cr_expect_eq(board_read(&board, at), MODULES);
	cr_expect_eq(board_read(&board, MODULES + 8), at);
}

Test(dryrun_modtree, what_comes_and_goes_is_left_out)
{
	open_with(types, sizeof(types) / sizeof(types[0]));
	for (unsigned i = 0; i < 4; i++)
		add_module(i, 2);
	/* The second one is gone for the third, not for the first. */
	put(module_at(2) + LIST + 8, module_at(0) + LIST);
	cr_assert(modtree_rebuild(&board.machine));
	expect_list(2, (const unsigned[]){2, 3});
	expect_trees(4);
	/* And the last one's memory. */
	put(module_at(3) + LIST, 0xdead000000000100);
	cr_assert(modtree_rebuild(&board.machine));
	cr_expect_eq(board_read(&board, MODULES), MODULES);
	cr_expect_eq(board_read(&board, MODULES + 8), MODULES);
	expect_trees(0);
	cr_expect_not(board.machine.run.has_ended);
}

Test(dryrun_modtree, one_that_cannot_be_read_is_left_out)
{
	open_with(types, sizeof(types) / sizeof(types[0]));
	add_module(0, 2);
	add_module(1, 2);
	put(module_at(1) + LIST + 8, BOARD_NOTHING);
	cr_assert(modtree_rebuild(&board.machine));
	expect_list(1, (const unsigned[]){1});
	expect_trees(2);
}

Test(dryrun_modtree, a_list_without_an_end)
{
	open_with(types, sizeof(types) / sizeof(types[0]));
	add_module(0, 0);
	add_module(1, 0);
	add_module(2, 0);
	/* Round and round, each entry's neighbours as they should be. */
	put(module_at(1) + LIST + 8, module_at(1) + LIST);
	put(module_at(1) + LIST, module_at(1) + LIST);
	put(module_at(2) + LIST + 8, module_at(1) + LIST);
	cr_assert(modtree_rebuild(&board.machine));
	expect_list(1, (const unsigned[]){2});
}
