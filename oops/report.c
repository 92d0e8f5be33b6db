/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's own reports mean: of its checkers, of BUG() and of traps. */
#include "oops/report.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "oops/lesser.h"
#include "oops/pointer.h"
#include "oops/scan.h"
#include "pagetable/walk.h"

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
			cause_note_site(cause, "by the call trace it came from", site,
					"");
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
	"memset",
	"memcpy",
	"memmove",
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

/* Kernels without frame pointers and without ORC are sure of no frame. */
static bool is_all_guessed(const struct crash *crash)
{
	for (size_t i = 0; i < crash->nr_frames; i++)
		if (!crash->frames[i].is_guess)
			return false;
	return true;
}

static bool starts_as(const char *function, const char *const *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* What sleeps for its caller: of a sleep where none is allowed the caller is meant. */
static bool is_sleeper(const struct site *site)
{
	static const char *const names[] = {"schedule",
					    "preempt_schedule",
					    "__cond_resched",
					    "_cond_resched",
					    "__alloc_pages",
					    "alloc_pages",
					    "alloc_page",
					    "__get_free_page",
					    "get_zeroed_page",
					    "__kmalloc",
					    "kmalloc",
					    "__kvmalloc",
					    "kmem_cache_",
					    "__kmem_cache_",
					    "slab_alloc",
					    "__slab_alloc",
					    "___slab_alloc",
					    "__vmalloc",
					    "vmalloc",
					    "vzalloc",
					    "mutex_lock",
					    "__mutex_lock",
					    "down",
					    "__down",
					    "rwsem_",
					    "msleep",
					    "usleep_range",
					    "wait_for_",
					    "__wait_for_",
					    "do_wait_for_",
					    "__flush_work",
					    "flush_work",
					    "rt_spin_lock",
					    "rt_mutex_",
					    "rtlock_",
					    "__rt_mutex_",
					    "might_fault",
					    "__might_fault",
					    "_copy_from_user",
					    "_copy_to_user",
					    "synchronize_",
					    "cancel_work_sync",
					    "alloc_slab_page",
					    "new_slab",
					    "allocate_slab"};

	return !site->module[0] &&
	       starts_as(site->function, names, sizeof(names) / sizeof(names[0]));
}

/* The idle task's loop: whoever left preemption off is gone from the stack. */
static bool is_idle_loop(const struct site *site)
{
	static const char *const names[] = {"cpu_startup_entry", "do_idle", "cpu_idle",
					    "default_idle", "start_secondary"};

	return !site->module[0] &&
	       starts_as(site->function, names, sizeof(names) / sizeof(names[0]));
}

/* What frees or hands out pages for its caller: of a page's bad state the caller is
 * meant.
 */
static bool is_page_allocator(const struct site *site)
{
	static const char *const names[] = {
		"bad_page",	     "check_free_page",	  "check_new_page",
		"free_page",	     "free_pages",	  "__free_page",
		"___free_pages",     "free_pcp",	  "free_unref_",
		"free_hot_cold_",    "free_tail_pages",	  "put_page",
		"__put_page",	     "put_pages_list",	  "release_pages",
		"__folio_put",	     "folio_put",	  "get_page_from_freelist",
		"prep_new_page",     "post_alloc_hook",	  "__alloc_pages",
		"alloc_pages",	     "__alloc_frozen_",	  "free_frozen_",
		"__free_frozen_",    "free_compound_",	  "__rmqueue",
		"rmqueue",	     "__pagevec_release", "pagevec_",
		"free_contig_range", "destroy_large_",	  "page_bad_reason"};

	return !site->module[0] &&
	       starts_as(site->function, names, sizeof(names) / sizeof(names[0]));
}

/* What stands in a trace for whom the report is about. */
static bool is_servant(const struct crash *crash, const struct site *site)
{
	return crash->kind == CRASH_BAD_PAGE ? is_page_allocator(site) : is_sleeper(site);
}

/* The first frame that is no part of the checker, or NULL. */
static const struct site *find_caller(const struct crash *crash, bool is_past_servants)
{
	bool is_all_guess = is_all_guessed(crash);

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if ((!crash->frames[i].is_guess || is_all_guess) && site->function[0] &&
		    !site->has_no_offset && !report_is_checker(site) &&
		    (!is_past_servants || !is_servant(crash, site)))
			return site;
	}
	return NULL;
}

