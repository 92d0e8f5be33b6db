/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree by which the kernel finds the module of an address. */
#include "dryrun/modtree.h"

#ifdef KWCHECK_UNICORN

#include <stdlib.h>

#include "dryrun/kernelcall.h"
#include "dryrun/modstruct.h"
#include "dryrun/reason.h"
#include "kcore/array.h"
#include "machine/cpu.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_ENTRIES = 4096 };
/* include/linux/rbtree_types.h: struct rb_node; its parent's lowest bit is the colour. */
enum { NODE_PARENT, NODE_RIGHT, NODE_LEFT, NODE_WORDS, NODE_BLACK = 1 };
/* include/linux/rbtree_latch.h: readers take one tree while the other is changed. */
enum { NR_TREES = 2 };

struct layout {
	uint64_t modules, root;	   /* the list's head; tree[] of mod_tree */
	uint32_t list;		   /* in struct module */
	uint32_t base, size, node; /* in one part of its memory: its node[] */
	struct modstruct_parts parts;
};

struct part {
	uint64_t base, node;
};

struct parts {
	struct part *array;
	size_t nr, room;
};

static bool find_layout(struct kernel *kernel, struct layout *ret)
{
	struct types *types = &kernel->types;
	uint32_t size_bytes, root, tree, mtn, node, nodes;
	const char *part;

	if (!modstruct_find_parts(types, &ret->parts))
		return false;
	part = ret->parts.type;
	if (!symbols_address(&kernel->symbols, "modules", &ret->modules) ||
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
	for (size_t i = 0; i < layout->parts.nr; i++) {
		uint64_t at = module + layout->parts.offsets[i];
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

/* Which pointer of struct list_head leads on. */
enum way { NEXT, PREVIOUS };

/* follow_list - leaves out of the machine's list at @head what was coming or going
 * It is followed on the @way to where an entry and the one before it do not agree, or
 * @each does not take one; what comes behind that is not in the list any more. false: the
 * list does not end.
 */
static bool follow_list(struct machine *machine, uint64_t head, enum way way,
			bool (*each)(void *ctx, uint64_t entry), void *ctx)
{
	uint64_t last = head, around[2];

	if (machine_read(machine, head, around, sizeof(around)) < 0)
		return false;
	for (size_t i = 0; i < MAX_ENTRIES; i++) {
		uint64_t at = around[way];

		if (at == head || machine_read(machine, at, around, sizeof(around)) < 0 ||
		    around[!way] != last || (each && !each(ctx, at))) {
			machine_write(machine, last + 8 * way, &head, sizeof(head));
			machine_write(machine, head + 8 * !way, &last, sizeof(last));
			return true;
		}
		last = at;
	}
	return false;
}

struct reading {
	struct machine *machine;
	const struct layout *layout;
	struct parts *parts;
};

/* The parts of a module go to the others, all of them or none. */
static bool take_module(void *ctx, uint64_t entry)
{
	const struct reading *reading = ctx;
	size_t nr = reading->parts->nr;

	if (add_module(reading->machine, reading->layout, entry - reading->layout->list,
		       reading->parts))
		return true;
	reading->parts->nr = nr;
	return false;
}

/* Modules come at the front, and the old ones stay. */
static bool read_modules(struct machine *machine, const struct layout *layout,
			 struct parts *parts)
{
	struct reading reading = {machine, layout, parts};

	if (!follow_list(machine, layout->modules, PREVIOUS, take_module, &reading))
		return is_torn(machine);
	return !machine->run.has_ended;
}

/* The objects of /sys/module, which come at the end. */
static void cut_objects(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint64_t symbol, kset;
	uint32_t list;

	if (symbols_address(&kernel->symbols, "module_kset", &symbol) &&
	    types_offset(&kernel->types, "kset", "list", &list) == 0 &&
	    machine_read_pointer(machine, symbol, &kset))
		follow_list(machine, kset + list, NEXT, NULL, NULL);
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
	is_read = read_modules(machine, &layout, &parts);
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
