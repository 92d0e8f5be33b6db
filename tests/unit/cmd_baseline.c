/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Audits made by hand, one against another. */
#include "cmd/baseline.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/audit_json.h"
#include "kcore/cleanup.h"

static struct audit_row rows[3];
static struct audit_finding findings[1];
static struct auditfacts audit;

static void setup(void)
{
	rows[0] = (struct audit_row){.group = AUDIT_LSM,
				     .verdict = AUDIT_SEALED,
				     .name = "alpha",
				     .why = "x",
				     .nr_hooks = 3};
	rows[1] = (struct audit_row){.group = AUDIT_LEVERS,
				     .name = "modprobe_path",
				     .why = "x",
				     .detail = "/sbin/modprobe"};
	rows[2] = (struct audit_row){.group = AUDIT_DISPATCH,
				     .verdict = AUDIT_SEALED,
				     .name = "a\"b\\c",
				     .why = "x",
				     .address = 0xffffffff81000000};
	findings[0] = (struct audit_finding){.row = 2,
					     .kind = AUDIT_WRITABLE,
					     .address = 0xffffffff81000000,
					     .size_bytes = 4096,
					     .place = "a_table",
					     .message = "it is open"};
	audit = (struct auditfacts){.groups = (1u << AUDIT_NR_GROUPS) - 1,
				    .rows = rows,
				    .nr_rows = 3,
				    .findings = findings};
}

TestSuite(cmd_baseline, .init = setup);

/* The audit as kwcheck audit --json would write it. */
static json_t *as_json(void)
{
	json_t *results = json_array();

	for (size_t i = 0; i < audit.nr_rows; i++)
		cr_assert_eq(json_array_append_new(results, audit_json_row(&audit, i)),
			     0);
	return json_pack("{s:s, s:s, s:{s:s}, s:o}", "schema", "kwcheck/1", "command",
			 "audit", "kernel", "build_id", "abcd", "results", results);
}

static char told[1024];
static size_t nr_unseen;

static void tell(void *ctx, const struct baseline_change *change)
{
	size_t used = strlen(told);

	(void)ctx;
	snprintf(told + used, sizeof(told) - used, "%s %s %s>%s;", change->kind,
		 change->name, change->was ? change->was : "",
		 change->now ? change->now : "");
}

static void expect_changes(json_t *baseline, const char *want)
{
	told[0] = '\0';
	baseline_each(baseline, &audit, tell, NULL, &nr_unseen);
	cr_expect_str_eq(told, want);
}

Test(cmd_baseline, what_is_as_it_was_is_not_told)
{
	json_t *baseline = as_json();

	expect_changes(baseline, "");
	/* Another boot: other addresses. */
	rows[2].address = 0xffffffff9a000000;
	expect_changes(baseline, "");
	json_decref(baseline);
}

/* A capture of another kind has not got all pages: what one of the two could not see is
 * no change of the kernel.
 */
Test(cmd_baseline, what_one_could_not_see_is_not_compared)
{
	json_t *whole = as_json(), *cut;

	rows[0].verdict = AUDIT_UNKNOWN;
	strcpy(rows[0].detail, "excluded: a page is not in this capture");
	expect_changes(whole, "");
	cr_expect_eq(nr_unseen, 1);
	cut = as_json();
	rows[0].verdict = AUDIT_SEALED;
	rows[0].detail[0] = '\0';
	expect_changes(cut, "");
	cr_expect_eq(nr_unseen, 1);
	/* An object of that group that only one of them has, too; of others it is told.
	 */
	rows[2].group = AUDIT_LSM;
	expect_changes(cut, "gone a\"b\\c sealed>;");
	cr_expect_eq(nr_unseen, 2);
	json_decref(whole);
	json_decref(cut);
}

/* A smaller capture has no types and no values, either: what rests on them is not there,
 * or not decided. Without a page that is missing it is a change of the kernel.
 */
Test(cmd_baseline, what_rests_on_more_than_pages)
{
	json_t *whole = as_json();

	rows[2].verdict = AUDIT_UNKNOWN;
	strcpy(rows[2].detail, "no BTF");
	expect_changes(whole, "verdict a\"b\\c sealed>unknown;");
	cr_expect_eq(nr_unseen, 0);
	rows[0].verdict = AUDIT_UNKNOWN;
	strcpy(rows[0].detail, "excluded: a page is not in this capture");
	rows[1] = rows[2];
	audit.nr_rows = 2;
	expect_changes(whole, "");
	cr_expect_eq(nr_unseen, 3);
	rows[1].verdict = AUDIT_UNSEALED;
	expect_changes(whole, "verdict a\"b\\c sealed>unsealed;");
	json_decref(whole);
}

