/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops --merge as a user runs it, over what kwcheck oops --json-lines wrote. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define KWCHECK KWCHECK_BINARY " oops --sysroot=/nonexistent "
#define LOG "tests/data/oops/6.1-lsm.txt"

static struct run run;
static char folder[64];

static void shell(const char *words)
{
	char line[2048];

	snprintf(line, sizeof(line), "cd %s && top=$OLDPWD; %s", folder, words);
	run_shell(&run, line);
}

/* Three hosts with one crash each, of the same kind, a minute apart; a log of another
 * crash that names no host.
 */
static void setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/kwcheck-merge-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	setenv("TZ", "UTC", 1);
	shell("mkdir out; for i in 1 2 3; do"
	      " sed \"s/^/2026-11-30T12:0$i:00Z web$i kernel: /\" $top/" LOG
	      " >web$i.log;"
	      " $top/" KWCHECK "--json-lines web$i.log >out/web$i.jsonl; done;"
	      " cp $top/tests/data/oops/4.19-lsm.txt other.txt;"
	      " $top/" KWCHECK "--json-lines other.txt >other.jsonl");
	cr_assert_eq(run.status, 0, "%s", run.err);
}

static void teardown(void)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -r %s", folder);
	run_shell(&run, line);
}

TestSuite(cmd_oops_merge, .init = setup, .fini = teardown);

static void merge(const char *arguments)
{
	char line[1200];

	snprintf(line, sizeof(line), "$top/" KWCHECK "--merge %s", arguments);
	shell(line);
}

static json_t *merge_json(const char *arguments)
{
	char line[1024];
	json_t *report;

	snprintf(line, sizeof(line), "--json %s", arguments);
	merge(line);
	report = json_loads(run.out, 0, NULL);
	cr_assert_not_null(report, "%s%s", run.out, run.err);
	return report;
}

static json_t *group_of(json_t *report, size_t i)
{
	return json_array_get(json_object_get(report, "results"), i);
}

static void expect_number(const json_t *group, const char *key, int number)
{
	json_int_t is = json_integer_value(json_object_get(group, key));

	cr_expect_eq(is, number, "%s: %lld", key, (long long)is);
}

static void expect_text(const json_t *group, const char *key, const char *text)
{
	const char *is = json_string_value(json_object_get(group, key));

	cr_expect_str_eq(is ?: "", text, "%s: %s", key, is);
}

Test(cmd_oops_merge, one_group_of_three_hosts)
{
	json_t *report = merge_json("out"), *group = group_of(report, 0);

	cr_expect_eq(run.status, 0);
	cr_expect_str_empty(run.err);
	expect_number(group, "count", 1);
	expect_number(group, "crashes", 3);
	expect_number(group, "hosts", 3);
	expect_text(group, "first_seen", "2026-11-30T12:01:00Z");
	expect_text(group, "last_seen", "2026-11-30T12:03:00Z");
	expect_text(group, "kind", "page-fault");
	json_decref(report);
}

/* A run that was done twice, one result file twice, and the same in a pipe. */
Test(cmd_oops_merge, what_is_there_twice_counts_once)
{
	json_t *report = merge_json("out out - <out/web1.jsonl");

	expect_number(group_of(report, 0), "crashes", 3);
	expect_number(group_of(report, 0), "copies", 3);
	json_decref(report);
	shell("cp out/web1.jsonl again.jsonl; cat out/* >all.jsonl");
	report = merge_json("out again.jsonl all.jsonl");
	cr_expect_eq(run.status, 0);
	expect_number(group_of(report, 0), "crashes", 3);
	expect_number(group_of(report, 0), "hosts", 3);
	expect_number(group_of(report, 0), "copies", 7);
	json_decref(report);
}

/* More files than a process has descriptors at first, and than oops itself takes. */
Test(cmd_oops_merge, thousands_of_files)
{
	json_t *report;

	shell("mkdir many; cd many; tee $(seq -f %g.jsonl 3100) <../out/web1.jsonl >/dev/null");
	report = merge_json("many out");
	cr_expect_eq(run.status, 0, "%s", run.err);
	expect_number(group_of(report, 0), "copies", 3103);
	expect_number(group_of(report, 0), "crashes", 3);
	json_decref(report);
}

