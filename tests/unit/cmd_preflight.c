/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck preflight as a user runs it, on a capture of a real kernel. */
#include "cmd/preflight.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ko.h"
#include "run.h"

static struct run run;
static char good[64], bad[64];

static void write_ko(const struct ko *ko, const char *path)
{
	size_t nr;
	unsigned char *bytes = ko_bytes(ko, &nr);
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, nr, file), nr);
	fclose(file);
	free(bytes);
}

/* One that writes to its constant when it is loaded. */
static void write_bad(void)
{
	/* movl $1, constant(%rip); ret */
	static const unsigned char code[] = {0xc7, 0x05, 0, 0, 0, 0, 1, 0, 0, 0, 0xc3};
	static const unsigned char constant[8];
	static const unsigned char this_module[1024];
	static const Elf64_Rela rela[] = {{.r_offset = 2,
					   .r_info = ELF64_R_INFO(2, R_X86_64_PC32),
					   .r_addend = -8}};
	struct ko ko = ko_of_code(code, sizeof(code));

	ko.sections[0].rela = rela;
	ko.sections[0].nr_rela = 1;
	ko.sections[ko.nr_sections++] = (struct ko_section){
		.name = ".rodata", .flags = SHF_ALLOC, .data = constant, .size_bytes = 8};
	ko.sections[ko.nr_sections++] = (struct ko_section){
		.name = ".gnu.linkonce.this_module",
		.flags = SHF_ALLOC | SHF_WRITE,
		.data = this_module,
		.size_bytes = sizeof(this_module)};
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){
		"constant", (uint16_t)(ko.nr_sections - 1), 0, STT_OBJECT, STB_GLOBAL, 8};
	write_ko(&ko, bad);
}

/* One that links to what nothing exports. */
static void write_lacking(const char *path)
{
	static const unsigned char code[] = {0xc3};
	static const unsigned char this_module[1024];
	/* With CRCs the release may differ. */
	static const char vermagic[] = "vermagic=5.10.0 SMP mod_unload modversions ";
	struct ko ko = ko_of_code(code, sizeof(code));

	ko.sections[ko.nr_sections++] = (struct ko_section){
		.name = ".gnu.linkonce.this_module",
		.flags = SHF_ALLOC | SHF_WRITE,
		.data = this_module,
		.size_bytes = sizeof(this_module)};
	ko.sections[ko.nr_sections++] = (struct ko_section){
		.name = ".modinfo",
		.flags = SHF_ALLOC,
		.data = vermagic,
		.size_bytes = sizeof(vermagic)};
	ko.sections[ko.nr_sections++] = (struct ko_section){.name = "__versions",
							    .flags = SHF_ALLOC,
							    .data = this_module,
							    .size_bytes = 64};
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"strange_object", SHN_UNDEF,  0,
							 STT_NOTYPE,	   STB_GLOBAL, 0};
	write_ko(&ko, path);
}

/* A module that does nothing, with a function to call; and one more. */
static void setup(void)
{
	static const unsigned char code[] = {0xc3, 0xc3};
	struct ko ko = ko_of_code(code, sizeof(code));

	snprintf(good, sizeof(good), "/tmp/kwcheck-test-%d.ko", (int)getpid());
	snprintf(bad, sizeof(bad), "/tmp/kwcheck-test-bad-%d.ko", (int)getpid());
	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"changed", 1,	       1,
							 STT_FUNC,  STB_LOCAL, 1};
	write_ko(&ko, good);
	write_bad();
}

static void teardown(void)
{
	unlink(good);
	unlink(bad);
}

TestSuite(cmd_preflight, .init = setup, .fini = teardown);

__attribute__((format(printf, 1, 2))) static void ask(const char *format, ...)
{
	char more[512], arguments[640];
	va_list args;

	va_start(args, format);
	vsnprintf(more, sizeof(more), format, args);
	va_end(args);
	snprintf(arguments, sizeof(arguments),
		 "preflight --core=tests/data/captures/7.zst %s", more);
	run_kwcheck(&run, arguments);
}

Test(cmd_preflight, a_dry_run_that_did_not_happen_is_told)
{
	ask("%s", good);
	cr_expect(strstr(run.out, "dry run: not-run: "), "%s", run.out);
	ask("%s %s", good, "/proc/self/exe");
	cr_expect(strstr(run.out, "without a dry run"), "%s", run.out);
	/* The kernel has types; the core leaves them out. */
	ask("%s", bad);
#ifdef KWCHECK_UNICORN
	cr_expect(strstr(run.out, "not-run: the core does not hold the memory"), "%s",
		  run.out);
#else
	cr_expect(strstr(run.out, "not-run: kwcheck was built without Unicorn"), "%s",
		  run.out);
#endif
}

