/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck audit and kwcheck map as a user runs them, on captures of real kernels. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "room.h"
#include "run.h"

static const char *const captures[] = {
	"tests/data/captures/5.10.zst",
	"tests/data/captures/6.1.zst",
	"tests/data/captures/6.12.zst",
	"tests/data/captures/7.zst",
	/* 6.12 by clang: kCFI, RANDSTRUCT_FULL, no BTF; larger than a small one. */
	"tests/data/captures/kcfi-randstruct.zst",
};

enum { NR_CAPTURES = sizeof(captures) / sizeof(captures[0]) };

static struct run run;

__attribute__((format(printf, 1, 2))) static void ask(const char *format, ...)
{
	char arguments[512];
	va_list args;

	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	run_kwcheck(&run, arguments);
}

static json_t *results_of(const char *what)
{
	json_t *root = json_loads(run.out, 0, NULL), *results;

	cr_assert_not_null(root, "%s: no JSON", what);
	cr_expect_str_eq(json_string_value(json_object_get(root, "schema")), "kwcheck/1");
	results = json_incref(json_object_get(root, "results"));
	json_decref(root);
	return results;
}

/* A small capture lacks code and constants: what they would show is undecided, what the
 * page tables show is not, and no finding is made up.
 */
Test(cmd_audit, a_small_capture_is_never_a_finding)
{
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		json_t *results, *row;
		size_t j, nr_sealed = 0;
		bool has_text = false;

		ask("audit -J --core %s", captures[i]);
		cr_expect_eq(run.status, 2, "%s: exit %d", captures[i], run.status);
		results = results_of(captures[i]);
		json_array_foreach(results, j, row)
		{
			const char *name = json_string_value(
				json_object_get(row, "name"));
			const char *verdict = json_string_value(
				json_object_get(row, "verdict"));

			cr_expect_str_neq(verdict, "unsealed", "%s: %s", captures[i],
					  name);
			nr_sealed += strcmp(verdict, "sealed") == 0;
			if (strcmp(name, "kernel text") == 0) {
				has_text = true;
				cr_expect_str_eq(verdict, "sealed");
				cr_expect_str_eq(
					json_string_value(json_object_get(row, "found")),
					"r-x");
			}
		}
		cr_expect_gt(nr_sealed, 40u, "%s: %zu", captures[i], nr_sealed);
		cr_expect(has_text);
		json_decref(results);
	}
}

Test(cmd_audit, groups)
{
	ask("audit image --core %s", captures[3]);
	cr_expect_eq(run.status, 0);
	cr_expect_not_null(strstr(run.out, "kernel text"));
	cr_expect_null(strstr(run.out, "hook"));
	ask("audit nonsense --core %s", captures[3]);
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "nonsense: no group of the audit"));
	ask("audit lms --core %s", captures[3]);
	cr_expect_not_null(strstr(run.err, "; did you mean lsm;"), "%s", run.err);
	cr_expect_not_null(strstr(run.err, "; there are all, lsm, image, "));
	ask("audit all -o nonsense --core %s", captures[3]);
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "no such column; there are VERDICT, "));
	ask("audit --only=everything");
	cr_expect_eq(run.status, 64);
	ask("audit --baseline=/none --core %s", captures[3]);
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "/none: No such file"));
}

/* Every form of the map tells the same ranges. */
Test(cmd_audit, forms_of_the_map_agree)
{
	for (size_t i = 0; i < NR_CAPTURES; i++) {
		size_t nr, nr_lines = 0;
		json_t *results;

		ask("map -J --core %s", captures[i]);
		cr_expect_eq(run.status, 0);
		results = results_of(captures[i]);
		nr = json_array_size(results);
		cr_expect_gt(nr, 50u);
		json_decref(results);
		ask("map --json-lines --core %s", captures[i]);
		for (char *line = strtok(run.out, "\n"); line;
		     line = strtok(NULL, "\n")) {
			json_t *object = json_loads(line, 0, NULL);

			cr_assert_not_null(object, "%s", line);
			nr_lines += json_object_get(object, "rights") != NULL;
			json_decref(object);
		}
		cr_expect_eq(nr_lines, nr);
		ask("map --core %s", captures[i]);
		cr_expect_not_null(strstr(run.out, " ranges: "));
		nr_lines = 0;
		for (char *c = run.out; (c = strchr(c, '\n')); c++)
			nr_lines++;
		/* Headings, the sums, and what it is of. */
		cr_expect_eq(nr_lines, nr + 3);
		cr_expect_not_null(strstr(run.out, ", from tests/data/captures/"));
		cr_expect_not_null(strstr(run.out, ", 2026-11-"));
		ask("map --wx --core %s", captures[i]);
		cr_expect_str_eq(run.out, "0 ranges: 0K r--, 0K rw-, 0K r-x, 0K rwx\n");
	}
}

