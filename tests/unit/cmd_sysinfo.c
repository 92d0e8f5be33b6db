/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/sysinfo.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

static char root[] = "/tmp/kwcheck-unit-XXXXXX";

static void shell(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && { %s; }", root, command);
	cr_assert_eq(system(line), 0, "%s", line);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(root));
}

static void teardown(void)
{
	char line[64];

	snprintf(line, sizeof(line), "rm -rf %s", root);
	cr_assert_eq(system(line), 0);
}

TestSuite(cmd_sysinfo, .init = setup, .fini = teardown);

static void expect_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	cr_expect(at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n',
		  "no line '%s' in:\n%s", line, text);
}

Test(cmd_sysinfo, about)
{
	_cleanup_free_ char *text = NULL, *none = NULL;

	shell("mkdir -p proc sys/kernel/security && echo 'ro quiet' >proc/cmdline && "
	      "printf 'none [integrity]\\nsecond' >sys/kernel/security/lockdown");
	text = sysinfo_about(root);
	cr_assert_not_null(text);
	expect_line(text, "CMDLINE=ro quiet");
	expect_line(text, "LOCKDOWN=none [integrity]");
	expect_line(text, "LSM=");
	cr_expect_not_null(strstr(text, "\nDATE=2"));
	cr_expect_not_null(strstr(text, "\nHOST="));
	cr_expect_not_null(strstr(text, "\nPHYS_BITS="));
	cr_expect_null(strstr(text, "second"));
	none = sysinfo_about("/nonexistent");
	expect_line(none, "CMDLINE=");
}

/* A name in /proc/modules is not followed out of /sys/module. */
Test(cmd_sysinfo, modules)
{
	_cleanup_free_ char *text = NULL, *none = NULL;

	shell("mkdir -p proc sys/module/m/sections out/sections && "
	      "printf 'm 1 0 - Live 0x1\\n../../out 1 0 - Live 0x2\\n' >proc/modules && "
	      "echo 0x10 >sys/module/m/sections/.text && echo 1 >out/sections/.text");
	text = sysinfo_modules(root);
	cr_expect_str_eq(text, "m 1 0 - Live 0x1\n../../out 1 0 - Live 0x2\n\n"
			       "m .text 0x10\n");
	none = sysinfo_modules("/nonexistent");
	cr_expect_str_eq(none, "\n");
}
