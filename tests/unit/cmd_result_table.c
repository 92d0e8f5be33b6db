/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/result_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

#define CORE "--core=tests/data/captures/6.1.zst"

static struct run run;

static void expect(const char *words, int status, const char *out)
{
	run_kwcheck(&run, words);
	cr_expect_eq(run.status, status, "%s: %d: %s", words, run.status, run.err);
	cr_expect_str_eq(run.out, out, "%s", words);
}

/* One row an answer, in the order of the targets, and nothing around them. */
Test(cmd_result_table, rows)
{
	expect(CORE
	       " -o target,verdict,region init_task 'apparmor_h*' 0xffffffff81000000",
	       1,
	       "TARGET             VERDICT   REGION\n"
	       "init_task          writable  .data\n"
	       "apparmor_hooks     read-only .data..ro_after_init\n"
	       "apparmor_hash_size writable  .bss\n"
	       "0xffffffff81000000 unmapped  no known region\n");
	expect(CORE " -v -n -o size,module,type,reason,aliases,address apparmor_hooks", 1,
	       "2720 - d ok 1 ffffffff9b031500\n");
	expect(CORE " -n apparmor_hooks", 1,
	       "apparmor_hooks ffffffff9b031500 2720 read-only .data..ro_after_init a "
	       "write here faults: the PMD (2M page) has RW clear; .data..ro_after_init, "
	       "sealed after boot\n");
	/* Targets without an answer do not take the others' away. */
	expect(CORE " -n -o verdict init_task no_such_symbol", 2, "writable\n");
	expect(CORE " -n -q apparmor_hooks", 1, "");
}

Test(cmd_result_table, no_such_column)
{
	expect(CORE " -o colour init_task", 64, "");
	cr_expect_not_null(strstr(run.err, "there are TARGET, ADDRESS, "), "%s", run.err);
	expect(CORE " walk -o target init_task", 64, "");
}