/* Neither the other lines of the file are lost, nor other files. */
Test(cmd_oops_merge, torn_last_line)
{
	json_t *report;

	shell("cat out/web1.jsonl out/web2.jsonl | head -c -9 >torn.jsonl; rm out/web[12]*");
	report = merge_json("torn.jsonl out");
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(
		strstr(run.err, "torn.jsonl, line 4: the last line was cut off"), "%s",
		run.err);
	expect_number(group_of(report, 0), "hosts", 2);
	cr_expect_eq(json_array_size(json_object_get(report, "errors")), 1);
	json_decref(report);
}

/* One line for all that follow each other, and the rest counts. */
Test(cmd_oops_merge, lines_of_others)
{
	static const char *const lines[] = {
		"'{\"level\":\"info\"}\n{\"level\":\"info\"}\n'",
		"'this is no JSON\nand this is none\n'",
		"'{\"schema\":\"kwcheck/2\",\"command\":\"oops\"}\n{\"new\":1}\n'",
		"'{\"schema\":\"kwcheck/1\",\"command\":\"map\"}\n{\"start\":1}\n'",
		"'{\"schema\":\"kwcheck/1\",\"results\":[]}\n'",
		"'[1,2]\n'",
	};
	char line[512];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *report;

		snprintf(line, sizeof(line),
			 "(cat out/web1.jsonl; printf '%%s' %s; cat "
			 "out/web2.jsonl) >mixed.jsonl",
			 lines[i]);
		shell(line);
		report = merge_json("mixed.jsonl");
		cr_expect_eq(run.status, 2, "%s", lines[i]);
		cr_expect_not_null(strstr(run.err, "mixed.jsonl, line 3: "), "%s",
				   run.err);
		cr_expect_eq(strchr(run.err, '\n') + 1, run.err + strlen(run.err), "%s",
			     run.err);
		expect_number(group_of(report, 0), "hosts", 2);
		json_decref(report);
	}
}

Test(cmd_oops_merge, worst_first)
{
	json_t *report = merge_json("other.jsonl out");
	const json_t *nameless = json_object_get(group_of(report, 1), "nameless_logs");

	expect_number(group_of(report, 0), "count", 2);
	expect_number(group_of(report, 0), "hosts", 3);
	expect_number(group_of(report, 1), "hosts", 1);
	cr_expect_eq(json_array_size(nameless), 1);
	json_decref(report);
}

Test(cmd_oops_merge, for_people)
{
	merge("out");
	cr_expect_not_null(strstr(run.out, "3 crashes on 3 hosts\n"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "first seen 2026-11-30T12:01:00Z, last "
					   "2026-11-30T12:03:00Z\n"));
	cr_expect_not_null(strstr(run.out, "hosts web1, web2, web3\n"));
	merge("other.jsonl");
	cr_expect_not_null(strstr(run.out, "1 log names no host"), "%s", run.out);
}

/* What could not be read by a run is not lost. */
Test(cmd_oops_merge, errors_of_the_runs)
{
	shell("$top/" KWCHECK "--json-lines web1.log /none >with-error.jsonl");
	merge("with-error.jsonl");
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "/none: No such file"), "%s", run.err);
	cr_expect_not_null(strstr(run.out, "web1"));
	/* Of a dump that cannot be opened there is nothing else. */
	shell("$top/" KWCHECK "--json-lines --core=/none/vmcore >no-dump.jsonl");
	cr_expect_eq(run.status, 2);
	merge("no-dump.jsonl");
	cr_expect_eq(run.status, 3);
	cr_expect_not_null(strstr(run.err, "/none/vmcore: No such file"), "%s", run.err);
}

Test(cmd_oops_merge, nothing)
{
	shell("echo x | $top/" KWCHECK "--json-lines - >none.jsonl");
	merge("none.jsonl");
	cr_expect_eq(run.status, 1);
	cr_expect_not_null(strstr(run.out, "no crash in what 1 run"));
	merge("/none");
	cr_expect_eq(run.status, 3);
	merge("</dev/null");
	cr_expect_eq(run.status, 64);
	merge("--nth=1 out");
	cr_expect_eq(run.status, 64);
}
