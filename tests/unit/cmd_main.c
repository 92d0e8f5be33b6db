/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tool as a whole, on a small kernel in files. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "fake.h"
#include "run.h"

static char sysroot[32];
static struct run run;

static void setup(void)
{
	struct fake fake = {0};

	strcpy(sysroot, "/tmp/kwcheck-test-XXXXXX");
	fake_write_sysroot(&fake, sysroot);
}

static void teardown(void)
{
	fake_remove_sysroot(sysroot);
}

TestSuite(cmd_main, .init = setup, .fini = teardown);

/* "kwcheck --sysroot=DIR ARGUMENTS" */
static void kwcheck(const char *arguments)
{
	char line[1024];

	snprintf(line, sizeof(line), "--sysroot=%s %s", sysroot, arguments);
	run_kwcheck(&run, line);
}

static void expect_status(const char *arguments, int status)
{
	kwcheck(arguments);
	cr_expect_eq(run.status, status, "%s: %d: %s", arguments, run.status, run.err);
}

Test(cmd_main, exit_status)
{
	expect_status("vmlinux:apparmor_hooks", 1);
	expect_status("modprobe_path", 0);
	expect_status("modprobe_path vmlinux:apparmor_hooks", 1);
	expect_status("gdt_page", 2);
	expect_status("gdt_page modprobe_path", 2);
	expect_status("gdt_page vmlinux:apparmor_hooks", 3);
	expect_status("no_such_symbol_at_all", 2);
	expect_status("no_such_symbol_at_all vmlinux:apparmor_hooks", 3);
	expect_status("--expect=ro vmlinux:apparmor_hooks", 0);
	expect_status("--expect=rw vmlinux:apparmor_hooks", 1);
	expect_status("--expect=ro modprobe_path", 1);
	expect_status("12345 modprobe_path", 64);
	expect_status("12345 vmlinux:apparmor_hooks gdt_page", 64);
	expect_status("", 64);
	expect_status("walk modprobe_path", 0);
	expect_status("--help", 0);
	expect_status("--version", 0);
	expect_status("@/nonexistent", 2);
}

Test(cmd_main, text_of_the_main_question)
{
	kwcheck("vmlinux:apparmor_hooks");
	cr_expect_str_eq(run.out,
			 "apparmor_hooks  ffffffff81300000  2752 bytes  read-only\n"
			 "  a write here faults: the PMD (2M page) has RW clear; "
			 ".data..ro_after_init, sealed after boot\n"
			 "  kallsyms calls it 'd' (data); the page table decides\n");
	cr_expect_str_eq(run.err, "");
}

Test(cmd_main, text_of_a_walk)
{
	kwcheck("walk three_pages+0x1000");
	cr_expect_str_eq(
		run.out,
		"three_pages+0x1000  ffffffff81601000  1 byte  read-only\n"
		"  root swapper_pg_dir at 0000000000001000, 4 levels\n"
		"  PGD 511  0000000000001ff8  0000000000002067  PRESENT RW USER ACCESSED\n"
		"  PUD 510  0000000000002ff0  0000000000003063  PRESENT RW ACCESSED\n"
		"  PMD  11  0000000000003058  0000000000004063  PRESENT RW ACCESSED\n"
		"  PTE   1  0000000000004008  8000000002601121  PRESENT ACCESSED GLOBAL NX"
		"  <- no RW\n"
		"  effective: r--, supervisor; 4K page, physical 0000000002601000\n"
		"  a write here faults: the PTE (4K page) has RW clear; kernel image, section "
		"unknown\n"
		"  kallsyms calls it 'b' (bss); the page table decides\n");
}

Test(cmd_main, a_shared_name_lists_every_symbol)
{
	kwcheck("bpf_lsm_hooks");
	cr_expect_not_null(strstr(run.out, "bpf_lsm_hooks: 2 symbols have this name\n"));
	cr_expect_not_null(
		strstr(run.out, "1 of 2, 'd': bpf_lsm_hooks  ffffffff81200100"));
	cr_expect_not_null(
		strstr(run.out, "2 of 2, 'd': bpf_lsm_hooks  ffffffff81301000"));
	cr_expect_eq(run.status, 1);
}

