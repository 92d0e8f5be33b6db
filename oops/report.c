/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's own reports mean: of its checkers, of BUG() and of traps. */
#include "oops/report.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "oops/scan.h"

/* "traps: Missing ENDBR: helper+0x0/0x20 [mine]": the target. The call trace holds the
 * reporter's entry code first, then who called.
 */
enum cause_kind report_of_endbr(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;
	const char *target = crash->detail;
	bool is_behind_entry = false;

	if (scan_past(&target, "ENDBR: ") && *target)
		cause_note(cause, "the branch went to %s", target);
	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset)
			continue;
		if (strcmp(site->function, "asm_exc_control_protection") == 0) {
			is_behind_entry = true;
		} else if (is_behind_entry) {
			cause_note(cause,
				   "by the call trace it came from %s+0x%" PRIx64 "%s%s",
				   site->function, site->offset,
				   site->module[0] ? " of module " : "", site->module);
			break;
		}
	}
	return CAUSE_MISSING_ENDBR;
}

/* The checkers themselves, above the code that they report: whole names, or how they
 * start.
 */
static const char *const checkers[] = {
	"dump_stack",
	"dump_stack_lvl",
	"__dump_stack",
	"show_stack",
	"ubsan_",
	"__ubsan_",
	"kasan_",
	"__kasan_",
	"__asan_",
	"print_",
	"kfence_",
	"refcount_",
	"asm_exc_",
	"exc_",
	"handle_bug",
	"report_bug",
	"__report_bug",
	"__warn",
	"__warn_",
	"panic",
	"vpanic",
	"check_panic_on_warn",
	"fixup_bug",
	"warn_slowpath_",
	"check_memory_region",
	"do_error_trap",
	"do_invalid_op",
	"invalid_op",
	"do_trap",
	"do_trap_no_signal",
	"die",
	"__die",
	"__die_body",
	"ret_from_intr",
	"__list_",
	"list_del",
	"list_add",
	"usercopy_",
	"__check_object_size",
	"__check_heap_object",
	"check_stack_object",
	"fortify_panic",
	"__fortify_",
	"bad_page",
	"free_page_is_bad",
	"__schedule",
	"schedule",
	"__schedule_bug",
	"__might_",
	"___might_",
	"spin_bug",
	"spin_dump",
	"rwlock_bug",
	"do_raw_",
	"_raw_",
	"object_err",
	"slab_err",
	"slab_bug",
	"slab_pad_check",
	"check_bytes_and_report",
	"check_object",
	"check_slab",
	"free_debug_processing",
	"alloc_debug_processing",
	"free_to_partial_list",
	"on_freelist",
};

bool report_is_checker(const struct site *site)
{
	if (site->module[0])
		return false;
	for (size_t i = 0; i < sizeof(checkers) / sizeof(checkers[0]); i++) {
		size_t bytes = strlen(checkers[i]);

		/* GCC's parts of functions have a dot behind the name. */
		if (strncmp(site->function, checkers[i], bytes) == 0 &&
		    (checkers[i][bytes - 1] == '_' || strchr(".", site->function[bytes])))
			return true;
	}
	return false;
}

static void note_caller(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset || report_is_checker(site))
			continue;
		cause_note(cause,
			   "by the call trace it was found in %s+0x%" PRIx64 "%s%s",
			   site->function, site->offset,
			   site->module[0] ? " of module " : "", site->module);
		return;
	}
}

/* Is the BUG() one of the slab allocators? */
static bool is_allocators(const char *bug_at)
{
	static const char *const files[] = {"mm/slub.c:", "mm/slab.c:"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *file = strstr(bug_at, files[i]);

		if (file && (file == bug_at || file[-1] == '/'))
			return true;
	}
	return false;
}

/* What a BUG() in the slab allocators' functions is about; in others it may be about the
 * flags of an allocation.
 */
static enum cause_kind of_allocator(const char *function)
{
	static const struct {
		const char *start;
		enum cause_kind cause;
	} rows[] = {
		{"kfree", CAUSE_BAD_FREE},
		{"__kfree", CAUSE_BAD_FREE},
		{"kmem_cache_free", CAUSE_BAD_FREE},
		{"__slab_free", CAUSE_BAD_FREE},
		{"___cache_free", CAUSE_BAD_FREE},
		{"cache_free_", CAUSE_BAD_FREE},
		{"kmem_cache_alloc", CAUSE_SLAB},
		{"__kmalloc", CAUSE_SLAB},
		{"kmalloc_", CAUSE_SLAB},
		{"cache_alloc_refill", CAUSE_SLAB},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(function, rows[i].start, strlen(rows[i].start)) == 0)
			return rows[i].cause;
	return CAUSE_BUG;
}

