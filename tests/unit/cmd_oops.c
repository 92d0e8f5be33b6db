/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck oops as a user runs it, without a kernel. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

/* No kernel below it, whoever runs the tests and wherever. */
#define OOPS "oops --sysroot=/nonexistent "
#define DATA "tests/data/oops/"

static struct run run;

static void expect_words(const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		cr_expect_not_null(strstr(run.out, words[i]), "no '%s' in:\n%s", words[i],
				   run.out);
}

Test(cmd_oops, the_story_of_2020)
{
	static const char *const words[] = {
		"kernel code tried to write to ffffffffaa6f0210: the page is present and\n"
		"  read-only",
		"P=1 W=1 U=0",
		"init_lsm_hooks+0x1cd in module deepin_security",
		"mov [rdx], rcx",
		"stores 8 bytes, rcx=ffffffffc0ae2020, to rdx=ffffffffaa6f0210",
		"ffffffffaa6f0210 = apparmor_hooks+0x2d0",
		"hooks of apparmor, element 18, member list.next",
		"PTE  800000003faf0061  PRESENT ACCESSED DIRTY NX",
		"effective: r--, supervisor; 4K page, physical 000000003faf0210",
		"denied by the PTE: RW is clear",
		"since 4.12",
		"CONFIG_SECURITY_WRITABLE_HOOKS",
		"kprobe",
		"build the LSM into the kernel",
		NULL,
	};

	run_kwcheck(&run,
		    OOPS "--kallsyms " DATA "4.19-kallsyms.txt " DATA "4.19-lsm.txt");
	cr_expect_eq(run.status, 0);
	cr_expect_str_empty(run.err);
	expect_words(words);
	cr_expect_null(strstr(run.out, "today"));
}

static void expect_status(const char *arguments, int status)
{
	run_kwcheck(&run, arguments);
	cr_expect_eq(run.status, status, "%s: %d: %s", arguments, run.status, run.err);
}

Test(cmd_oops, exit_status)
{
	expect_status(OOPS "-q " DATA "7.3-lsm.txt", 0);
	expect_status(OOPS "-q - <" DATA "7.3-lsm.txt", 0);
	expect_status(OOPS DATA "4.19-kallsyms.txt", 1);
	cr_expect_str_eq(run.out, "no crash in " DATA "4.19-kallsyms.txt\n");
	expect_status(OOPS "<" DATA "4.19-kallsyms.txt", 1);
	cr_expect_str_eq(run.out, "no crash in standard input\n");
	expect_status(OOPS "- <" DATA "4.19-kallsyms.txt", 1);
	expect_status(
		"oops --sysroot=/nonexistent - <<'EOF'\n"
		"BUG: unable to handle page fault for address: ffffffff81000000\nEOF\n",
		2);
	cr_expect_not_null(strstr(run.out, "too damaged to explain"));
	expect_status(OOPS "/nonexistent", 2);
	expect_status(OOPS "--kallsyms /nonexistent " DATA "7.3-lsm.txt", 2);
	expect_status(OOPS "--module /nonexistent " DATA "7.3-lsm.txt", 2);
	expect_status(OOPS "--kallsyms " DATA "7.3-lsm.txt " DATA "7.3-lsm.txt", 2);
	expect_status(OOPS "--nth=0 " DATA "7.3-lsm.txt", 64);
	expect_status(OOPS "--nth=2x " DATA "7.3-lsm.txt", 64);
	expect_status(OOPS "--nth=2 " DATA "7.3-lsm.txt", 64);
	expect_status(OOPS "--nth=1 " DATA "7.3-lsm.txt", 0);
	expect_status(OOPS "/nonexistent " DATA "7.3-lsm.txt", 2);
	expect_status(OOPS "/nonexistent " DATA "4.19-kallsyms.txt", 3);
	expect_status(OOPS DATA "4.19-kallsyms.txt " DATA "7.3-lsm.txt", 0);
	expect_status(OOPS "-", 2);
	cr_expect_str_eq(run.err,
			 "kwcheck: standard input: it is empty, there is no log in it\n");
	expect_status("check --nth=1 x", 64);
}

Test(cmd_oops, json)
{
	const char *function;
	json_t *object, *result;
	json_int_t index;

	run_kwcheck(&run, OOPS "--json --nth=3 " DATA "7.3-many.txt");
	cr_expect_eq(run.status, 0);
	object = json_loads(run.out, 0, NULL);
	cr_assert_not_null(object, "%s", run.out);
	cr_expect_eq(json_array_size(json_object_get(object, "results")), 1);
	cr_expect(json_is_null(json_object_get(object, "kernel")));
	result = json_array_get(json_object_get(object, "results"), 0);
	cr_assert_eq(json_unpack(result, "{s:I, s:{s:s}}", "index", &index, "site",
				 "function", &function),
		     0);
	cr_expect_eq(index, 3);
	cr_expect_str_eq(function, "oops_hook");
	json_decref(object);
	run_kwcheck(&run, OOPS "--json " DATA "4.19-kallsyms.txt");
	cr_expect_eq(run.status, 1);
	cr_expect_not_null(strstr(run.out, "\"results\":[],\"errors\":[]"));
}