Test(cmd_main, quiet_prints_nothing)
{
	kwcheck("-q vmlinux:apparmor_hooks");
	cr_expect_eq(run.status, 1);
	cr_expect_str_eq(run.out, "");
	cr_expect_str_eq(run.err, "");
}

Test(cmd_main, failures_are_one_line)
{
	kwcheck("aparmor_hooks");
	cr_expect_str_eq(run.err, "kwcheck: aparmor_hooks: no such symbol; did you mean "
				  "apparmor_hooks\n");
	/* A raw escape from the command line does not reach the terminal. */
	kwcheck("$(printf 'x\\033[2J')");
	cr_expect_null(strchr(run.err, '\033'), "%s", run.err);
	cr_expect_eq(run.status, 64);
}

Test(cmd_main, colour)
{
	kwcheck("modprobe_path");
	cr_expect_null(strchr(run.out, '\033'), "colour without a terminal");
	kwcheck("--color=always modprobe_path");
	cr_expect_not_null(strstr(run.out, "\033[1;32mwritable\033[0m"));
	kwcheck("--color=never modprobe_path");
	cr_expect_null(strchr(run.out, '\033'));
}

Test(cmd_main, a_list_on_stdin)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "--sysroot=%s - <<'E'\n# list\nmodprobe_path\n\n"
		 "0xffffffff81400000\nE",
		 sysroot);
	run_kwcheck(&run, line);
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "modprobe_path  "));
	cr_expect_not_null(strstr(run.out, "__end_rodata  ffffffff81400000"), "%s",
			   run.out);
}

static json_t *parse(void)
{
	json_error_t error;
	json_t *root = json_loads(run.out, JSON_REJECT_DUPLICATES, &error);

	cr_assert_not_null(root, "%s: %s", error.text, run.out);
	cr_assert_str_eq(json_string_value(json_object_get(root, "schema")), "kwcheck/1");
	return root;
}

static void expect_keys(const json_t *object, const char *keys)
{
	char copy[256];

	strcpy(copy, keys);
	for (char *key = strtok(copy, " "); key; key = strtok(NULL, " "))
		cr_expect_not_null(json_object_get(object, key), "no key %s", key);
}

Test(cmd_main, json)
{
	const json_t *result, *page, *entry;
	json_t *root;

	kwcheck("--json modprobe_path vmlinux:apparmor_hooks nosuchsymbolanywhere");
	root = parse();
	expect_keys(root, "schema command kernel results errors");
	cr_expect_str_eq(json_string_value(json_object_get(root, "command")), "check");
	cr_assert_eq(json_array_size(json_object_get(root, "results")), 2);
	result = json_array_get(json_object_get(root, "results"), 1);
	expect_keys(result,
		    "query symbol module type address size_bytes verdict reason pages");
	cr_expect_str_eq(json_string_value(json_object_get(result, "verdict")),
			 "read-only");
	cr_expect_str_eq(json_string_value(json_object_get(result, "address")),
			 "0xffffffff81300000");
	page = json_array_get(json_object_get(result, "pages"), 0);
	expect_keys(
		page,
		"address size_bytes physical verdict executable user denied_by entries "
		"aliases");
	cr_expect_eq(json_integer_value(json_object_get(page, "size_bytes")), 2097152);
	cr_expect_str_eq(json_string_value(json_object_get(page, "denied_by")), "PMD");
	entry = json_array_get(json_object_get(page, "entries"), 2);
	expect_keys(entry, "level index address value flags");
	cr_expect_str_eq(json_string_value(json_object_get(entry, "value")),
			 "0x80000000022001a1");
	cr_assert_eq(json_array_size(json_object_get(root, "errors")), 1);
	expect_keys(json_array_get(json_object_get(root, "errors"), 0), "code message");
	json_decref(root);
}

