/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/crash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oopslog.h"

static struct oopslog oopslog;

static void read_file(const char *name)
{
	size_t bytes;
	char *text = oopslog_load(name, &bytes);

	oopslog_read(&oopslog, text, bytes);
	free(text);
}

static void read_text(const char *text)
{
	oopslog_read(&oopslog, text, strlen(text));
}

static void close_log(void)
{
	oopslog_close(&oopslog);
}

TestSuite(oops_crash, .fini = close_log);

Test(oops_crash, the_log_of_2020)
{
	const struct crash *crash;

	read_file("4.19-lsm.txt");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect_eq(crash->kind, CRASH_PAGE_FAULT);
	cr_expect_eq(crash->address_from, CRASH_ADDRESS_HEADLINE);
	cr_expect_eq(crash->address, 0xffffffffaa6f0210);
	cr_expect(crash->has_error_code);
	cr_expect_not(crash->has_all_error_bits);
	cr_expect_eq(crash->error_code, 3);
	cr_expect_eq(crash->mode, CRASH_MODE_KERNEL);
	cr_expect_eq(crash->number, 1);
	cr_expect_eq(crash->time_us, 415746844);
	cr_expect_eq(crash->tables[CRASH_TABLE_PGD].value, 0x3fc0e067);
	cr_expect_eq(crash->tables[CRASH_TABLE_PMD].value, 0x34367063);
	cr_expect_eq(crash->tables[CRASH_TABLE_PTE].value, 0x800000003faf0061);
	cr_expect_str_eq(crash->comm, "insmod");
	cr_expect_eq(crash->pid, 8366);
	cr_expect_str_eq(crash->release, "4.19.82-wwh");
	cr_expect_str_eq(crash->build, "#1");
	cr_expect_str_eq(crash->taint, "GOE");
	cr_expect_str_eq(crash->site.function, "init_lsm_hooks");
	cr_expect_str_eq(crash->site.module, "deepin_security");
	cr_expect_eq(crash->site.offset, 0x1cd);
	cr_expect_eq(crash->code.at, 42);
	cr_expect_eq(crash->code.nr, 64);
	cr_expect_eq(crash->code.bytes[42], 0x48);
	cr_expect_eq(crash->registers.value[REGISTER_RDX], 0xffffffffaa6f0210);
	cr_expect_eq(crash->nr_frames, 10);
	cr_expect_not(crash->has_end);
}

Test(oops_crash, releases)
{
	static const struct {
		const char *name, *release, *build;
		uint64_t address;
		bool is_unreadable;
	} rows[] = {
		{"5.10-lsm.txt", "5.10.0-32-amd64", "#1 Debian 5.10.223-1",
		 0xffffffffba394ff8, false},
		{"6.1-lsm.txt", "6.1.0-56-amd64", "#1  Debian 6.1.192-2",
		 0xffffffff88832fc0, false},
		{"6.12-lsm.txt", "6.12.107+deb13-amd64", "#1  Debian 6.12.107-1",
		 0xffffffff9280b478, true},
		{"7.3-lsm.txt", "7.3.4+deb13-amd64",
		 "#1 PREEMPT(lazy)  Debian 7.3.4-1~bpo13+1", 0xffffffffa55ee878, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct crash *crash;

		read_file(rows[i].name);
		cr_assert_eq(oopslog.crashes.nr, 1, "%s", rows[i].name);
		crash = oopslog.crashes.array;
		cr_expect_str_eq(crash->release, rows[i].release);
		cr_expect_str_eq(crash->build, rows[i].build);
		cr_expect_eq(crash->address, rows[i].address);
		cr_expect_eq(crash->code.is_unreadable, rows[i].is_unreadable);
		cr_expect(crash->has_all_error_bits);
		cr_expect_eq(crash->error_code, 3);
		cr_expect(crash->is_module_starting);
		cr_expect_str_eq(crash->module_flags, "OE+");
		cr_expect_str_eq(crash->die, "Oops");
		cr_expect(crash->has_end);
		/* The call into the kernel is of user space, and not the place. */
		cr_expect_str_eq(crash->site.function, "t");
		if (i + 1 < sizeof(rows) / sizeof(rows[0]))
			close_log();
	}
}

Test(oops_crash, many_in_one_log)
{
	static const enum crash_kind kinds[] = {
		CRASH_BUG,
		CRASH_PAGE_FAULT,
		CRASH_PAGE_FAULT,
		CRASH_LIST_CORRUPTION,
		CRASH_PAGE_FAULT,
		CRASH_PAGE_FAULT,
		CRASH_GENERAL_PROTECTION,
		CRASH_PAGE_FAULT,
		CRASH_PAGE_FAULT,
		CRASH_PAGE_FAULT,
		CRASH_PAGE_FAULT,
	};
	static const char *const functions[] = {
		"oops_bug",  "oops_const",   "oops_hook",   NULL,
		"oops_null", "oops_nx_data", "oops_poison", "oops_syscall",
		"oops_text", "oops_user",    "oops_sealed",
	};
	static const char *const logs[] = {"5.10-many.txt", "7.3-many.txt"};

	for (size_t j = 0; j < 2; j++) {
		read_file(logs[j]);
		cr_assert_eq(oopslog.crashes.nr, 11);
		for (size_t i = 0; i < 11; i++) {
			const struct crash *crash = &oopslog.crashes.array[i];

			cr_expect_eq(crash->kind, kinds[i], "%s %zu", logs[j], i);
			cr_expect_eq(crash->number, i + 1);
			if (functions[i])
				cr_expect_str_eq(crash->site.function, functions[i]);
			cr_expect(crash->has_end);
		}
		cr_expect(oopslog.crashes.array[5].is_nx_worded);
		cr_expect_not(oopslog.crashes.array[4].is_nx_worded);
		cr_expect(oopslog.crashes.array[4].is_null_worded);
		cr_expect(oopslog.crashes.array[6].is_noncanonical);
		if (j == 0)
			close_log();
	}
}

Test(oops_crash, the_first_ones_registers_behind_the_end_mark)
{
	/* Of the first crash they fill in what is lost, of a later one they are not. */
	static const char body[] =
		"BUG: unable to handle page fault for address: ffffffff81000000\n"
		"Oops: 0003 [#%c] SMP\nCall Trace:\n---[ end trace 0000000000000000 ]---\n"
		"RIP: 0010:first+0x1/0x10 [m]\nRAX: 0000000000000001 RBX: 0000000000000002 RCX: "
		"0000000000000003\n";
	char text[1024];

	for (char number = '1'; number <= '2'; number++) {
		snprintf(text, sizeof(text), body, number);
		read_text(text);
		cr_assert_eq(oopslog.crashes.nr, 1);
		cr_expect_eq(oopslog.crashes.array[0].has_site, number == '1');
		cr_expect_eq(oopslog.crashes.array[0].registers.known != 0,
			     number == '1');
		if (number == '1')
			close_log();
	}
}

Test(oops_crash, wordings)
{
	static const struct {
		const char *text;
		enum crash_kind kind;
		uint64_t address;
	} rows[] = {
		{"general protection fault: 0000 [#7] SMP NOPTI\n",
		 CRASH_GENERAL_PROTECTION, 0},
		{"Oops: general protection fault, probably for non-canonical address "
		 "0xdead000000000100: 0000 [#7] SMP NOPTI\n",
		 CRASH_GENERAL_PROTECTION, 0xdead000000000100},
		{"BUG: unable to handle kernel NULL pointer dereference at "
		 "0000000000000010\nOops: 0002 [#1] SMP\n",
		 CRASH_PAGE_FAULT, 0x10},
		{"list_add corruption. next->prev should be prev (ffff), but was 0.\n"
		 "------------[ cut here ]------------\nkernel BUG at lib/list_debug.c:23!\n"
		 "invalid opcode: 0000 [#1] SMP PTI\n",
		 CRASH_LIST_CORRUPTION, 0},
		{"------------[ cut here ]------------\nlist_del corruption, x\n"
		 "WARNING: CPU: 0 PID: 85 at lib/list_debug.c:51 "
		 "__list_del_entry_valid+0x38/0x50\n",
		 CRASH_LIST_CORRUPTION, 0},
		{"CFI failure at f+0x1/0x2 [m] (target: g+0x0/0x10; expected type: "
		 "0x12345678)\nOops: invalid opcode: 0000 [#1] SMP\n",
		 CRASH_CFI, 0},
		{"BUG: stack guard page was hit at 0000000012345678 (stack is 1..2)\n"
		 "kernel stack overflow (double-fault): 0000 [#1] SMP\n",
		 CRASH_STACK_OVERFLOW, 0},
		{"Oops: double fault: 0000 [#1] SMP\n", CRASH_DOUBLE_FAULT, 0},
		{"Oops: divide error: 0000 [#1] SMP\n", CRASH_TRAP, 0},
		{"divide error: 0000 [#1] SMP\n", CRASH_TRAP, 0},
		{"Bad pagetable: 000d [#1] SMP\n", CRASH_BAD_PAGETABLE, 0},
		{"kernel BUG at fs/x.c:1!\ninvalid opcode: 0000 [#1] SMP\n", CRASH_BUG,
		 0},
		{"Oops: 0010 [#3] PREEMPT_RT SMP KASAN PTI\n", CRASH_PAGE_FAULT, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(rows[i].text);
		cr_assert_eq(oopslog.crashes.nr, 1, "%s: %zu", rows[i].text,
			     oopslog.crashes.nr);
		cr_expect_eq(oopslog.crashes.array[0].kind, rows[i].kind, "%s",
			     rows[i].text);
		cr_expect_eq(oopslog.crashes.array[0].address, rows[i].address, "%s",
			     rows[i].text);
		if (i + 1 < sizeof(rows) / sizeof(rows[0]))
			close_log();
	}
}

Test(oops_crash, what_is_none)
{
	read_text("rcu: INFO: rcu_tasks is ready\n"
		  "Oops, that was not meant\nOops: not a code\n");
	cr_expect_eq(oopslog.crashes.nr, 0);
}

Test(oops_crash, another_death_takes_no_head_of_a_page_fault)
{
	read_text("BUG: unable to handle page fault for address: ffffffff81000000\n"
		  "general protection fault: 0000 [#2] SMP\n");
	cr_assert_eq(oopslog.crashes.nr, 2);
	cr_expect_not(oopslog.crashes.array[0].has_die);
	cr_expect_eq(oopslog.crashes.array[1].address_from, CRASH_ADDRESS_UNKNOWN);
}

Test(oops_crash, the_dumps_cr2_is_taken_where_code_was_read)
{
	static const char code[] = "Code: 90 <48> 89 0a\n";
	static const char bad[] = "Code: Bad RIP value.\n";
	char text[512];

	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			 "Oops: 0003 [#1] SMP\nRIP: 0010:f+0x1/0x2\n%sCR2: "
			 "ffffffff81000000 CR3: 0000000000000000 CR4: 0000000000000000\n",
			 i ? bad : code);
		read_text(text);
		cr_assert_eq(oopslog.crashes.nr, 1);
		cr_expect_eq(oopslog.crashes.array[0].address_from,
			     i ? CRASH_ADDRESS_UNKNOWN : CRASH_ADDRESS_DUMP);
		if (i == 0)
			close_log();
	}
}