/* Nor does it run with the address 0 for a symbol that nobody has. */
Test(cmd_preflight, no_dry_run_where_a_symbol_is_missing)
{
	char lacking[64], arguments[256];

	snprintf(lacking, sizeof(lacking), "/tmp/kwcheck-test-lacking-%d.ko",
		 (int)getpid());
	write_lacking(lacking);
	snprintf(arguments, sizeof(arguments),
		 "preflight --core=tests/data/captures/functions-only.zst %s", lacking);
	run_kwcheck(&run, arguments);
	cr_expect(strstr(run.out, "undecided [unknown-symbol]"), "%s", run.out);
	cr_expect(strstr(run.out, "not-run: a symbol is missing"), "%s", run.out);
	unlink(lacking);
}

Test(cmd_preflight, one_bad_operand)
{
	int alone;

	ask("%s", good);
	alone = run.status;
	ask("/none.ko %s", good);
	cr_expect_eq(run.status, alone | 2);
	cr_expect(strstr(run.out, good), "%s", run.out);
	cr_expect(strstr(run.err, "/none.ko: No such file"), "%s", run.err);
	ask("-J /none.ko %s", good);
	cr_expect_eq(run.status, alone | 2);
	cr_expect(strstr(run.out, good), "%s", run.out);
	cr_expect(strstr(run.out, "\"errors\":[{\"code\":\"file\""), "%s", run.out);
	/* All of them: each is told. */
	ask("/none.ko /none2.ko");
	cr_expect_eq(run.status, 2);
	cr_expect(strstr(run.err, "/none.ko: No such file"), "%s", run.err);
	cr_expect(strstr(run.err, "/none2.ko: No such file"), "%s", run.err);
}

Test(cmd_preflight, call_of_no_function)
{
	ask("--call=chnged %s", good);
	cr_expect_eq(run.status, 64);
	cr_expect(
		strstr(run.err, "the module has no such function; did you mean changed"),
		"%s", run.err);
	ask("--call=changed %s", good);
	cr_expect_neq(run.status, 64);
	/* Sections have symbols, without a name; data is not called. */
	ask("--call= %s", good);
	cr_expect_eq(run.status, 64);
	ask("--call=constant %s", bad);
	cr_expect_eq(run.status, 64);
}

Test(cmd_preflight, parameters)
{
	ask("%s nosuch=1", good);
	cr_expect(strstr(run.out, "unknown parameter 'nosuch' ignored"), "%s", run.out);
}

/* Where @a and @b begin lines, and in that order. */
static void expect_order(const char *a, const char *b)
{
	const char *first = strstr(run.out, a), *second = strstr(run.out, b);

	cr_expect(first && second && first < second, "%s before %s: %s", a, b, run.out);
}

Test(cmd_preflight, many_get_a_line_each_worst_first)
{
	ask("%s %s", good, bad);
	expect_order("would-fault /tmp/kwcheck-test-bad-", "refused     /tmp/");
	cr_expect(strstr(run.out, ".ko [store] writes 4 bytes to "), "%s", run.out);
	cr_expect(strstr(run.out, "2 modules: 1 would-fault, 1 refused; 2 without"), "%s",
		  run.out);
	cr_expect_null(strstr(run.out, "\n  what to do: "), "%s", run.out);
	ask("--only=findings %s %s", good, bad);
	cr_expect(strstr(run.out, "refused     /tmp/"), "%s", run.out);
	ask("-o verdict,kind -n %s %s", good, bad);
	cr_expect_str_eq(run.out, "would-fault store\nrefused     no-module\n");
	/* All of each: a tree of calls has no room in a row. */
	ask("--trace %s %s", good, bad);
	expect_order(".ko  would-fault\n", ".ko  refused\n");
	ask("-v %s %s", good, bad);
	expect_order(".ko  would-fault\n", ".ko  refused\n");
	expect_order("what to do: declare it without const", "what to do: give the .ko ");
	/* In JSON as they were given. */
	ask("--json %s %s", good, bad);
	expect_order("\"verdict\":\"refused\"", "\"verdict\":\"would-fault\"");
}

Test(cmd_preflight, every_verdict_ends_in_what_to_do)
{
	ask("%s", bad);
	cr_expect(strstr(run.out, "\n  what to do: declare it without const"), "%s",
		  run.out);
	ask("/proc/self/exe");
	cr_expect(strstr(run.out, "\n  what to do: mend that and ask again"), "%s",
		  run.out);
	ask("--json %s /proc/self/exe", bad);
	cr_expect(strstr(run.out, "\"advice\":\"declare it without const"), "%s",
		  run.out);
	cr_expect(strstr(run.out, "\"advice\":\"mend that and ask again"), "%s", run.out);
}

