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
	kwcheck("modprobe_path >/dev/full");
	cr_expect_eq(run.status, 2);
	cr_expect_not_null(strstr(run.err, "standard output"), "%s", run.err);
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

/* --help, the man page and the completion name the same options and verbs. */
Test(cmd_main, options_are_documented_everywhere)
{
	static char man[1 << 16], completion[1 << 14];
	char word[64];

	slurp("man/kwcheck.8", man, sizeof(man));
	slurp("cmd/kwcheck.bash-completion", completion, sizeof(completion));
	run_kwcheck(&run, "--help");
	for (char *p = run.out; (p = strstr(p, "--")); p += 2) {
		size_t bytes = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");

		if (bytes == 0)
			continue;
		snprintf(word, sizeof(word), "Fl -%.*s", (int)bytes, p + 2);
		expect_documented(man, "man/kwcheck.8", word);
		snprintf(word, sizeof(word), "--%.*s", (int)bytes, p + 2);
		expect_documented(completion, "the completion", word);
	}
	for (size_t i = 0; i < nr_verbs; i++) {
		snprintf(word, sizeof(word), ".It Cm %s", verbs[i].name);
		expect_documented(man, "man/kwcheck.8", word);
		snprintf(word, sizeof(word), "  %s ", verbs[i].name);
		expect_documented(run.out, "--help", word);
		snprintf(word, sizeof(word), "%s", verbs[i].name);
		expect_documented(strstr(completion, "verbs="), "the completion", word);
	}
}

/* What is tried in a process of its own is known by how that ended. */
Test(cmd_main, where_the_end_of_children_is_ignored)
{
	char out[sizeof(run.out)];

	kwcheck("--version");
	strcpy(out, run.out);
	run_shell(&run, "env --ignore-signal=CHLD " KWCHECK_BINARY " --version");
	cr_expect_eq(run.status, 0, "%s", run.err);
	cr_expect_str_eq(run.out, out);
}