static void note_caller(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;
	const struct site *site = find_caller(
		crash, crash->kind == CRASH_ATOMIC || crash->kind == CRASH_BAD_PAGE);

	if (!site)
		site = find_caller(crash, false);
	if (!site || (crash->kind == CRASH_ATOMIC && is_idle_loop(site)))
		return;
	cause_note_site(cause, "by the call trace it was found in", site,
			is_all_guessed(crash) ? ", of whose frames none is sure" : "");
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

/* "... unexpected op at f+0x63/0xc0 [ffffffff81...] (eb 37 != 66 90)": where. */
static void note_patched(const char *detail, struct cause *cause)
{
	struct site site;

	if ((!scan_past(&detail, " op at ") && !scan_past(&detail, " at ")) ||
	    !site_scan(&detail, &site) || !site.function[0])
		return;
	/* The address stands in the same brackets as a module. */
	if (strspn(site.module, "0123456789abcdef") == 16)
		site.module[0] = '\0';
	cause_note_site(cause, "it is", &site, " that holds other bytes");
}

/* net/core/skbuff.c: a packet's head and end. */
static void note_packet(const struct crash *crash, struct cause *cause)
{
	const char *function = crash->site.function;

	if (strcmp(function, "skb_under_panic") == 0 ||
	    strstr(crash->detail, "skb_under_panic"))
		cause_note(cause, "a packet's header was put before the start of its "
				  "memory: no headroom was left (skb_push())");
	else if (strcmp(function, "skb_over_panic") == 0 ||
		 strstr(crash->detail, "skb_over_panic"))
		cause_note(cause, "data was put behind the end of a packet's memory "
				  "(skb_put())");
}

/* What was said right before a BUG(). */
enum cause_kind report_of_bug(const struct cause_question *q, struct cause *cause)
{
	const char *detail = q->crash->detail;
	enum cause_kind kind = CAUSE_BUG;

	if (strncmp(detail, "jump_label: ", 12) == 0 ||
	    strncmp(detail, "unexpected static_call ", 23) == 0) {
		note_patched(detail, cause);
		return CAUSE_PATCHING;
	}
	if (strncmp(detail, "usercopy: ", 10) == 0 ||
	    strcmp(q->crash->site.function, "usercopy_abort") == 0) {
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
	note_packet(q->crash, cause);
	if (strncmp(q->crash->site.function, "__list_", 7) == 0 && !q->crash->bug_at[0]) {
		note_caller(q, cause);
		return CAUSE_LIST_CORRUPTION;
	}
	if ((is_allocators(q->crash->bug_at) || !q->crash->bug_at[0]) &&
	    !q->crash->site.module[0]) {
		kind = of_allocator(q->crash->site.function);
		/* Without the file it may be about what was asked for. */
		if (!q->crash->bug_at[0] && kind != CAUSE_BAD_FREE)
			kind = CAUSE_BUG;
		if (kind != CAUSE_BUG)
			note_caller(q, cause);
	}
	return kind;
}

/* "CFI failure at f+0x15/0x30 (target: g+0x0/0xf0 [mine]; expected type: 0x...)" */
enum cause_kind report_of_call(const struct cause_question *q, struct cause *cause)
{
	const char *target = q->crash->detail;
	struct site site;

	if (scan_past(&target, "(target: ") && site_scan(&target, &site) &&
	    site.function[0])
		cause_note_site(cause, "the call went to", &site, "");
	return CAUSE_CFI;
}

/* A link's bytes behind the first ones, and others behind those. */
static bool is_shifted(uint64_t was, uint64_t wanted)
{
	enum { MIN_SAME = 4 };

	for (int bytes = 1; bytes <= (int)sizeof(was) - MIN_SAME; bytes++)
		if ((was ^ wanted >> 8 * bytes) << 8 * bytes == 0)
			return true;
	return false;
}

/* Entries of one page may differ by a bit by right. */
static bool is_bit_off(uint64_t was, uint64_t wanted)
{
	enum { FIRST_BIT = 30 };
	uint64_t bits = was ^ wanted;

	return bits >> FIRST_BIT && (bits & (bits - 1)) == 0;
}

/* The value of a link, where it can be no neighbour's address, or not by chance. */
static void note_value(uint64_t was, uint64_t wanted, struct cause *cause)
{
	const char *filling = pointer_filling(was);

	if (filling)
		cause_note(cause, "the link is 0x%016" PRIx64 ": its bytes fill %s", was,
			   filling);
	else if (wanted && is_shifted(was, wanted))
		cause_note(cause,
			   "the link is 0x%016" PRIx64
			   ", the right value from some bytes on: the pointer to the "
			   "neighbour is off by as much",
			   was);
	else if (wanted && is_bit_off(was, wanted))
		cause_note(
			cause,
			"the link is 0x%016" PRIx64
			", one bit off what it should be, as failing memory or a stray "
			"write makes it",
			was);
	else if (!(was >> 63 && pt_is_canonical(was, 5)))
		cause_note(
			cause,
			"0x%016" PRIx64
			" is no address of the kernel: the neighbour's memory was freed "
			"and used for something else, or overwritten",
			was);
}

/* "next->prev should be prev (A), but was B. (next=C)": what B tells. To 4.x without the
 * brackets.
 */
static void note_link(const char *detail, struct cause *cause)
{
	const char *p = detail, *c = detail;
	uint64_t was, neighbour, wanted = 0;

	if (scan_past(&c, "should be ") && !scan_hex(&c, 16, 16, &wanted) &&
	    scan_past(&c, " ("))
		scan_hex(&c, 16, 16, &wanted);
	if (!scan_past(&p, ", but was ") || !scan_hex(&p, 16, 16, &was) || !was)
		return;
	if (pointer_is_list_poison(was)) {
		cause_note(cause, "the neighbour had been deleted from the list already: "
				  "list_del() left LIST_POISON in it");
		return;
	}
	c = p;
	if ((scan_past(&c, "(next=") || scan_past(&c, "(prev=")) &&
	    scan_hex(&c, 16, 16, &neighbour) && *c == ')' && was == neighbour)
		cause_note(
			cause,
			"the neighbour points to itself: it was initialised anew while "
			"it was on the list (INIT_LIST_HEAD(), list_del_init() without "
			"the lock), or it is a head that was copied or moved");
	else if (strchr(". ", *p))
		note_value(was, wanted, cause);
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
	note_link(crash->detail, cause);
	if (strncmp(crash->site.function, "__list_", 7) == 0 || !crash->has_site)
		note_caller(q, cause);
	return CAUSE_LIST_CORRUPTION;
}

/* Is the panic what a crash ends with? A reason that is cut may be. */
static bool is_of_crash(const char *reason)
{
	static const char *const reasons[] = {
		"Fatal ",	 "Aiee, killing interrupt handler!",
		"panic_on_",	 "Attempted to kill the idle task!",
		"no reason",	 "Oops",
		"NMI: Not cont", "kernel: panic_on_warn",
	};
	size_t bytes = strlen(reason);

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strncmp(reason, reasons[i],
			    bytes < strlen(reasons[i]) ? bytes : strlen(reasons[i])) == 0)
			return true;
	return strstr(reason, "panic_on_warn") || strstr(reason, "panic set");
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
	return is_of_crash(reason) ? CAUSE_PANIC : CAUSE_PANIC_CALLED;
}

/* The first frame that is no part of waiting by the first @nr_names of these, or NULL. */
static const struct site *find_waiting(const struct crash *crash,
				       const char *const *names, size_t nr_names)
{
	bool is_all_guess = is_all_guessed(crash);

	for (size_t i = 0; i < crash->nr_frames; i++) {
		const struct site *site = &crash->frames[i].site;

		if (site->function[0] && (!crash->frames[i].is_guess || is_all_guess) &&
		    !starts_as(site->function, names, nr_names))
			return site;
	}
	return NULL;
}

/* Where a task waits. */
static void note_waiting(const struct crash *crash, struct cause *cause)
{
	static const char *const waits[] = {"schedule",
					    "__schedule",
					    "wait_",
					    "__wait_",
					    "io_schedule",
					    "bit_wait",
					    "out_of_line_",
					    "__mutex_",
					    "mutex_",
					    "__down",
					    "down_",
					    "rwsem_",
					    "do_wait_",
					    "preempt_schedule",
					    "__cond_resched",
					    "__switch_to",
					    "prepare_to_wait",
					    "rt_mutex_",
					    "cv_",
					    "__cv_"};
	enum { NR_WAITS = sizeof(waits) / sizeof(waits[0]), NR_CONDITIONS = 2 };
	const struct site *site = find_waiting(crash, waits, NR_WAITS);

	/* The wait for a condition of spl's is better than nothing. */
	if (!site)
		site = find_waiting(crash, waits, NR_WAITS - NR_CONDITIONS);
	if (site)
		cause_note(cause, "by the call trace it waits in %s%s%s%s",
			   site->function, site->module[0] ? " of module " : "",
			   site->module,
			   is_all_guessed(crash) ? ", of whose frames none is sure" : "");
}

/* Who handed a core function what it accessed, where no list of modules tells whose
 * module it is.
 */
static void note_handing_module(const struct crash *crash, struct cause *cause)
{
	enum { MAX_ABOVE = 4 };
	unsigned nr_above = 0;

	if (crash->nr_modules || !crash->has_site || crash->site.module[0])
		return;
	for (size_t i = 0; i < crash->nr_frames && nr_above < MAX_ABOVE; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    report_is_checker(site))
			continue;
		nr_above++;
		if (!site->module[0])
			continue;
		cause_note(cause, "by the call trace %s of module %s led there",
			   site->function, site->module);
		return;
	}
}