Test(cmd_main, json_also_in_failure)
{
	json_t *root;

	run_kwcheck(&run, "--json --sysroot=/nonexistent modprobe_path");
	cr_expect_eq(run.status, 2);
	root = parse();
	cr_expect(json_is_null(json_object_get(root, "kernel")));
	cr_assert_eq(json_array_size(json_object_get(root, "errors")), 1);
	json_decref(root);
	run_kwcheck(&run, "--frobnicate --json");
	cr_expect_eq(run.status, 64);
	json_decref(parse());
	kwcheck("--json \"$(printf 'a\\377b')\"");
	json_decref(parse());
}

/* A verdict that was not delivered is not exit 0. */
Test(cmd_main, a_full_disk_is_noticed)
{
	static const char *const words[] = {
		"modprobe_path", "walk modprobe_path", "audit", "audit -J",   "map",
		"map -J",	 "map --json-lines",   "help",	"--list 'a*'"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char line[128];

		snprintf(line, sizeof(line),
			 "%s --core=tests/data/captures/6.1.zst >/dev/full", words[i]);
		kwcheck(line);
		cr_expect_eq(run.status, 2, "%s: %d", words[i], run.status);
		cr_expect_str_eq(run.err,
				 "kwcheck: standard output: No space left on device\n",
				 "%s", words[i]);
	}
}

/* Who reads no more is not told so, whether SIGPIPE ends kwcheck or is ignored. More than
 * a pipe holds.
 */
Test(cmd_main, a_pipe_that_is_closed)
{
	static const char *const words[] = {"--list='*'", "-J --list='*'"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char line[256];

		snprintf(line, sizeof(line),
			 "trap '' PIPE; { " KWCHECK_BINARY
			 " %s --core=tests/data/captures/6.1.zst; echo $? >&2; } | true",
			 words[i]);
		run_shell(&run, line);
		cr_expect_str_eq(run.err, "2\n", "%s: %s", words[i], run.err);
		line[strlen("trap '' PIPE; ")] = '{';
		run_shell(&run, line + strlen("trap '' PIPE; "));
		cr_expect_str_eq(run.err, "141\n", "%s: %s", words[i], run.err);
	}
}

static void slurp(const char *path, char *text, size_t room)
{
	FILE *file = fopen(path, "re");

	cr_assert_not_null(file, "%s", path);
	text[fread(text, 1, room - 1, file)] = '\0';
	fclose(file);
}

/* The word at @text, which the man page writes as "\-" or "-", is in @document. */
static void expect_documented(const char *document, const char *what, const char *word)
{
	cr_expect_not_null(strstr(document, word), "%s lacks %s", what, word);
}

/* Each option that the help of @verb names (NULL: of the tool) is in the man page, and
 * no line is wider than a screen.
 */
static void expect_options_documented(const char *man, const char *verb)
{
	char word[64];

	snprintf(word, sizeof(word), "help %s", verb ? verb : "");
	run_kwcheck(&run, word);
	cr_expect_eq(run.status, 0, "%s", word);
	for (char *line = run.out; line; line = strchr(line, '\n')) {
		size_t bytes;

		line += *line == '\n';
		bytes = strcspn(line, "\n");
		cr_expect_leq(bytes, 80, "help %s: %.*s", verb, (int)bytes, line);
		cr_expect(bytes == 0 || line[bytes - 1] != ' ', "help %s: %.*s", verb,
			  (int)bytes, line);
	}
	for (char *p = run.out; (p = strstr(p, "--")); p += 2) {
		size_t bytes = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");

		if (bytes == 0)
			continue;
		snprintf(word, sizeof(word), "Fl -%.*s", (int)bytes, p + 2);
		expect_documented(man, "man/kwcheck.8", word);
	}
}

