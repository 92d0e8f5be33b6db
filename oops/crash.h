/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One crash report of a kernel log, as data: what stands in the log, nothing concluded.
 *
 * Wordings from 4.19 to 7.3: arch/x86/mm/fault.c (show_fault_oops, __die_body of
 * arch/x86/kernel/dumpstack.c), lib/dump_stack.c, lib/list_debug.c, kernel/cfi.c.
 */
#ifndef KWCHECK_OOPS_CRASH_H
#define KWCHECK_OOPS_CRASH_H

#include "oops/log.h"
#include "oops/registers.h"
#include "oops/site.h"

enum crash_kind {
	CRASH_UNKNOWN = 0,
	CRASH_PAGE_FAULT,
	CRASH_GENERAL_PROTECTION,
	CRASH_BUG, /* kernel BUG at FILE:LINE: the kernel stopped itself */
	CRASH_LIST_CORRUPTION,
	CRASH_CFI, /* an indirect call to a function of another type */
	CRASH_STACK_OVERFLOW,
	CRASH_BAD_PAGETABLE,
	CRASH_DOUBLE_FAULT,
	CRASH_INVALID_OPCODE,
	CRASH_TRAP,   /* another exception: the die line names it */
	CRASH_CR0_WP, /* a warning: CR0.WP was cleared, and set again */
	/* Reports of the kernel's checkers; it goes on after most. */
	CRASH_KASAN,
	CRASH_KFENCE,
	CRASH_UBSAN,
	CRASH_REFCOUNT,
	CRASH_CRED,
	CRASH_WORKQUEUE,
	CRASH_LOCKUP,
	CRASH_RCU_STALL,
	CRASH_MISSING_ENDBR, /* an indirect call to what does not start with endbr64 */
	CRASH_FIRMWARE,	     /* EFI's runtime services faulted */
	CRASH_BAD_PAGE,	     /* of a page's state, or a process's page tables */
	CRASH_ATOMIC,	     /* slept where that is forbidden */
	CRASH_SPINLOCK,
	CRASH_SLAB, /* SLUB's checks of its objects */
	CRASH_KCSAN,
	CRASH_KMSAN,
	CRASH_ASSERTION, /* ZFS's own (spl): the thread stops, the kernel does not */
	/* Told where the log has nothing else: oops/lesser.c. */
	CRASH_WARNING,
	CRASH_LOCKDEP,
	CRASH_HUNG_TASK,
	CRASH_MACHINE_CHECK,
	CRASH_PANIC,   /* its crash is not in the log, or there was none */
	CRASH_FOREIGN, /* not of x86-64 Linux */
	CRASH_NR_KINDS,
};

enum crash_mode { CRASH_MODE_UNKNOWN = 0, CRASH_MODE_KERNEL, CRASH_MODE_USER };

/* Where the faulting address was taken from, the more trusted first. The CR2 of the
 * register dump is read after the kernel fetched the Code: bytes, which may fault itself.
 */
enum crash_address {
	CRASH_ADDRESS_UNKNOWN = 0,
	CRASH_ADDRESS_HEADLINE,
	CRASH_ADDRESS_LAST_CR2, /* the lone CR2 line before the end mark */
	CRASH_ADDRESS_DUMP,
};

/* The "PGD 3fc0e067 P4D ..." line, top-down. */
enum crash_table {
	CRASH_TABLE_PGD = 0,
	CRASH_TABLE_P4D,
	CRASH_TABLE_PUD,
	CRASH_TABLE_PMD,
	CRASH_TABLE_PTE,
	CRASH_NR_TABLES,
};

struct crash_entry {
	bool has_value;
	bool is_bad; /* "BAD": the kernel could not read the table */
	uint64_t value;
};

enum { CRASH_CODE_BYTES = 64, CRASH_MAX_FRAMES = 24, CRASH_MAX_MODULES = 32 };

struct crash_code {
	unsigned char bytes[CRASH_CODE_BYTES];
	size_t nr;
	int at; /* index of the faulting instruction's first byte; -1: not marked */
	/* "Unable to access opcode bytes at 0x...": where the kernel tried. */
	bool is_unreadable;
	bool has_address;
	uint64_t address;
};

struct crash_frame {
	struct site site;
	bool is_guess; /* "? name": found on the stack, perhaps stale */
};

/* A module of "Modules linked in:" that has flags there. */
struct crash_module {
	char name[SITE_MODULE_BYTES];
	char flags[16]; /* "OE+" */
};