static void note_freed(const struct crash *crash, struct cause *cause)
{
	if (crash->has_freed_in)
		cause_note_site(cause, "the object was freed in", &crash->freed_in, "");
}

/* What the access was, and who had freed the object. */
static void note_object(const struct crash *crash, struct cause *cause)
{
	note_handing_module(crash, cause);
	note_freed(crash, cause);
}

/* What looks at a CPU that is stuck, or lets it be looked at. */
static bool is_watcher(const struct site *site)
{
	static const char *const names[] = {
		"watchdog_",	  "__watchdog",	 "nmi_",	  "do_nmi",
		"default_do_nmi", "end_repeat_", "exc_nmi",	  "asm_",
		"sysvec_",	  "perf_",	 "__perf_",	  "intel_pmu",
		"x86_pmu",	  "show_",	 "dump_",	  "panic",
		"vpanic",	  "hrtimer_int", "__hrtimer_run", "hrtimer_run_",
		"tick_",	  "update_proc", "rcu_",	  "smp_",
		"__sysvec_",	  "apic_timer",	 "local_apic_",	  "irq_exit",
		"__irq_exit",	  "print_",	 "sched_show",	  "trigger_",
		"arch_trigger",	  "do_IRQ",	 "ret_from_intr", "common_interrupt",
		"__do_softirq",	  "handle_soft", "do_softirq",	  "warn_slowpath_"};

	return !site->module[0] &&
	       starts_as(site->function, names, sizeof(names) / sizeof(names[0]));
}