Test(cmd_audit, the_page_is_whole)
{
	char path[] = "/tmp/kwcheck-map-XXXXXX";
	enum { HTML_BYTES = 5000000 }; /* a page is smaller, with all its names */
	char *html = room_take(HTML_BYTES);
	int fd = mkstemp(path);
	const char *data;
	json_error_t why;
	json_t *root;

	cr_assert_geq(fd, 0);
	close(fd);
	ask("map --html %s --core %s", path, captures[2]);
	cr_expect_eq(run.status, 0, "%s", run.err);
	/* The page has taken the place of the file that was there. */
	fd = open(path, O_RDONLY);
	cr_assert_geq(fd, 0);
	cr_assert_gt(read(fd, html, HTML_BYTES - 1), 0);
	close(fd);
	unlink(path);
	cr_expect_not_null(strstr(html, "</html>"));
	cr_expect_null(strstr(html, "@DATA@"));
	cr_expect_null(strstr(html, "://"));
	data = strstr(html, "id=\"data\">");
	cr_assert_not_null(data);
	root = json_loads(data + strlen("id=\"data\">"), JSON_DISABLE_EOF_CHECK, &why);
	cr_assert_not_null(root, "%s", why.text);
	cr_expect_gt(json_array_size(json_object_get(root, "ranges")), 50u);
	json_decref(root);
	ask("map --html /none/map.html --core %s", captures[2]);
	cr_expect_eq(run.status, 2);
}

Test(cmd_audit, filters_of_the_map_are_checked)
{
	ask("map --region=nowhere --core %s", captures[2]);
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "direct map, vmalloc"));
	ask("map --range=0x1000-0x2000 --core %s", captures[2]);
	cr_expect_eq(run.status, 64);
	ask("map --range=init_mm --core %s", captures[2]);
	cr_expect_eq(run.status, 64);
	ask("map something");
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "map takes no operands"));
	ask("map --region=text --core %s", captures[2]);
	cr_expect_eq(run.status, 0);
	cr_expect_not_null(strstr(run.out, "r-x    2M    .text"));
}

/* Layout randomisation without BTF: the hooks of each module are found by proof. */
Test(cmd_audit, a_shuffled_kernel_without_types)
{
	static const char *const symbols[] = {"capability_hooks", "landlock_hooks",
					      "lockdown_hooks", "yama_hooks"};
	json_t *results, *row;
	size_t i, nr_seen = 0;

	ask("audit -J --core %s lsm", captures[NR_CAPTURES - 1]);
	results = results_of("lsm");
	json_array_foreach(results, i, row)
	{
		const char *symbol = json_string_value(json_object_get(row, "symbol"));

		for (size_t j = 0; symbol && j < sizeof(symbols) / sizeof(symbols[0]);
		     j++)
			nr_seen += strcmp(symbol, symbols[j]) == 0;
	}
	cr_expect_eq(nr_seen, 4);
	json_decref(results);
}

/* The list of a hook's calls needs code that a small capture has not got. */
Test(cmd_audit, a_hook_that_cannot_be_told)
{
	ask("audit --hook=file_open --core %s", captures[1]);
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "the hooks are not known: "), "%s", run.err);
	ask("audit cpu --hook=file_open --core %s", captures[1]);
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "goes with the group lsm"));
}