struct crash {
	enum crash_kind kind;
	size_t first_line; /* index into the log */
	bool has_time;
	uint64_t time_us;
	char headline[256]; /* the line that says what happened */
	char detail[512];   /* list and CFI reports: their line */
	/* KASAN: "Write of size 8 at addr ... by task ...", KFENCE and UBSAN: their next
	 * line.
	 */
	char access[128];
	bool is_beside_stack; /* the next report is of a kernel stack that is used up */
	char bug_at[256];     /* kernel BUG at and WARNING: "lib/list_debug.c:51" */
	bool is_headless;     /* the log begins in it: its kind is not known */
	bool is_inferred;     /* it did, and code and registers tell the kind */
	unsigned nr_garbled;  /* lines inside which another message begins */
	/* Another report's lines stand among its own: what both have is left out. */
	bool is_mixed;
	bool is_warning;  /* a report: the kernel goes on, unless told to panic */
	bool is_followed; /* the log shows that it went on */
	/* A machine check's bank and its IA32_MCi_STATUS, the first one of the report
	 * that was not corrected, or the first.
	 */
	bool has_bank;
	unsigned bank;
	uint64_t bank_status;
	bool is_memory_error; /* EDAC names the memory */
	bool has_idle_stall;  /* of an RCU stall a CPU had no tick in all the time */
	/* Of a sleep where none is allowed. */
	bool is_disabled_next; /* "Preemption disabled at:" ended its line */
	bool has_disabled_at;
	struct site disabled_at; /* who switched preemption off */
	bool has_preempt_count, is_irqs_off;
	unsigned preempt_count;
	bool is_lesser; /* told only where the log has nothing else */
	bool is_end;	/* a panic's last line: told only where nothing came before */
	const char *foreign;   /* whose it is, if not of x86-64 Linux; or NULL */
	bool is_stack_overrun; /* "Thread overran stack, or stack corrupted" */
	char panic[160];       /* "Kernel panic - not syncing: " of it; "": none */
	bool is_inside;	       /* began before the report before it had got to its end */
	bool is_null_worded;   /* the kernel itself calls it a NULL pointer */
	bool is_null_told;     /* its registers do, where the beginning is lost */
	bool is_nx_worded;     /* "tried to execute NX-protected page" */
	bool is_smep_worded;   /* "unable to execute userspace code" */
	bool is_kasan_worded;  /* "GPF could be caused by NULL-ptr deref", to 5.10 */
	bool is_noncanonical;  /* of a general protection fault: the kernel says so */
	enum crash_address address_from;
	uint64_t address;
	bool is_kasan;	   /* the die line says that the kernel has KASAN */
	bool is_pagealloc; /* and DEBUG_PAGEALLOC */
	/* KASAN's check faulted on the shadow of this address: there the access was to
	 * be.
	 */
	bool has_shadowed;
	uint64_t shadowed;
	bool has_error_code;
	uint64_t error_code;
	bool has_all_error_bits; /* else bits above 15 are not in the log */
	enum crash_mode mode;	 /* as the "#PF:" line says, or the code segment */
	struct crash_entry tables[CRASH_NR_TABLES];
	bool is_table_line_cut; /* the input ended in it */
	bool has_die;
	char die[128];	 /* "Oops", "general protection fault, probably for ..." */
	unsigned number; /* of [#1]; 0: not in the log */
	bool has_cpu;
	bool has_pid;
	bool has_old_cpu; /* "CPU 0", to 3.9 on a line of its own */
	unsigned cpu, pid;
	char comm[32];
	char taint[32]; /* letters without blanks; "" also for "Not tainted" */
	char release[128];
	char build[128]; /* what follows the release: "#1 Debian 5.10.223-1" */
	char hardware[256];
	/* "stack guard page was hit at A (stack is B..C)", where they are not hashed. */
	bool has_stack_bounds;
	uint64_t stack_start, stack_end; /* its last byte */
	/* The task's stack, to 4.13 on a line of its own. */
	bool has_task_stack;
	uint64_t task_stack;
	bool is_32bit_kernel; /* EIP, *pdpt, *pde */
	bool has_selector;
	unsigned selector; /* CS, of the RIP line or of the dump */
	bool has_stack_selector;
	unsigned stack_selector; /* SS */
	bool has_site_line;	 /* RIP's, also where it could not be read */
	bool has_site;
	bool is_site_next; /* "IP:" ended its line */
	struct site site;  /* RIP */
	/* What the line of a WARNING or a BUG() itself names; RIP's goes before. */
	bool has_named_site;
	struct site named_site;
	/* "Workqueue: NAME FUNCTION [MODULE]": what a kworker ran. */
	char workqueue[64];
	struct site work;
	struct registers registers;
	struct crash_code code;
	bool has_user_rip; /* the trace ends with the RIP of user space */
	/* KASAN's, KFENCE's and SLUB's traces of the object: where it was freed. */
	bool is_in_freeing, has_freed_in;
	bool is_in_track, has_allocated_in; /* SLUB's */
	struct site allocated_in;
	struct site freed_in;
	struct crash_frame frames[CRASH_MAX_FRAMES];
	size_t nr_frames;
	struct crash_module modules[CRASH_MAX_MODULES];
	size_t nr_modules;
	char module_flags[16];	 /* of the site's module: "OE+" */
	bool is_module_starting; /* '+': its init function runs */
	bool is_module_going;	 /* '-' */
	bool has_end;		 /* the end mark is there */
	/* A panic tells how far KASLR moved the image. */
	bool has_kernel_offset;
	uint64_t kernel_offset;
};

/* More crashes than that in one log are counted, not kept. */
enum { CRASH_MAX = 1000 };

struct crashes {
	struct crash *array;
	size_t nr;
	size_t nr_dropped;
};

/* crashes_find - every crash report of @log, in its order
 * Returns 0 (also where there is none) or -ENOMEM.
 */
int crashes_find(struct crashes *ret, const struct log *log);
void crashes_free(struct crashes *crashes);

/* A Xen PV kernel runs in ring 3 with selectors of the hypervisor's
 * (include/xen/interface: FLAT_RING3_CS64, whose RPL Xen takes off for the kernel).
 */
static inline bool crash_is_xen_pv(const struct crash *crash)
{
	return crash->has_selector && crash->selector == 0xe030;
}

/* crash_shadowed - the address whose shadow at @address KASAN's check read
 * The kernel says it since 5.11. Before, that of the first 64 KiB is told by its value:
 * one byte for eight, from CONFIG_KASAN_SHADOW_OFFSET of x86-64 on; others may be
 * anything.
 */
bool crash_shadowed(const struct crash *crash, uint64_t address, uint64_t *ret);

/* "page-fault", "general-protection", ...: stable, for machines. */
const char *crash_kind_name(enum crash_kind kind);

#endif
