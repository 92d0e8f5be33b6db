/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a capture one moment of its kernel? */
#include "kcore/steady.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/vmcoreinfo.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_MODULES = 4096 };
/* Intel SDM vol. 3A 4.5: accessed and dirty, which the CPU sets. */
static const uint64_t SET_BY_CPU = 1 << 5 | 1 << 6;

static int read_module(struct kernel *kernel, uint64_t at, uint32_t name_at,
		       struct steady_list *ret, size_t *room)
{
	struct steady_module *module;

	if (array_reserve(&ret->array, ret->nr, room, sizeof(*ret->array)) < 0)
		return -ENOMEM;
	module = &ret->array[ret->nr];
	module->at = at;
	if (kernel_read_string(kernel, kernel_read, at + name_at, module->name,
			       sizeof(module->name)) < 0)
		return -EFAULT;
	ret->nr++;
	return 0;
}

int steady_read_list(struct kernel *kernel, struct steady_list *ret)
{
	uint64_t head = kernel->labels[LABEL_MODULES], node = head;
	uint32_t list_at, name_at;
	size_t room = 0;
	int r = 0;

	*ret = (struct steady_list){0};
	if (!head || types_offset(&kernel->types, "module", "list", &list_at) < 0 ||
	    types_offset(&kernel->types, "module", "name", &name_at) < 0)
		return 0;
	while (r == 0) {
		r = kernel_read(kernel, node, &node, sizeof(node));
		if (r == 0 && node == head)
			ret->is_known = true;
		if (r < 0 || node == head || ret->nr == MAX_MODULES)
			break;
		r = read_module(kernel, node - list_at, name_at, ret, &room);
	}
	return r == -ENOMEM ? r : 0;
}

void steady_free_list(struct steady_list *list)
{
	free(list->array);
	*list = (struct steady_list){0};
}

void steady_add_table(struct steady *steady, const uint64_t before[],
		      const uint64_t after[], size_t nr_entries)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < nr_entries; i++)
		nr += ((before[i] ^ after[i]) & ~SET_BY_CPU) != 0;
	steady->nr_tables++;
	steady->nr_tables_changed += nr > 0;
	steady->nr_entries_changed += nr;
}

static bool has_module(const struct steady_list *list, const struct steady_module *module)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->array[i].at == module->at &&
		    strcmp(list->array[i].name, module->name) == 0)
			return true;
	return false;
}

static void add_changed(struct steady *steady, const struct steady_list *list,
			const struct steady_list *other)
{
	for (size_t i = 0; i < list->nr; i++) {
		const char *name = list->array[i].name;
		size_t used = strlen(steady->names);

		if (has_module(other, &list->array[i]))
			continue;
		steady->nr_modules_changed++;
		/* One that came back at another place is in both lists. */
		if (!strstr(steady->names, name) &&
		    used + strlen(name) + 2 < STEADY_NAMES_BYTES)
			sprintf(steady->names + used, "%s%s", used ? "," : "", name);
	}
}

void steady_add_lists(struct steady *steady, const struct steady_list *before,
		      const struct steady_list *after)
{
	steady->has_modules = before->is_known && after->is_known;
	if (!steady->has_modules)
		return;
	steady->nr_modules = before->nr;
	add_changed(steady, before, after);
	add_changed(steady, after, before);
}

void steady_text(const struct steady *steady, char ret[STEADY_TEXT_BYTES])
{
	memset(ret, 0, STEADY_TEXT_BYTES);
	snprintf(ret, STEADY_TEXT_BYTES,
		 "TABLES=%" PRIu64 "\nTABLES_CHANGED=%" PRIu64
		 "\nENTRIES_CHANGED=%" PRIu64 "\nHAS_MODULES=%d\nMODULES=%" PRIu64
		 "\nMODULES_CHANGED=%" PRIu64 "\nNAMES=%s\n",
		 steady->nr_tables, steady->nr_tables_changed, steady->nr_entries_changed,
		 steady->has_modules, steady->nr_modules, steady->nr_modules_changed,
		 steady->names);
}

static int parse_number(const struct vmcoreinfo *info, const char *key, uint64_t *ret)
{
	char value[32], *end;

	if (vmcoreinfo_string(info, key, value, sizeof(value)) < 0)
		return -EINVAL;
	*ret = strtoull(value, &end, 10);
	return *end || end == value ? -EINVAL : 0;
}

int steady_parse(struct steady *ret, const char *text, size_t size_bytes)
{
	const struct vmcoreinfo info = {.text = text,
					.size_bytes = strnlen(text, size_bytes)};
	struct steady steady = {0};
	uint64_t has_modules = 0;
	const struct {
		const char *key;
		uint64_t *to;
	} numbers[] = {
		{"TABLES", &steady.nr_tables},
		{"TABLES_CHANGED", &steady.nr_tables_changed},
		{"ENTRIES_CHANGED", &steady.nr_entries_changed},
		{"HAS_MODULES", &has_modules},
		{"MODULES", &steady.nr_modules},
		{"MODULES_CHANGED", &steady.nr_modules_changed},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (parse_number(&info, numbers[i].key, numbers[i].to) < 0)
			return -EINVAL;
	if (vmcoreinfo_string(&info, "NAMES", steady.names, sizeof(steady.names)) < 0)
		steady.names[0] = '\0';
	steady.has_modules = has_modules;
	*ret = steady;
	return 0;
}

bool steady_is_one_moment(const struct steady *steady)
{
	return steady->nr_tables_changed == 0 && steady->nr_modules_changed == 0;
}

void steady_words(const struct steady *steady, char *ret, size_t room)
{
	int used = snprintf(
		ret, room,
		"%" PRIu64 " of %" PRIu64 " page tables changed (%" PRIu64 " entries); ",
		steady->nr_tables_changed, steady->nr_tables, steady->nr_entries_changed);

	if (used < 0 || (size_t)used >= room)
		return;
	ret += used;
	room -= (size_t)used;
	if (!steady->has_modules)
		snprintf(ret, room, "whether modules came or went is not known");
	else if (steady->nr_modules_changed)
		snprintf(ret, room, "modules came or went: %s", steady->names);
	else
		snprintf(ret, room, "no module came or went");
}