/* Help and the man page name the same options and verbs. Completion asks help. */
Test(cmd_main, options_are_documented_everywhere)
{
	static char man[1 << 17], help[RUN_OUT_BYTES];
	char word[64];

	slurp("man/kwcheck.8", man, sizeof(man));
	expect_options_documented(man, NULL);
	strcpy(help, run.out);
	for (size_t i = 0; i < nr_verbs; i++) {
		snprintf(word, sizeof(word), ".It Cm %s", verbs[i].name);
		expect_documented(man, "man/kwcheck.8", word);
		snprintf(word, sizeof(word), "  %s ", verbs[i].name);
		expect_documented(help, "help", word);
		expect_options_documented(man, verbs[i].name);
		expect_documented(run.out, verbs[i].name, "\nExample: kwcheck ");
		expect_documented(run.out, verbs[i].name, "\nExit status: 0 ");
	}
}

#ifdef KWCHECK_LIBDW
#define HAS_LIBDW true
#else
#define HAS_LIBDW false
#endif
#ifdef KWCHECK_SMARTCOLS
#define HAS_SMARTCOLS true
#else
#define HAS_SMARTCOLS false
#endif
#ifdef KWCHECK_ZYDIS
#define HAS_ZYDIS true
#else
#define HAS_ZYDIS false
#endif
#ifdef KWCHECK_UNICORN
#define HAS_UNICORN true
#else
#define HAS_UNICORN false
#endif
#ifdef KWCHECK_CRYPTO
#define HAS_CRYPTO true
#else
#define HAS_CRYPTO false
#endif
#ifdef KWCHECK_KDUMPFILE
#define HAS_KDUMPFILE true
#else
#define HAS_KDUMPFILE false
#endif
#ifdef KWCHECK_SNAPPY
#define HAS_SNAPPY true
#else
#define HAS_SNAPPY false
#endif

/* One line names each library that the build did without, and none that it has. */
Test(cmd_main, what_was_left_out)
{
	static const struct {
		const char *name;
		bool is_built_in;
	} libraries[] = {
		{"libdw", HAS_LIBDW},	   {"libsmartcols", HAS_SMARTCOLS},
		{"Zydis", HAS_ZYDIS},	   {"Unicorn", HAS_UNICORN},
		{"libcrypto", HAS_CRYPTO}, {"libkdumpfile", HAS_KDUMPFILE},
		{"libsnappy", HAS_SNAPPY},
	};
	char line[512] = "";
	const char *from;

	kwcheck("--version");
	from = strstr(run.out, "\nleft out: ");
	if (from)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(from + 1, "\n"),
			 from + 1);
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		cr_expect_eq(strstr(line, libraries[i].name) == NULL,
			     libraries[i].is_built_in, "%s: '%s'", libraries[i].name,
			     line);
}

Test(cmd_main, help_and_version_are_words)
{
	char out[RUN_OUT_BYTES];

	kwcheck("--help");
	strcpy(out, run.out);
	kwcheck("help");
	cr_expect_str_eq(run.out, out);
	kwcheck("audit --help");
	strcpy(out, run.out);
	kwcheck("help audit");
	cr_expect_str_eq(run.out, out);
	kwcheck("--version");
	strcpy(out, run.out);
	kwcheck("version");
	cr_expect_str_eq(run.out, out);
	cr_expect_not_null(strstr(out, "built with libelf "), "%s", out);
	cr_expect_not_null(strstr(out, "\nfeatures: "), "%s", out);
	expect_status("help aduit", 64);
	kwcheck("help aduit");
	cr_expect_str_eq(run.err,
			 "kwcheck: aduit: no verb; did you mean audit; there are "
			 "check, walk, oops, capture, audit, map, dmesg, "
			 "dump, diff, preflight\n");
	kwcheck("help audit map");
	cr_expect_eq(run.status, 64);
	kwcheck("help help");
	cr_expect_eq(run.status, 0);
	cr_expect_not_null(strstr(run.out, "kwcheck help [VERB]"), "%s", run.out);
	/* A symbol of that name is asked about behind "--". */
	kwcheck("--core=tests/data/captures/6.1.zst -- help");
	cr_expect_not_null(strstr(run.err, "help: no such symbol"), "%s", run.err);
}