Test(oops_crash, a_panic_tells_the_offset)
{
	static const char text[] = "Oops: 0003 [#1] SMP\n"
				   "---[ end trace 0000000000000000 ]---\n"
				   "RIP: 0010:f+0x1/0x2\n"
				   "CR2: 0000000000000000 CR3: 0000000000000000 CR4: 0\n"
				   "RIP: 0010:later+0x1/0x2\n"
				   "Kernel panic - not syncing: Fatal exception\n"
				   "Kernel Offset: 0x2a000000 from 0xffffffff81000000\n";

	read_text(text);
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect(oopslog.crashes.array[0].has_kernel_offset);
	cr_expect_eq(oopslog.crashes.array[0].kernel_offset, 0x2a000000);
	cr_expect_str_eq(oopslog.crashes.array[0].site.function, "f");
}

Test(oops_crash, more_than_are_kept)
{
	static const char line[] = "Oops: 0003 [#1] SMP\n";
	char *text = malloc((CRASH_MAX + 5) * strlen(line) + 1);

	*text = '\0';
	for (size_t i = 0; i < CRASH_MAX + 5; i++)
		memcpy(text + i * strlen(line), line, strlen(line) + 1);
	read_text(text);
	free(text);
	cr_expect_eq(oopslog.crashes.nr, CRASH_MAX);
	cr_expect_eq(oopslog.crashes.nr_dropped, 5);
}

/* The one crash of @text. */
static const struct crash *only_crash(struct oopslog *log, const char *text)
{
	oopslog_read(log, text, strlen(text));
	cr_assert_eq(log->crashes.nr, 1, "%zu crashes", log->crashes.nr);
	return &log->crashes.array[0];
}

/* Up to 4.17 the code's bytes stood behind the trace, up to 4.8 frames had addresses, and
 * the machine's name stood on the "Pid:" line.
 */
Test(oops_crash, as_2_6_32_wrote_it)
{
	static const char text[] =
		"BUG: unable to handle kernel NULL pointer dereference at           (null)\n"
		"IP: [<ffffffffa0123456>] my_probe+0x46/0x120 [mydrv]\n"
		"PGD 7a0f3067 PUD 7a0f2067 PMD 0 \n"
		"Oops: 0002 [#1] SMP \n"
		"last sysfs file: /sys/devices/system/cpu/online\n"
		"CPU 1 \n"
		"Modules linked in: mydrv(U) ext4\n\n"
		"Pid: 4242, comm: insmod Not tainted 2.6.32-71.el6.x86_64 #1 Bochs/Model 2\n"
		"RIP: 0010:[<ffffffffa0123456>]  [<ffffffffa0123456>] my_probe+0x46/0x120 "
		"[mydrv]\n"
		"RSP: 0018:ffff88007b1d3e18  EFLAGS: 00010246\n"
		"RAX: 0000000000000000 RBX: ffff88007b1d3e40 RCX: 0000000000000001\n"
		"Process insmod (pid: 4242, threadinfo ffff88007b1d2000, task "
		"ffff88007c04e080)\n"
		"Stack:\n ffff88007b1d3e38 ffffffffa0120000 ffff88007b1d3e68 "
		"ffffffff81001234\n"
		"Call Trace:\n"
		" <IRQ> \n"
		" [<ffffffff8100204c>] do_one_initcall+0x3c/0x1d0\n"
		" <EOI>  [<ffffffff81003050>] ? sys_init_module+0xdf/0x250\n"
		"Code: 89 e5 <c7> 00 01 00 00 00\n"
		"RIP  [<ffffffffa0123456>] my_probe+0x46/0x120 [mydrv]\n"
		" RSP <ffff88007b1d3e18>\n"
		"CR2: 0000000000000000\n";
	struct oopslog log;
	const struct crash *crash = only_crash(&log, text);

	cr_expect_eq(crash->address_from, CRASH_ADDRESS_HEADLINE);
	cr_expect_eq(crash->address, 0);
	cr_expect_eq(crash->code.nr, 8);
	cr_expect_eq(crash->code.at, 2);
	cr_assert_eq(crash->nr_frames, 2);
	cr_expect_str_eq(crash->frames[0].site.function, "do_one_initcall");
	cr_expect_not(crash->frames[0].is_guess);
	cr_expect_str_eq(crash->frames[1].site.function, "sys_init_module");
	cr_expect(crash->frames[1].is_guess);
	cr_expect_eq(crash->frames[1].site.address, 0xffffffff81003050);
	cr_expect_str_eq(crash->build, "#1");
	cr_expect_str_eq(crash->hardware, "Bochs/Model 2");
	oopslog_close(&log);
}

