/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ftrace may patch. Not every such place is where a symbol is: of a weak function
 * that another one replaced the code is still there.
 */
#include "unchanged/ftracesites.h"

#include <errno.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"

enum { MAX_GROUPS = 64 * 1024, MAX_RECORDS = 1 << 16, MAX_RECORD_BYTES = 64 };

/* struct ftrace_page and the dyn_ftrace that its records are. */
struct layout {
	uint32_t next, records, index, record_bytes, ip;
};

void ftracesites_want(struct audit *audit)
{
	audit_want(audit, "ftrace_pages_start");
}

static int read_layout(const struct types *types, struct layout *ret)
{
	static const char page[] = "ftrace_page", record[] = "dyn_ftrace";
	struct layout layout;

	if (types_offset(types, page, "next", &layout.next) < 0 ||
	    types_offset(types, page, "records", &layout.records) < 0 ||
	    types_offset(types, page, "index", &layout.index) < 0 ||
	    types_offset(types, record, "ip", &layout.ip) < 0 ||
	    types_size(types, record, &layout.record_bytes) < 0 ||
	    layout.record_bytes > MAX_RECORD_BYTES ||
	    layout.ip + sizeof(uint64_t) > layout.record_bytes)
		return -ENOENT;
	*ret = layout;
	return 0;
}

static int take_records(struct ftracesites *sites, const struct mappings *mappings,
			const struct layout *layout, uint64_t records, uint32_t nr)
{
	_cleanup_free_ unsigned char *bytes = NULL;

	if (nr > MAX_RECORDS)
		return -EINVAL;
	bytes = calloc(nr + 1, layout->record_bytes);
	if (!bytes)
		return -ENOMEM;
	if (mappings_read(mappings, records, bytes, (size_t)nr * layout->record_bytes) <
	    0)
		return -EFAULT;
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t va;

		memcpy(&va, bytes + (size_t)i * layout->record_bytes + layout->ip,
		       sizeof(va));
		if (array_reserve(&sites->array, sites->nr, &sites->room, sizeof(va)) < 0)
			return -ENOMEM;
		sites->array[sites->nr++] = va;
	}
	return 0;
}

static int take_groups(struct ftracesites *sites, const struct mappings *mappings,
		       const struct layout *layout, uint64_t group)
{
	for (size_t i = 0; group; i++) {
		uint64_t records = 0, next = 0;
		uint32_t nr = 0;
		int r = -EINVAL;

		if (i < MAX_GROUPS)
			r = mappings_read_word(mappings, group + layout->records,
					       &records);
		if (r == 0)
			r = mappings_read(mappings, group + layout->index, &nr,
					  sizeof(nr));
		if (r == 0)
			r = take_records(sites, mappings, layout, records, nr);
		if (r == 0)
			r = mappings_read_word(mappings, group + layout->next, &next);
		if (r < 0)
			return r;
		group = next;
	}
	return 0;
}

int ftracesites_take(struct ftracesites *ret, const struct audit *audit)
{
	struct ftracesites sites = {0};
	struct layout layout;
	uint64_t group;
	int r = -ENOENT;

	if (audit_symbol(audit, "ftrace_pages_start", &group) &&
	    read_layout(&audit->kernel->types, &layout) == 0 &&
	    mappings_read_word(&audit->mappings, group, &group) == 0)
		r = take_groups(&sites, &audit->mappings, &layout, group);
	if (r < 0) {
		ftracesites_free(&sites);
	} else {
		if (sites.nr)
			qsort(sites.array, sites.nr, sizeof(*sites.array), array_compare);
		sites.is_known = true;
	}
	*ret = sites;
	return r == -ENOMEM ? r : 0;
}

void ftracesites_free(struct ftracesites *sites)
{
	free(sites->array);
	*sites = (struct ftracesites){0};
}

bool ftracesites_has(const struct ftracesites *sites, uint64_t va)
{
	size_t i = array_below(sites->array, sites->nr, sizeof(va), 0, va);

	return i < sites->nr && sites->array[i] == va;
}
