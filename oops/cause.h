/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What patterns of crashes mean, and the ways out with what each costs. */
#ifndef KWCHECK_OOPS_CAUSE_H
#define KWCHECK_OOPS_CAUSE_H

#include "oops/crash.h"
#include "oops/instruction.h"
#include "oops/hit.h"
#include "oops/tables.h"

enum cause_kind {
	CAUSE_UNKNOWN = 0,
	CAUSE_LSM_LIST,
	CAUSE_LSM_STATIC_CALL,
	CAUSE_SYSCALL_TABLE,
	CAUSE_KERNEL_TEXT,
	CAUSE_KERNEL_RO_AFTER_INIT,
	CAUSE_KERNEL_CONST,
	CAUSE_KERNEL_SEALED, /* sealed image memory, which part is not known */
	CAUSE_SEALED,	     /* the image's or a module's */
	CAUSE_MODULE_TEXT,
	CAUSE_MODULE_CONST,
	CAUSE_MODULE_RO_AFTER_INIT,
	CAUSE_MODULE_SEALED,
	CAUSE_FREED_INIT,
	CAUSE_NULL,
	CAUSE_LIST_POISON,
	CAUSE_NON_CANONICAL,
	CAUSE_EXECUTE_DATA,
	CAUSE_EXECUTE_USER,
	CAUSE_EXECUTE_NULL,
	CAUSE_EXECUTE_UNMAPPED,
	CAUSE_USER_ACCESS,
	CAUSE_USER_UNMAPPED,
	CAUSE_KERNEL_UNMAPPED,
	CAUSE_LIST_CORRUPTION,
	CAUSE_CFI,
	CAUSE_BUG,
	CAUSE_STACK_OVERFLOW,
	CAUSE_PAGE_TABLE,
	CAUSE_CHANGED,
	CAUSE_RMP,
	CAUSE_XEN_PV,
	CAUSE_MISSING_ENDBR,
	CAUSE_CR0_WP,
	CAUSE_KASAN,
	CAUSE_KFENCE,
	CAUSE_UBSAN,
	CAUSE_REFCOUNT,
	CAUSE_CRED,
	CAUSE_WORKQUEUE,
	CAUSE_LOCKUP,
	CAUSE_RCU_STALL,
	CAUSE_STACK_OVERRUN,
	CAUSE_STACK_LOST,
	CAUSE_SMALL,
	CAUSE_NEGATIVE,
	CAUSE_VMEMMAP,
	CAUSE_USERCOPY,
	CAUSE_FORTIFY,
	CAUSE_FIRMWARE,
	CAUSE_BAD_PAGE,
	CAUSE_ATOMIC,
	CAUSE_SPINLOCK,
	CAUSE_SLAB,
	CAUSE_KCSAN,
	CAUSE_KMSAN,
	CAUSE_DESCRIPTOR,
	CAUSE_DIVIDE,
	CAUSE_HYPERCALL,
	CAUSE_RETURN,
	CAUSE_PRIVILEGED,
	CAUSE_EFI,
	CAUSE_SLAB_LEAK,
	CAUSE_BAD_FREE,
	CAUSE_DIRECT_MAP,
	CAUSE_VMAP,
	CAUSE_DELIVERY,
	CAUSE_ALIGNMENT,
	CAUSE_SEGMENT,
	CAUSE_WARNING,
	CAUSE_LOCKDEP,
	CAUSE_HUNG_TASK,
	CAUSE_PANIC,
	CAUSE_INIT_DIED,
	CAUSE_NO_ROOT,
	CAUSE_STACK_PROTECTOR,
	CAUSE_MACHINE_CHECK,
	CAUSE_OUT_OF_MEMORY,
	CAUSE_MISPLACED,
	CAUSE_LENGTH,
	CAUSE_FLOATING_POINT,
	CAUSE_NO_HYPERVISOR,
	CAUSE_ASSERTION,
	CAUSE_PATCHING,
	CAUSE_FIELD,
	CAUSE_WRONG_CACHE,
	CAUSE_PANIC_CALLED,
	CAUSE_ALIGNMENT_CHECK,
	CAUSE_NR,
};

struct cause_way {
	const char *what;
	const char *cost;
	/* Releases that have it, as release_number() gives them; 0 is no bound. */
	unsigned since, until;
};

enum { CAUSE_MAX_WAYS = 6, CAUSE_NOTE_BYTES = 256, CAUSE_MAX_NOTES = 6 };

struct cause {
	enum cause_kind kind;
	/* The log shows the pattern but not all that would prove it. */
	bool is_likely;
	const char *summary; /* one sentence */
	/* Whose fault it may be, apart from where it crashed; NULL: nobody stands out. */
	const struct site *suspect;
	const char *suspicion; /* why */
	/* What of this crash leads to it, and what it means here. */
	char notes[CAUSE_MAX_NOTES][CAUSE_NOTE_BYTES];
	size_t nr_notes;
	struct cause_way ways[CAUSE_MAX_WAYS];
	size_t nr_ways;
};

/* cause_find - the pattern that a crash shows
 * @instruction: NULL where none could be decoded.
 * @version: of the kernel that crashed; only the ways of that release are given.
 */
void cause_find(const struct crash *crash, const struct tables *tables,
		const struct instruction *instruction, const struct hit *target,
		unsigned version, struct cause *ret);

/* "lsm-list", "null-pointer", ...: stable, for machines. */
const char *cause_name(enum cause_kind kind);

#endif