/* A call through a NULL pointer, as 4.14 printed it. */
Test(oops_crash, null_in_brackets)
{
	struct oopslog log;
	const struct crash *crash = only_crash(
		&log, "BUG: unable to handle kernel NULL pointer dereference at (null)\n"
		      "IP: [<          (null)>]           (null)\n"
		      "Oops: 0010 [#1] SMP\n");

	cr_expect_eq(crash->address_from, CRASH_ADDRESS_HEADLINE);
	cr_expect(crash->has_site);
	cr_expect(crash->site.has_address);
	cr_expect_eq(crash->site.address, 0);
	oopslog_close(&log);
}

/* In newer kernels the bytes behind the trace are of user space. */
Test(oops_crash, code_behind_the_trace)
{
	struct oopslog log;
	const struct crash *crash = only_crash(&log, "Oops: 0002 [#1] SMP\n"
						     "RIP: 0010:f+0x1/0x2\n"
						     "Call Trace:\n"
						     " g+0x1/0x2\n"
						     "RIP: 0033:0x47fbe9\n"
						     "Code: 89 <e8> 5b\n");

	cr_expect_eq(crash->code.at, -1);
	oopslog_close(&log);
}

/* A prefix that nobody knows hides the head, and does not make it another exception. */
Test(oops_crash, a_die_line_behind_words)
{
	struct oopslog log;
	const struct crash *crash = only_crash(
		&log, "some host said: Oops: 0002 [#2] SMP PTI\n");

	cr_expect_eq(crash->kind, CRASH_PAGE_FAULT);
	cr_expect_str_eq(crash->die, "Oops");
	oopslog_close(&log);
	crash = only_crash(&log, "coprocessor segment overrun: 0000 [#1] SMP\n");
	cr_expect_eq(crash->kind, CRASH_TRAP);
	cr_expect_str_eq(crash->die, "coprocessor segment overrun");
	oopslog_close(&log);
	oopslog_read(&log, "I saw 12:00: 0000 [#1]\n", 23);
	cr_expect_eq(log.crashes.nr, 0);
	oopslog_close(&log);
}

/* What a tracker left of "[#1]". */
Test(oops_crash, a_die_line_without_its_counter)
{
	static const char *const lines[] = {"Oops: 0002 1 SMP\n",
					    "Oops: 0002 SMP NOPTI\n", "Oops: 0002 \n",
					    "Oops: Oops: 0002 PREEMPT_RT SMP\n"};
	struct oopslog log;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct crash *crash = only_crash(&log, lines[i]);

		cr_expect_eq(crash->kind, CRASH_PAGE_FAULT, "%s", lines[i]);
		cr_expect_eq(crash->error_code, 2, "%s", lines[i]);
		cr_expect_eq(crash->number, 0, "%s", lines[i]);
		oopslog_close(&log);
	}
	oopslog_read(&log, "Oops: 0002 is what I saw\n", 25);
	cr_expect_eq(log.crashes.nr, 0);
	oopslog_close(&log);
}

/* To 4.7 the address was on the first line. */
Test(oops_crash, kasan_as_4_1_wrote_it)
{
	struct oopslog log;
	const struct crash *crash = only_crash(
		&log, "BUG: KASan: use after free in f+0x2c9/0x340 [m] at addr "
		      "ffff880d59947040\nRead of size 8 by task ksoftirqd/2/15\n");

	cr_expect_eq(crash->kind, CRASH_KASAN);
	cr_expect_eq(crash->address, 0xffff880d59947040);
	cr_expect_str_eq(crash->site.module, "m");
	cr_expect_str_eq(crash->access, "Read of size 8 by task ksoftirqd/2/15");
	oopslog_close(&log);
}

#define BODY(number, cpu, function, rax)                                            \
	"BUG: unable to handle page fault for address: ffffffff8100000" number "\n" \
	"#PF: error_code(0x0003) - permissions violation\n"                         \
	"Oops: 0003 [#" number "] SMP PTI\n"                                        \
	"CPU: " cpu " PID: 8" cpu " Comm: sh Not tainted 6.1.0 #1\n"                \
	"RIP: 0010:" function "+0x10/0x20\n"                                        \
	"Code: 89 e5 <c7> 00 01 00 00 00\n"                                         \
	"RSP: 0018:ffff88007b1d3e1" cpu " EFLAGS: 00010246\n"                       \
	"RAX: 000000000000000" rax " RBX: ffff88007b1d3e40 RCX: 0000000000000001\n"

/* A report whose first lines are not in the log is one, of no known kind. */
Test(oops_crash, a_log_that_begins_inside)
{
	static const char text[] = BODY("1", "1", "f", "1");
	static const char warning[] = "WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\n";
	struct oopslog log;
	char all[2000];
	const struct crash *crash = only_crash(&log, strstr(text, "CPU: "));

	cr_expect(crash->is_headless);
	cr_expect_eq(crash->kind, CRASH_UNKNOWN);
	cr_expect_str_eq(crash->site.function, "f");
	cr_expect_eq(crash->registers.value[REGISTER_RAX], 1);
	oopslog_close(&log);
	/* The same lines may be a warning's. */
	snprintf(all, sizeof(all), "%s%s", warning, strstr(text, "CPU: "));
	crash = only_crash(&log, all);
	cr_expect_eq(crash->kind, CRASH_WARNING);
	cr_expect_not(crash->is_headless);
	oopslog_close(&log);
}

/* The lines of @one and @two in turn, each behind what names its caller. */
static void interleave(char *to, const char *one, const char *one_prefix, const char *two,
		       const char *two_prefix)
{
	*to = '\0';
	while (*one || *two) {
		const char *line = *one ? one : two;
		size_t bytes = strcspn(line, "\n");

		to += sprintf(to, "%s%.*s\n", *one ? one_prefix : two_prefix, (int)bytes,
			      line);
		if (*one)
			one += bytes + 1;
		if (!*two)
			continue;
		bytes = strcspn(two, "\n");
		to += sprintf(to, "%s%.*s\n", two_prefix, (int)bytes, two);
		two += bytes + 1;
	}
}

Test(oops_crash, two_reports_at_one_time)
{
	static const char one[] = BODY("1", "1", "f", "1"),
			  two[] = BODY("2", "2", "g", "2");
	struct oopslog log;
	char text[4000];

	interleave(text, one, "[    1.000001][   T2] ", two, "[    1.000001][   C2] ");
	oopslog_read(&log, text, strlen(text));
	cr_assert_eq(log.crashes.nr, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct crash *crash = &log.crashes.array[i];

		cr_expect_not(crash->is_mixed);
		cr_expect_eq(crash->number, i + 1);
		cr_expect_eq(crash->cpu, i + 1);
		cr_expect_str_eq(crash->site.function, i ? "g" : "f");
		cr_expect_eq(crash->registers.value[REGISTER_RAX], i + 1);
	}
	oopslog_close(&log);
	/* Without callers nobody knows whose a line is. */
	interleave(text, one, "[    1.000001] ", two, "[    1.000001] ");
	oopslog_read(&log, text, strlen(text));
	cr_assert_geq(log.crashes.nr, 1);
	for (size_t i = 0; i < log.crashes.nr; i++) {
		const struct crash *crash = &log.crashes.array[i];

		cr_expect_eq(crash->registers.known, 0);
		cr_expect_not(crash->has_site);
		cr_expect_not(crash->has_cpu);
		cr_expect_eq(crash->code.at, -1);
	}
	oopslog_close(&log);
}

