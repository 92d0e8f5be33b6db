/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/map_json.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "kcore/cleanup.h"

/* Rights that are not known are null, and no false. */
Test(cmd_map_json, a_range_that_cannot_be_followed)
{
	const struct range range = {.va = 0xffffffffffe00000,
				    .size_bytes = 0x200000,
				    .writable = true,
				    .reason = PT_CHANGED,
				    .region = region_of_kind(REGION_FIXMAP)};
	json_t *value = map_json_range(&range);
	_cleanup_free_ char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);

	cr_expect_str_eq(
		text,
		"{\"address\":\"0xffffffffffe00000\","
		"\"last_address\":\"0xffffffffffffffff\",\"size_bytes\":2097152,"
		"\"mapped_bytes\":0,\"rights\":\"?--\",\"reason\":\"changed-under-us\","
		"\"writable\":null,\"executable\":null,\"user\":null,"
		"\"bytes_by_page_size\":{\"4096\":0,\"2097152\":0,\"1073741824\":0},"
		"\"region\":\"fixmap\",\"symbol\":null,\"module\":null,"
		"\"symbol_offset_bytes\":0}");
	json_decref(value);
}
