/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/result_json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "kcore/cleanup.h"

static const struct pt_format format = {
	.levels = 4, .phys_bits = 52, .pa_mask = 0x000ffffffffff000};

static void expect_page(const struct result_page *page, const char *want)
{
	json_t *value = result_json_page(&format, page);
	_cleanup_free_ char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);

	cr_expect_str_eq(text, want);
	json_decref(value);
}

Test(cmd_result_json, a_page_and_its_other_mapping)
{
	struct result_alias alias = {0xffff888000007010, 8, PT_WRITABLE,
				     region_of_kind(REGION_DIRECT_MAP)};
	const struct result_page page = {
		.walk = {.verdict = PT_READ_ONLY,
			 .nr_steps = 1,
			 .steps = {{PT_PTE, 3, 0x5018, 0x8000000000007001}},
			 .span = 4096,
			 .pa = 0x7010,
			 .nx = true},
		.address = 0xffffffff81000010,
		.size_bytes = 8,
		.aliases = &alias,
		.nr_aliases = 1,
	};

	expect_page(
		&page,
		"{\"address\":\"0xffffffff81000000\",\"size_bytes\":4096,"
		"\"span_bytes\":4096,\"physical\":\"0x0000000000007000\","
		"\"verdict\":\"read-only\",\"reason\":\"ok\",\"executable\":false,"
		"\"user\":false,\"denied_by\":\"PTE\",\"entries\":[{\"level\":\"PTE\","
		"\"index\":3,\"address\":\"0x0000000000005018\","
		"\"value\":\"0x8000000000007001\",\"flags\":[\"PRESENT\",\"NX\"]}],"
		"\"aliases\":[{\"address\":\"0xffff888000007010\",\"size_bytes\":8,"
		"\"verdict\":\"writable\",\"region\":\"direct map\"}]}");
}

Test(cmd_result_json, a_table_that_cannot_be_read)
{
	struct result_page page = {
		.walk = {.reason = PT_UNREADABLE,
			 .nr_steps = 1,
			 .steps = {{PT_P4D, 511, 0x1ff8, 0}},
			 .span = 1ULL << 39,
			 .denied_by = -1},
		.address = 0xffffff8000000000,
	};
	static const char part[] =
		"\"executable\":null,\"user\":null,\"denied_by\":null,\"entries\":"
		"[{\"level\":\"PGD\",\"index\":511,\"address\":\"0x0000000000001ff8\","
		"\"value\":null,\"flags\":[]}],\"aliases\":[]}";
	static const char start[] =
		"{\"address\":\"0xffffff8000000000\",\"size_bytes\":null,"
		"\"span_bytes\":549755813888,\"physical\":null,\"verdict\":\"unknown\","
		"\"reason\":";
	char want[1024];

	snprintf(want, sizeof(want), "%s\"unreadable-table\",%s", start, part);
	expect_page(&page, want);
	page.is_poisoned = true;
	snprintf(want, sizeof(want), "%s\"poisoned-table\",%s", start, part);
	expect_page(&page, want);
}