/* Of a CPU that is stuck, where its RIP is not in the log. */
static void note_stuck(const struct crash *crash, struct cause *cause)
{
	for (size_t i = 0; i < crash->nr_frames && !crash->has_site; i++) {
		const struct site *site = &crash->frames[i].site;

		if (crash->frames[i].is_guess || !site->function[0] ||
		    site->has_no_offset || is_watcher(site))
			continue;
		cause_note_site(cause, "by the call trace the CPU was in", site, "");
		return;
	}
}

/* Of an object that is damaged SLUB knows who had it last. */
static void note_tracks(const struct crash *crash, struct cause *cause)
{
	if (crash->has_allocated_in)
		cause_note_site(cause, "the object was allocated in",
				&crash->allocated_in, "");
	note_freed(crash, cause);
}

/* Intel's SDM, vol. 3B, 17.9: the compound codes of IA32_MCi_STATUS. */
static const char *source_of(uint64_t status)
{
	unsigned code = status & 0xefff; /* without "filtered" */

	if ((code & 0xff80) == 0x0080)
		return ", of the memory controller";
	if ((code & 0xff00) == 0x0100)
		return ", of a cache";
	if ((code & 0xfff0) == 0x0010)
		return ", of a TLB";
	if ((code & 0xf800) == 0x0800)
		return ", of a bus or an interconnect";
	return "";
}