/* Whether the kernel went on is said only where the log shows it. */
Test(oops_crash, after_a_report)
{
#define REPORT                                                                         \
	"[    5.000000] BUG: KASAN: slab-out-of-bounds in f+0x10/0x20 [mine]\n"        \
	"[    5.000001] Write of size 8 at addr ffff888012345678 by task insmod/123\n" \
	"[    5.000002] CPU: 0 PID: 123 Comm: insmod Not tainted 6.1.0 #1\n"           \
	"[    5.000003] Call Trace:\n"                                                 \
	"[    5.000004]  f+0x10/0x20 [mine]\n"
	static const struct {
		const char *text, *panic;
		bool is_followed;
	} rows[] = {
		{REPORT, "", false},
		{REPORT
		 "[    5.000005] Kernel panic - not syncing: kasan.fault=panic set ...\n",
		 "kasan.fault=panic set ...", false},
		{REPORT "[    5.000006] ------------[ cut here ]------------\n", "",
		 true},
		{REPORT
		 "[    5.000006] BUG: KASAN: use-after-free in g+0x1/0x20 [mine]\n",
		 "", true},
		{REPORT
		 "[   95.000006] Kernel panic - not syncing: Attempted to kill init!\n",
		 "", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct crash *crash;

		read_text(rows[i].text);
		cr_assert_gt(oopslog.crashes.nr, 0, "%zu", i);
		crash = oopslog.crashes.array;
		cr_expect(crash->is_warning);
		cr_expect_str_eq(crash->panic, rows[i].panic);
		cr_expect_eq(crash->is_followed, rows[i].is_followed, "%zu", i);
		close_log();
	}
	read_text("");
}

/* A WARNING tells by its place what it is about, where its text is lost or, as to 4.10,
 * comes behind.
 */
Test(oops_crash, a_warning_by_its_place)
{
	static const struct {
		const char *text;
		enum crash_kind kind;
		const char *detail, *bug_at;
	} rows[] = {
		{"WARNING: CPU: 0 PID: 6 at lib/refcount.c:28 refcount_warn_saturate+0xd8/0xe0\n",
		 CRASH_REFCOUNT, "", "lib/refcount.c:28"},
		{"WARNING: lib/refcount.c:28 at refcount_warn_saturate+0xd8/0xe0, CPU#0: a/6\n",
		 CRASH_REFCOUNT, "", "lib/refcount.c:28"},
		{"WARNING: CPU: 4 PID: 0 at /build/linux-4.9.6/lib/list_debug.c:62 f+0x68f/0xfd0 [mine]\n"
		 "list_del corruption. next->prev should be ffff92e8ae4f58f0, but was ffffffffc0633428\n"
		 "CPU: 4 PID: 0 Comm: swapper/4 Tainted: G           OE   4.9.0-1-amd64 #1\n",
		 CRASH_LIST_CORRUPTION,
		 "list_del corruption. next->prev should be ffff92e8ae4f58f0, but was "
		 "ffffffffc0633428",
		 "/build/linux-4.9.6/lib/list_debug.c:62"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct crash *crash;

		read_text(rows[i].text);
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu: %zu", i, oopslog.crashes.nr);
		crash = oopslog.crashes.array;
		cr_expect_eq(crash->kind, rows[i].kind, "%zu", i);
		cr_expect(crash->is_warning);
		cr_expect_str_eq(crash->detail, rows[i].detail);
		cr_expect_str_eq(crash->bug_at, rows[i].bug_at);
		close_log();
	}
	read_text("WARNING: CPU: 0 PID: 6 at drivers/mylib/refcount.c:28 f+0x1/0x2\n");
	cr_expect_eq(oopslog.crashes.array[0].kind, CRASH_WARNING);
}

Test(oops_crash, old_and_cut_headlines)
{
	const struct crash *crash;

	/* To 4.14. */
	read_text(
		"BUG: unable to handle kernel NULL pointer dereference at           (null)\n"
		"IP:           (null)\n"
		"PGD 15483e067 \n"
		"Oops: 0010 [#1] SMP\n");
	crash = oopslog.crashes.array;
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(crash->address_from, CRASH_ADDRESS_HEADLINE);
	cr_expect_eq(crash->address, 0);
	close_log();
	read_text("Oops: general protection fault, probably for non-canonical address "
		  "0xdead000000000122\n"
		  "RIP: 0010:bdi_unregister+0x4b/0x170\n"
		  "Call Trace:\n");
	crash = oopslog.crashes.array;
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(crash->kind, CRASH_GENERAL_PROTECTION);
	cr_expect_eq(crash->address, 0xdead000000000122);
	cr_expect_not(crash->has_error_code);
	cr_expect_str_eq(crash->site.function, "bdi_unregister");
	close_log();
	/* Its end may be lost, too: no digit says so. */
	read_text("general protection fault, probably for non-canonical address "
		  "0xdead00000000012\n"
		  "RIP: 0010:bdi_unregister+0x4b/0x170\n");
	crash = oopslog.crashes.array;
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(crash->kind, CRASH_GENERAL_PROTECTION);
	cr_expect_eq(crash->address_from, CRASH_ADDRESS_UNKNOWN);
	cr_expect(crash->is_noncanonical);
	close_log();
	/* A stack that overflows says so until it ends. */
	read_text("BUG: #DF stack guard page was hit at 0000000040b441e1 (stack is "
		  "00000000a1788787..000000008e7f4216)\n"
		  "BUG: #DF stack guard page was hit at 000000002fed44fb (stack is "
		  "00000000a1788787..000000008e7f4216)\n"
		  "stack guard page: 0000 [#1] SMP\n");
	cr_expect_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(oopslog.crashes.array[0].kind, CRASH_STACK_OVERFLOW);
}

Test(oops_crash, a_crash_kernel_is_no_name)
{
	read_text("Oops: 0002 [#1] SMP\n"
		  "CPU: 8 PID: 11009 Comm: trace Kdump: loaded Not tainted 6.2.0+ #4\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_str_eq(oopslog.crashes.array[0].comm, "trace");
}

/* What KASAN's check was about, by its line or, before 5.11, by the shadow's address. */
Test(oops_crash, kasan_shadow)
{
	static const struct {
		const char *text;
		bool has_shadowed;
		uint64_t shadowed;
	} rows[] = {
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc000000000e: 0000 [#1] PREEMPT SMP KASAN NOPTI\n"
		 "KASAN: null-ptr-deref in range [0x0000000000000070-0x0000000000000077]\n",
		 true, 0x70},
		{"general protection fault, probably for non-canonical address "
		 "0xfbd59c0000000024: 0000 [#1] SMP KASAN\n"
		 "KASAN: maybe wild-memory-access in range "
		 "[0xdead000000000120-0xdead000000000127]\n",
		 true, 0xdead000000000120},
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc000000000e: 0000 [#1] PREEMPT SMP KASAN\n",
		 true, 0x70},
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc000000000e: 0000 [#1] PREEMPT SMP\n",
		 false, 0},
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc0000002000: 0000 [#1] PREEMPT SMP KASAN\n",
		 false, 0},
		{"general protection fault, probably for non-canonical address "
		 "0xdffffc000000020b: 0000 [#1] PREEMPT SMP KASAN\n"
		 "KASAN: probably user-memory-access in range\n"
		 "    [0x0000000000001058-0x000000000000105f]\n",
		 true, 0x1058},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct crash *crash;
		uint64_t address = 0;

		read_text(rows[i].text);
		cr_assert_eq(oopslog.crashes.nr, 1);
		crash = oopslog.crashes.array;
		cr_expect_eq(crash_shadowed(crash, crash->address, &address),
			     rows[i].has_shadowed, "%zu", i);
		cr_expect_eq(address, rows[i].shadowed, "%zu", i);
		close_log();
	}
	read_text("");
}

/* Of 4.0, which printed no die line. */
Test(oops_crash, a_double_fault_without_a_die_line)
{
	const struct crash *crash;

	read_text(
		"PANIC: double fault, error_code: 0x0\n"
		"CPU: 1 PID: 2132 Comm: x Tainted: G W 4.0.0 #1\n"
		"RIP: 0010:[<ffffffff816834ad>] [<ffffffff816834ad>] page_fault+0xd/0x30\n"
		"RSP: 0018:00007fffa55eafb8 EFLAGS: 00010016\n"
		"Call Trace:\n"
		" [<ffffffff816834ad>] f+0xd/0x30\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect_eq(crash->kind, CRASH_DOUBLE_FAULT);
	cr_expect_str_eq(crash->site.function, "page_fault");
	cr_expect_eq(crash->nr_frames, 1);
	close_log();
	read_text("traps: PANIC: double fault, error_code: 0x0\n"
		  "double fault: 0000 [#1] SMP NOPTI\n"
		  "RIP: 0010:f+0xd/0x30\n"
		  "Call Trace:\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(oopslog.crashes.array[0].number, 1);
}

Test(oops_crash, the_place_on_the_line_after_ip)
{
	read_text("BUG: unable to handle kernel paging request at ffffffffa02bce00\n"
		  "IP:\n"
		  " [<ffffffff810a0d06>] f+0x1ab6/0x2430\n"
		  "PGD 1a0d067 PUD 1a0e063 PMD 33c807067 PTE 33ba4d161\n"
		  "Oops: 0003 [#1] SMP\n"
		  "Modules linked in:\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_str_eq(oopslog.crashes.array[0].site.function, "f");
	cr_expect(oopslog.crashes.array[0].tables[CRASH_TABLE_PGD].has_value);
}

/* The address of a fetch is RIP, unless the instruction may cross into the next page. */
Test(oops_crash, a_fetch_without_its_headline)
{
	static const char form[] = "Oops: 0011 [#1] SMP\n"
				   "RIP: 0010:0xfffffffef694b%s\n"
				   "Call Trace:\n";
	char text[200];

	snprintf(text, sizeof(text), form, "1b9");
	read_text(text);
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(oopslog.crashes.array[0].address, 0xfffffffef694b1b9);
	cr_expect_eq(oopslog.crashes.array[0].address_from, CRASH_ADDRESS_DUMP);
	close_log();
	snprintf(text, sizeof(text), form, "ff9");
	read_text(text);
	cr_expect_eq(oopslog.crashes.array[0].address_from, CRASH_ADDRESS_UNKNOWN);
}

/* "[target text]" is a link to some trackers, over the line's end. */
Test(oops_crash, a_counter_that_became_a_link)
{
	const struct crash *crash;

	read_text("[ 5753.935518] ------------[ cut here ]------------\n"
		  "[ 5753.935524] kernel BUG at arch/x86/xen/p2m.c:460!\n"
		  "[ 5753.935529] invalid opcode: 0000 [SMP \n"
		  "[ 5753.935532](#1]) CPU 0 \n"
		  "[ 5753.935582] Pid: 1928, comm: x Tainted: G           O 3.4.12 #1  \n"
		  "[ 5753.935587] RIP: e030:[ [<ffffffff8100ae7f>](<ffffffff8100ae7f>]) "
		  "f+0x25f/0x270\n"
		  "[ 5753.935596] RSP: e02b:ffff88007858dce0  EFLAGS: 00010202\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect_eq(crash->kind, CRASH_BUG);
	cr_expect(crash->has_die);
	cr_expect(crash->has_cpu);
	cr_expect_eq(crash->pid, 1928);
	cr_expect_eq(crash->selector, 0xe030);
}

/* Two CPUs that print at one time, word by word: nobody can tell whose a value is. */
Test(oops_crash, reports_among_each_others_words)
{
	const struct crash *crash;

	read_text(
		"BUG: unable to handle page fault for address: ffffffff9280b478\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"Oops: 0003 [#1] SMP NOPTI\n"
		"CPU: 0 UID: 0 CPU: 1 UID: 0 PID: 138 Comm: insmod Tainted: G OE 6.12.1 #1\n"
		"RIP: 0010:f+0x18/0xff0 RIP: 0010:g+0x20/0xff0 [mine]\n"
		"[mine]\n"
		"RAX: ffffffff9280b460 RBX: ffffffffc020b010 RCX: 00000000000000c2\n"
		"Call Trace:\n"
		" do_one_initcall+0x5b/0x310\n"
		"---[ end trace 0000000000000000 ]---\n"
		"RIP: 0010:h+0x18/0xff0\n"
		"R13: 0000000000000001 R14: 0000000000000002 R15: 0000000000000003\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect(crash->is_mixed);
	cr_expect_eq(crash->registers.known, 0);
	cr_expect_not(crash->has_site);
	cr_expect_eq(crash->nr_frames, 0);
	cr_expect_eq(crash->address, 0xffffffff9280b478);
}

/* What syslogd writes to every terminal, and a line said once per inlined function. */
Test(oops_crash, lines_of_others_forms)
{
	static const struct {
		const char *text;
		enum crash_kind kind;
	} logs[] = {
		{"Message from syslogd@mine at May 20 19:29:01 ...\n"
		 " kernel:NMI watchdog: BUG: soft lockup - CPU#0 stuck for 24s! [dd:81]\n"
		 "\n",
		 CRASH_LOCKUP},
		{"refcount_t: underflow; use-after-free.\n"
		 "WARNING: CPU: 0 PID: 86 at lib/refcount.c:190 f lib/refcount.c:190 "
		 "[inline]\n"
		 "WARNING: CPU: 0 PID: 86 at lib/refcount.c:190 g+0x1d0/0x200 "
		 "lib/refcount.c:180\n"
		 "CPU: 0 PID: 86 Comm: mine Not tainted 5.4.0 #0\n"
		 "Call Trace:\n",
		 CRASH_REFCOUNT},
		{"kernel BUG at mm/slab.c:1702!\n"
		 "invalid operand: 0000 [#1]\n"
		 "EIP is at f+0x1c1/0x1e9\n",
		 CRASH_BUG},
	};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct oopslog found;

		oopslog_read(&found, logs[i].text, strlen(logs[i].text));
		cr_assert_eq(found.crashes.nr, 1, "%zu: %zu", i, found.crashes.nr);
		cr_expect_eq(found.crashes.array[0].kind, logs[i].kind, "%zu", i);
		oopslog_close(&found);
	}
}

/* arm64 has lockups, too. */
Test(oops_crash, a_lockup_of_another_architecture)
{
	static const char text[] =
		"watchdog: BUG: soft lockup - CPU#7 stuck for 22s! [mine:25]\n"
		"CPU: 7 PID: 25 Comm: mine Not tainted 5.10.0 #1\n"
		"pstate: 40400005 (nZcv daif +PAN -UAO)\n"
		"pc : f+0x104/0x1b0\n"
		"Call trace:\n";
	struct oopslog found;
	struct explanation e;

	oopslog_read(&found, text, strlen(text));
	cr_assert_eq(found.crashes.nr, 1);
	oopslog_explain(&found, 0, NULL, &e);
	cr_expect_eq(e.status, EXPLANATION_REFUSED);
	oopslog_close(&found);
}

/* "Bad" is no hexadecimal number that the line of the entries goes on with. */
Test(oops_crash, a_bad_page_table_behind_the_entries)
{
	static const char text[] =
		"[14501930.727650,06] mine: Corrupted page table at address 7fe4c4f58000\n"
		"[14501930.727651,06] PGD 7c610067 PUD 72359067 PMD 70d3d067 PTE "
		"ffffffff120d8067\n"
		"[14501930.727652,06] Bad pagetable: 000f [#1] PREEMPT SMP\n"
		"[14501930.727653,06] CPU 1\n";
	struct oopslog found;
	struct explanation e;

	oopslog_read(&found, text, strlen(text));
	cr_assert_eq(found.crashes.nr, 1, "%zu", found.crashes.nr);
	cr_expect_eq(found.crashes.array[0].kind, CRASH_BAD_PAGETABLE);
	cr_expect_eq(found.crashes.array[0].time_us, 14501930727650);
	oopslog_explain(&found, 0, NULL, &e);
	cr_expect_eq(e.cause.kind, CAUSE_PAGE_TABLE);
	oopslog_close(&found);
}

/* The page-table's head names the address; people who type logs leave marks out. */
Test(oops_crash, a_corrupted_page_table_and_typed_heads)
{
	static const struct {
		const char *text;
		enum crash_kind kind;
		uint64_t address, error_code;
	} rows[] = {
		{"qt: Corrupted page table at address 7fe4c4f58000\n"
		 "PGD 7c610067 PUD 72359067 PMD 70d3d067 PTE ffffffff120d8067\n"
		 "Bad pagetable: 000f [#1] PREEMPT SMP\n",
		 CRASH_BAD_PAGETABLE, 0x7fe4c4f58000, 0xf},
		{"BUG unable to handle page fault for address ffffffff822c26c0\n"
		 "#PF:error_code(0x0000) -not-present page\n"
		 "Oops [#1] SMP PTI\n",
		 CRASH_PAGE_FAULT, 0xffffffff822c26c0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog found;

		oopslog_read(&found, rows[i].text, strlen(rows[i].text));
		cr_assert_eq(found.crashes.nr, 1, "%zu", i);
		cr_expect_eq(found.crashes.array[0].kind, rows[i].kind);
		cr_expect_eq(found.crashes.array[0].address, rows[i].address);
		cr_expect(found.crashes.array[0].has_error_code);
		cr_expect_eq(found.crashes.array[0].error_code, rows[i].error_code);
		oopslog_close(&found);
	}
}

/* Left out: the kernel's RIP, "Call Trace:" and, of the second, the user's RIP. */
Test(oops_crash, what_of_user_space_stays_there)
{
	const struct crash *crash;

	read_text("Oops: Oops: 0003 [#9] SMP NOPTI\n"
		  "RSP: 0018:ffffc90000013df8 EFLAGS: 00000282\n"
		  "...\n"
		  "RIP: 0033:0x47fbe9\n"
		  "Code: 08 89 e8 5b 5d <48> c3\n"
		  "Oops: Oops: 0003 [#10] SMP NOPTI\n"
		  "RIP: 0010:f+0xf/0xf80 [own]\n"
		  "...\n"
		  " do_one_initcall+0x44/0x1e0\n"
		  " ? do_init_module+0x4c/0x250\n"
		  "Code: 08 89 e8 5b 5d <48> c3\n");
	cr_assert_eq(oopslog.crashes.nr, 2);
	crash = oopslog.crashes.array;
	cr_expect_not(crash->has_site);
	cr_expect_lt(crash->code.at, 0);
	crash++;
	cr_expect_str_eq(crash->site.function, "f");
	cr_expect_lt(crash->code.at, 0);
	cr_expect_eq(crash->nr_frames, 2);
}

/* The end of one and the headline of the next were left out. */
Test(oops_crash, anothers_trace)
{
	read_text("Oops: 0011 [#6] SMP NOPTI\n"
		  "Call Trace:\n"
		  " f+0x44/0x1e0\n"
		  "...\n"
		  "CPU: 0 PID: 101 Comm: insmod Not tainted 5.10.0 #1\n"
		  "Call Trace:\n"
		  " g+0x44/0x1e0\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(oopslog.crashes.array[0].nr_frames, 1);
	cr_expect_not(oopslog.crashes.array[0].has_cpu);
}

/* "[#1]" lost its brackets; who pasted left the release out. */
Test(oops_crash, brackets_and_release_left_out)
{
	read_text(
		"BUG: unable to handle kernel NULL pointer dereference at 0000000000000260\n"
		"Oops: 0002 #1 SMP\n"
		"CPU: 0 PID: 9873 Comm: poc Not tainted\n"
		"RIP: 0010:f+0x2/0x20\n"
		"Call Trace:\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect(oopslog.crashes.array[0].has_error_code);
	cr_expect_eq(oopslog.crashes.array[0].error_code, 2);
	cr_expect_str_eq(oopslog.crashes.array[0].comm, "poc");
}

/* The last lines of one, as kernels to 4.17 wrote them. */
Test(oops_crash, an_old_report_from_its_code_on)
{
	read_text("Code: 48 89 e5 <0f> 0b 80 3d 59 6a 60 00 00\n"
		  "RIP  [<ffffffff816d8f89>] get_page.part.20+0x4/0x6\n"
		  " RSP <ffff88011fd418c8>\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect(oopslog.crashes.array[0].is_headless);
	cr_expect_str_eq(oopslog.crashes.array[0].site.function, "get_page.part.20");
}

/* Behind registers the next one's process stands. */
Test(oops_crash, anothers_process)
{
	read_text("Oops: 0011 [#6] SMP NOPTI\n"
		  "RIP: 0010:f+0x2/0x20\n"
		  "RSP: 0018:ffffc90000013df8 EFLAGS: 00000282\n"
		  "...\n"
		  "CPU: 0 PID: 101 Comm: insmod Not tainted 5.10.0 #1\n"
		  "RAX: 0000000000000001 RBX: 0000000000000002 RCX: 0000000000000003\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_not(oopslog.crashes.array[0].has_cpu);
	cr_expect_not(registers_has(&oopslog.crashes.array[0].registers, REGISTER_RAX));
}

/* The panic's own trace comes before what it is about. */
Test(oops_crash, a_double_fault_from_its_trace_on)
{
	const struct crash *crash;

	read_text(" panic+0x147/0x2e3\n"
		  " df_debug+0x2e/0x32\n"
		  " do_double_fault+0x97/0x110\n"
		  " double_fault+0x2a/0x30\n"
		  "RIP: 0010:do_page_fault+0x0/0xe0\n"
		  "Code: 00 00 <0f> 1f 44 00 00 55 48 89 e5 41 56\n"
		  "RSP: 0000:fffffe000019a000 EFLAGS: 00010046\n"
		  "RAX: ffffffffbbc81030 RBX: 0000000000000000 RCX: ffffffffbbc800ae\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect_eq(crash->kind, CRASH_DOUBLE_FAULT);
	cr_expect_not(crash->is_headless);
	cr_expect_str_eq(crash->site.function, "do_page_fault");
}

/* A row of a table, closed behind what was cut. */
Test(oops_crash, a_row_that_was_cut)
{
	read_text("| BUG: unable to handle kernel paging request at ffffffffaa6f0210 |\n"
		  "| PGD 3fc0e067 P4D 3fc0e067 PUD 3fc0f063 PMD 34367063 PTE 80000 |\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect(oopslog.crashes.array[0].tables[CRASH_TABLE_PMD].has_value);
	cr_expect_not(oopslog.crashes.array[0].tables[CRASH_TABLE_PTE].has_value);
}

/* Behind an end mark, which is lost, stand the first crash's registers and a CR3 of now.
 */
Test(oops_crash, a_log_that_begins_behind_an_end_mark)
{
	read_text("Code: 08 89 e8 5b 5d <48> c3\n"
		  "RSP: 0018:ffffc90000013df8 EFLAGS: 00000282\n"
		  "RAX: 0000000000000001 RBX: 0000000000000002 RCX: 0000000000000003\n"
		  "CR2: 0000000000000000 CR3: 00000000074f9000 CR4: 0000000000751ef0\n"
		  "note: insmod[124] exited with irqs disabled\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect(oopslog.crashes.array[0].is_headless);
	cr_expect_eq(oopslog.crashes.array[0].registers.known, 0);
	cr_expect_lt(oopslog.crashes.array[0].code.at, 0);
}

/* Two CPUs' reports, line by line: what of the second is not sure is not told. */
Test(oops_crash, line_by_line)
{
	static const char one[] =
		"BUG: unable to handle page fault for address: ffffffff98e00418\n"
		"#PF: supervisor write access in kernel mode\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"PGD 860e067 P4D 860e067 PUD 860f063 PMD 8000000007e001e1\n"
		"Oops: 0003 [#8] SMP NOPTI\n"
		"CPU: 0 PID: 103 Comm: one Not tainted 5.10.0 #1\n"
		"RIP: 0010:f+0xf/0xf80\n"
		"RSP: 0018:ffffb56980147df8 EFLAGS: 00000282\n"
		"RAX: ffffffff98e002e0 RBX: 0000000000000000 RCX: 0000000000000000\n"
		"Call Trace:\n"
		" do_one_initcall+0x44/0x1e0\n";
	static const char two[] =
		"BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
		"#PF: supervisor read access in kernel mode\n"
		"#PF: error_code(0x0000) - not-present page\n"
		"PGD 0 P4D 0\n"
		"Oops: 0000 [#9] SMP NOPTI\n"
		"CPU: 1 PID: 99 Comm: two Not tainted 5.10.0 #1\n"
		"RIP: 0010:g+0x1/0x20\n"
		"RSP: 0018:ffffb56980347df8 EFLAGS: 00000282\n"
		"RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000000\n"
		"Call Trace:\n"
		" g_caller+0x44/0x1e0\n";
	enum { LINES = 11 };

	/* @first lines of the first, then one of each by turns. */
	for (int first = 1; first < LINES; first++) {
		char text[4096] = "";
		const char *p = one, *q = two;

		for (int i = 0; *p || *q; i++) {
			const char **from = *p && (i < first || (i - first) % 2 || !*q)
						    ? &p
						    : &q;
			size_t bytes = strcspn(*from, "\n") + 1;

			strncat(text, *from, bytes);
			*from += bytes;
		}
		oopslog_read(&oopslog, text, strlen(text));
		for (size_t i = 0; i < oopslog.crashes.nr; i++) {
			const struct crash *crash = &oopslog.crashes.array[i];
			bool is_one = strstr(crash->headline, "98e00418");

			if (!is_one && !strstr(crash->headline, "NULL"))
				continue;
			if (crash->has_error_code)
				cr_expect_eq(crash->error_code, is_one ? 3 : 0, "%d",
					     first);
			if (crash->has_cpu)
				cr_expect_eq(crash->pid, is_one ? 103 : 99, "%d", first);
			if (crash->has_site)
				cr_expect_str_eq(crash->site.function, is_one ? "f" : "g",
						 "%d", first);
			if (registers_has(&crash->registers, REGISTER_RAX))
				cr_expect_eq(crash->registers.value[REGISTER_RAX] != 0,
					     is_one, "%d", first);
		}
		if (first + 1 < LINES)
			oopslog_close(&oopslog);
	}
}

/* A panic's trace alone tells where the CPU was. */
Test(oops_crash, a_lockup_that_panicked)
{
	static const char text[] =
		"watchdog: BUG: soft lockup - CPU#3 stuck for 25s! [x:85]\n"
		"Kernel panic - not syncing: softlockup: hung tasks\n"
		"CPU: 3 PID: 85 Comm: x Tainted: G             L     6.1.0 #1\n"
		"Call Trace:\n"
		" <IRQ>\n"
		" panic+0x10/0x20\n"
		" watchdog_timer_fn+0x10/0x20\n"
		" asm_sysvec_apic_timer_interrupt+0x10/0x20\n"
		"RIP: 0010:spin_widget+0x10/0x20 [mine]\n"
		"RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n"
		" do_syscall_64+0x10/0x20\n"
		"RIP: 0033:0x7f2d7a51bf59\n";
	struct oopslog read;

	oopslog_read(&read, text, strlen(text));
	cr_assert_eq(read.crashes.nr, 1);
	cr_expect_str_eq(read.crashes.array[0].site.function, "spin_widget");
	cr_expect_str_eq(read.crashes.array[0].panic, "softlockup: hung tasks");
	oopslog_close(&read);
}

/* Of a report that begins in its registers, and of user space's, which is none. */
Test(oops_crash, a_log_that_begins_in_the_registers)
{
	static const char kernel[] =
		"RDX: 0000000000000001 RSI: ffffb93ebe2b7ca0 RDI: 000000000000038c\n"
		"RBP: ffffb93ebe2b7c48 R08: ffff9eca8f6fd3e0 R09: ffff9eca8f6fd3e0\n"
		"R10: ffff9eca8f6fd3e0 R11: ffff9eca8f6fd3e0 R12: 0000000000000001\n"
		"R13: ffff9ec9e441b800 R14: 000000000000038c R15: ffff9eca8f6fd000\n"
		"FS:  0000000000000000(0000) GS:ffff9ed017a40000(0000) "
		"knlGS:0000000000000000\n"
		"CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
		"CR2: 000000000000038c CR3: 0000000312c10006 CR4: 00000000003706e0\n"
		"Call Trace:\n"
		" ? show_regs.cold.16+0x1a/0x1f\n";
	static const char user[] =
		"RAX: ffffffffffffffda RBX: 0000558c5ac5fe50 RCX: 00007fd8653ff959\n"
		"RDX: 0000000000000000 RSI: 00007fd8650de105 RDI: 0000000000000011\n"
		"RBP: 00007fd8650de105 R08: 0000000000000000 R09: 00007ffe79b3b340\n"
		"R10: 0000000000000011 R11: 0000000000000246 R12: 0000000000000000\n"
		"R13: 0000558c5ac51f70 R14: 0000000000020000 R15: 0000558c5ac5fe50\n";
	static const char head[] = "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n"
				   "RIP: 0010:f+0x10/0x20\n"
				   "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n";
	struct oopslog read;
	char both[2000];

	oopslog_read(&read, kernel, strlen(kernel));
	cr_assert_eq(read.crashes.nr, 1);
	cr_expect_eq(read.crashes.array[0].kind, CRASH_UNKNOWN);
	cr_expect(read.crashes.array[0].is_headless);
	cr_expect_eq(read.crashes.array[0].registers.value[REGISTER_CR2], 0x38c);
	oopslog_close(&read);

	oopslog_read(&read, user, strlen(user));
	cr_expect_eq(read.crashes.nr, 0);
	oopslog_close(&read);

	/* The next report's registers are its own. */
	snprintf(both, sizeof(both), "%s%s", user, head);
	oopslog_read(&read, both, strlen(both));
	cr_assert_eq(read.crashes.nr, 1);
	cr_expect_str_eq(read.crashes.array[0].site.function, "f");
	cr_expect(!registers_has(&read.crashes.array[0].registers, REGISTER_RAX));
	oopslog_close(&read);
}

/* Before 3.10 the CPU stands on another line, which may be lost. */
Test(oops_crash, a_process_without_its_cpu)
{
	static const char text[] = "BUG: scheduling while atomic: x/85/0x00000002\n"
				   "Pid: 85, comm: x Tainted: P            2.6.38 #4\n";
	struct oopslog read;

	oopslog_read(&read, text, strlen(text));
	cr_assert_eq(read.crashes.nr, 1);
	cr_expect(read.crashes.array[0].has_pid);
	cr_expect(!read.crashes.array[0].has_cpu);
	cr_expect_eq(read.crashes.array[0].pid, 85);
	cr_expect_str_eq(read.crashes.array[0].release, "2.6.38");
	oopslog_close(&read);
}

/* Of a report whose die line is lost the trace is no less a trace: what follows is of
 * user space.
 */
Test(oops_crash, user_space_behind_a_report_without_its_die_line)
{
	static const char user[] =
		"RSP: 002b:00007ffe39b88208 EFLAGS: 00000246 ORIG_RAX: 0000000000000139\n"
		"RAX: ffffffffffffffda RBX: 0000000032acbf20 RCX: 000000000047fbe9\n";
	static const char *const texts[] = {
		"kernel BUG at mine.c:10!\n"
		"RIP: 0010:f+0x15/0x1000 [mine]\n"
		"Call Trace:\n"
		" do_syscall_64+0x33/0x80\n"
		"RIP: 0033:0x47fbe9\n",
		"list_del corruption, ffffffffc0213010->next is LIST_POISON1 "
		"(dead000000000100)\n"
		"kernel BUG at lib/list_debug.c:56!\n"
		"Call Trace:\n"
		" do_syscall_64+0x33/0x80\n",
		"kernel BUG at mine.c:10!\n"
		"Hardware name: a machine\n"
		"RIP: 0033:0x47fbe9\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct oopslog read;
		char text[1000];

		snprintf(text, sizeof(text), "%s%s", texts[i], user);
		oopslog_read(&read, text, strlen(text));
		cr_assert_eq(read.crashes.nr, 1, "%zu", i);
		cr_expect(!registers_has(&read.crashes.array[0].registers, REGISTER_RAX),
			  "%zu", i);
		cr_expect(!registers_has(&read.crashes.array[0].registers, REGISTER_RSP),
			  "%zu", i);
		oopslog_close(&read);
	}
}

/* To 3.10 without the CPU; its text comes two lines behind. */
Test(oops_crash, an_old_warning_about_a_list)
{
	const struct crash *crash;

	read_text("------------[ cut here ]------------\n"
		  "WARNING: at lib/list_debug.c:59 __list_del_entry+0xa1/0xd0()\n"
		  "Hardware name: none\n"
		  "list_del corruption. prev->next should be ffff8800371d1d40, but was "
		  "dead000000100100\n"
		  "Pid: 85, comm: x Not tainted 3.5.0 #1\n"
		  "Call Trace:\n"
		  " [<ffffffff8105927f>] warn_slowpath_common+0x7f/0xc0\n"
		  " [<ffffffffa01cd4b6>] cancel_widget+0x66/0x100 [mine]\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect_eq(crash->kind, CRASH_LIST_CORRUPTION);
	cr_expect(crash->is_warning);
	cr_expect_str_eq(crash->bug_at, "lib/list_debug.c:59");
	cr_expect_not_null(strstr(crash->detail, "but was dead000000100100"));
	cr_expect_str_eq(crash->site.function, "__list_del_entry");
}

Test(oops_crash, an_old_counter)
{
	const struct crash *crash;

	read_text("BUG: unable to handle kernel NULL pointer dereference at "
		  "0000000000000008\n"
		  "IP: [<ffffffffa00997be>] :mine:widget_free+0x26/0x3e\n"
		  "PGD 1fdcb067 PUD 1f65d067 PMD 0 \n"
		  "Oops: 0002 [1] SMP \n"
		  "CPU 0 \n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect(crash->has_error_code);
	cr_expect_eq(crash->error_code, 2);
	cr_expect_str_eq(crash->site.module, "mine");
}

/* The headline is lost, and so is the code: that RIP is in a function shows that CR2 is
 * the fault's.
 */
Test(oops_crash, cr2_without_code)
{
	static const char *const rips[] = {"update_widget+0x59/0x3a0 [mine]",
					   "update_widget+0x3a0/0x3a0 [mine]"};

	for (size_t i = 0; i < sizeof(rips) / sizeof(rips[0]); i++) {
		const struct crash *crash;
		char text[512];

		snprintf(text, sizeof(text),
			 "Oops: 0000 [#1] SMP\n"
			 "RIP: 0010:%s\n"
			 "RSP: 0018:ffff88077082fde0  EFLAGS: 00010202\n"
			 "CR2: 0000000000000368 CR3: 0000000875c05000 CR4: "
			 "0000000000040660\n",
			 rips[i]);
		read_text(text);
		cr_assert_eq(oopslog.crashes.nr, 1);
		crash = oopslog.crashes.array;
		cr_expect_eq(crash->address_from,
			     i ? CRASH_ADDRESS_UNKNOWN : CRASH_ADDRESS_DUMP);
		cr_expect(i || crash->address == 0x368);
		close_log();
	}
	read_text("");
}

Test(oops_crash, who_forbade_a_sleep)
{
	const struct crash *crash;

	read_text("BUG: scheduling while atomic: x/85/0x00000101\n"
		  "INFO: lockdep is turned off.\n"
		  "Modules linked in: mine\n"
		  "Preemption disabled at:\n"
		  "[<ffffffffc0656171>] lock_it drivers/mine.c:4 [inline]\n"
		  "[<ffffffffc0656171>] queue_widget+0x2e1/0xbe0 [mine]\n"
		  "CPU: 8 PID: 85 Comm: x Not tainted 6.1.0 #1\n"
		  "Call Trace:\n"
		  " __schedule_bug+0x9c/0xc0\n"
		  " write_widget+0x10/0x20\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_assert(crash->has_disabled_at);
	cr_expect_str_eq(crash->disabled_at.function, "queue_widget");
	cr_expect_str_eq(crash->disabled_at.module, "mine");
	cr_expect(crash->has_preempt_count);
	cr_expect_eq(crash->preempt_count, 0x101);
	/* What stands before the trace is no part of it. */
	cr_expect_eq(crash->pid, 85);
	cr_expect_eq(crash->nr_frames, 2);
	close_log();
	read_text("BUG: sleeping function called from invalid context at mm/a.c:3\n"
		  "in_atomic(): 1, irqs_disabled(): 1, non_block: 0, pid: 85, name: x\n"
		  "preempt_count: 201, expected: 0\n"
		  "CPU: 8 PID: 85 Comm: x Not tainted 6.1.0 #1\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	crash = oopslog.crashes.array;
	cr_expect(crash->is_irqs_off);
	cr_expect_eq(crash->preempt_count, 0x201);
}

/* The log begins in the report. */
Test(oops_crash, the_kind_by_what_is_left)
{
	static const struct {
		const char *release, *code, *cr2;
		enum crash_kind kind;
	} rows[] = {
		{"3.10.0", "Code: 90 <0f> 0b 90 90\n", "00000000006d3ec0", CRASH_BUG},
		{"4.12.0", "Code: 90 <0f> 0b 90 90\n", "00000000006d3ec0", CRASH_UNKNOWN},
		{"2.6.32", "Code: 90 <0f> 0b eb fe\n", "0000000000000058", CRASH_BUG},
		/* mov rax, [rbx+0x58] */
		{"6.1.0", "Code: 90 <48> 8b 43 58 90\n", "0000000000000058",
		 CRASH_PAGE_FAULT},
		{"6.1.0", "Code: 90 <48> 8b 43 58 90\n", "0000000000000060",
		 CRASH_UNKNOWN},
		/* mov rax, [rcx] */
		{"6.1.0", "Code: 90 <48> 8b 01 90\n", "00007f0000000000",
		 CRASH_GENERAL_PROTECTION},
		{"6.1.0", "", "0000000000000058", CRASH_PAGE_FAULT},
		{"6.1.0", "", "0000000000000000", CRASH_UNKNOWN},
		{"6.1.0", "", "00007f0000000000", CRASH_UNKNOWN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct crash *crash;
		bool is_inferred;
		char text[1024];

		snprintf(text, sizeof(text),
			 "CPU: 1 PID: 85 Comm: x Not tainted %s #1\n"
			 "RIP: 0010:add_widgets+0x111/0x290\n"
			 "%s"
			 "RSP: 0018:ffff88008da23d50  EFLAGS: 00010246\n"
			 "RAX: 0000000000000001 RBX: 0000000000000000 RCX: "
			 "6b6b6b6b6b6b6b6b\n"
			 "CR2: %s CR3: 00000009e2fb2000 CR4: 0000000000040660\n",
			 rows[i].release, rows[i].code, rows[i].cr2);
		read_text(text);
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu", i);
		crash = oopslog.crashes.array;
		cr_expect_eq(crash->kind, rows[i].kind, "%zu: %s", i,
			     crash_kind_name(crash->kind));
		/* What registers prove is no inference. */
		is_inferred = rows[i].kind != CRASH_UNKNOWN &&
			      (rows[i].kind != CRASH_PAGE_FAULT || !rows[i].code[0]);
		cr_expect_eq(crash->is_inferred, is_inferred, "%zu", i);
		cr_expect_eq(crash->is_headless, !is_inferred, "%zu", i);
		close_log();
	}
	read_text("");
}

/* The end of the report at hand and the head of the next one were left out. */
Test(oops_crash, a_last_cr2_is_a_page_faults)
{
	read_text("list_del corruption, ffffffffc02d2400->next is LIST_POISON1 "
		  "(dead000000000100)\n"
		  "------------[ cut here ]------------\n"
		  "kernel BUG at lib/list_debug.c:53!\n"
		  "invalid opcode: 0000 [#4] SMP NOPTI\n"
		  "CPU: 0 PID: 98 Comm: insmod Not tainted 5.10.0 #1\n"
		  "RIP: 0010:__list_del_entry_valid.cold+0x56/0x69\n"
		  "RSP: 0018:ffffb56980147de8 EFLAGS: 00000246\n"
		  "Call Trace:\n"
		  " drop_widget+0x99/0x1000 [mine]\n"
		  "CR2: 0000000000000010\n"
		  "---[ end trace 0000000000000000 ]---\n");
	cr_assert_eq(oopslog.crashes.nr, 1);
	cr_expect_eq(oopslog.crashes.array[0].kind, CRASH_LIST_CORRUPTION);
	cr_expect_eq(oopslog.crashes.array[0].address_from, CRASH_ADDRESS_UNKNOWN);
}
