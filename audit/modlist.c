/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's list of modules as it was at one moment. */
#include "audit/modlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kcore/array.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_MODULES = 4096 };
/* A module's load takes some milliseconds, and the list stands still most of them. */
enum { MAX_TRIES = 24, BETWEEN_TRIES_MS = 5 };

/* Where the structures keep what; from BTF. */
struct layout {
	uint32_t list, name, state;
	bool has_generation;
	uint32_t sysfs; /* of the pointer to its kernfs_node, in struct module */
	uint32_t id;	/* in kernfs_node */
};

/* fs/kernfs/dir.c: __kernfs_new_node() numbers the nodes (5.5 and newer have one 64-bit
 * number; before it another form, which is not looked for).
 */
static void find_generation(const struct types *types, struct layout *layout)
{
	uint32_t object, kobj, node, bytes;

	layout->has_generation =
		types_offset(types, "module", "mkobj", &object) == 0 &&
		types_offset(types, "module_kobject", "kobj", &kobj) == 0 &&
		types_offset(types, "kobject", "sd", &node) == 0 &&
		types_offset(types, "kernfs_node", "id", &layout->id) == 0 &&
		types_size(types, "kernfs_node", &bytes) == 0 && layout->id + 8 <= bytes;
	if (layout->has_generation)
		layout->sysfs = object + kobj + node;
}

static int find_layout(const struct types *types, struct layout *ret)
{
	int r = types_offset(types, "module", "list", &ret->list);

	if (r == 0)
		r = types_offset(types, "module", "name", &ret->name);
	if (r == 0)
		r = types_offset(types, "module", "state", &ret->state);
	if (r == 0)
		find_generation(types, ret);
	return r;
}

static int read_word(struct kernel *kernel, uint64_t va, uint64_t *ret)
{
	return kernel_read_cached(kernel, va, ret, sizeof(*ret));
}

/* A module that is not set up yet has no entry in sysfs. */
static uint64_t read_generation(struct kernel *kernel, const struct layout *layout,
				uint64_t address)
{
	uint64_t node, id = 0;

	if (!layout->has_generation ||
	    read_word(kernel, address + layout->sysfs, &node) < 0 || !node ||
	    read_word(kernel, node + layout->id, &id) < 0)
		return 0;
	return id;
}

static bool is_text(const char *name)
{
	for (size_t i = 0; i < MODLIST_NAME_BYTES; i++) {
		if (name[i] == '\0')
			return true;
		if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] >= 0x7f)
			return false;
	}
	return false;
}

static int read_member(struct kernel *kernel, const struct layout *layout, uint64_t node,
		       struct modlist_member *ret)
{
	uint64_t address = node - layout->list;
	struct modlist_member member = {.address = address, .node = node};

	if (read_word(kernel, node + 8, &member.back) < 0 ||
	    kernel_read_cached(kernel, address + layout->state, &member.state,
			       sizeof(member.state)) < 0 ||
	    kernel_read_cached(kernel, address + layout->name, member.name,
			       sizeof(member.name)) < 0 ||
	    !is_text(member.name))
		return -EFAULT;
	member.generation = read_generation(kernel, layout, address);
	*ret = member;
	return 0;
}

/* Fills @list, which is empty. Returns 0 or -ENOMEM. */
static int walk(struct modlist *list, struct kernel *kernel, const struct layout *layout)
{
	uint64_t node;

	list->error = read_word(kernel, list->head, &node);
	while (list->error == 0 && node != list->head) {
		if (list->nr == MAX_MODULES) {
			list->error = -ELOOP;
			break;
		}
		if (array_reserve(&list->array, list->nr, &list->room,
				  sizeof(*list->array)) < 0)
			return -ENOMEM;
		list->error = read_member(kernel, layout, node, &list->array[list->nr]);
		if (list->error == 0) {
			list->nr++;
			list->error = read_word(kernel, node, &node);
		}
	}
	return 0;
}

static bool is_same(const struct modlist_member *a, const struct modlist_member *b)
{
	return a->address == b->address && a->state == b->state &&
	       a->generation == b->generation && strcmp(a->name, b->name) == 0;
}

static bool is_same_list(const struct modlist *a, const struct modlist *b)
{
	if (a->nr != b->nr || a->error != b->error)
		return false;
	for (size_t i = 0; i < a->nr; i++)
		if (!is_same(&a->array[i], &b->array[i]) ||
		    a->array[i].back != b->array[i].back)
			return false;
	return true;
}

static int take_settled(struct modlist *list, struct kernel *kernel,
			const struct layout *layout)
{
	const struct timespec wait = {.tv_nsec = BETWEEN_TRIES_MS * 1000000L};

	for (int i = 0; i < MAX_TRIES; i++) {
		struct modlist next = {.head = list->head};
		int r;
		bool has_settled;

		if (i)
			nanosleep(&wait, NULL);
		pagecache_close(&kernel->cache);
		r = walk(&next, kernel, layout);
		if (r < 0) {
			modlist_free(&next);
			return r;
		}
		has_settled = i && is_same_list(list, &next);
		free(list->array);
		*list = next;
		if (has_settled)
			return 0;
	}
	list->error = -EAGAIN;
	return 0;
}

int modlist_take(struct modlist *ret, struct kernel *kernel)
{
	struct modlist list = {.head = kernel->labels[LABEL_MODULES]};
	struct layout layout = {0};
	int r = 0;

	if (!list.head || find_layout(&kernel->types, &layout) < 0)
		list.error = -ENOENT;
	else if (kernel->is_live)
		r = take_settled(&list, kernel, &layout);
	else
		r = walk(&list, kernel, &layout);
	if (r < 0)
		modlist_free(&list);
	else
		*ret = list;
	return r;
}

void modlist_free(struct modlist *list)
{
	free(list->array);
	*list = (struct modlist){0};
}

bool modlist_has_live(const struct modlist *list, const struct modlist_member *member)
{
	for (size_t i = 0; i < list->nr; i++)
		if (is_same(&list->array[i], member))
			return member->state == MODLIST_LIVE;
	return false;
}