/* What was said right before a BUG(). */
enum cause_kind report_of_bug(const struct cause_question *q, struct cause *cause)
{
	const char *detail = q->crash->detail;
	enum cause_kind kind = CAUSE_BUG;

	if (strncmp(detail, "usercopy: ", 10) == 0) {
		note_caller(q, cause);
		return CAUSE_USERCOPY;
	}
	if (strstr(detail, "detected buffer overflow") ||
	    strcmp(q->crash->site.function, "__fortify_report") == 0 ||
	    strcmp(q->crash->site.function, "fortify_panic") == 0 ||
	    strcmp(q->crash->site.function, "__fortify_panic") == 0) {
		note_caller(q, cause);
		return CAUSE_FORTIFY;
	}
	if (is_allocators(q->crash->bug_at) && !q->crash->site.module[0]) {
		kind = of_allocator(q->crash->site.function);
		if (kind != CAUSE_BUG)
			note_caller(q, cause);
	}
	return kind;
}

enum cause_kind report_of_list(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;

	if (strstr(crash->detail, "LIST_POISON"))
		cause_note(cause, "the entry had been deleted already: list_del() leaves "
				  "LIST_POISON in it");
	if (strstr(crash->detail, " is NULL") || strstr(crash->detail, "(null)") ||
	    strstr(crash->detail, "was 0000000000000000"))
		cause_note(cause,
			   "a link is NULL: never set, or its memory was cleared or "
			   "freed and used anew");
	if (strncmp(crash->site.function, "__list_", 7) == 0 || !crash->has_site)
		note_caller(q, cause);
	return CAUSE_LIST_CORRUPTION;
}

/* What a panic whose crash is not in the log was for. */
static enum cause_kind of_panic(const char *reason, struct cause *cause)
{
	static const struct {
		const char *word;
		enum cause_kind cause;
	} rows[] = {
		{"Attempted to kill init!", CAUSE_INIT_DIED},
		{"Requested init ", CAUSE_NO_ROOT},
		{"No working init found", CAUSE_NO_ROOT},
		{"No init found", CAUSE_NO_ROOT},
		{"VFS: Unable to mount root fs", CAUSE_NO_ROOT},
		{"stack-protector: Kernel stack is corrupted in: ",
		 CAUSE_STACK_PROTECTOR},
		{"corrupted stack end detected inside scheduler", CAUSE_STACK_OVERFLOW},
		{"Fatal machine check", CAUSE_MACHINE_CHECK},
		{"Fatal Machine check", CAUSE_MACHINE_CHECK},
		{"Machine check", CAUSE_MACHINE_CHECK},
		{"Fatal hardware error", CAUSE_MACHINE_CHECK},
		{"Fatal local machine check", CAUSE_MACHINE_CHECK},
		{"Uncorrected hardware memory error", CAUSE_MACHINE_CHECK},
		{"System is deadlocked on memory", CAUSE_OUT_OF_MEMORY},
		{"Out of memory", CAUSE_OUT_OF_MEMORY},
		{"hung_task: blocked tasks", CAUSE_HUNG_TASK},
		{"softlockup: hung tasks", CAUSE_LOCKUP},
		{"Hard LOCKUP", CAUSE_LOCKUP},
		{"Watchdog detected hard LOCKUP", CAUSE_LOCKUP},
		{"RCU Stall", CAUSE_RCU_STALL},
	};
	const char *p = reason;
	uint64_t code;

	if (scan_past(&p, "exitcode=0x") && scan_hex(&p, 8, 8, &code)) {
		/* kernel/exit.c: as wait() gives it. */
		if (code & 0x7f)
			cause_note(cause, "signal %u ended it", (unsigned)(code & 0x7f));
		else
			cause_note(cause, "it ended by itself, with status %u",
				   (unsigned)(code >> 8 & 0xff));
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(reason, rows[i].word, strlen(rows[i].word)) == 0)
			return rows[i].cause;
	return CAUSE_PANIC;
}