Test(cmd_main, what_was_meant)
{
	static const struct {
		const char *words, *told;
		int status;
	} wrong[] = {
		{"aduit", "; did you mean 'kwcheck audit'\n", 2},
		{"Audit", "; did you mean 'kwcheck audit'\n", 2},
		{"preflght", "; did you mean 'kwcheck preflight'\n", 2},
		{"folder/mine.ko.xz",
		 "a module's file, not a target: ask 'kwcheck preflight "
		 "folder/mine.ko.xz'",
		 64},
		{"mine.ko", "ask 'kwcheck preflight mine.ko'", 2},
		{"/var/log/kern.log", "'kwcheck oops /var/log/kern.log' explains", 64},
		{"ffffffff81000000", "ask 'kwcheck 0xffffffff81000000'", 2},
		{"81000000ff", "ask 'kwcheck 0x81000000ff'", 64},
		{"ffff88", "ask 'kwcheck 0xffff88'", 2},
		{"ffffffff81000000-ffffffff81001000",
		 "ask 'kwcheck 0xffffffff81000000-0xffffffff81001000'", 64},
		{"81000000-0x81001000", "ask 'kwcheck 0x81000000-0x81001000'", 64},
		{"''", "'': an empty word is no target", 64},
		{"@", "@: give the file of a list behind it", 64},
		{"walk @ jiffies", "@: give the file of a list behind it", 64},
		{"apparmor_soc",
		 "; 17 symbols begin with it: 'kwcheck --list=apparmor_soc*' names them",
		 2},
		{"dump apparmor_hook", "1 symbol begins with it", 2},
		{"map --region=ro-data", "; did you mean .rodata", 64},
		{"map --range=5-3", "--range=5-3: malformed target", 64},
		{"capture a b", "b: capture writes one FILE", 64},
		{"capture ''", "'': an empty word is no file's name", 64},
		{"capture -", "a file of that name is ./-", 64},
		{"capture /tmp", "/tmp: a folder; name a file in it", 64},
		{"map text", "; --region=NAME or --range=0xA-0xB takes a part", 64},
		{"dmesg vmcore", "; of a dump 'kwcheck dmesg --core=FILE' prints", 64},
		{"audit init_task", "; of a symbol ask 'kwcheck init_task'", 64},
		{"'init_task,jiffies'", "several targets are separated by blanks", 64},
		{"INIT_TASK", "; did you mean init_task", 2},
		{"init_task/16", "a length stands behind an offset, init_task+0/16", 64},
		{"0xffffffff81000000/16", "is written 0xA+LENGTH", 64},
		{"oops ''", "'': No such file", 2},
		{"preflight ''", "; an empty word is none", 2},
		{"'init_task jiffies'", "one target a word, and one a line of a list",
		 64},
		{"'81000000 T _text'", "one target a word, and one a line of a list", 64},
		{"walk", "nothing to walk: no TARGET is given; try", 64},
		{"oops tests/data/captures/6.1.zst",
		 "'kwcheck oops --core=FILE' reads the log in a dump", 2},
		{"--colour=never x",
		 "--colour=never: unknown option; did you mean --color;", 64},
		{"oracle",
		 "oracle: no such symbol, but a loaded module: name one of its "
		 "symbols, as 'oracle:*' does with all",
		 2},
		{"preflight",
		 "try 'kwcheck preflight ./mine.ko' or 'kwcheck preflight "
		 "--help'",
		 64},
		{"--list 0x1000", "no pattern of names", 64},
		{"--list 'a*' b", "--list takes no targets beside its pattern", 64},
		{"--list nosuch", "nosuch: no symbol matches", 2},
		{"'nosuch_*'", "nosuch_*: no symbol matches", 2},
		{"@/dev/null", "/dev/null: a list without a target", 2},
		{"-q --expect=ro - </dev/null", "standard input: a list without a target",
		 2},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char words[256];

		snprintf(words, sizeof(words), "--core=tests/data/captures/6.12.zst %s",
			 wrong[i].words);
		kwcheck(words);
		cr_expect_eq(run.status, wrong[i].status, "%s: %d", words, run.status);
		cr_expect_not_null(strstr(run.err, wrong[i].told), "%s: %s", words,
				   run.err);
	}
	kwcheck("--sysroot=/nowhere chek x");
	cr_expect_not_null(strstr(run.err, "--sysroot=/nowhere: No such file"), "%s",
			   run.err);
	cr_expect_not_null(strstr(run.err, "; did you mean 'kwcheck check'"), "%s",
			   run.err);
	/* What is no target is told without a kernel, too. */
	kwcheck("--sysroot=/tmp 0xzz");
	cr_expect_eq(run.status, 64);
	cr_expect_not_null(strstr(run.err, "0xzz: malformed target"), "%s", run.err);
	/* /tmp has no kcore: a capture is the way out. */
	kwcheck("--sysroot=/tmp init_task");
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "'kwcheck capture FILE'"), "%s", run.err);
	cr_expect_not_null(strstr(run.err, "--core=FILE"), "%s", run.err);
}

