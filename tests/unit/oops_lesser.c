/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/lesser.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "oopslog.h"

static const struct {
	const char *text;
	enum crash_kind kind;
	enum cause_kind cause;
	const char *function; /* NULL: no site */
	const char *note;     /* or NULL */
} rows[] = {
	{"------------[ cut here ]------------\n"
	 "the count of widgets is off\n"
	 "WARNING: CPU: 2 PID: 85 at drivers/mine.c:17 put_widget+0x10/0x20 [mine]\n"
	 "CPU: 2 PID: 85 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_WARNING, CAUSE_WARNING, "put_widget", "the count of widgets is off"},
	{"WARNING: at net/mine.c:17 put_widget+0x10/0x20()\n"
	 "Hardware name: a machine\n"
	 "the count of widgets is off\n"
	 "Modules linked in: mine(O)\n"
	 "Pid: 0, comm: swapper/3 Not tainted 3.2.0 #1\n",
	 CRASH_WARNING, CAUSE_WARNING, "put_widget", "the count of widgets is off"},
	{"WARNING: kernel/mine.c:17 at put_widget+0x10/0x20, CPU#0: x/85\n"
	 "CPU: 2 PID: 85 Comm: x Not tainted 6.18.0 #1\n",
	 CRASH_WARNING, CAUSE_WARNING, "put_widget", NULL},
	{"WARNING: possible circular locking dependency detected\n"
	 "6.1.0 #1 Not tainted\n",
	 CRASH_LOCKDEP, CAUSE_LOCKDEP, NULL, NULL},
	{"[ INFO: possible recursive locking detected ]\n"
	 "3.2.0 #1 Not tainted\n",
	 CRASH_LOCKDEP, CAUSE_LOCKDEP, NULL, NULL},
	{"INFO: task x:85 blocked for more than 120 seconds.\n"
	 "      Tainted: G           OE     6.1.0 #1\n"
	 "task:x state:D stack:0 pid:85 ppid:1 flags:0x0\n"
	 "Call Trace:\n"
	 " __schedule+0x10/0x20\n"
	 " schedule+0x10/0x20\n"
	 " ? stale+0x10/0x20\n"
	 " wait_for_completion+0x10/0x20\n"
	 " flush_widget+0x10/0x20 [mine]\n"
	 " kthread+0x10/0x20\n",
	 CRASH_HUNG_TASK, CAUSE_HUNG_TASK, NULL, "waits in flush_widget of module mine"},
	{"Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000004\n"
	 "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_PANIC, CAUSE_INIT_DIED, NULL, "signal 4"},
	{"Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00\n"
	 "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_PANIC, CAUSE_INIT_DIED, NULL, "status 127"},
	{"Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: f+0x1/0x2\n"
	 "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_PANIC, CAUSE_STACK_PROTECTOR, NULL, NULL},
	{"Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: "
	 "f+0x1/0x2 CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_PANIC, CAUSE_STACK_PROTECTOR, NULL, NULL},
	{"INFO: task x:85 blocked for more than 120 seconds.\n"
	 "Call Trace:\n"
	 " [<ffffffff81000010>] ? schedule+0x10/0x20\n"
	 " [<ffffffffa0000010>] ? cv_wait_common+0x10/0x20 [mine]\n"
	 " [<ffffffffa0000010>] ? flush_widget+0x10/0x20 [mine]\n",
	 CRASH_HUNG_TASK, CAUSE_HUNG_TASK, NULL,
	 "waits in flush_widget of module mine, of whose frames none is sure"},
	{"INFO: task x:85 blocked for more than 120 seconds.\n"
	 "Call Trace:\n"
	 " [<ffffffff81000010>] schedule+0x10/0x20\n"
	 " [<ffffffffa0000010>] cv_wait_common+0x10/0x20 [mine]\n",
	 CRASH_HUNG_TASK, CAUSE_HUNG_TASK, NULL,
	 "waits in cv_wait_common of module mine"},
	{"mce: [Hardware Error]: Machine check events logged\n"
	 "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 4: 9400000000000151\n"
	 "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 1: b600000000000080\n"
	 "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 2: b400000000000080\n",
	 CRASH_MACHINE_CHECK, CAUSE_MACHINE_CHECK, NULL,
	 "bank 1 says b600000000000080: not corrected, and the CPU's state is lost, of "
	 "the memory controller"},
	{"{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 0\n",
	 CRASH_MACHINE_CHECK, CAUSE_MACHINE_CHECK, NULL, NULL},
	{"EDAC MC1: 1 CE memory read error on CPU_SrcID#1_Ha#0_Chan#0_DIMM#0\n",
	 CRASH_MACHINE_CHECK, CAUSE_MACHINE_CHECK, NULL, "it was memory"},
	{"---[ end Kernel panic - not syncing: Attempted to kill init! "
	 "exitcode=0x00000100 ]---\n",
	 CRASH_PANIC, CAUSE_INIT_DIED, NULL, "status 1"},
	{"Kernel panic - not syncing: the widget is gone\n"
	 "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_PANIC, CAUSE_PANIC_CALLED, NULL, NULL},
};

Test(oops_lesser, each_is_told_where_the_log_has_nothing_else)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		oopslog_read(&oopslog, rows[i].text, strlen(rows[i].text));
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu: %zu", i, oopslog.crashes.nr);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.crash->kind, rows[i].kind, "%zu: %s", i,
			     crash_kind_name(e.crash->kind));
		cr_expect_eq(e.cause.kind, rows[i].cause, "%zu: %s", i,
			     cause_name(e.cause.kind));
		cr_expect_eq(e.crash->is_warning, rows[i].kind != CRASH_PANIC);
		cr_expect_str_eq(e.crash->has_site ? e.crash->site.function : "",
				 rows[i].function ? rows[i].function : "", "%zu", i);
		cr_expect(!rows[i].note || oopslog_has_note(&e.cause, rows[i].note),
			  "%zu: %s", i, e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}

/* Before a crash or behind it they are left out, and change nothing of it. */
Test(oops_lesser, none_is_told_beside_a_crash)
{
	static const char fault[] =
		"BUG: unable to handle page fault for address: ffffffff81000000\n"
		"#PF: error_code(0x0003) - permissions violation\n"
		"Oops: 0003 [#1] SMP PTI\n"
		"CPU: 1 PID: 81 Comm: sh Not tainted 6.1.0 #1\n"
		"RIP: 0010:f+0x10/0x20\n"
		"Call Trace:\n"
		" g+0x10/0x20\n"
		"---[ end trace 0000000000000000 ]---\n";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int is_before = 0; is_before < 2; is_before++) {
			struct oopslog oopslog;
			char text[2000];

			snprintf(text, sizeof(text), "%s%s",
				 is_before ? rows[i].text : fault,
				 is_before ? fault : rows[i].text);
			oopslog_read(&oopslog, text, strlen(text));
			cr_assert_eq(oopslog.crashes.nr, 1, "%zu: %zu", i,
				     oopslog.crashes.nr);
			cr_expect_eq(oopslog.crashes.array[0].kind, CRASH_PAGE_FAULT);
			cr_expect_str_eq(oopslog.crashes.array[0].site.function, "f");
			oopslog_close(&oopslog);
		}
}

Test(oops_lesser, what_is_not_of_x86_64_linux_is_refused)
{
	static const struct {
		const char *text, *refusal;
	} logs[] = {
		{"Unable to handle kernel write to read-only memory at virtual address "
		 "ffffff8000c011d8\n"
		 "Mem abort info:\n"
		 "Internal error: Oops: 9600004f [#1] SMP\n"
		 "pc : f+0x10/0x20\n",
		 "architecture"},
		{"Unable to handle kernel paging request for data at address 0x00000010\n"
		 "Faulting instruction address: 0xd107c0c8\n"
		 "Oops: Kernel access of bad area, sig: 11 [#1]\n"
		 "NIP: d107c0c8 LR: c0072834 CTR: 0fe368a4\n",
		 "architecture"},
		{"(XEN) ----[ Xen-4.17  x86_64  debug=n  Not tainted ]----\n"
		 "(XEN) RIP:    e008:[<ffff82d040200000>] f+0x10/0x20\n"
		 "(XEN) RFLAGS: 0000000000010206\n",
		 "Xen"},
		{"PANIC: double fault, gdt at c1304000 [255 bytes]\n"
		 "double fault, tss at c1307100\n"
		 "eip = c0419000, esp = ce93bfc4\n",
		 "32-bit"},
		{"BUG:unable to handle kernel paging request at virtual address c06357b4\n"
		 "printing eip:d0aac056 *pde = 0e9dd163 *pte = 00635161\n"
		 "Oops: 0003 [#1] SMP\n"
		 "Modules linked in: mine\n",
		 "32-bit"},
	};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct oopslog oopslog;
		struct explanation e;

		oopslog_read(&oopslog, logs[i].text, strlen(logs[i].text));
		cr_assert_eq(oopslog.crashes.nr, 1, "%zu: %zu", i, oopslog.crashes.nr);
		oopslog_explain(&oopslog, 0, NULL, &e);
		cr_expect_eq(e.status, EXPLANATION_REFUSED, "%zu", i);
		cr_expect(e.refusal && strstr(e.refusal, logs[i].refusal), "%zu: %s", i,
			  e.refusal);
		oopslog_close(&oopslog);
	}
}

/* Of a dump of registers alone nobody knows what it is of. */
Test(oops_lesser, registers_without_a_head_are_damaged)
{
	static const char text[] =
		"RSP: 0018:ffff8807ad72bb78  EFLAGS: 00010246\n"
		"RAX: 0000000000000000 RBX: 000000000000c210 RCX: 0000000001e850d0\n"
		"RDX: 0000000001e85090 RSI: 0000000001e85090 RDI: 0000000000000014\n"
		"RBP: 00000000000000a8 R08: 0000000000018a60 R09: ffff88085f8075c0\n"
		"R10: ffffffffa0593a78 R11: ffffea001f2e2580 R12: 000000000000c210\n"
		"CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033\n"
		"Stack:\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.status, EXPLANATION_DAMAGED);
	cr_expect(e.crash->is_headless);
	oopslog_close(&oopslog);
}

Test(oops_lesser, an_end_mark_alone_is_damaged)
{
	static const char text[] = "CR2: ffff8b7ba8969bc0\n"
				   "---[ end trace 0000000000000000 ]---\n"
				   "RIP: 0010:f+0x3b1/0xad0\n"
				   "Code: 1f 40 00 66 <3b> 4e 1c 75 ea 48\n";
	struct oopslog oopslog;
	struct explanation e;

	oopslog_read(&oopslog, text, strlen(text));
	cr_assert_eq(oopslog.crashes.nr, 1);
	oopslog_explain(&oopslog, 0, NULL, &e);
	cr_expect_eq(e.status, EXPLANATION_DAMAGED);
	/* They are those of the boot's first crash, whichever this is. */
	cr_expect_not(e.crash->has_site);
	oopslog_close(&oopslog);
}

/* A register that the CPU does not have: the kernel caught it, and went on. */
Test(oops_lesser, an_msr_that_is_not_there)
{
	static const char text[] =
		"unchecked MSR access error: RDMSR from 0xec0 at rIP: 0xffffffff9c05d1e7 "
		"(native_read_msr+0x7/0x30)\n"
		"Call Trace:\n"
		" __rdmsr_on_cpu+0x33/0x50\n"
		" read_setting+0x13b/0x470 [mine]\n";
	struct oopslog found;
	const struct crash *crash;

	oopslog_read(&found, text, strlen(text));
	cr_assert_eq(found.crashes.nr, 1);
	crash = &found.crashes.array[0];
	cr_expect_eq(crash->kind, CRASH_WARNING);
	cr_expect(crash->is_warning);
	cr_expect(crash->has_site);
	cr_expect_str_eq(crash->site.function, "native_read_msr");
	cr_expect_not_null(strstr(crash->detail, "RDMSR from 0xec0"));
	oopslog_close(&found);
}
