/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's tables of exported symbols, found in its image where no name tells of
 * them.
 */
#include "kcore/ksymtab.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "kcore/constants.h"
#include "kcore/x86.h"

/* The smallest kernel that loads modules exports some thousand symbols. */
enum { MIN_ENTRIES = 128 };
/* A per-CPU symbol is exported by its offset, up to 6.14. */
static const uint64_t MAX_PER_CPU_BYTES = 64 * 1024 * 1024;

/* Where the field at @va leads to. */
static uint64_t target_of(const struct constants *area, uint64_t va)
{
	int32_t distance;

	memcpy(&distance, area->bytes + (va - area->va), sizeof(distance));
	return va + (uint64_t)(int64_t)distance;
}

static bool holds(const struct constants *area, uint64_t va)
{
	return va >= area->va && va - area->va < area->size_bytes;
}

/* The name of the entry at @va; NULL: what is there is no entry. */
static const char *name_at(const struct constants *area, uint64_t va)
{
	uint64_t value, name, namespace;
	const char *text;

	if (!holds(area, va) || !holds(area, va + KSYMTAB_ENTRY_BYTES - 1))
		return NULL;
	name = target_of(area, va + KSYMTAB_NAME_AT);
	if (!holds(area, name))
		return NULL;
	text = (const char *)area->bytes + (name - area->va);
	if (!isalpha((unsigned char)*text) && *text != '_')
		return NULL;
	value = target_of(area, va + KSYMTAB_VALUE_AT);
	namespace = target_of(area, va + KSYMTAB_NAMESPACE_AT);
	if ((value < X86_IMAGE_BASE || value >= X86_MODULES_START) &&
	    value >= MAX_PER_CPU_BYTES)
		return NULL;
	return namespace == va + KSYMTAB_NAMESPACE_AT || holds(area, namespace)
		       ? memchr(text, '\0', area->size_bytes - (name - area->va)) ? text
										  : NULL
		       : NULL;
}

/* The end of the table that begins at @va: entries with ascending names. */
static uint64_t table_end(const struct constants *area, uint64_t va)
{
	const char *previous = "", *name;

	for (; (name = name_at(area, va)) && strcmp(previous, name) < 0;
	     va += KSYMTAB_ENTRY_BYTES)
		previous = name;
	return va;
}

static void include_string(const struct constants *area, uint64_t va,
			   struct ksymtab *tables)
{
	const char *text = (const char *)area->bytes + (va - area->va);
	uint64_t end = va + strnlen(text, area->size_bytes - (va - area->va)) + 1;

	if (va < tables->strings)
		tables->strings = va;
	if (end > tables->strings_end)
		tables->strings_end = end;
}

/* The strings of all entries lie together, behind all tables. */
static void find_strings(const struct constants *area, struct ksymtab *tables)
{
	tables->strings = UINT64_MAX;
	for (uint64_t va = tables->start; va < tables->end; va += KSYMTAB_ENTRY_BYTES) {
		uint64_t namespace = target_of(area, va + KSYMTAB_NAMESPACE_AT);

		include_string(area, target_of(area, va + KSYMTAB_NAME_AT), tables);
		if (namespace != va + KSYMTAB_NAMESPACE_AT)
			include_string(area, namespace, tables);
	}
}

/* What lies between the entries and their strings: nothing, CRCs, flags, or both. The
 * size tells which.
 */
static void find_rest(struct ksymtab *tables)
{
	uint64_t nr = (tables->end - tables->start) / KSYMTAB_ENTRY_BYTES,
		 gap = tables->strings - tables->end, flags_bytes = tables->gpl ? 0 : nr;

	if (gap == 4 * nr + flags_bytes)
		tables->crcs = tables->end;
	else if (gap != flags_bytes)
		tables->is_crc_unknown = true;
	if (flags_bytes && !tables->is_crc_unknown)
		tables->flags = tables->end + gap - flags_bytes;
}

/* Tables in @area; their number goes up by one for each candidate. */
static void search(const struct constants *area, struct ksymtab *ret, size_t *nr)
{
	uint64_t end = area->va + area->size_bytes, next;

	for (uint64_t va = area->va; va < end; va = next) {
		struct ksymtab tables = {.start = va};

		next = va + 4;
		tables.end = table_end(area, va);
		if (tables.end - va < MIN_ENTRIES * KSYMTAB_ENTRY_BYTES)
			continue;
		next = table_end(area, tables.end);
		if (next > tables.end)
			tables.gpl = tables.end;
		tables.end = next;
		find_strings(area, &tables);
		find_rest(&tables);
		*ret = tables;
		++*nr;
	}
}

int ksymtab_find(struct kernel *kernel, struct ksymtab *ret)
{
	struct ksymtab tables;
	struct constants area = {0};
	size_t nr = 0;
	int r;

	while ((r = constants_next(&area, kernel)) == 0)
		search(&area, &tables, &nr);
	constants_close(&area);
	if (r != -ENOENT)
		return r;
	if (nr != 1)
		return -ENOENT;
	*ret = tables;
	return 0;
}

int ksymtab_each(struct kernel *kernel, const struct ksymtab *tables, ksymtab_fn each,
		 void *ctx)
{
	char name[KALLSYMS_NAME_BYTES];
	int r = 0;

	for (uint64_t va = tables->start; r == 0 && va < tables->end;
	     va += KSYMTAB_ENTRY_BYTES) {
		int32_t entry[3];

		r = kernel_read_cached(kernel, va, entry, sizeof(entry));
		if (r == 0)
			r = kernel_read_string(kernel, kernel_read_cached,
					       va + KSYMTAB_NAME_AT +
						       (uint64_t)(int64_t)entry[1],
					       name, sizeof(name));
		if (r == 0)
			r = each(ctx, name, va + (uint64_t)(int64_t)entry[0]);
	}
	return r;
}