/* Where a task waits: its first frame that is no part of waiting. */
static void note_waiting(const struct crash *crash, struct cause *cause)
{
	static const char *const waits[] = {
		"schedule",	   "__schedule",       "wait_",		 "__wait_",
		"io_schedule",	   "bit_wait",	       "out_of_line_",	 "__mutex_",
		"mutex_",	   "__down",	       "down_",		 "rwsem_",
		"do_wait_",	   "preempt_schedule", "__cond_resched", "__switch_to",
		"prepare_to_wait", "rt_mutex_"};

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;
		bool is_wait = false;

		for (size_t j = 0; j < sizeof(waits) / sizeof(waits[0]); j++)
			is_wait |= strncmp(site->function, waits[j], strlen(waits[j])) ==
				   0;
		if (is_wait || crash->frames[i].is_guess || !site->function[0])
			continue;
		cause_note(cause, "by the call trace it waits in %s%s%s", site->function,
			   site->module[0] ? " of module " : "", site->module);
		return;
	}
}

enum cause_kind report_cause(const struct cause_question *q, struct cause *cause)
{
	static const enum cause_kind causes[CRASH_NR_KINDS] = {
		[CRASH_KASAN] = CAUSE_KASAN,	   [CRASH_KFENCE] = CAUSE_KFENCE,
		[CRASH_UBSAN] = CAUSE_UBSAN,	   [CRASH_REFCOUNT] = CAUSE_REFCOUNT,
		[CRASH_CRED] = CAUSE_CRED,	   [CRASH_WORKQUEUE] = CAUSE_WORKQUEUE,
		[CRASH_LOCKUP] = CAUSE_LOCKUP,	   [CRASH_RCU_STALL] = CAUSE_RCU_STALL,
		[CRASH_FIRMWARE] = CAUSE_FIRMWARE, [CRASH_BAD_PAGE] = CAUSE_BAD_PAGE,
		[CRASH_ATOMIC] = CAUSE_ATOMIC,	   [CRASH_SPINLOCK] = CAUSE_SPINLOCK,
		[CRASH_SLAB] = CAUSE_SLAB,	   [CRASH_KCSAN] = CAUSE_KCSAN,
		[CRASH_KMSAN] = CAUSE_KMSAN,	   [CRASH_WARNING] = CAUSE_WARNING,
		[CRASH_LOCKDEP] = CAUSE_LOCKDEP,   [CRASH_HUNG_TASK] = CAUSE_HUNG_TASK,
	};
	const struct crash *crash = q->crash;

	if (crash->kind == CRASH_PANIC)
		return of_panic(crash->panic, cause);
	if (crash->kind == CRASH_WARNING &&
	    strstr(crash->detail, "detected buffer overflow")) {
		note_caller(q, cause);
		return CAUSE_FORTIFY;
	}
	if (crash->kind == CRASH_WARNING && crash->detail[0])
		cause_note(cause, "it said: %.200s", crash->detail);
	if (crash->kind == CRASH_HUNG_TASK)
		note_waiting(crash, cause);
	if (crash->access[0])
		cause_note(cause, "%s", crash->access);
	if (crash->is_beside_stack) {
		cause_note(cause,
			   "the same task's stack was used up next: that comes first");
		return CAUSE_STACK_OVERFLOW;
	}
	if (crash->kind == CRASH_UBSAN || crash->kind == CRASH_REFCOUNT ||
	    crash->kind == CRASH_ATOMIC || crash->kind == CRASH_SPINLOCK ||
	    crash->kind == CRASH_SLAB || crash->kind == CRASH_BAD_PAGE)
		note_caller(q, cause);
	if (crash->kind == CRASH_SLAB && strstr(crash->detail, "Objects remaining "))
		return CAUSE_SLAB_LEAK;
	return causes[crash->kind];
}

/* Exceptions that the die line names. */
enum cause_kind report_of_trap(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;

	if (strncasecmp(q->crash->die, "simd exception", 14) == 0 ||
	    strncmp(q->crash->die, "fpu exception", 13) == 0)
		return CAUSE_FLOATING_POINT;
	if (strncmp(q->crash->die, "divide error", 12) != 0)
		return CAUSE_UNKNOWN;
	for (size_t i = 0; in && i < in->nr_operands; i++)
		if (in->operands[i].has_value && in->operands[i].value == 0 &&
		    strstr(in->text, in->operands[i].name))
			cause_note(cause, "%s is 0", in->operands[i].name);
	return CAUSE_DIVIDE;
}
