/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ranges of a map as JSON. */
#include "cmd/map_json.h"

#include "cmd/json.h"

json_t *map_json_range(const struct range *range)
{
	bool is_known = range->reason == PT_OK;

	return json_pack(
		"{s:o, s:o, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:s, s:o, "
		"s:o, s:I}",
		"address", json_address(range->va), "last_address",
		json_address(range->va + (range->size_bytes - 1)), "size_bytes",
		(json_int_t)range->size_bytes, "mapped_bytes",
		(json_int_t)range->mapped_bytes, "rights", range_rights(range), "reason",
		pt_reason_name(range->reason), "writable",
		is_known ? json_boolean(range->writable) : json_null(), "executable",
		is_known ? json_boolean(!range->nx) : json_null(), "user",
		is_known ? json_boolean(range->user) : json_null(), "bytes_by_page_size",
		"4096", (json_int_t)range->bytes_by_size[PT_PTE], "2097152",
		(json_int_t)range->bytes_by_size[PT_PMD], "1073741824",
		(json_int_t)range->bytes_by_size[PT_PUD], "region", range->region->name,
		"symbol", json_text(range->symbol), "module", json_text(range->module),
		"symbol_offset_bytes", (json_int_t)range->symbol_offset);
}
