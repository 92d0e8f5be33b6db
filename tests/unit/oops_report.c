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
	 CRASH_ASSERTION, CAUSE_ASSERTION, "", NULL, NULL},
	{"VERIFY(!RW_LOCK_HELD(&l->l_rwlock)) failed\n"
	 "SPLError: 85:0:(widget.c:44:widget_pageout()) SPL PANIC\n"
	 "SPL: Showing stack for process 85\n"
	 "Pid: 85, comm: x Tainted: P           O 3.3.1 #1\n",
	 CRASH_ASSERTION, CAUSE_ASSERTION, "", NULL, NULL},
	/* What is patched while it runs held other bytes. */
	{"jump_label: Fatal kernel bug, unexpected op at arm_widget+0x63/0xc0 "
	 "[ffffffff88f5d463] (eb 37 5b 41 5e != 66 90 0f 1f 00)) size:2 type:1\n"
	 "------------[ cut here ]------------\n"
	 "kernel BUG at arch/x86/kernel/jump_label.c:73!\n"
	 "invalid opcode: 0000 [#1] SMP PTI\n"
	 "CPU: 0 PID: 85 Comm: x Not tainted 5.15.0 #1\n"
	 "RIP: 0010:__jump_label_patch+0x1b9/0x1d0\n"
	 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
	 CRASH_BUG, CAUSE_PATCHING, "__jump_label_patch", "it is arm_widget+0x63 that",
	 "of module"},
	{"unexpected static_call insn opcode 0x0 at arm_widget+0x63/0xc0 [mine]\n"
	 "------------[ cut here ]------------\n"
	 "kernel BUG at arch/x86/kernel/static_call.c:99!\n"
	 "invalid opcode: 0000 [#1] SMP PTI\n"
	 "RIP: 0010:__static_call_validate+0x68/0x70\n"
	 "RSP: 0018:ffffb8e5c01d8f90 EFLAGS: 00000246\n",
	 CRASH_BUG, CAUSE_PATCHING, "__static_call_validate",
	 "arm_widget+0x63 of module mine", NULL},
	{"------------[ ftrace bug ]------------\n"
	 "ftrace failed to modify\n"
	 "WARNING: CPU: 0 PID: 85 at kernel/trace/ftrace.c:2068 ftrace_bug+0x190/0x200\n"
	 "CPU: 0 PID: 85 Comm: x Not tainted 5.15.0 #1\n",
	 CRASH_WARNING, CAUSE_PATCHING, "ftrace_bug", NULL, NULL},
	/* A warning's text may be a checker's. */
	{"------------[ cut here ]------------\n"
	 "memcpy: detected field-spanning write (size 12) of single field \"pos\" at "
	 "drivers/mine.c:1367 (size 0)\n"
	 "WARNING: CPU: 1 PID: 85 at drivers/mine.c:1367 rx_widget+0x10/0x20 [mine]\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #1\n",
	 CRASH_WARNING, CAUSE_FIELD, "rx_widget", "single field", NULL},
	{"cache_from_obj: Wrong slab cache. widget_128 but object is from mnt_cache\n"
	 "WARNING: CPU: 6 PID: 0 at mm/slab.h:454 kmem_cache_free+0x129/0x1c0\n"
	 "CPU: 6 PID: 0 Comm: swapper/6 Not tainted 4.18.0 #1\n",
	 CRASH_WARNING, CAUSE_WRONG_CACHE, "kmem_cache_free", "widget_128", NULL},
	/* SLUB's words for the damage. */
	{"BUG kmalloc-16 (Tainted: G           OE     ): Object already free\n"
	 "-----------------------------------------------------------------------\n"
	 "Slab 0xfffffa8bc4434140 objects=85 used=82 fp=0xffff9a3dd0d05910\n",
	 CRASH_SLAB, CAUSE_SLAB, "", "freed twice", NULL},
	{"BUG kmalloc-16 (Not tainted): Poison overwritten\n"
	 "-----------------------------------------------------------------------\n",
	 CRASH_SLAB, CAUSE_SLAB, "", "written to after it was freed", "twice"},
	/* Why a page was dumped. */
	{"BUG: Bad page state in process x  pfn:2d3c14\n"
	 "page:ffffea000b4f0500 count:0 mapcount:-1 mapping:          (null) index:0x0\n"
	 "page dumped because: nonzero mapcount\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 4.2.0 #4\n",
	 CRASH_BAD_PAGE, CAUSE_BAD_PAGE, "", "still mapped it", "put more"},
	{"BUG: Bad page state in process x  pfn:2d3c14\n"
	 "page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.10.0 #4\n",
	 CRASH_BAD_PAGE, CAUSE_BAD_PAGE, "", "freed with a flag", "after it was freed"},
	/* What stands in a link that is wrong. */
	{"list_del corruption. next->prev should be ffff9df513f39368, but was "
	 "dead000000000122\n"
	 "------------[ cut here ]------------\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "",
	 "deleted from the list already", "no address"},
	{"list_add corruption. next->prev should be prev (ffff910309261548), but was "
	 "ffff910487cb2d58. (next=ffff910487cb2d58).\n"
	 "kernel BUG at lib/list_debug.c:29!\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", "points to itself", NULL},
	{"list_add corruption. next->prev should be prev (ffff910309261548), but was "
	 "ffff910487cb2d60. (next=ffff910487cb2d58).\n"
	 "kernel BUG at lib/list_debug.c:29!\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", NULL, "points to itself"},
	{"list_del corruption. prev->next should be ffff9e136bd57418, but was "
	 "677ac660ffffffff\n"
	 "kernel BUG at lib/list_debug.c:53!\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "",
	 "0x677ac660ffffffff is no address", NULL},
	/* A CPU that did not run. */
	{"watchdog: BUG: soft lockup - CPU#1 stuck for 2471s! [x:85]\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.3.0 #4\n",
	 CRASH_LOCKUP, CAUSE_LOCKUP, "", "most of the 2471 s", NULL},
	{"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [x:85]\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.3.0 #4\n",
	 CRASH_LOCKUP, CAUSE_LOCKUP, "", NULL, "did not run"},
	{"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n"
	 "rcu:         9-...!: (0 ticks this GP) idle=850/0/0x0 softirq=1/1 fqs=1\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.3.0 #4\n",
	 CRASH_RCU_STALL, CAUSE_RCU_STALL, "", "no timer tick", NULL},
	{"rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n"
	 "rcu:         9-...!: (20 ticks this GP) idle=850/0/0x0 softirq=1/1 fqs=1\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.3.0 #4\n",
	 CRASH_RCU_STALL, CAUSE_RCU_STALL, "", NULL, "no timer tick"},
	/* A panic that was asked for, and one that ends a crash. */
	{"Kernel panic - not syncing: Kernel: Newly loaded module [name: ptp] is hidden!\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.19.8 #4\n",
	 CRASH_PANIC, CAUSE_PANIC_CALLED, "", NULL, NULL},
	{"Kernel panic - not syncing: Fatal exception in interrupt\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.19.8 #4\n",
	 CRASH_PANIC, CAUSE_PANIC, "", NULL, NULL},
	/* Ring 3 of a Xen PV guest, and a split lock. */
	{"alignment check: 0000 [#1] SMP \n"
	 "Pid: 85, comm: x Not tainted 2.6.38 #50\n"
	 "RIP: e030:[<ffffffff8100b2b5>]  [<ffffffff8100b2b5>] set_widget+0x105/0x360\n"
	 "RSP: e02b:ffff8803ee9c7dd8  EFLAGS: 00050246\n",
	 CRASH_TRAP, CAUSE_ALIGNMENT_CHECK, "set_widget", "as the program left it", NULL},
	{"alignment check: 0000 [#1] SMP \n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 6.1.0 #4\n"
	 "RIP: 0010:set_widget+0x105/0x360\n"
	 "RSP: 0018:ffff8803ee9c7dd8  EFLAGS: 00000246\n",
	 CRASH_TRAP, CAUSE_ALIGNMENT_CHECK, "set_widget", NULL, "Xen"},
	/* The line of an indirect call has both ends. */
	{"CFI failure at show_widget+0x15/0x30 (target: size_show+0x0/0xf0 [mine]; "
	 "expected type: 0xc527b809)\n"
	 "Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\n"
	 "CPU: 4 PID: 85 Comm: x Not tainted 6.10.8 #1\n",
	 CRASH_CFI, CAUSE_CFI, "show_widget", "went to size_show+0x0 of module mine",
	 NULL},
	/* To 4.8 KASAN's first line has no function. */
	{"BUG: KASan: user-memory-access on address 310000006a690d0d\n"
	 "Write of size 672 by task x/85\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 4.2.0 #4\n"
	 "Call Trace:\n"
	 " [<ffffffff82d57cd4>] dump_stack+0x45/0x57\n"
	 " [<ffffffff81429496>] kasan_report_user_access+0x76/0xa0\n"
	 " [<ffffffff81428492>] __asan_storeN+0x132/0x1b0\n"
	 " [<ffffffff8142877e>] ? memset+0x1e/0x40\n"
	 " [<ffffffff8142877e>] memset+0x1e/0x40\n"
	 " [<ffffffff81a13e3c>] copy_widget+0x8c/0xb0\n",
	 CRASH_KASAN, CAUSE_KASAN, "", "found in copy_widget+0x8c", NULL},
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
	/* What a list's link was. */
	{"list_del corruption. prev->next should be ffff92e8ae4f58f0, but was "
	 "dead000000000100. (prev=ffff92e8ae4f0000)\n"
	 "kernel BUG at lib/list_debug.c:62!\n"
	 "invalid opcode: 0000 [#1] SMP\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "",
	 "had been deleted from the list already", NULL},
	{"list_del corruption. prev->next should be ffff92e8ae4f58f0, but was "
	 "ffff92e8ee4f58f0\n"
	 "kernel BUG at lib/list_debug.c:62!\n"
	 "invalid opcode: 0000 [#1] SMP\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", "one bit off", NULL},
	{"list_del corruption. prev->next should be ffff92e8ae4f58f0, but was "
	 "4e03280211010f04\n"
	 "kernel BUG at lib/list_debug.c:62!\n"
	 "invalid opcode: 0000 [#1] SMP\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", "no address of the kernel",
	 NULL},
	{"list_add corruption. next->prev should be prev (ffffe8ffac433e40), but was "
	 "50ffffe8ffac433e. (next=ffffe8ffac433e41).\n"
	 "kernel BUG at lib/list_debug.c:29!\n"
	 "invalid opcode: 0000 [#1] SMP\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", "off by as much", NULL},
	{"list_del corruption. prev->next should be ffff92e8ae4f58f0, but was "
	 "ffff92e8ae123458\n"
	 "kernel BUG at lib/list_debug.c:62!\n"
	 "invalid opcode: 0000 [#1] SMP\n",
	 CRASH_LIST_CORRUPTION, CAUSE_LIST_CORRUPTION, "", NULL, "the link is"},
	/* Who forbade a sleep. */
	{"BUG: scheduling while atomic: x/85/0x00000101\n"
	 "Preemption disabled at:\n"
	 "[<ffffffffc0656171>] queue_widget+0x2e1/0xbe0 [mine]\n",
	 CRASH_ATOMIC, CAUSE_ATOMIC, "", "off in queue_widget+0x2e1 of module mine",
	 NULL},
	{"BUG: scheduling while atomic: x/85/0x00000100\n", CRASH_ATOMIC, CAUSE_ATOMIC,
	 "", "in a softirq", NULL},
	{"BUG: scheduling while atomic: x/85/0x00010000\n", CRASH_ATOMIC, CAUSE_ATOMIC,
	 "", "in a hardware interrupt", NULL},
	{"BUG: scheduling while atomic: x/85/0x00000202\n", CRASH_ATOMIC, CAUSE_ATOMIC,
	 "", "softirqs are off", NULL},
	/* schedule()'s own. */
	{"BUG: scheduling while atomic: x/85/0x00000001\n", CRASH_ATOMIC, CAUSE_ATOMIC,
	 "", NULL, "the count"},
	/* A page's state is its user's. */
	{"BUG: Bad page state in process x  pfn:687de\n"
	 "page dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.9.1 #2\n"
	 "Call Trace:\n"
	 " dump_stack+0x84/0xba\n"
	 " bad_page.cold+0xac/0xb1\n"
	 " check_free_page_bad+0xb0/0xc0\n"
	 " free_unref_page+0x18/0xf0\n"
	 " put_pages_list+0x11a/0x120\n"
	 " unpack_widget+0xc9/0x110\n",
	 CRASH_BAD_PAGE, CAUSE_BAD_PAGE, "", "found in unpack_widget+0xc9", NULL},
	{"BUG: Bad page state in process x  pfn:687de\n"
	 "page dumped because: nonzero _refcount\n",
	 CRASH_BAD_PAGE, CAUSE_BAD_PAGE, "", "because: nonzero _refcount", NULL},
	{"kernel BUG at net/core/skbuff.c:206!\n"
	 "invalid opcode: 0000 [#1] SMP\n"
	 "RIP: 0010:skb_under_panic+0x14b/0x150\n"
	 "RSP: 0018:ffffc90003baf5b8 EFLAGS: 00010286\n",
	 CRASH_BUG, CAUSE_BUG, "skb_under_panic", "no headroom", NULL},
	/* Who called what is no code. */
	{"BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
	 "#PF: supervisor instruction fetch in kernel mode\n"
	 "#PF: error_code(0x0010) - not-present page\n"
	 "Oops: 0010 [#1] SMP\n"
	 "RIP: 0010:0x0\n"
	 "Code: Bad RIP value.\n"
	 "RSP: 0018:ffffc90001f93dc8 EFLAGS: 00010206\n"
	 "Call Trace:\n"
	 " ? page_fault_oops+0x91/0x180\n"
	 " ? asm_exc_page_fault+0x22/0x30\n"
	 " abort_widgets+0xc6/0x2b0 [mine]\n",
	 CRASH_PAGE_FAULT, CAUSE_EXECUTE_NULL, "",
	 "called from abort_widgets+0xc6 of module mine", NULL},
	/* An inlined check of KASAN's, by its registers. */
	{"BUG: unable to handle page fault for address: fffffbfff80a702b\n"
	 "PGD 817fc4067 P4D 817fc4067 PUD 817fc0067 PMD 102ef4067 PTE 0\n"
	 "Oops: Oops: 0000 [#1] PREEMPT SMP KASAN PTI\n"
	 "RIP: 0010:open_widget+0x302/0x6e0\n"
	 "RSP: 0018:ffff88811c837998 EFLAGS: 00010a06\n"
	 "RAX: dffffc0000000000 RBX: ffffffffc0538140 RCX: 0000000000000007\n"
	 "RDX: 1ffffffff80a702b RSI: 0000000000000001 RDI: ffffffffc0538158\n",
	 CRASH_PAGE_FAULT, CAUSE_KERNEL_UNMAPPED, "open_widget",
	 "0xffffffffc0538158 was to be accessed, or checked, where modules are", NULL},
	{"eneral protection fault: 0000 [#1] SMP\n"
	 "RIP: 0010:[<ffffffff813968ca>]  [<ffffffff813968ca>] _raw_spin_lock+0x9/0x20\n"
	 "RSP: 0018:ffff880126e43d88  EFLAGS: 00010202\n"
	 "RAX: 0000000000010000 RBX: 0720072007200720 RCX: 0000000000000000\n"
	 "R10: 0000000000000000 R11: dead000000100100 R12: ffff8801278cae00\n",
	 CRASH_GENERAL_PROTECTION, CAUSE_NON_CANONICAL, "_raw_spin_lock",
	 "rbx holds the bytes that fill a text screen", "list_del"},
	{"general protection fault: 0000 [#1] SMP NOPTI\n"
	 "RIP: e030:test_widget+0x0/0x7\n"
	 "RSP: 3507:ffffffff82203e98 EFLAGS: 00000246\n",
	 CRASH_GENERAL_PROTECTION, CAUSE_UNKNOWN, "test_widget", "SS is 3507", NULL},
	{"general protection fault: 0000 [#1] SMP NOPTI\n"
	 "RIP: e030:test_widget+0x0/0x7\n"
	 "RSP: e02b:ffffffff82203e98 EFLAGS: 00000246\n",
	 CRASH_GENERAL_PROTECTION, CAUSE_UNKNOWN, "test_widget", NULL, "SS is"},
	/* Who had an object is no part of the report's own trace. */
	{"BUG kmalloc-128 (Tainted: G        W        ): Poison overwritten\n"
	 "First byte 0x0 instead of 0x6b\n"
	 "Allocated in make_widget+0x9d/0x1de age=243 cpu=0 pid=28\n"
	 " memdup_user+0x2e/0xbd\n"
	 " make_widget+0x9d/0x1de\n"
	 "Freed in drop_widget+0x1bb/0x1de [mine] age=68 cpu=0 pid=28\n"
	 " kfree+0x1bd/0x1cc\n"
	 " drop_widget+0x1bb/0x1de [mine]\n",
	 CRASH_SLAB, CAUSE_SLAB, "", "freed in drop_widget+0x1bb of module mine",
	 "found in"},
	{"BUG kmalloc-128 (Not tainted): Redzone overwritten\n"
	 "INFO: Allocated in make_widget+0x9d/0x1de age=243 cpu=0 pid=28\n"
	 "CPU: 1 PID: 85 Comm: x Not tainted 5.9.1 #2\n"
	 "Call Trace:\n"
	 " check_bytes_and_report+0x9c/0xc0\n"
	 " put_widget+0x10/0x20\n",
	 CRASH_SLAB, CAUSE_SLAB, "", "allocated in make_widget+0x9d", NULL},
	/* To 3.3. */
	{"BUG idr_layer_cache: Poison overwritten\n"
	 "Object ffff8802156487c0: 6b 6b 6b 6b\n",
	 CRASH_SLAB, CAUSE_SLAB, "", "written to after it was freed", NULL},
	/* Where a CPU is stuck. */
	{"watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 3\n"
	 "CPU: 3 UID: 0 PID: 85 Comm: x Not tainted 6.17.0 #1\n"
	 "Call Trace:\n"
	 " watchdog_hardlockup_check+0x10/0x20\n"
	 " asm_exc_nmi+0x10/0x20\n"
	 " spin_widget+0x10/0x20 [mine]\n",
	 CRASH_LOCKUP, CAUSE_LOCKUP, "", "was in spin_widget+0x10 of module mine", NULL},
	{"... INFO: task x:85 blocked for more than 120 seconds.\n"
	 "Call Trace:\n"
	 " schedule+0x36/0x7c\n"
	 " destroy_widget+0x345/0x610 [mine]\n",
	 CRASH_HUNG_TASK, CAUSE_HUNG_TASK, "", "waits in destroy_widget", NULL},
	/* A module that is loaded already, by one that is being loaded. */
	{"BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
	 "#PF: error_code(0x0000) - not-present page\n"
	 "Oops: 0000 [#1] SMP NOPTI\n"
	 "Modules linked in: widget(O+) i2c_core\n"
	 "CPU: 1 PID: 85 Comm: systemd-udevd Tainted: G           O 6.1.0 #1\n"
	 "RIP: 0010:register_widget+0x130/0x390 [i2c_core]\n"
	 "RSP: 0018:ffff8800bee5baa8  EFLAGS: 00010246\n",
	 CRASH_PAGE_FAULT, CAUSE_NULL, "register_widget",
	 "module widget was being loaded by systemd-udevd", NULL},
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
		oopslog_expect_notes(&e.cause, rows[i].note, rows[i].no_note, i);
		oopslog_close(&oopslog);
	}
}