Test(cmd_baseline, every_kind_of_change)
{
	json_t *baseline = as_json();

	rows[0].nr_hooks = 4;
	expect_changes(baseline, "value alpha 3 hooks>4 hooks;");
	rows[0].nr_hooks = 3;
	strcpy(rows[1].detail, "/tmp/x");
	expect_changes(baseline, "value modprobe_path /sbin/modprobe>/tmp/x;");
	strcpy(rows[1].detail, "/sbin/modprobe");
	audit.nr_findings = 1;
	rows[2].verdict = AUDIT_UNSEALED;
	expect_changes(
		baseline,
		"verdict a\"b\\c sealed>unsealed;new-finding a\"b\\c >it is open;");
	json_decref(baseline);
	baseline = as_json();
	findings[0].address += 0x1000000;
	expect_changes(baseline, "");
	audit.nr_findings = 0;
	rows[2].verdict = AUDIT_SEALED;
	expect_changes(
		baseline,
		"verdict a\"b\\c unsealed>sealed;finding-gone a\"b\\c it is open>;");
	audit.nr_rows = 2;
	expect_changes(baseline, "gone a\"b\\c unsealed>;");
	/* Groups that were not asked for are not missed. */
	audit.groups = 1u << AUDIT_LSM | 1u << AUDIT_LEVERS;
	expect_changes(baseline, "");
	audit.nr_rows = 3;
	strcpy(rows[2].name, "new");
	expect_changes(baseline, "appeared new >sealed;");
	json_decref(baseline);
}

static int load(const char *text, struct error *err)
{
	_cleanup_fd_ int fd = memfd_create("baseline", MFD_CLOEXEC);
	json_t *root = NULL;
	int r;

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	lseek(fd, 0, SEEK_SET);
	*err = (struct error){0};
	r = baseline_load(&root, fd, "base.json", "abcd", err);
	json_decref(root);
	return r;
}

Test(cmd_baseline, only_its_own_kind_is_loaded)
{
	json_t *baseline = as_json();
	_cleanup_free_ char *text = json_dumps(baseline, 0);
	struct error err;

	cr_expect_eq(load(text, &err), 0, "%s", err.message);
	*strstr(text, "abcd") = 'x';
	cr_expect_lt(load(text, &err), 0);
	cr_expect_eq(err.code, ERROR_OTHER_BUILD);
	cr_expect_not_null(strstr(err.message, "xbcd"));
	cr_expect_lt(load("{\"schema\":\"kwcheck/1\",\"command\":\"check\"}", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_lt(load("[1,2", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_lt(load("", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_lt(load("{\"schema\":1,\"kernel\":[],\"results\":{}}", &err), 0);
	json_decref(baseline);
}

/* Not "line 1: ... expected near end of file" of a file that could not be read. */
Test(cmd_baseline, a_read_that_fails_says_why)
{
	_cleanup_fd_ int fd = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	json_t *root = NULL;
	struct error err = {0};

	cr_assert_geq(fd, 0);
	cr_expect_eq(baseline_load(&root, fd, "base.json", "abcd", &err), -EISDIR);
	cr_expect_eq(err.code, ERROR_FILE);
	cr_expect_str_eq(err.message, "base.json: Is a directory");
	cr_expect_null(root);
}

/* Hostile rows: no crash whatever their types. */
Test(cmd_baseline, rows_of_wrong_types)
{
	json_t *baseline = json_loads(
		"{\"results\":[1,null,\"x\",[],{\"group\":5,\"name\":{}},"
		"{\"group\":\"lsm\",\"name\":\"alpha\",\"verdict\":[],\"findings\":7,"
		"\"hooks\":\"three\"}]}",
		0, NULL);

	cr_assert_not_null(baseline);
	told[0] = '\0';
	cr_expect_gt(baseline_each(baseline, &audit, tell, NULL, &nr_unseen), 0u);
	json_decref(baseline);
}
