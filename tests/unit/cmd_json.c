/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/json.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

static void expect_json(json_t *value, const char *want)
{
	_cleanup_free_ char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
							      JSON_PRESERVE_ORDER);

	cr_expect_str_eq(text, want);
	json_decref(value);
}

Test(cmd_json, values)
{
	static const struct sourceline lines[] = {{"inner", "a.h", 3}, {"outer", "", 0}};
	char endless[3000];

	expect_json(json_address(0), "\"0x0000000000000000\"");
	expect_json(json_address(UINT64_MAX), "\"0xffffffffffffffff\"");
	expect_json(json_text(NULL), "null");
	expect_json(json_text(""), "\"\"");
	expect_json(json_text("a\"b\n"), "\"a\\\"b\\n\"");
	/* What is not UTF-8 is told by its bytes, and cut where it is long. */
	expect_json(json_text("a\xff"
			      "b"),
		    "\"a\\\\xffb\"");
	memset(endless, '\xff', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	json_decref(json_text(endless));
	expect_json(json_lines(lines, 2),
		    "[{\"function\":\"inner\",\"file\":\"a.h\",\"line\":3},"
		    "{\"function\":\"outer\",\"file\":null,\"line\":0}]");
	expect_json(json_lines(lines, 0), "null");
}

Test(cmd_json, the_envelope)
{
	const struct kernelfacts facts = {
		.release = "6.1",
		.build_id = "ab",
		.path = "core.zst",
		.host = "h",
		.root_name = "given",
		.root_pa = 0x2000,
		.hypervisor = HYPERVISOR_KVM,
		.format.levels = 4,
		.notes = {"a note"},
		.nr_notes = 1,
	};
	struct error err = {0};
	struct json json;

	error_set(&err, ERROR_FILE, -1, "no \xff file");
	cr_redirect_stdout();
	json_begin(&json, "check", &facts);
	json_result(&json, json_integer(1));
	json_result(&json, json_integer(2));
	json_end(&json, &err, 1);
	json_begin(&json, "oops", NULL);
	json_end(&json, NULL, 0);
	json_line(json_head("map", NULL));
	fflush(stdout);
	cr_assert_stdout_eq_str(
		"{\"schema\":\"kwcheck/1\",\"command\":\"check\",\"kernel\":"
		"{\"release\":\"6.1\",\"build_id\":\"ab\",\"source\":\"core\",\"file\":"
		"\"core.zst\",\"host\":\"h\",\"time\":null,\"tool\":\"kwcheck " KWCHECK_VERSION
		"\",\"levels\":4,"
		"\"root\":{\"kind\":\"given\",\"physical\":\"0x0000000000002000\"},"
		"\"hypervisor\":\"kvm\",\"notes\":[\"a note\"]},\"tool\":\"kwcheck " KWCHECK_VERSION
		"\",\"results\":[1,2],"
		"\"errors\":[{\"code\":\"file\",\"message\":\"no \\\\xff file\"}]}\n"
		"{\"schema\":\"kwcheck/1\",\"command\":\"oops\",\"kernel\":null,"
		"\"tool\":\"kwcheck " KWCHECK_VERSION "\",\"results\":[],\"errors\":[]}\n"
		"{\"schema\":\"kwcheck/1\",\"command\":\"map\",\"kernel\":null,\"tool\":"
		"\"kwcheck " KWCHECK_VERSION "\"}\n");
}

/* A program that reads lines finds an error in its place, not half of the answer. */
Test(cmd_json, a_line_that_could_not_be_made)
{
	cr_redirect_stdout();
	loss_note("memory", ENOMEM);
	json_line(json_pack("{s:s}", "name", "x"));
	fflush(stdout);
	cr_assert_stdout_eq_str(
		"{\"error\":{\"code\":\"no-resources\",\"message\":\"memory: Cannot "
		"allocate memory; the answer would rest on half of the facts: ask "
		"again\"}}\n");
}
