/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree by which the kernel finds the module of an address. */
#include "dryrun/modtree.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>

#include "dryrun/kernelcall.h"
#include "dryrun/reason.h"
#include "kcore/array.h"
#include "kcore/modsection.h"
#include "machine/cpu.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_MODULES = 4096 };
/* include/linux/rbtree_types.h: struct rb_node; its parent's lowest bit is the colour. */
enum { NODE_PARENT, NODE_RIGHT, NODE_LEFT, NODE_WORDS, NODE_BLACK = 1 };
/* include/linux/rbtree_latch.h: readers take one tree while the other is changed. */
enum { NR_TREES = 2 };

struct layout {
	uint64_t modules, root;		     /* the list's head; tree[] of mod_tree */
	uint32_t list;			     /* in struct module */
	uint32_t base, size, node;	     /* in one part of its memory: its node[] */
	uint32_t parts[MODSECTION_NR_KINDS]; /* in struct module */
	size_t nr_parts;
};

struct part {
	uint64_t base, node;
};

struct parts {
	struct part *array;
	size_t nr, room;
};

/* 6.4 and newer: struct module_memory mem[], by enum mod_mem_type; before that
 * core_layout and init_layout.
 */
static const char *find_parts(struct types *types, struct layout *ret)
{
	uint32_t mem, size_bytes;

	if (types_offset(types, "module", "mem", &mem) == 0 &&
	    types_size(types, "module_memory", &size_bytes) == 0) {
		for (int kind = 0; kind < MODSECTION_NR_KINDS; kind++) {
			int i = modsection_mem_index(kind);

			if (i >= 0)
				ret->parts[ret->nr_parts++] = mem +
							      (uint32_t)i * size_bytes;
		}
		return "module_memory";
	}
	if (types_offset(types, "module", "core_layout", &ret->parts[0]) < 0 ||
	    types_offset(types, "module", "init_layout", &ret->parts[1]) < 0)
		return NULL;
	ret->nr_parts = 2;
	return "module_layout";
}

static bool find_layout(struct kernel *kernel, struct layout *ret)
{
	struct types *types = &kernel->types;
	uint32_t size_bytes, root, tree, mtn, node, nodes;
	const char *part = find_parts(types, ret);

	if (!part || !symbols_address(&kernel->symbols, "modules", &ret->modules) ||
	    !symbols_address(&kernel->symbols, "mod_tree", &ret->root) ||
	    types_offset(types, "module", "list", &ret->list) < 0 ||
	    types_offset(types, part, "base", &ret->base) < 0 ||
	    types_offset(types, part, "size", &ret->size) < 0 ||
	    types_offset(types, part, "mtn", &mtn) < 0 ||
	    types_offset(types, "mod_tree_node", "node", &node) < 0 ||
	    types_offset(types, "latch_tree_node", "node", &nodes) < 0 ||
	    types_offset(types, "mod_tree_root", "root", &root) < 0 ||
	    types_offset(types, "latch_tree_root", "tree", &tree) < 0 ||
	    types_size(types, "rb_node", &size_bytes) < 0 ||
	    size_bytes != NODE_WORDS * 8 ||
	    types_size(types, "rb_root", &size_bytes) < 0 || size_bytes != 8)
		return false;
	ret->root += root + tree;
	ret->node = mtn + node + nodes;
	return true;
}

/* Ends the machine's run. Returns false. */
static bool is_torn(struct machine *machine)
{
	machine_stop(machine, DRYRUN_CHANGED,
		     "the kernel's list of modules changed while it was read");
	return false;
}

/* false: it cannot be read. Of what there is no memory for the run is over. */
static bool add_module(struct machine *machine, const struct layout *layout,
		       uint64_t module, struct parts *parts)
{
	for (size_t i = 0; i < layout->nr_parts; i++) {
		uint64_t at = module + layout->parts[i];
		struct part part = {.node = at + layout->node};
		uint32_t size_bytes;

		if (machine_read(machine, at + layout->size, &size_bytes, 4) < 0 ||
		    machine_read(machine, at + layout->base, &part.base, 8) < 0)
			return false;
		if (!size_bytes)
			continue;
		if (array_reserve(&parts->array, parts->nr, &parts->room, sizeof(part)) <
		    0)
			return kernelcall_fail(machine, "no memory");
		parts->array[parts->nr++] = part;
	}
	return true;
}

