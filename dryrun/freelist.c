/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free memory that a CPU or a node keeps at hand. */
#include "dryrun/freelist.h"

#ifdef KWCHECK_UNICORN

#include "machine/cpu.h"

/* No list goes on for longer than this: a list that is read while it changes may lead
 * anywhere.
 */
enum { MAX_NODES = 64, MAX_CACHES = 4096, MAX_ZONES = 8, MAX_LISTS = 64 };

enum member {
	CACHE_LIST = 0,
	CACHE_NODE,
	CACHE_CPU_SLAB,
	CACHE_CPU_SHEAVES,
	CPU_FREELIST,
	CPU_PAGE,
	CPU_SLAB,
	CPU_PARTIAL,
	SHEAVES_SPARE,
	SHEAVES_MAIN,
	SHEAF_SIZE,
	NODE_NR_PARTIAL,
	NODE_PARTIAL,
	NODE_BARN,
	BARN_NR_FULL,
	BARN_NR_EMPTY,
	BARN_FULL,
	BARN_EMPTY,
	ZONE_PAGESET,
	ZONE_OLD_PAGESET,
	PAGES_COUNT,
	PAGES_LISTS,
	NODE_ZONES,
	NODE_NR_ZONES,
	NR_MEMBERS,
};
_Static_assert((int)NR_MEMBERS <= (int)FREELIST_NR_MEMBERS, "no room");

/* mm/slub.c, mm/slab.h, include/linux/mmzone.h, of all releases from 5.10 on: up to 7.x a
 * CPU has a slab, from 6.18 on sheaves.
 */
static const struct {
	const char *type, *member;
} members[NR_MEMBERS] = {
	[CACHE_LIST] = {"kmem_cache", "list"},
	[CACHE_NODE] = {"kmem_cache", "node"},
	[CACHE_CPU_SLAB] = {"kmem_cache", "cpu_slab"},
	[CACHE_CPU_SHEAVES] = {"kmem_cache", "cpu_sheaves"},
	[CPU_FREELIST] = {"kmem_cache_cpu", "freelist"},
	[CPU_PAGE] = {"kmem_cache_cpu", "page"},
	[CPU_SLAB] = {"kmem_cache_cpu", "slab"},
	[CPU_PARTIAL] = {"kmem_cache_cpu", "partial"},
	[SHEAVES_SPARE] = {"slub_percpu_sheaves", "spare"},
	[SHEAVES_MAIN] = {"slub_percpu_sheaves", "main"},
	[SHEAF_SIZE] = {"slab_sheaf", "size"},
	[NODE_NR_PARTIAL] = {"kmem_cache_node", "nr_partial"},
	[NODE_PARTIAL] = {"kmem_cache_node", "partial"},
	[NODE_BARN] = {"kmem_cache_node", "barn"},
	[BARN_NR_FULL] = {"node_barn", "nr_full"},
	[BARN_NR_EMPTY] = {"node_barn", "nr_empty"},
	[BARN_FULL] = {"node_barn", "sheaves_full"},
	[BARN_EMPTY] = {"node_barn", "sheaves_empty"},
	[ZONE_PAGESET] = {"zone", "per_cpu_pageset"},
	[ZONE_OLD_PAGESET] = {"zone", "pageset"},
	[PAGES_COUNT] = {"per_cpu_pages", "count"},
	[PAGES_LISTS] = {"per_cpu_pages", "lists"},
	[NODE_ZONES] = {"pglist_data", "node_zones"},
	[NODE_NR_ZONES] = {"pglist_data", "nr_zones"},
};

/* The lists of one machine. */
struct freelist {
	struct machine *machine;
	const struct freelist_layout *layout;
};

static void learn(struct freelist_layout *layout, struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint64_t va;
	uint32_t offset;

	*layout = (struct freelist_layout){.is_known = true, .nr_nodes = 1};
	for (int i = 0; i < NR_MEMBERS; i++)
		layout->offsets[i] = types_offset(&kernel->types, members[i].type,
						  members[i].member, &offset) == 0
					     ? (int64_t)offset
					     : -1;
	types_size(&kernel->types, "zone", &layout->zone_bytes);
	types_size(&kernel->types, "per_cpu_pages", &layout->pages_bytes);
	symbols_address(&kernel->symbols, "slab_caches", &layout->caches);
	symbols_address(&kernel->symbols, "node_data", &layout->node_data);
	if (symbols_address(&kernel->symbols, "nr_node_ids", &va))
		machine_read(machine, va, &layout->nr_nodes, sizeof(layout->nr_nodes));
	if (layout->nr_nodes > MAX_NODES)
		layout->nr_nodes = MAX_NODES;
}

/* The address of a member of the struct at @va. false: there is no such member. */
static bool address_of(const struct freelist *lists, uint64_t va, enum member member,
		       uint64_t *ret)
{
	int64_t offset = lists->layout->offsets[member];

	*ret = va + (uint64_t)offset;
	return offset >= 0;
}

