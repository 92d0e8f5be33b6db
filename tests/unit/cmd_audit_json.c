/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/audit_json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

/* A row has its own findings, notices and hooks, and no other's. */
Test(cmd_audit_json, a_row)
{
	static const struct audit_row rows[] = {
		{.group = AUDIT_LSM,
		 .verdict = AUDIT_SEALED,
		 .name = "alpha",
		 .why = "w"},
		{.group = AUDIT_LSM, .verdict = AUDIT_UNSEALED, .name = "b", .why = "w"},
	};
	static const struct audit_finding findings[] = {{.row = 1,
							 .kind = AUDIT_DIRTY,
							 .address = 0xffffffff81300000,
							 .size_bytes = 4096,
							 .place = "b_hooks",
							 .message = "m"}};
	static const struct audit_notice notices[] = {
		{.row = 0, .address = 0x10, .message = "n"}};
	static const struct audit_slot slots[] = {
		{.row = 0,
		 .hook = "file_open",
		 .index = 1,
		 .element = 0xffffffff81300000,
		 .callback = 0xffffffff81000100,
		 .element_place = "alpha_hooks",
		 .callback_place = "alpha_file_open"},
		{.row = 1, .hook = "file_open", .index = 2, .is_bad = true},
	};
	static const struct auditfacts audit = {
		.rows = rows,
		.nr_rows = 2,
		.findings = findings,
		.nr_findings = 1,
		.notices = notices,
		.nr_notices = 1,
		.slots = slots,
		.nr_slots = 2,
	};
	static const char *const ends[] = {
		"\"findings\":[],\"notices\":[{\"message\":\"n\","
		"\"address\":\"0x0000000000000010\"}],\"slots\":[{\"hook\":\"file_open\","
		"\"index\":1,\"element\":\"0xffffffff81300000\","
		"\"element_symbol\":\"alpha_hooks\","
		"\"callback\":\"0xffffffff81000100\","
		"\"callback_symbol\":\"alpha_file_open\",\"hijacked\":false}]}",
		"\"notices\":[],\"slots\":[{\"hook\":\"file_open\",\"index\":2,"
		"\"element\":null,\"element_symbol\":null,\"callback\":null,"
		"\"callback_symbol\":null,\"hijacked\":true}]}",
	};
	static const char *const parts[] = {
		"\"verdict\":\"sealed\",\"address\":null,",
		"\"findings\":[{\"kind\":\"dirty\",\"message\":\"m\","
		"\"address\":\"0xffffffff81300000\",\"size_bytes\":4096,"
		"\"place\":\"b_hooks\",",
	};

	for (size_t i = 0; i < 2; i++) {
		json_t *row = audit_json_row(&audit, i);
		_cleanup_free_ char *text = json_dumps(row, JSON_COMPACT |
								    JSON_PRESERVE_ORDER);

		cr_expect_str_eq(text + strlen(text) - strlen(ends[i]), ends[i]);
		cr_expect_not_null(strstr(text, parts[i]), "%s", text);
		json_decref(row);
	}
}