/* Links @entry behind @before in the machine's list. */
static void link_behind(struct machine *machine, uint64_t before, uint64_t entry)
{
	machine_write(machine, before, &entry, sizeof(entry));
	machine_write(machine, entry + 8, &before, sizeof(before));
}

/* Modules come at the front and the old ones stay, so the list is followed from its end
 * up to where an entry and the one behind it do not agree. What is in front of that was
 * coming or going, and is left out.
 */
static bool read_list(struct machine *machine, const struct layout *layout,
		      struct parts *parts)
{
	uint64_t behind = layout->modules, at, around[2]; /* next and previous */
	size_t nr;

	if (machine_read(machine, behind, around, sizeof(around)) < 0)
		return is_torn(machine);
	for (size_t i = 0; i < MAX_MODULES; i++) {
		at = around[1];
		nr = parts->nr;
		if (at == layout->modules || machine_read(machine, at, around, 16) < 0 ||
		    around[0] != behind ||
		    !add_module(machine, layout, at - layout->list, parts)) {
			parts->nr = nr;
			link_behind(machine, layout->modules, behind);
			return !machine->run.has_ended;
		}
		behind = at;
	}
	return is_torn(machine);
}

/* The objects of /sys/module, which come at the end: as far as they agree from the front.
 */
static void cut_objects(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint64_t symbol, head, at, around[2], before;
	uint32_t list;

	if (!symbols_address(&kernel->symbols, "module_kset", &symbol) ||
	    types_offset(&kernel->types, "kset", "list", &list) < 0 ||
	    !machine_read_pointer(machine, symbol, &head) ||
	    !machine_read_pointer(machine, head + list, &at))
		return;
	head += list;
	before = head;
	while (at != head && machine_read(machine, at, around, sizeof(around)) == 0 &&
	       around[1] == before) {
		before = at;
		at = around[0];
	}
	link_behind(machine, before, head);
}

static int compare_bases(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return array_compare(&x->base, &y->base);
}

/* The levels of a tree of @nr nodes in halves; all but the last are full. */
static unsigned levels_of(size_t nr)
{
	unsigned levels = 0;

	for (; nr; nr /= 2)
		levels++;
	return levels;
}

/* put_tree - writes the nodes of @parts, each subtree's in the middle of its own
 * @offset: of this tree's node in a part's node[]. @levels: that are left. The last level
 * is red, so that all ways down meet as many black ones. Returns the topmost node, 0 for
 * none.
 */
static uint64_t put_tree(struct machine *machine, const struct part *parts, size_t nr,
			 uint64_t offset, uint64_t parent, unsigned levels)
{
	bool is_red = levels == 1 && parent;
	uint64_t words[NODE_WORDS], self;
	size_t middle = nr / 2;

	if (!nr)
		return 0;
	self = parts[middle].node + offset;
	words[NODE_PARENT] = parent | (is_red ? 0 : NODE_BLACK);
	words[NODE_LEFT] = put_tree(machine, parts, middle, offset, self, levels - 1);
	words[NODE_RIGHT] = put_tree(machine, parts + middle + 1, nr - middle - 1, offset,
				     self, levels - 1);
	machine_write(machine, self, words, sizeof(words));
	return self;
}

bool modtree_rebuild(struct machine *machine)
{
	struct layout layout = {0};
	struct parts parts = {0};
	bool is_read;

	if (!find_layout(machine->kernel, &layout))
		return true;
	is_read = read_list(machine, &layout, &parts);
	if (is_read)
		cut_objects(machine);
	if (is_read && parts.nr)
		qsort(parts.array, parts.nr, sizeof(*parts.array), compare_bases);
	for (uint64_t i = 0; is_read && i < NR_TREES; i++) {
		uint64_t top = put_tree(machine, parts.array, parts.nr,
					i * NODE_WORDS * 8, 0, levels_of(parts.nr));

		machine_write(machine, layout.root + i * 8, &top, sizeof(top));
	}
	free(parts.array);
	return is_read;
}

#endif