/* The kernel's wrappings come to the same. */
Test(cmd_oops, formats)
{
	static const char *const filters[] = {
		"cat",
		"sed 's/^\\[[^]]*\\] //'",
		"sed 's/^\\[/<4>[/'",
		"sed 's/^\\[[^]]*\\] /Nov 24 22:47:01 host kernel: /'",
		"sed 's/^\\(\\[[^]]*\\]\\)/\\1[  T138]/'",
		"sed 's/$/\\r/'",
		"awk '{ t = $2; sub(/]/, \"\", t); m = substr($0, index($0, \"]\") + 2); "
		"print \"4,\" NR \",\" t * 1000000 \",-;\" m }'",
		"awk '{ m = substr($0, index($0, \"]\") + 2); gsub(/[\"\\\\]/, \"\\\\\\\\&\", m); "
		"print \"{\\\"_TRANSPORT\\\":\\\"kernel\\\",\\\"MESSAGE\\\":\\\"\" m \"\\\"}\" }'",
		"awk 'BEGIN { print \"{\\\"dmesg\\\":[\" } { m = substr($0, index($0, \"]\") + 2); "
		"gsub(/[\"\\\\]/, \"\\\\\\\\&\", m); print (NR > 1 ? \",\" : \"\") "
		"\"{\\\"pri\\\":4,\\\"time\\\":1.000000,\\\"msg\\\":\\\"\" m \"\\\"}\" } "
		"END { print \"]}\" }'",
	};
	char line[1024];

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		static const char *const words[] = {
			"t+0x55 in module f01_hlist, whose init function was running",
			"mov qword ptr [rdx], 0xffffffffc0355000",
			"denied by the PMD: RW is clear",
			"5.10.0-32-amd64",
			NULL,
		};

		snprintf(
			line, sizeof(line),
			"oops --sysroot=/nonexistent - <<EOF\n$(%s %s5.10-lsm.txt)\nEOF\n",
			filters[i], DATA);
		run_kwcheck(&run, line);
		cr_expect_eq(run.status, 0, "%s: %s", filters[i], run.err);
		expect_words(words);
	}
}

Test(cmd_oops, nothing_raw_on_the_terminal)
{
	run_kwcheck(&run,
		    "oops --sysroot=/nonexistent - <<'EOF'\n"
		    "list_add corruption \033]0;x\007 \233 %s%n\n"
		    "kernel BUG at a\001b:1!\ninvalid opcode: 0000 [#1] SMP\nEOF\n");
	cr_expect_eq(run.status, 0);
	for (const char *c = run.out; *c; c++)
		cr_assert(*c == '\n' || (*c >= 0x20 && *c < 0x7f), "%02x", *c);
	cr_expect_not_null(strstr(run.out, "%s%n"));
}

/* Later redirections of the command win over the test's own. */
Test(cmd_oops, standard_input_and_rotated_logs)
{
	expect_status(OOPS "-q <" DATA "7.3-lsm.txt", 0);
	expect_status(OOPS "-q --nth=2 <" DATA "7.3-lsm.txt", 64);
}

Test(cmd_oops, compressed)
{
	static const char *const packers[] = {"gzip", "xz", "zstd -q"};

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		char command[300];

		snprintf(command, sizeof(command),
			 "--version >/dev/null; %s -c <" DATA
			 "7.3-lsm.txt | " KWCHECK_BINARY " " OOPS "-q",
			 packers[i]);
		expect_status(command, 0);
	}
	expect_status("--version >/dev/null; gzip -c <" DATA
		      "7.3-lsm.txt | head -c 500 | " KWCHECK_BINARY " " OOPS "-q",
		      2);
}

static void expect_shell(const char *command, int status)
{
	run_shell(&run, command);
	cr_expect_eq(run.status, status, "%s: %d: %s", command, run.status, run.err);
}

#define MAKE "d=$(mktemp -d); "
#define RUN KWCHECK_BINARY " " OOPS
#define REMOVE "; r=$?; rm -rf $d; exit $r"

/* Each crash once, with the files that it is in; a dump and an empty file in a folder are
 * no error.
 */
