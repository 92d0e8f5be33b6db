/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of modules against kernels, of answers that a test gives. */
#include "cmd/looktable.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "modtree.h"

static char root[] = "/tmp/kwcheck-unit-XXXXXX";
static char told[8192];

static void setup(void)
{
	modtree_make(root);
	modtree_run_in(root, "mkdir boot && touch boot/vmlinuz-6.1 boot/vmlinuz-7.0");
}

static void teardown(void)
{
	modtree_run_in(root, "rm -rf boot told");
	cr_expect_eq(remove(root), 0);
}

TestSuite(cmd_looktable, .init = setup, .fini = teardown);

/* What each kernel's process prints, and ends with. */
static const char *of_6_1, *of_7_0;
static int status_6_1, status_7_0;

static int run_one(const struct options *options, char *path)
{
	bool is_first = strstr(path, "vmlinuz-6.1") != NULL;

	if (!options->json)
		return EXIT_BUG;
	fputs(is_first ? of_6_1 : of_7_0, stdout);
	free(path);
	return is_first ? status_6_1 : status_7_0;
}

/* In a process of its own, which gives up its privileges. */
static int run_table(bool is_json)
{
	const struct options options = {.verb = verb_find("preflight"),
					.sysroot = root,
					.json = is_json,
					.no_sandbox = true};
	char path[64];
	FILE *file;
	pid_t child;
	size_t nr;
	int status;

	snprintf(path, sizeof(path), "%s/told", root);
	child = fork();
	if (child == 0) {
		if (!freopen(path, "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		status = looktable_run(&options, run_one);
		fflush(stdout);
		_exit(status);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	file = fopen(path, "r");
	cr_assert_not_null(file);
	nr = fread(told, 1, sizeof(told) - 1, file);
	told[nr] = '\0';
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define RESULT(name, verdict)                                                         \
	"{\"module\":\"" name "\",\"file\":\"/x/" name ".ko\",\"verdict\":\"" verdict \
	"\"}"

/* A module that one of them does not tell has no verdict there. */
Test(cmd_looktable, a_row_for_each_module)
{
	of_6_1 = "{\"results\":[" RESULT("a", "clean") "]}";
	of_7_0 = "{\"results\":[" RESULT("b", "refused") "," RESULT("a",
								    "would-fault") "]}";
	status_7_0 = EXIT_NO;
	cr_expect_eq(run_table(false), EXIT_NO, "%s", told);
	cr_expect_eq(strncmp(told,
			     "MODULE 6.1   7.0\n"
			     "a.ko   clean would-fault\n"
			     "b.ko   -     refused\n",
			     strlen("MODULE 6.1   7.0\na.ko   clean would-fault\n"
				    "b.ko   -     refused\n")),
		     0, "%s", told);
}

Test(cmd_looktable, statuses_add_up)
{
	of_6_1 = of_7_0 = "{\"results\":[]}";
	status_6_1 = EXIT_UNDECIDED;
	status_7_0 = EXIT_NO;
	cr_expect_eq(run_table(false), EXIT_NO | EXIT_UNDECIDED);
	status_6_1 = EXIT_BUG;
	cr_expect_eq(run_table(false), EXIT_BUG, "what is no answer does not hide");
	status_6_1 = EXIT_NO;
	status_7_0 = EXIT_USAGE;
	cr_expect_eq(run_table(false), EXIT_USAGE);
}

Test(cmd_looktable, json_has_the_whole_answers)
{
	json_t *report, *results;

	of_6_1 = "{\"results\":[" RESULT("a", "clean") "]}";
	of_7_0 = "{\"results\":[],\"errors\":[]}";
	status_7_0 = EXIT_UNDECIDED;
	cr_expect_eq(run_table(true), EXIT_UNDECIDED);
	report = json_loads(told, 0, NULL);
	cr_assert_not_null(report, "%s", told);
	results = json_object_get(report, "results");
	cr_assert_eq(json_array_size(results), 2);
	cr_expect_str_eq(
		json_string_value(json_object_get(json_array_get(results, 0), "release")),
		"6.1");
	cr_expect_eq(json_integer_value(
			     json_object_get(json_array_get(results, 1), "exit_status")),
		     EXIT_UNDECIDED);
	cr_expect(json_is_object(json_object_get(json_array_get(results, 0), "answer")));
	json_decref(report);
}

Test(cmd_looktable, what_is_no_answer_is_a_bug)
{
	of_6_1 = "{\"results\":[";
	of_7_0 = "{\"results\":[]}";
	cr_expect_eq(run_table(false), EXIT_BUG);
}

Test(cmd_looktable, no_kernel_is_installed)
{
	modtree_run_in(root, "rm boot/*");
	cr_expect_eq(run_table(false), EXIT_UNDECIDED);
	modtree_run_in(root, "touch boot/vmlinuz-6.1");
}
