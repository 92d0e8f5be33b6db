/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit made by hand, as metrics. */
#include "cmd/audit_prom.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

static const struct audit_row rows[] = {
	{.group = AUDIT_LSM, .verdict = AUDIT_SEALED, .name = "alpha", .nr_hooks = 3},
	{.group = AUDIT_LEVERS, .name = "modprobe_path", .detail = "/sbin/modprobe"},
	{.group = AUDIT_DISPATCH,
	 .verdict = AUDIT_UNSEALED,
	 .name = "a\"b\\c\n",
	 .address = 0xffffffff81000000},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_UNKNOWN, .name = "twin"},
	{.group = AUDIT_DISPATCH, .verdict = AUDIT_SEALED, .name = "twin"},
};
static const struct audit_finding findings[] = {{.row = 2, .kind = AUDIT_WRITABLE}};
static const struct auditfacts audit = {
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
	.findings = findings,
	.nr_findings = 1,
};

static const struct kernelfacts kernel = {.release = "6.1.0-\"x", .build_id = "ab12"};

Test(cmd_audit_prom, metrics)
{
	static const char *const lines[] = {
		"info{kernel=\"6.1.0-\\\"x\",build_id=\"ab12\",version=\"" KWCHECK_VERSION
		"\"} 1",
		"up 1",
		"findings{kind=\"writable\"} 1",
		"findings{kind=\"dirty\"} 0",
		"objects{verdict=\"unsealed\"} 1",
		"objects{verdict=\"sealed\"} 2",
		"sealed{group=\"lsm\",name=\"alpha\"} 1",
		"sealed{group=\"dispatch\",name=\"a\\\"b\\\\c?\"} 0",
		"sealed{group=\"dispatch\",name=\"twin\"} -1",
		"sealed{group=\"dispatch\",name=\"twin (2)\"} 1",
		"hooks{group=\"lsm\",name=\"alpha\"} 3",
	};
	_cleanup_free_ char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);

	audit_prom_print(file, &kernel, &audit);
	fclose(file);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char line[128];

		snprintf(line, sizeof(line), "\nkwcheck_audit_%s\n", lines[i]);
		cr_expect_not_null(strstr(text, line), "no %s in:\n%s", lines[i], text);
	}
	/* Neither a value nor an address: each boot would be a series of its own. */
	cr_expect_null(strstr(text, "failed"));
	cr_expect_null(strstr(text, "modprobe"));
	cr_expect_null(strstr(text, "ffffffff"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		cr_expect(*line == '#' || strncmp(line, "kwcheck_audit_", 14) == 0, "%s",
			  line);
}

/* One that could not be made is no audit without findings. */
Test(cmd_audit_prom, no_audit)
{
	const struct error err = {.code = ERROR_LOCKDOWN, .message = "not for the file"};
	_cleanup_free_ char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);

	audit_prom_print_failed(file, "6.1.0", &err);
	fclose(file);
	cr_expect(strstr(text, "\nkwcheck_audit_up 0\n"), "%s", text);
	cr_expect(strstr(text, "\nkwcheck_audit_failed{reason=\"lockdown\"} 1\n"), "%s",
		  text);
	cr_expect(strstr(text, "info{kernel=\"6.1.0\","), "%s", text);
	cr_expect(strstr(text, "\nkwcheck_audit_timestamp_seconds "), "%s", text);
	cr_expect_null(strstr(text, "_findings"));
	cr_expect_null(strstr(text, "_sealed"));
}