Test(cmd_oops, folders)
{
	json_t *object, *results, *result;
	const char *name, *command;

	expect_shell(MAKE "mkdir $d/a $d/b; cp " DATA "7.3-lsm.txt $d/a/dmesg.1; "
			  "sed 's/^\\[[^]]*\\] //' " DATA "7.3-lsm.txt >$d/b/journal; "
			  "cp " DATA "6.1-lsm.txt $d/b/log; gzip $d/b/log; "
			  "cp " DATA "4.19-kallsyms.txt $d/b/quiet; "
			  "printf 'KDUMP   ' >$d/a/vmcore; : >$d/a/empty; " RUN
			  "--json $d" REMOVE,
		     0);
	object = json_loads(run.out, 0, NULL);
	cr_assert_not_null(object, "%s", run.out);
	results = json_object_get(object, "results");
	cr_assert_eq(json_array_size(results), 2);
	result = json_array_get(results, 0);
	cr_expect_eq(json_array_size(json_object_get(result, "files")), 2);
	cr_expect_eq(json_integer_value(json_object_get(result, "copies")), 2);
	name = json_string_value(json_array_get(json_object_get(result, "files"), 1));
	cr_expect_not_null(strstr(name, "/b/journal"));
	/* The one with time stamps says more. */
	cr_expect(json_is_integer(json_object_get(result, "time_us")));
	cr_expect_eq(json_array_size(json_object_get(object, "errors")), 0);
	cr_expect_str_eq(run.err, "kwcheck: 2 files of the folders are no log\n");
	json_decref(object);

	expect_shell(MAKE RUN "$d" REMOVE, 1);
	cr_expect_str_eq(run.out, "no crash: there is no log\n");
	cr_expect_str_empty(run.err);
	command = MAKE "cp " DATA "7.3-lsm.txt $d/x; cat $d/x >>$d/x.2; cat $d/x "
		       ">>$d/x.2; " RUN "$d/x $d/x.2" REMOVE;
	expect_shell(command, 0);
	cr_expect_not_null(strstr(run.out, "crash 1 of 1, "));
	cr_expect_not_null(strstr(run.out, "/x.2; the same crash 3 times\n"), "%s",
			   run.out);
}

/* pstore's parts in a folder are one log, also packed; in them the newest comes first. */
Test(cmd_oops, parts_of_pstore)
{
	expect_shell(MAKE "tac " DATA "7.3-lsm.txt | split -l 12 - $d/t; n=0; "
			  "for t in $d/t*; do n=$((n+1)); "
			  "{ echo \"Panic#1 Part$n\"; tac $t; } "
			  ">$d/dmesg-efi-16546789190${n}001; rm $t; done; " RUN
			  "-v $d" REMOVE,
		     0);
	cr_expect_not_null(strstr(run.out, "crash 1 of 1, 8.694006 s"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "/dmesg-efi-*\n"));
	expect_shell(MAKE "echo x >$d/dmesg-efi-165467891901001.enc.z; " RUN "$d" REMOVE,
		     2);
	cr_expect_not_null(strstr(run.err, "it is compressed, and damaged"));
}

Test(cmd_oops, json_lines)
{
	json_t *object;
	char *line, *save = NULL;

	expect_status(OOPS "--json-lines /nonexistent " DATA "7.3-lsm.txt " DATA
			   "6.1-lsm.txt",
		      2);
	line = strtok_r(run.out, "\n", &save);
	for (int i = 0; i < 4; i++, line = strtok_r(NULL, "\n", &save)) {
		static const char *const keys[] = {"schema", "headline", "headline",
						   "error"};

		cr_assert_not_null(line);
		object = json_loads(line, 0, NULL);
		cr_assert_not_null(object, "%s", line);
		cr_expect_not_null(json_object_get(object, keys[i]), "%d: %s", i, line);
		json_decref(object);
	}
	cr_expect_null(line);
}

/* What many take for a crash. */
Test(cmd_oops, memory_that_ran_out_is_no_crash)
{
	expect_status(OOPS
		      "- <<'EOF'\n"
		      "[1.0] Out of memory: Killed process 85 (x) total-vm:432100kB\n"
		      "EOF\n",
		      1);
	cr_expect_str_eq(run.out, "no crash in standard input: memory ran out, and the "
				  "kernel killed PID 85 (x): it went on\n");
}

Test(cmd_oops, what_is_no_log_is_named)
{
	static const struct {
		const char *make, *words;
	} rows[] = {
		{"cp /bin/true $d/x", "a program or a module (ELF), no log"},
		{"printf 'LPKSHHRH%99s' >$d/x", "journalctl --file=FILE"},
		{"printf 'BZh91AY&SY' >$d/x", "compressed by bzip2"},
		{"head -c 5000 /dev/zero >$d/x", "no text, and no crash in it"},
		{": >$d/x", "it is empty"},
		{"printf LPKSHHRH | gzip >$d/x", "a journal of systemd"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char command[400];

		snprintf(command, sizeof(command), MAKE "%s; " RUN "$d/x" REMOVE,
			 rows[i].make);
		expect_shell(command, 2);
		cr_expect_not_null(strstr(run.err, rows[i].words), "%s", run.err);
	}
	/* A tar archive has its files as they are, behind a head of 512 bytes. */
	expect_shell(MAKE "{ head -c 257 /dev/zero; printf ustar; head -c 250 /dev/zero; "
			  "cat " DATA "7.3-lsm.txt; head -c 1024 /dev/zero; } >$d/x; " RUN
			  "-q $d/x" REMOVE,
		     0);
}
