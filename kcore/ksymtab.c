/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's tables of exported symbols, found in its image where no name tells of
 * them.
 */
#include "kcore/ksymtab.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/x86.h"

/* The smallest kernel that loads modules exports some thousand symbols. */
enum { MIN_ENTRIES = 128 };
enum { MAX_AREA_BYTES = 64 * 1024 * 1024, MAX_HOLE_BYTES = 64 * 1024 * 1024 };
/* A per-CPU symbol is exported by its offset, up to 6.14. */
static const uint64_t MAX_PER_CPU_BYTES = 64 * 1024 * 1024;

/* Constants of the image, in one piece; pages that cannot be read are zeros. */
struct area {
	uint64_t va, size_bytes;
	unsigned char *bytes;
};

/* The next piece of the image from @va on that can be neither written nor executed. Init
 * memory that was freed is a hole in the image; behind a large one is something else.
 */
static bool find_area(struct kernel *kernel, uint64_t va, struct area *ret)
{
	uint64_t hole_bytes = 0;

	ret->va = ret->size_bytes = 0;
	while (va >= X86_IMAGE_BASE && va < X86_MODULES_START &&
	       hole_bytes < MAX_HOLE_BYTES) {
		struct pt_walk walk;
		uint64_t bytes;

		kernel_walk_cached(kernel, va, &walk);
		bytes = walk.span - va % walk.span;
		hole_bytes = walk.reason == PT_OK ? 0 : hole_bytes + bytes;
		if (walk.reason == PT_OK && walk.verdict == PT_READ_ONLY && walk.nx) {
			if (!ret->size_bytes)
				ret->va = va;
			ret->size_bytes += bytes;
		} else if (ret->size_bytes) {
			return true;
		}
		va += bytes;
	}
	return ret->size_bytes > 0;
}

static int read_area(struct kernel *kernel, struct area *area)
{
	if (area->size_bytes > MAX_AREA_BYTES)
		area->size_bytes = MAX_AREA_BYTES;
	area->bytes = calloc(1, area->size_bytes);
	if (!area->bytes)
		return -ENOMEM;
	for (uint64_t at = 0; at < area->size_bytes; at += PAGE_BYTES)
		kernel_read_cached(kernel, area->va + at, area->bytes + at, PAGE_BYTES);
	return 0;
}

/* Where the field at @va leads to. */
static uint64_t target_of(const struct area *area, uint64_t va)
{
	int32_t distance;

	memcpy(&distance, area->bytes + (va - area->va), sizeof(distance));
	return va + (uint64_t)(int64_t)distance;
}

static bool holds(const struct area *area, uint64_t va)
{
	return va >= area->va && va - area->va < area->size_bytes;
}

/* The name of the entry at @va; NULL: what is there is no entry. */
static const char *name_at(const struct area *area, uint64_t va)
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
static uint64_t table_end(const struct area *area, uint64_t va)
{
	const char *previous = "", *name;

	for (; (name = name_at(area, va)) && strcmp(previous, name) < 0;
	     va += KSYMTAB_ENTRY_BYTES)
		previous = name;
	return va;
}

static void include_string(const struct area *area, uint64_t va, struct ksymtab *tables)
{
	const char *text = (const char *)area->bytes + (va - area->va);
	uint64_t end = va + strnlen(text, area->size_bytes - (va - area->va)) + 1;

	if (va < tables->strings)
		tables->strings = va;
	if (end > tables->strings_end)
		tables->strings_end = end;
}

/* The strings of all entries lie together, behind all tables. */
static void find_strings(const struct area *area, struct ksymtab *tables)
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
static void search(const struct area *area, struct ksymtab *ret, size_t *nr)
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
	struct area area = {0};
	uint64_t va = 0;
	size_t nr = 0;
	int r = vmcoreinfo_symbol(&kernel->info, "_stext", &va);

	while (r == 0 && find_area(kernel, va, &area)) {
		_cleanup_free_ unsigned char *bytes = NULL;

		va = area.va + area.size_bytes;
		r = read_area(kernel, &area);
		bytes = area.bytes;
		if (r == 0)
			search(&area, &tables, &nr);
	}
	if (r < 0)
		return r;
	if (nr != 1)
		return -ENOENT;
	*ret = tables;
	return 0;
}