static void note_bank(const struct crash *crash, struct cause *cause)
{
	uint64_t status = crash->bank_status;

	if (crash->has_bank)
		cause_note(
			cause, "bank %u says %016" PRIx64 ": %s%s%s", crash->bank, status,
			status & LESSER_BANK_UC ? "not corrected"
						: "corrected, nothing was lost",
			status & LESSER_BANK_PCC ? ", and the CPU's state is lost" : "",
			source_of(status));
	if (crash->is_memory_error)
		cause_note(cause, "it was memory: EDAC's line names which");
}

/* Of a WARNING that the kernel's libraries give, its text says what it is of. */
static enum cause_kind of_warning(const struct cause_question *q, struct cause *cause)
{
	const struct crash *crash = q->crash;

	if (strstr(crash->detail, "detected buffer overflow")) {
		note_caller(q, cause);
		return CAUSE_FORTIFY;
	}
	if (crash->detail[0])
		cause_note(cause, "it said: %.200s", crash->detail);
	/* include/linux/fortify-string.h, since 6.1 */
	if (strstr(crash->detail, ": detected field-spanning write (size "))
		return CAUSE_FIELD;
	/* mm/slub.c: cache_from_obj() */
	if (strstr(crash->detail, "Wrong slab cache. ")) {
		note_caller(q, cause);
		return CAUSE_WRONG_CACHE;
	}
	/* kernel/trace/ftrace.c: ftrace_bug() */
	if (strcmp(crash->site.function, "ftrace_bug") == 0 ||
	    strncmp(crash->detail, "ftrace fail", 11) == 0 ||
	    strncmp(crash->detail, "ftrace fault", 12) == 0)
		return CAUSE_PATCHING;
	return CAUSE_WARNING;
}

/* What the kernel's words mean. */
struct meaning {
	const char *words, *is;
};

static void note_meanings(const char *text, const struct meaning rows[], size_t nr,
			  struct cause *cause)
{
	for (size_t i = 0; i < nr; i++)
		if (strstr(text, rows[i].words))
			cause_note(cause, "%s", rows[i].is);
}

/* mm/slub.c: its words for the damage. */
static void note_slab(const struct crash *crash, struct cause *cause)
{
	static const struct meaning rows[] = {
		{": Object already free", "the object was free already: it was freed "
					  "twice"},
		{": Poison overwritten", "the object was written to after it was freed"},
		{": Right Redzone overwritten",
		 "what is behind the object was written to: beyond its end"},
		{": Left Redzone overwritten",
		 "what is before the object was written to: before its start, or beyond "
		 "the end of the one before"},
		{": Freepointer corrupt",
		 "the link that a free object holds was overwritten: after it was freed, "
		 "or beyond the end of the one before"},
		{": Freechain corrupt",
		 "the link that a free object holds was overwritten: after it was freed, "
		 "or beyond the end of the one before"},
	};

	if (crash->kind == CRASH_SLAB)
		note_meanings(crash->detail, rows, sizeof(rows) / sizeof(rows[0]), cause);
}

/* mm/page_alloc.c:page_bad_reason() and mm/huge_memory.c: why a page was dumped. */
static void note_page(const struct crash *crash, struct cause *cause)
{
	static const struct meaning rows[] = {
		{": nonzero mapcount",
		 "the page was freed while page tables still mapped it, or its count of "
		 "mappings went below zero"},
		{": nonzero _refcount",
		 "the page was freed while it was held, or put more "
		 "often than it was got"},
		{": nonzero _count", "the page was freed while it was held, or put more "
				     "often than it was got"},
		{": non-NULL mapping",
		 "the page was freed while it belonged to a file or to anonymous memory, "
		 "or as a part of a larger one"},
		{": PAGE_FLAGS_CHECK_AT_FREE",
		 "the page was freed with a flag that only a page in use has: the line "
		 "of its flags names it"},
		{": PAGE_FLAGS_CHECK_AT_PREP",
		 "a free page had a flag that only a page in use has: it was used after "
		 "it was freed"},
		{": page still charged to cgroup",
		 "the page was freed while a memory cgroup still counted it"},
		{": corrupted mapping in tail page",
		 "a part of a larger page was written to as if it were one of its own"},
	};

	if (crash->kind == CRASH_BAD_PAGE)
		note_meanings(crash->access, rows, sizeof(rows) / sizeof(rows[0]), cause);
}