Test(cmd_preflight, fail_on)
{
	static const struct {
		const char *verdicts, *more;
		int status;
	} cases[] = {
		{"would-fault", "", 1},
		{"bypass", "", 0},
		{"bypass,refused", "", 1},
		{"bypass,suspect", "/none.ko", 2},
		{"would-fault", "/none.ko", 3},
		/* Of a finding that is not the worst. */
		{"undecided", "", 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask("-q --fail-on=%s %s %s %s", cases[i].verdicts, good, bad,
		    cases[i].more);
		cr_expect_eq(run.status, cases[i].status, "%s: %d", cases[i].verdicts,
			     run.status);
	}
	ask("-q --fail-on=would-fault %s", good);
	cr_expect_eq(run.status, 0);
	/* What could not be looked at fails in any case. */
	ask("-q --fail-on=bypass /proc/self/exe");
	cr_expect_eq(run.status, 2);
	ask("--fail-on=undecide %s", good);
	cr_expect_eq(run.status, 64);
	cr_expect(strstr(run.err, "did you mean undecided"), "%s", run.err);
}

Test(cmd_preflight, help_explains_the_verdicts)
{
	static const char *const words[] = {"would-fault", "bypass",	"suspect",
					    "refused",	   "undecided", "clean"};

	run_kwcheck(&run, "preflight --help");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char line[32];

		snprintf(line, sizeof(line), "\n  %-12s ", words[i]);
		cr_expect(strstr(run.out, line), "%s", words[i]);
	}
	cr_expect(strstr(run.out, "Exit status: 0 all clean, 1 "));
}

/* All keys, in the order in which they are documented; one more in the pack than in its
 * format is lost without a word.
 */
Test(cmd_preflight, all_keys_of_a_result)
{
	static const char *const keys[] = {"file",     "sha256",    "module",
					   "verdict",  "reason",    "advice",
					   "findings", "signature", "abilities",
					   "dry_run",  "outcome",   "reason_code"};
	const char *at;

	ask("--json %s", good);
	at = run.out;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char key[32];

		snprintf(key, sizeof(key), "\"%s\":", keys[i]);
		at = strstr(at, key);
		cr_assert_not_null(at, "%s", keys[i]);
	}
}

/* The first run of the SARIF log that was printed; the caller's to free as @ret_log. */
static json_t *sarif_run(json_t **ret_log)
{
	json_t *log = *ret_log = json_loads(run.out, 0, NULL), *first;

	cr_assert_not_null(log, "%s", run.out);
	cr_expect_str_eq(json_string_value(json_object_get(log, "version")), "2.1.0");
	first = json_array_get(json_object_get(log, "runs"), 0);
	cr_assert_not_null(first, "%s", run.out);
	return first;
}

/* The first result's, as "RULE LEVEL URI FUNCTION". */
static void expect_result(json_t *first, const char *rule, const char *uri,
			  const char *function)
{
	const char *rule_is, *level, *words, *uri_is, *function_is = NULL;
	json_t *result = json_array_get(json_object_get(first, "results"), 0);

	cr_assert_eq(
		json_unpack(result, "{s:s, s:s, s:{s:s}, s:[{s:{s:{s:s}}, s?:[{s:s}]}]}",
			    "ruleId", &rule_is, "level", &level, "message", "text",
			    &words, "locations", "physicalLocation", "artifactLocation",
			    "uri", &uri_is, "logicalLocations", "name", &function_is),
		0, "%s", run.out);
	cr_expect_str_eq(rule_is, rule);
	cr_expect_str_eq(level, "error");
	cr_expect(strstr(words, "what to do: "), "%s", words);
	cr_expect_str_eq(uri_is, uri);
	cr_expect((!function && !function_is) ||
			  (function && strcmp(function_is, function) == 0),
		  "%s", run.out);
}

Test(cmd_preflight, sarif)
{
	json_t *log, *first;
	char uri[128];

	snprintf(uri, sizeof(uri), "file://%s", bad);
	ask("--sarif %s /nonexistent.ko", bad);
	cr_expect_eq(run.status, 3);
	first = sarif_run(&log);
	expect_result(first, "would-fault/store", uri, "init_module");
	cr_expect(strstr(run.out, "\"executionSuccessful\":false"), "%s", run.out);
	cr_expect(strstr(run.out, "/nonexistent.ko: No such file"), "%s", run.out);
	json_decref(log);
}

/* Without an answer there is a whole log, too. */
Test(cmd_preflight, sarif_of_nothing)
{
	json_t *log, *first;

	ask("--sarif /nonexistent%%20.ko");
	first = sarif_run(&log);
	cr_expect_eq(json_array_size(json_object_get(first, "results")), 0, "%s",
		     run.out);
	cr_expect(strstr(run.out, "\"executionSuccessful\":false"), "%s", run.out);
	json_decref(log);
	ask("--sarif --json %s", good);
	cr_expect_eq(run.status, 64);
	cr_expect(strstr(run.err, "--json and --sarif exclude each other"), "%s",
		  run.err);
}