Test(cmd_main, patterns_and_lists)
{
	kwcheck("--core=tests/data/captures/6.1.zst --no-aliases 'apparmor_h*'");
	cr_expect_eq(run.status, 1);
	cr_expect_not_null(strstr(run.out, "apparmor_h*: 2 symbols match\n1 of 2, 'd': "
					   "apparmor_hooks  "),
			   "%s", run.out);
	cr_expect_not_null(strstr(run.out, "\n2 of 2, 'b': apparmor_hash_size  "));
	kwcheck("--core=tests/data/captures/6.1.zst --list 'apparmor_h*'");
	cr_expect_eq(run.status, 0);
	cr_expect_str_eq(run.out, "# NAME             ADDRESS            TYPE\n"
				  "apparmor_hooks     # ffffffff9b031500 d\n"
				  "apparmor_hash_size # ffffffff9cc6cbb8 b\n");
	kwcheck("--core=tests/data/captures/6.1.zst --list 'apparmor_h*' -n -o type,name");
	cr_expect_str_eq(run.out, "d apparmor_hooks\nb apparmor_hash_size\n");
	/* What is listed is a list of targets. */
	run_shell(&run, KWCHECK_BINARY " --core=tests/data/captures/6.1.zst --list "
				       "'apparmor_h*' | " KWCHECK_BINARY
				       " --core=tests/data/captures/6.1.zst "
				       "--no-aliases -");
	cr_expect_eq(run.status, 1, "%s", run.err);
	cr_expect_not_null(strstr(run.out, "apparmor_hash_size  "));
	kwcheck("--core=tests/data/captures/6.1.zst -J --list 'security_hook_h*'");
	cr_expect_not_null(strstr(run.out, "{\"name\":\"security_hook_heads\",\"module\":"
					   "null,\"address\":\"0xffffffff9b02e7c0\","
					   "\"type\":\"D\"}"),
			   "%s", run.out);
	/* The address of System.map, before KASLR moved it. */
	kwcheck("--core=tests/data/captures/6.1.zst 0xffffffff81000000");
	cr_expect_not_null(strstr(run.out,
				  "KASLR moved this kernel by 0x18c00000: what was "
				  "linked there, "),
			   "%s", run.out);
	kwcheck("--core=tests/data/captures/6.1.zst 0xffffffff99c00000");
	cr_expect_null(strstr(run.out, "KASLR moved"), "%s", run.out);
}

/* What is tried in a process of its own is known by how that ended. */
Test(cmd_main, where_the_end_of_children_is_ignored)
{
	char out[RUN_OUT_BYTES];

	kwcheck("--version");
	strcpy(out, run.out);
	run_shell(&run, "env --ignore-signal=CHLD " KWCHECK_BINARY " --version");
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_str_eq(run.out, out);
}