/* A soft lockup is told after some 20 s of it, an RCU stall after 21 or 60. */
static void note_time(const struct crash *crash, struct cause *cause)
{
	enum { MIN_JUMP_SECONDS = 300 };
	const char *p = crash->detail;
	unsigned seconds;

	if (crash->kind == CRASH_LOCKUP && scan_past(&p, " stuck for ") &&
	    scan_decimal(&p, &seconds) && *p == 's' && seconds >= MIN_JUMP_SECONDS)
		cause_note(
			cause,
			"after some 20 s it would have been told: if this is the first "
			"report, the CPU did not run for most of the %u s (a virtual "
			"machine that was stopped, migrated or starved)",
			seconds);
	if (crash->kind == CRASH_RCU_STALL && crash->has_idle_stall)
		cause_note(
			cause,
			"a CPU that is named took no timer tick in all that time: it was idle, "
			"off, or a virtual CPU that did not run");
}

/* include/linux/preempt.h: what a count is made of, the same since 2.6.39. */
enum {
	PREEMPT_DEPTH = 0xff,
	PREEMPT_SERVING = 0x100, /* softirqs */
	PREEMPT_BH = 0xfe00,	 /* by twos: local_bh_disable() */
	PREEMPT_HARDIRQ = 0xf0000,
};

/* Who forbade the sleep. */
static void note_sleep(const struct crash *crash, struct cause *cause)
{
	unsigned count = crash->has_preempt_count ? crash->preempt_count : 0;
	/* schedule() itself adds one. */
	unsigned own = strstr(crash->detail, "scheduling while atomic") ? 1 : 0;

	if (crash->has_disabled_at)
		cause_note_site(cause, "preemption was switched off in",
				&crash->disabled_at, "");
	if (count & PREEMPT_HARDIRQ)
		cause_note(cause, "the count %08x: in a hardware interrupt", count);
	else if (count & PREEMPT_SERVING)
		cause_note(cause,
			   "the count %08x: in a softirq (a timer, the network, a "
			   "tasklet, an RCU callback)",
			   count);
	else if (count & PREEMPT_BH)
		cause_note(cause,
			   "the count %08x: softirqs are off (spin_lock_bh(), "
			   "local_bh_disable())",
			   count);
	else if ((count & PREEMPT_DEPTH) > own)
		cause_note(cause,
			   "the count %08x: in a process, with preemption off (a "
			   "spinlock, preempt_disable(), get_cpu())",
			   count);
	if (crash->is_irqs_off)
		cause_note(cause, "interrupts were off");
}

/* Whom the report is about, where that is not who made it. */
static void note_who(const struct cause_question *q, struct cause *cause)
{
	switch (q->crash->kind) {
	case CRASH_LOCKUP:
	case CRASH_RCU_STALL:
		note_stuck(q->crash, cause);
		break;
	case CRASH_SLAB:
		note_tracks(q->crash, cause);
		note_caller(q, cause);
		break;
	case CRASH_ATOMIC:
		note_caller(q, cause);
		note_sleep(q->crash, cause);
		break;
	case CRASH_UBSAN:
	case CRASH_REFCOUNT:
	case CRASH_SPINLOCK:
	case CRASH_BAD_PAGE:
		note_caller(q, cause);
		break;
	default:
		break;
	}
}

enum cause_kind report_cause(const struct cause_question *q, struct cause *cause)
{
	static const enum cause_kind causes[CRASH_NR_KINDS] = {
		[CRASH_KASAN] = CAUSE_KASAN,
		[CRASH_KFENCE] = CAUSE_KFENCE,
		[CRASH_UBSAN] = CAUSE_UBSAN,
		[CRASH_REFCOUNT] = CAUSE_REFCOUNT,
		[CRASH_CRED] = CAUSE_CRED,
		[CRASH_WORKQUEUE] = CAUSE_WORKQUEUE,
		[CRASH_LOCKUP] = CAUSE_LOCKUP,
		[CRASH_RCU_STALL] = CAUSE_RCU_STALL,
		[CRASH_FIRMWARE] = CAUSE_FIRMWARE,
		[CRASH_BAD_PAGE] = CAUSE_BAD_PAGE,
		[CRASH_ATOMIC] = CAUSE_ATOMIC,
		[CRASH_SPINLOCK] = CAUSE_SPINLOCK,
		[CRASH_SLAB] = CAUSE_SLAB,
		[CRASH_KCSAN] = CAUSE_KCSAN,
		[CRASH_KMSAN] = CAUSE_KMSAN,
		[CRASH_ASSERTION] = CAUSE_ASSERTION,
		[CRASH_WARNING] = CAUSE_WARNING,
		[CRASH_LOCKDEP] = CAUSE_LOCKDEP,
		[CRASH_HUNG_TASK] = CAUSE_HUNG_TASK,
		[CRASH_MACHINE_CHECK] = CAUSE_MACHINE_CHECK,
	};
	const struct crash *crash = q->crash;

