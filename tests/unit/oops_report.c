/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/report.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "oopslog.h"

/* A log of one report, and what is made of it. */
static const struct {
	const char *text;
	enum crash_kind kind;
	enum cause_kind cause;
	const char *function; /* "": no site */
	const char *note;     /* or NULL */
	const char *no_note;  /* or NULL */
} rows[] = {
	/* Who allocates or sleeps does so for who called it. */
	{"BUG: scheduling while atomic: x/85/0x10010000\n"
	 "Call Trace:\n"
	 " dump_stack+0x10/0x20\n"
	 " __schedule_bug+0x10/0x20\n"
	 " __schedule+0x10/0x20\n"
	 " __cond_resched+0x10/0x20\n"
	 " __alloc_pages_nodemask+0x10/0x20\n"
	 " __get_free_pages+0x10/0x20\n"
	 " start_widget+0x10/0x20 [mine]\n",
	 CRASH_ATOMIC, CAUSE_ATOMIC, "", "found in start_widget+0x10 of module mine",
	 NULL},
	/* The idle loop is where it was seen, not who did it. */
	{"BUG: scheduling while atomic: swapper/1/0/0x00010002\n"
	 "CPU: 1 PID: 0 Comm: swapper/1 Not tainted 6.1.0 #1\n"
	 "Call Trace:\n"
	 " __schedule_bug+0x10/0x20\n"
	 " schedule_idle+0x10/0x20\n"
	 " cpu_startup_entry+0x10/0x20\n",
	 CRASH_ATOMIC, CAUSE_ATOMIC, "", NULL, "found in"},
	{"UBSAN: invalid-load in drivers/mine.c:6:17\n"
	 "load of value 255 is not a valid value for type '_Bool'\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_UBSAN, CAUSE_UBSAN, "", "load of value 255", NULL},
	{"UBSAN: signed-integer-overflow in drivers/mine.c:6:17\n"
	 "2147483647 + 1 cannot be represented in type 'int'\n",
	 CRASH_UBSAN, CAUSE_UBSAN, "", "2147483647 + 1", NULL},
	/* The line of a warning has its function, too. */
	{"WARNING: CPU: 1 PID: 85 at lib/list_debug.c:62 put_widget+0x10/0x20 [mine]\n"
	 "list_del corruption. next->prev should be ffff92e8ae4f58f0, but was 0\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 4.9.0 #1\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "put_widget", NULL, NULL},
	{"VERIFY3(rs_end >= end) failed (498722471936 >= 498724454400)\n"
	 "PANIC at range_tree.c:503:range_tree_remove()\n"
	 "Showing stack for process 85\n"
	 "CPU: 1 PID: 85 Comm: x Tainted: P          IO       6.12.53 #1\n"
	 "Call Trace:\n"
	 " dump_stack_lvl+0x10/0x20\n"
	 " spl_panic+0x10/0x20 [spl]\n",
	 CRASH_BUG, CAUSE_BUG, "", "check of ZFS's own", NULL},
	{"------------[ cut here ]------------\n"
	 "WARNING: CPU: 1 PID: 85 at kernel/watchdog.c:265 "
	 "watchdog_overflow_callback+0x98/0xc0()\n"
	 "Watchdog detected hard LOCKUP on cpu 1\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 3.16.0 #1\n",
	 CRASH_LOCKUP, CAUSE_LOCKUP, "", NULL, NULL},
	/* The line before a warning may be no text of it. */
	{"------------[ cut here ]------------\n"
	 "WARNING: CPU: 0 PID: 79 at mm/slub.c:3567 put_widget+0x10/0x20\n"
	 "CPU: 0 PID: 79 Comm: sh Not tainted 6.0.0 #1\n",
	 CRASH_WARNING, CAUSE_WARNING, "put_widget", NULL, "cut here"},
	/* Without CONFIG_DEBUG_BUGVERBOSE the function is all there is. */
	{"Kernel BUG at kfree+0x10/0x20 [verbose debug info unavailable]\n"
	 "Oops: invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_BUG, CAUSE_BAD_FREE, "kfree", NULL, NULL},
	{"Kernel BUG at __kmalloc+0x10/0x20 [verbose debug info unavailable]\n"
	 "invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:__kmalloc+0x10/0x20\n"
	 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
	 CRASH_BUG, CAUSE_BUG, "__kmalloc", NULL, NULL},
	/* Its line is lost. */
	{"invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:f+0x10/0x20\n"
	 "Code: 90 90 90 <0f> 0b 90 90\n",
	 CRASH_INVALID_OPCODE, CAUSE_BUG, "f", "ud2", NULL},
	{"invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:__list_del_entry_valid+0x10/0x20\n"
	 "Code: 90 90 90 <0f> 0b 90 90\n",
	 CRASH_INVALID_OPCODE, CAUSE_LIST_CORRUPTION, "__list_del_entry_valid", "ud2",
	 NULL},
	{"invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:usercopy_abort+0x10/0x20\n"
	 "Code: 90 90 90 <0f> 0b 90 90\n",
	 CRASH_INVALID_OPCODE, CAUSE_USERCOPY, "usercopy_abort", "ud2", NULL},
	/* On bare metal. */
	{"invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:f+0x10/0x20\n"
	 "Code: 90 90 90 <0f> 01 c1 48 85 c0\n",
	 CRASH_INVALID_OPCODE, CAUSE_NO_HYPERVISOR, "f", NULL, NULL},
	{"invalid opcode: 0000 [#1] SMP NOPTI\n"
	 "RIP: 0010:f+0x10/0x20\n"
	 "Code: 90 90 90 <f3> 0f 01 ee 48 85 c0\n",
	 CRASH_INVALID_OPCODE, CAUSE_UNKNOWN, "f", "not switched on", NULL},
	/* Who led a core function to the object, and who had freed it. */
	{"BUG: KFENCE: use-after-free write in down_write+0x10/0x20\n"
	 "\n"
	 "Use-after-free write at 0xffff888012345678 (in kfence-#12):\n"
	 " down_write+0x10/0x20\n"
	 " drop_widget+0x10/0x20 [mine]\n"
	 "\n"
	 "kfence-#12: 0xffff888012345600-0xffff88801234569f, size=160, cache=kmalloc-192\n"
	 "\n"
	 "allocated by task 85 on cpu 6 at 204.299396s:\n"
	 " make_widget+0x10/0x20 [mine]\n"
	 "\n"
	 "freed by task 86 on cpu 2 at 215.913857s:\n"
	 " kfree+0x10/0x20\n"
	 " release_widget+0x10/0x20 [mine]\n",
	 CRASH_KFENCE, CAUSE_KFENCE, "down_write",
	 "freed in release_widget+0x10 of module mine", "make_widget"},
	{"BUG: KFENCE: invalid read in down_write+0x10/0x20\n"
	 "\n"
	 "Invalid read at 0xffff888012345678:\n"
	 " down_write+0x10/0x20\n"
	 " drop_widget+0x10/0x20 [mine]\n",
	 CRASH_KFENCE, CAUSE_KFENCE, "down_write", "drop_widget of module mine led there",
	 NULL},
	{"BUG: KASAN: slab-use-after-free in f+0x10/0x20\n"
	 "Read of size 8 at addr ffff888012345678 by task x/85\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n"
	 "Call Trace:\n"
	 " <TASK>\n"
	 " f+0x10/0x20\n"
	 "Allocated by task 85:\n"
	 " kasan_save_stack+0x10/0x20\n"
	 " make_widget+0x10/0x20\n"
	 "Freed by task 86:\n"
	 " kasan_save_stack+0x10/0x20\n"
	 " __kasan_slab_free+0x10/0x20\n"
	 " kfree+0x10/0x20\n"
	 " release_widget+0x10/0x20\n"
	 " __fput+0x10/0x20\n",
	 CRASH_KASAN, CAUSE_KASAN, "f", "freed in release_widget+0x10", "of module"},
};

Test(oops_report, what_the_kernel_says_and_who_is_meant)
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
		cr_expect_str_eq(e.crash->has_site ? e.crash->site.function : "",
				 rows[i].function, "%zu", i);
		cr_expect(!rows[i].note || oopslog_has_note(&e.cause, rows[i].note),
			  "%zu: %s", i, e.cause.notes[0]);
		cr_expect(!rows[i].no_note ||
				  !oopslog_has_note(&e.cause, rows[i].no_note),
			  "%zu: %s", i, e.cause.notes[0]);
		oopslog_close(&oopslog);
	}
}