static bool read_pointer(const struct freelist *lists, uint64_t va, uint64_t *ret)
{
	return machine_read_pointer(lists->machine, va, ret) && *ret;
}

static void clear(const struct freelist *lists, uint64_t va, enum member member,
		  size_t size_bytes)
{
	static const uint64_t zero;

	if (address_of(lists, va, member, &va))
		machine_write(lists->machine, va, &zero, size_bytes);
}

static void make_empty(const struct freelist *lists, uint64_t head)
{
	const uint64_t words[2] = {head, head};

	machine_write(lists->machine, head, words, sizeof(words));
}

static void empty_list(const struct freelist *lists, uint64_t va, enum member member)
{
	if (address_of(lists, va, member, &va))
		make_empty(lists, va);
}

/* What the pointer in @member points to. */
static bool follow(const struct freelist *lists, uint64_t va, enum member member,
		   uint64_t *ret)
{
	return address_of(lists, va, member, &va) && read_pointer(lists, va, ret);
}

static void empty_cpu(const struct freelist *lists, uint64_t cache)
{
	uint64_t at, sheaf;

	if (follow(lists, cache, CACHE_CPU_SLAB, &at)) {
		at += lists->machine->per_cpu;
		clear(lists, at, CPU_FREELIST, 8);
		clear(lists, at, CPU_PAGE, 8);
		clear(lists, at, CPU_SLAB, 8);
		clear(lists, at, CPU_PARTIAL, 8);
	}
	if (follow(lists, cache, CACHE_CPU_SHEAVES, &at)) {
		at += lists->machine->per_cpu;
		clear(lists, at, SHEAVES_SPARE, 8);
		if (follow(lists, at, SHEAVES_MAIN, &sheaf))
			clear(lists, sheaf, SHEAF_SIZE, 4);
	}
}

static void empty_node(const struct freelist *lists, uint64_t node)
{
	uint64_t barn;

	clear(lists, node, NODE_NR_PARTIAL, 8);
	empty_list(lists, node, NODE_PARTIAL);
	if (!follow(lists, node, NODE_BARN, &barn))
		return;
	clear(lists, barn, BARN_NR_FULL, 4);
	clear(lists, barn, BARN_NR_EMPTY, 4);
	empty_list(lists, barn, BARN_FULL);
	empty_list(lists, barn, BARN_EMPTY);
}

static void empty_caches(const struct freelist *lists)
{
	const struct freelist_layout *layout = lists->layout;
	uint64_t head = layout->caches, entry = head, nodes, node;

	if (!head || layout->offsets[CACHE_LIST] < 0)
		return;
	for (unsigned nr = 0;
	     nr < MAX_CACHES && read_pointer(lists, entry, &entry) && entry != head;
	     nr++) {
		uint64_t cache = entry - (uint64_t)layout->offsets[CACHE_LIST];

		empty_cpu(lists, cache);
		if (!address_of(lists, cache, CACHE_NODE, &nodes))
			continue;
		for (uint32_t i = 0; i < layout->nr_nodes; i++)
			if (read_pointer(lists, nodes + 8 * i, &node))
				empty_node(lists, node);
	}
}

/* A CPU's pages of one zone; the lists are last in their struct. */
static void empty_zone(const struct freelist *lists, uint64_t zone)
{
	const struct freelist_layout *layout = lists->layout;
	uint64_t at, head, end;

	if (!follow(lists, zone, ZONE_PAGESET, &at) &&
	    !follow(lists, zone, ZONE_OLD_PAGESET, &at))
		return;
	at += lists->machine->per_cpu;
	if (!address_of(lists, at, PAGES_LISTS, &head))
		return;
	end = at + layout->pages_bytes;
	clear(lists, at, PAGES_COUNT, 4);
	for (unsigned i = 0; i < MAX_LISTS && head + 16 <= end; i++, head += 16)
		make_empty(lists, head);
}

static void empty_zones(const struct freelist *lists)
{
	const struct freelist_layout *layout = lists->layout;
	uint64_t node, zones, at_nr;

	if (!layout->node_data || !layout->zone_bytes)
		return;
	for (uint32_t i = 0; i < layout->nr_nodes; i++) {
		uint32_t nr = 0;

		if (!read_pointer(lists, layout->node_data + 8 * i, &node) ||
		    !address_of(lists, node, NODE_ZONES, &zones) ||
		    !address_of(lists, node, NODE_NR_ZONES, &at_nr) ||
		    machine_read(lists->machine, at_nr, &nr, sizeof(nr)) < 0)
			continue;
		for (uint32_t j = 0; j < nr && j < MAX_ZONES; j++)
			empty_zone(lists, zones + (uint64_t)j * layout->zone_bytes);
	}
}

void freelist_empty_all(struct machine *machine, struct freelist_layout *layout)
{
	const struct freelist lists = {.machine = machine, .layout = layout};

	if (!layout->is_known)
		learn(layout, machine);
	empty_caches(&lists);
	empty_zones(&lists);
}

#endif