	if (crash->kind == CRASH_PANIC)
		return of_panic(crash->panic, cause);
	if (crash->kind == CRASH_WARNING)
		return of_warning(q, cause);
	if (crash->kind == CRASH_HUNG_TASK)
		note_waiting(crash, cause);
	if (crash->kind == CRASH_MACHINE_CHECK)
		note_bank(crash, cause);
	if (crash->access[0])
		cause_note(cause, "%s", crash->access);
	note_slab(crash, cause);
	note_page(crash, cause);
	note_time(crash, cause);
	if (crash->kind == CRASH_KASAN || crash->kind == CRASH_KFENCE) {
		if (!crash->has_site)
			note_caller(q, cause);
		note_object(crash, cause);
	}
	if (crash->is_beside_stack) {
		cause_note(cause,
			   "the same task's stack was used up next: that comes first");
		return CAUSE_STACK_OVERFLOW;
	}
	note_who(q, cause);
	if (crash->kind == CRASH_SLAB && strstr(crash->detail, "Objects remaining "))
		return CAUSE_SLAB_LEAK;
	return causes[crash->kind];
}

/* Without the line of a BUG(): its place is RIP's, or somebody ran what is no code. */
enum cause_kind report_of_opcode(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;

	if (!in)
		return CAUSE_UNKNOWN;
	cause->is_likely = true;
	if (strcmp(in->text, "ud2") == 0) {
		cause_note(cause,
			   "the instruction is ud2, which BUG() is made of, and "
			   "what the compiler puts where no code may get: the line "
			   "that names the place is not in the log");
		return report_of_bug(q, cause);
	}
	if (in->is_hypercall)
		return CAUSE_NO_HYPERVISOR;
	cause->is_likely = false;
	cause_note(cause, "the CPU does not have this instruction, or it is not switched "
			  "on: code for another CPU, or bytes that are no code");
	return CAUSE_UNKNOWN;
}

/* #AC: Intel's SDM, vol. 3A, 6.15, interrupt 17; the kernel's own is trapped in ring 3,
 * where Xen lets a PV guest's run, or of a split lock.
 */
static enum cause_kind of_alignment(const struct crash *crash, struct cause *cause)
{
	const uint64_t ac = 1 << 18;

	if (!crash_is_xen_pv(crash))
		return CAUSE_ALIGNMENT_CHECK;
	cause_note(cause,
		   "the kernel of a Xen PV guest runs in ring 3, where AC counts%s",
		   registers_has(&crash->registers, REGISTER_EFLAGS) &&
				   crash->registers.value[REGISTER_EFLAGS] & ac
			   ? ": EFLAGS has it set, as the program left it"
			   : "");
	return CAUSE_ALIGNMENT_CHECK;
}

/* Exceptions that the die line names. */
enum cause_kind report_of_trap(const struct cause_question *q, struct cause *cause)
{
	const struct instruction *in = q->instruction;

	if (strncasecmp(q->crash->die, "simd exception", 14) == 0 ||
	    strncmp(q->crash->die, "fpu exception", 13) == 0)
		return CAUSE_FLOATING_POINT;
	if (strncmp(q->crash->die, "alignment check", 15) == 0)
		return of_alignment(q->crash, cause);
	if (strncmp(q->crash->die, "divide error", 12) != 0)
		return CAUSE_UNKNOWN;
	for (size_t i = 0; in && i < in->nr_operands; i++)
		if (in->operands[i].has_value && in->operands[i].value == 0 &&
		    strstr(in->text, in->operands[i].name))
			cause_note(cause, "%s is 0", in->operands[i].name);
	return CAUSE_DIVIDE;
}
