/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One crash report of a kernel log, as data. */
#include "oops/crash.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kcore/array.h"
#include "oops/body.h"
#include "oops/dieline.h"
#include "oops/heading.h"
#include "oops/headless.h"
#include "oops/lesser.h"
#include "oops/pstore.h"
#include "oops/sanitizer.h"
#include "oops/scan.h"
#include "oops/sleep.h"
#include "pagetable/errorcode.h"
#include "pagetable/walk.h"

/* A headline whose die line does not come within so many lines has lost it. */
enum { MAX_HEAD_LINES = 40 };
/* A WARNING's text is the line behind it, or two with a blank one. */
enum { MAX_TEXT_LINES = 3 };
/* A panic that comes later has a reason of its own. */
static const uint64_t MAX_PANIC_US = 10ULL * 1000000;

/* A report that began before the log has its RSP within so many lines. */
enum { MAX_HEADLESS_LINES = 60 };

/* More lesser reports than that are not worth the room. */
enum { MAX_LESSER = 100 };

/* So many lines with another message inside are two reports, printed word by word. */
enum { MIN_GARBLED = 2 };

/* So many registers are a dump of them. */
enum { MIN_DUMPED = 8 };

/* Callers that print at one time; of more the one that was silent longest is given up. */
enum { MAX_CALLERS = 8 };

/* No program's memory is below it (mm/Kconfig: DEFAULT_MMAP_MIN_ADDR). */
enum { MIN_USER = 64 << 10 };

/* What part of a report the next line belongs to. */
enum phase {
	PHASE_NONE = 0,
	PHASE_HEAD,    /* the headline was seen */
	PHASE_BODY,    /* the die line was: RIP, Code, registers */
	PHASE_TRACE,   /* "Call Trace:" was: what RIP comes now is of user space */
	PHASE_SUMMARY, /* after the end mark the first crash's registers come again */
	PHASE_DONE,    /* what a panic adds may follow */
};

/* Where finished crashes go. */
struct found {
	struct crashes crashes;
	size_t room;
	bool has_crash; /* one that is no lesser report */
};

struct classifier {
	struct found *found;
	enum phase phase;
	struct crash now;
	struct crash summary; /* site, code, registers of it */
	bool is_nx_worded, is_smep_worded, is_kasan_worded;
	int rank;	    /* of the last line, as body_rank() gives it */
	bool is_trace_bare; /* it began without "Call Trace:" */
	/* A report whose first lines the log has lost. */
	struct crash headless;
	const struct log_line *headless_line; /* its first one; NULL: none yet */
	bool is_headless_dump;		      /* which is one of registers */
	size_t headless_at;
	bool has_last_cr2; /* of it, before its end mark */
	uint64_t last_cr2;
	bool is_in_double_fault; /* by the frames before it */
	bool is_begun; /* another report was: what comes is not the log's start */
};

static const char *const kind_names[CRASH_NR_KINDS] = {
	[CRASH_UNKNOWN] = "unknown",
	[CRASH_PAGE_FAULT] = "page-fault",
	[CRASH_GENERAL_PROTECTION] = "general-protection",
	[CRASH_BUG] = "bug",
	[CRASH_LIST_CORRUPTION] = "list-corruption",
	[CRASH_CFI] = "cfi",
	[CRASH_STACK_OVERFLOW] = "stack-overflow",
	[CRASH_BAD_PAGETABLE] = "bad-page-table",
	[CRASH_DOUBLE_FAULT] = "double-fault",
	[CRASH_INVALID_OPCODE] = "invalid-opcode",
	[CRASH_TRAP] = "trap",
	[CRASH_CR0_WP] = "cr0-wp",
	[CRASH_KASAN] = "kasan",
	[CRASH_KFENCE] = "kfence",
	[CRASH_UBSAN] = "ubsan",
	[CRASH_REFCOUNT] = "refcount",
	[CRASH_CRED] = "cred",
	[CRASH_WORKQUEUE] = "workqueue",
	[CRASH_LOCKUP] = "lockup",
	[CRASH_RCU_STALL] = "rcu-stall",
	[CRASH_MISSING_ENDBR] = "missing-endbr",
	[CRASH_FIRMWARE] = "firmware",
	[CRASH_BAD_PAGE] = "bad-page",
	[CRASH_ATOMIC] = "atomic",
	[CRASH_SPINLOCK] = "spinlock",
	[CRASH_SLAB] = "slab",
	[CRASH_KCSAN] = "kcsan",
	[CRASH_KMSAN] = "kmsan",
	[CRASH_ASSERTION] = "assertion",
	[CRASH_WARNING] = "warning",
	[CRASH_LOCKDEP] = "lockdep",
	[CRASH_HUNG_TASK] = "hung-task",
	[CRASH_MACHINE_CHECK] = "machine-check",
	[CRASH_PANIC] = "panic",
	[CRASH_FOREIGN] = "foreign",
};

const char *crash_kind_name(enum crash_kind kind)
{
	return kind_names[kind];
}

bool crash_shadowed(const struct crash *crash, uint64_t address, uint64_t *ret)
{
	uint64_t offset = address - 0xdffffc0000000000;

	if (!crash->has_shadowed && (!crash->is_kasan || offset >= MIN_USER / 8))
		return false;
	*ret = crash->has_shadowed ? crash->shadowed : offset * 8;
	return true;
}

/* The first crash's registers stand once more behind its end mark; where a line of the
 * body was lost they fill in. A later crash's end mark is followed by the first's.
 */
static void take_summary(struct crash *crash, const struct crash *summary)
{
	if (crash->number != 1 || crash->is_inside)
		return;
	if (!crash->has_site && summary->has_site) {
		crash->site = summary->site;
		crash->has_site = true;
	}
	if (crash->code.at < 0 && summary->code.at >= 0)
		crash->code = summary->code;
	for (enum register_name name = 0; name < REGISTER_NR; name++) {
		if (registers_has(&crash->registers, name) ||
		    !registers_has(&summary->registers, name))
			continue;
		crash->registers.value[name] = summary->registers.value[name];
		crash->registers.known |= 1U << name;
	}
}

/* Of two reports among each other, line by line, nobody can tell whose a line is. */
static void forget_mixed(struct crash *crash)
{
	if (!crash->is_mixed)
		return;
	crash->registers.known = 0;
	crash->code = (struct crash_code){.at = -1};
	crash->has_site = crash->has_selector = false;
	crash->has_cpu = crash->has_pid = false;
	crash->has_error_code = crash->has_all_error_bits = false;
	crash->mode = CRASH_MODE_UNKNOWN;
	if (crash->address_from == CRASH_ADDRESS_LAST_CR2)
		crash->address_from = CRASH_ADDRESS_UNKNOWN;
	crash->number = 0;
	crash->comm[0] = crash->taint[0] = '\0';
	crash->nr_frames = crash->nr_modules = 0;
	crash->module_flags[0] = '\0';
	crash->is_module_starting = crash->is_module_going = false;
	for (int i = 0; i < CRASH_NR_TABLES; i++)
		crash->tables[i] = (struct crash_entry){0};
}

static int close_crash(struct classifier *classifier)
{
	struct crashes *crashes = &classifier->found->crashes;

	if (classifier->phase == PHASE_NONE)
		return 0;
	take_summary(&classifier->now, &classifier->summary);
	if (!classifier->now.has_site && classifier->now.has_named_site) {
		classifier->now.site = classifier->now.named_site;
		classifier->now.has_site = true;
	}
	headless_tell(&classifier->now, &classifier->summary);
	forget_mixed(&classifier->now);
	classifier->phase = PHASE_NONE;
	/* Others had begun when this one did. */
	if (crashes->nr == CRASH_MAX) {
		crashes->nr_dropped++;
		return 0;
	}
	if (array_reserve(&crashes->array, crashes->nr, &classifier->found->room,
			  sizeof(*crashes->array)) < 0)
		return -ENOMEM;
	classifier->found->has_crash |= !classifier->now.is_lesser;
	crashes->array[crashes->nr++] = classifier->now;
	return 0;
}

static int open_crash(struct classifier *classifier, enum crash_kind kind,
		      const struct log_line *line, size_t at)
{
	/* A report that another one begins inside of may go on among that one's lines. */
	bool is_inside = classifier->phase != PHASE_NONE &&
			 classifier->phase <= PHASE_TRACE && !classifier->now.is_lesser;
	int r;

	classifier->now.is_followed = true;
	r = close_crash(classifier);
	classifier->is_begun = true;
	if (classifier->found->crashes.nr == CRASH_MAX) {
		classifier->found->crashes.nr_dropped++;
		return r;
	}
	classifier->phase = PHASE_HEAD;
	classifier->now = (struct crash){
		.kind = kind,
		.first_line = at,
		.has_time = line->has_time,
		.time_us = line->time_us,
		.code = {.at = -1},
		.is_nx_worded = classifier->is_nx_worded,
		.is_smep_worded = classifier->is_smep_worded,
		.is_kasan_worded = classifier->is_kasan_worded,
		.is_inside = is_inside,
	};
	classifier->summary = (struct crash){.code = {.at = -1}};
	classifier->rank = 0;
	classifier->is_trace_bare = false;
	classifier->is_nx_worded = classifier->is_smep_worded = false;
	classifier->is_kasan_worded = false;
	scan_rest(line->text, classifier->now.headline, sizeof(classifier->now.headline));
	return r;
}

/* arch/x86/kernel/traps.c:handle_stack_overflow(). %p hashes them since 4.15, and then no
 * address is a kernel's.
 */
static void scan_guard(struct crash *crash, const char *p)
{
	uint64_t address, start, end;

	if (!scan_past(&p, "stack guard page was hit at "))
		return;
	scan_word(&p, "0x");
	if (!scan_hex(&p, 16, 16, &address) || !(address >> 63))
		return;
	crash->address_from = CRASH_ADDRESS_HEADLINE;
	crash->address = address;
	if (scan_word(&p, " (stack is ") && scan_hex(&p, 16, 16, &start) &&
	    scan_word(&p, "..") && scan_hex(&p, 16, 16, &end) && start >> 63 &&
	    end > start) {
		crash->has_stack_bounds = true;
		crash->stack_start = start;
		crash->stack_end = end;
	}
}

/* mm/debug.c: "page dumped because: nonzero mapcount". kernel/rcu/tree_stall.h: " 9-...!:
 * (0 ticks this GP)".
 */
static void scan_why(struct crash *crash, const struct log_line *line)
{
	if (crash->kind == CRASH_BAD_PAGE && line->is_whole && !crash->access[0] &&
	    strncmp(line->text, "page dumped because: ", 21) == 0)
		scan_rest(line->text, crash->access, sizeof(crash->access));
	crash->has_idle_stall |= crash->kind == CRASH_RCU_STALL &&
				 strstr(line->text, ": (0 ticks this GP)") != NULL;
}

/* spl's "PANIC at arc.c:1542:arc_buf_type()", and how it was to 0.6.2:
 * "SPLError: 6797:0:(zfs_znode.c:330:zfs_inode_set_ops()) SPL PANIC".
 */
static void scan_spl(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;

	if (crash->kind != CRASH_ASSERTION || crash->bug_at[0] || !line->is_whole)
		return;
	if (scan_word(&p, "PANIC at "))
		scan_rest(p, crash->bug_at, sizeof(crash->bug_at));
	else if (scan_word(&p, "SPLError: ") && strstr(p, ") SPL PANIC") &&
		 scan_past(&p, ":("))
		scan_text(&p, ") ", crash->bug_at, sizeof(crash->bug_at));
	/* Of "f())" the last bracket was left out. */
	if (strchr(crash->bug_at, '('))
		*strchr(crash->bug_at, '(') = '\0';
}

/* mm/slub.c:print_track(), "Freed in f+0x10/0x20 [mine] age=22 cpu=1 pid=85": who did,
 * and a trace of it, which is not the report's.
 */
static bool scan_track(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text, *c = p;
	struct site site;

	if (crash->kind != CRASH_SLAB)
		return false;
	if (strncmp(p, "Call Trace:", 11) == 0 || strncmp(p, "CPU: ", 5) == 0 ||
	    strncmp(p, "Pid: ", 5) == 0)
		crash->is_in_track = false;
	if (scan_past(&p, "Freed in ") && site_scan(&p, &site) && site.function[0]) {
		crash->is_in_track = crash->has_freed_in = true;
		crash->freed_in = site;
		return true;
	}
	if (scan_past(&c, "Allocated in ") && site_scan(&c, &site) && site.function[0]) {
		crash->is_in_track = crash->has_allocated_in = true;
		crash->allocated_in = site;
		return true;
	}
	return crash->is_in_track && body_is_frame(line);
}

/* A line that adds to the report at hand: a stack that overflows prints its line over and
 * over; to 4.10 the text of a WARNING came behind the line that names its place.
 */
static bool is_said_again(struct classifier *classifier, enum crash_kind kind,
			  const struct log_line *line, size_t at)
{
	struct crash *crash = &classifier->now;

	if (crash->kind != kind || at - crash->first_line > MAX_TEXT_LINES)
		return false;
	if (kind == CRASH_STACK_OVERFLOW)
		return classifier->phase == PHASE_HEAD;
	if (classifier->phase != PHASE_BODY || !crash->is_warning || crash->detail[0] ||
	    (kind != CRASH_LIST_CORRUPTION && kind != CRASH_REFCOUNT))
		return false;
	scan_rest(line->text, crash->detail, sizeof(crash->detail));
	return true;
}

/* "kobj_attr_show+0x15/0x30 (target: show+0x0/0xf0 [mine]; expected type: 0x...)" */
static void scan_call(struct crash *crash, const char *p)
{
	struct site site;

	if (crash->kind != CRASH_CFI || !site_scan(&p, &site) || strncmp(p, " (", 2) != 0)
		return;
	crash->has_named_site = true;
	crash->named_site = site;
}

static int scan_head(struct classifier *classifier, const struct log_line *line,
		     size_t at, bool *is_taken)
{
	for (size_t i = 0; i < nr_headings; i++) {
		struct crash *crash = &classifier->now;
		const char *p = line->text;
		int r;

		if (!scan_word(&p, headings[i].word) ||
		    (headings[i].also && !strstr(line->text, headings[i].also)) ||
		    sanitizer_is_damage(line->text))
			continue;
		*is_taken = true;
		if (is_said_again(classifier, headings[i].kind, line, at))
			return 0;
		r = open_crash(classifier, headings[i].kind, line, at);
		if (r < 0)
			return r;
		sleep_scan_head(crash, line->text);
		crash->is_null_worded = headings[i].is_null;
		crash->is_warning = headings[i].kind == CRASH_CR0_WP ||
				    (headings[i].is_report &&
				     headings[i].kind != CRASH_ASSERTION &&
				     !strstr(line->text, "hard LOCKUP"));
		if (headings[i].is_report && classifier->phase != PHASE_NONE) {
			classifier->phase = PHASE_BODY;
			sanitizer_scan_place(crash, p);
		}
		if (headings[i].has_detail)
			scan_rest(line->text, crash->detail, sizeof(crash->detail));
		scan_call(crash, p);
		if (headings[i].kind == CRASH_STACK_OVERFLOW)
			scan_guard(crash, line->text);
		if (headings[i].kind == CRASH_BAD_PAGETABLE &&
		    scan_past(&p, headings[i].also) &&
		    scan_hex(&p, 1, 16, &crash->address) && !*p)
			crash->address_from = CRASH_ADDRESS_HEADLINE;
		if (headings[i].kind == CRASH_PAGE_FAULT &&
		    scan_pointer(&p, &crash->address))
			crash->address_from = CRASH_ADDRESS_HEADLINE;
		return 0;
	}
	return 0;
}

/* "kfree+0x3e3/0x490 [verbose debug info unavailable]" */
static void scan_named(struct crash *crash, const char *p, const struct log_line *line)
{
	char name[SITE_FUNCTION_BYTES + SITE_MODULE_BYTES];
	const char *site = name;
	char *end;

	scan_rest(p, name, sizeof(name));
	end = strstr(name, " [verbose debug info");
	if (!end || !line->is_whole)
		return;
	*end = '\0';
	crash->has_named_site = site_scan(&site, &crash->named_site);
}

/* "kernel BUG at lib/list_debug.c:51!", alone or behind a list or CFI line. */
static int scan_bug(struct classifier *classifier, const struct log_line *line, size_t at,
		    bool *is_taken)
{
	const char *p = line->text;
	bool is_behind = classifier->phase == PHASE_HEAD &&
			 (classifier->now.kind == CRASH_LIST_CORRUPTION ||
			  classifier->now.kind == CRASH_MISSING_ENDBR ||
			  classifier->now.kind == CRASH_CRED ||
			  (classifier->now.kind == CRASH_BUG &&
			   classifier->now.detail[0]) ||
			  classifier->now.kind == CRASH_CFI);
	bool is_named;
	int r = 0;

	/* Without CONFIG_DEBUG_BUGVERBOSE it names the function; to 2.6.18 it was
	 * "Kernel". */
	if (!scan_word(&p, "kernel BUG at ") && !scan_word(&p, "Kernel BUG at "))
		return 0;
	*is_taken = true;
	is_named = strstr(p, "verbose debug info unavailable") != NULL;
	if (!is_behind)
		r = open_crash(classifier, CRASH_BUG, line, at);
	if (is_named)
		scan_named(&classifier->now, p, line);
	/* The '!' shows that a screen's edge did not cut the line's number. */
	else if (line->is_whole || strchr(p, '!'))
		scan_text(&p, "!", classifier->now.bug_at,
			  sizeof(classifier->now.bug_at));
	/* That file has nothing else to say. */
	if (!is_behind && strncmp(classifier->now.bug_at, "lib/list_debug.c:", 17) == 0)
		classifier->now.kind = CRASH_LIST_CORRUPTION;
	if (!is_behind && strncmp(classifier->now.bug_at, "kernel/cred.c:", 14) == 0)
		classifier->now.kind = CRASH_CRED;
	return r;
}

/* What a WARNING at that place is about. */
static const struct {
	const char *file;
	enum crash_kind kind;
} warnings[] = {
	{"lib/refcount.c:", CRASH_REFCOUNT},
	{"lib/list_debug.c:", CRASH_LIST_CORRUPTION},
};

static bool is_warned_of(enum crash_kind kind)
{
	return kind == CRASH_LIST_CORRUPTION || kind == CRASH_REFCOUNT ||
	       kind == CRASH_CR0_WP || kind == CRASH_MISSING_ENDBR || kind == CRASH_CFI ||
	       kind == CRASH_FIRMWARE;
}

/* scripts/decode_stacktrace.sh, and syzbot's, repeat the line for each inlined function.
 */
static bool is_warned_again(const struct classifier *classifier, const char *place,
			    size_t at)
{
	const struct crash *crash = &classifier->now;
	size_t bytes = strlen(crash->bug_at);

	return classifier->phase == PHASE_BODY && crash->is_warning && bytes &&
	       !crash->nr_frames && !crash->has_cpu &&
	       at - crash->first_line <= MAX_TEXT_LINES &&
	       strncmp(place, crash->bug_at, bytes) == 0 && strchr(" ", place[bytes]);
}

/* A WARNING counts where it reports a list's, a count's or an indirect call's corruption;
 * its text may be lost.
 */
static int scan_warning(struct classifier *classifier, const struct log_line *line,
			size_t at, bool *is_taken)
{
	const char *p = line->text;
	struct crash *crash = &classifier->now;
	bool is_fortify = classifier->phase == PHASE_HEAD && crash->kind == CRASH_BUG &&
			  strstr(crash->detail, "detected buffer overflow");
	bool is_head = is_fortify ||
		       (classifier->phase == PHASE_HEAD && is_warned_of(crash->kind));

	if (!scan_word(&p, "WARNING: "))
		return 0;
	/* Since 6.9 the report is a WARNING, and a BUG() of its own follows. */
	if (is_fortify)
		crash->kind = CRASH_WARNING;
	/* To 6.x "CPU: 0 PID: 85 at FILE:LINE fn", since then "FILE:LINE at fn, CPU#0".
	 */
	if (scan_word(&p, "CPU: "))
		scan_past(&p, " at ");
	/* To 3.10 the place alone. */
	scan_word(&p, "at ");
	if (is_warned_again(classifier, p, at)) {
		*is_taken = true;
		return 0;
	}
	for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]) && !is_head; i++) {
		const char *file = strstr(p, warnings[i].file);
		int r;

		/* "/build/linux-4.9.6/lib/list_debug.c:62", not another's mylib/... */
		if (!file || (file > p && file[-1] != '/') ||
		    (size_t)(file - p) > strcspn(p, " "))
			continue;
		r = open_crash(classifier, warnings[i].kind, line, at);
		if (r < 0 || classifier->phase == PHASE_NONE)
			return r;
		is_head = true;
	}
	if (!is_head)
		return 0;
	*is_taken = true;
	crash->is_warning = true;
	classifier->phase = PHASE_BODY;
	scan_text(&p, " ", crash->bug_at, sizeof(crash->bug_at));
	scan_word(&p, " ");
	scan_word(&p, "at ");
	/* The firmware's and an indirect branch's are reported from elsewhere. */
	if (line->is_whole && crash->kind != CRASH_FIRMWARE &&
	    crash->kind != CRASH_MISSING_ENDBR)
		crash->has_named_site = site_scan(&p, &crash->named_site);
	return 0;
}

static bool is_same_report(const struct classifier *classifier, enum crash_kind of_die)
{
	switch (classifier->now.kind) {
	case CRASH_PAGE_FAULT:
		/* 4.19 to 5.x: a fault on a damaged table has the page fault's head. */
		return of_die == CRASH_PAGE_FAULT || of_die == CRASH_BAD_PAGETABLE;
	case CRASH_BUG:
	case CRASH_LIST_CORRUPTION:
	case CRASH_MISSING_ENDBR:
	case CRASH_CRED:
		return of_die == CRASH_INVALID_OPCODE;
	case CRASH_CFI:
		return of_die == CRASH_INVALID_OPCODE || of_die == CRASH_TRAP;
	case CRASH_DOUBLE_FAULT:
	case CRASH_BAD_PAGETABLE:
		return of_die == classifier->now.kind;
	case CRASH_STACK_OVERFLOW:
		return of_die == CRASH_STACK_OVERFLOW || of_die == CRASH_DOUBLE_FAULT;
	default:
		return false;
	}
}

/* A report's lines have an order. Of one that began inside of another a line that comes
 * too late is the other's, or those before were.
 */
static void check_rank(struct classifier *classifier, int rank)
{
	struct crash *crash = &classifier->now;

	if (rank == BODY_RANK_NONE)
		return;
	crash->is_mixed |= crash->is_inside &&
			   (rank < classifier->rank ||
			    (rank == classifier->rank && rank != BODY_RANK_TABLES &&
			     rank != BODY_RANK_SITE));
	classifier->rank = rank;
}

static int scan_death(struct classifier *classifier, const struct log_line *line,
		      size_t at, bool *is_taken)
{
	struct crash die = {0};
	struct crash *crash = &classifier->now;
	enum crash_kind kind;
	bool has_code = false;
	int r;

	if (dieline_scan(line->text, &kind, &die))
		has_code = true;
	else if (!line->is_whole || !dieline_scan_cut(line->text, &kind, &die))
		return 0;
	*is_taken = true;
	if (classifier->phase != PHASE_HEAD || !is_same_report(classifier, kind)) {
		bool is_mixed = kind == CRASH_PAGE_FAULT && crash->is_inside &&
				classifier->phase == PHASE_BODY;

		/* Two of these lines to one headline: whose is which? */
		crash->is_mixed |= is_mixed;
		r = open_crash(classifier, kind, line, at);
		if (r < 0 || classifier->phase == PHASE_NONE)
			return r;
		crash->is_mixed = is_mixed;
	}
	if (kind == CRASH_BAD_PAGETABLE)
		crash->kind = kind;
	check_rank(classifier, BODY_RANK_DIE);
	classifier->phase = PHASE_BODY;
	crash->has_die = true;
	crash->number = die.number;
	memcpy(crash->die, die.die, sizeof(crash->die));
	crash->is_pagealloc = strstr(line->text, " DEBUG_PAGEALLOC") != NULL;
	if (crash->kind == CRASH_GENERAL_PROTECTION) {
		dieline_scan_address(crash);
		crash->is_kasan = strstr(line->text, " KASAN") != NULL;
	}
	/* The "#PF: error_code" line has more bits than the 16 of here. */
	if (!crash->has_error_code && has_code) {
		crash->has_error_code = true;
		crash->error_code = die.error_code;
	}
	return 0;
}

/* "Kernel Offset: 0x2a000000 from 0xffffffff81000000 (...)" or "Kernel Offset: disabled":
 * arch/x86/kernel/setup.c:dump_kernel_offset(), when the kernel panics.
 */
static void scan_offset(struct crash *crash, const char *p)
{
	uint64_t offset = 0;

	if (!scan_word(&p, "Kernel Offset: "))
		return;
	if (scan_word(&p, "disabled") ||
	    (scan_word(&p, "0x") && scan_hex(&p, 1, 16, &offset) &&
	     scan_word(&p, " from "))) {
		crash->has_kernel_offset = true;
		crash->kernel_offset = offset;
	}
}

/* A trace begins, or ends where "Call Trace:" was lost. */
static bool is_trace(const struct crash *crash, const struct log_line *line)
{
	return strncmp(line->text, "Call Trace:", 11) == 0 ||
	       body_is_of_user(crash, line);
}

static int open_headless(struct classifier *classifier, bool is_at_end)
{
	struct crash *crash = &classifier->headless;
	int r = open_crash(classifier, CRASH_UNKNOWN, classifier->headless_line,
			   classifier->headless_at);

	if (r < 0 || classifier->phase == PHASE_NONE)
		return r;
	/* What was read may be of user space: no stack of the kernel's showed. */
	if (is_at_end)
		*crash = (struct crash){.code = {.at = -1}};
	if (is_at_end && classifier->has_last_cr2) {
		crash->address_from = CRASH_ADDRESS_LAST_CR2;
		crash->address = classifier->last_cr2;
	}
	crash->first_line = classifier->now.first_line;
	crash->has_time = classifier->now.has_time;
	crash->time_us = classifier->now.time_us;
	memcpy(crash->headline, classifier->now.headline, sizeof(crash->headline));
	crash->is_headless = true;
	crash->has_end = is_at_end;
	if (!is_at_end && classifier->is_in_double_fault) {
		crash->kind = CRASH_DOUBLE_FAULT;
		crash->is_headless = false;
	}
	classifier->now = *crash;
	/* Behind the end mark stand the registers of the boot's first crash. */
	classifier->phase = is_at_end ? PHASE_SUMMARY : PHASE_BODY;
	return 0;
}

/* The exception that a trace's frames tell of, the entry code's names before and since
 * 5.8 among them.
 */
static bool is_double_fault(const char *function)
{
	static const char *const names[] = {"double_fault", "do_double_fault",
					    "exc_double_fault", "asm_exc_double_fault"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(function, names[i]) == 0)
			return true;
	return false;
}

/* A double fault is told by the frames before its registers, in the panic's own trace. */
static void scan_exception(struct classifier *classifier, const struct log_line *line)
{
	const char *p = line->text;
	struct site site;

	if (!body_is_frame(line))
		return;
	scan_word(&p, "? ");
	classifier->is_in_double_fault |= site_scan(&p, &site) &&
					  is_double_fault(site.function);
}

/* The first lines of a log may be those of a report that began before. It is one from its
 * RSP on, if that is a kernel stack, or where it ends.
 */
static int scan_headless(struct classifier *classifier, const struct log_line *line,
			 size_t at)
{
	struct crash *crash = &classifier->headless;
	const char *p = line->text;
	bool is_of_dump, is_of_head;
	uint64_t rsp;

	if (at >= MAX_HEADLESS_LINES)
		return 0;
	if (!classifier->headless_line)
		scan_exception(classifier, line);
	is_of_dump = registers_line(line->text) >= 0;
	is_of_head = body_scan_is_of_report(line);
	if (!classifier->headless_line && !is_of_head && !is_of_dump)
		return 0;
	/* Registers before a report's first lines are another's, of user space. */
	if (!classifier->headless_line || (classifier->is_headless_dump && is_of_head)) {
		classifier->is_headless_dump = is_of_dump && !is_of_head;
		*crash = (struct crash){.code = {.at = -1}};
		classifier->headless_line = line;
		classifier->headless_at = at;
	}
	body_scan(crash, line);
	if (scan_word(&p, "---[ end trace "))
		return open_headless(classifier, true);
	/* arch/x86/mm/fault.c: the address once more, alone on its line. */
	if (scan_word(&p, "CR2: ")) {
		classifier->has_last_cr2 = scan_hex(&p, 16, 16, &classifier->last_cr2) &&
					   p[strspn(p, " ")] == '\0' && line->is_whole;
		p = line->text;
	}
	/* To 4.17 a report's last lines: "RIP  [<...>] f+0x1/0x2", " RSP <...>". */
	if (strncmp(line->text, "RIP  [", 6) == 0)
		body_scan_trace(crash, line);
	if (body_is_last_rip(line)) {
		body_scan_trace(crash, line);
		return open_headless(classifier, false);
	}
	if (strncmp(line->text, "RSP <ffff", 9) == 0 && crash->has_site)
		return open_headless(classifier, false);
	/* Only the kernel's own dump has control registers. */
	if (strncmp(line->text, "CR2: ", 5) == 0 && classifier->is_headless_dump &&
	    registers_has(&crash->registers, REGISTER_CR2) && crash->has_selector &&
	    (!(crash->selector & 3) || crash_is_xen_pv(crash)) &&
	    __builtin_popcountll(crash->registers.known) >= MIN_DUMPED)
		return open_headless(classifier, false);
	/* Of registers few were copied. What RIP comes now was interrupted, or called. */
	if (strncmp(line->text, "Call Trace:", 11) == 0 &&
	    ((crash->has_site && crash->mode == CRASH_MODE_KERNEL) ||
	     registers_has(&crash->registers, REGISTER_CR3))) {
		int r = open_headless(classifier, false);

		if (r == 0 && classifier->phase == PHASE_BODY)
			classifier->phase = PHASE_TRACE;
		return r;
	}
	rsp = crash->registers.value[REGISTER_RSP];
	if (!registers_has(&crash->registers, REGISTER_RSP) || !(rsp >> 63) ||
	    crash->mode == CRASH_MODE_USER ||
	    (!crash->has_site && crash->code.at < 0 &&
	     __builtin_popcountll(crash->registers.known) < MIN_DUMPED))
		return 0;
	return open_headless(classifier, false);
}

/* What begins a report of any kind, also of those that are no crash. */
static bool is_beginning(const char *p)
{
	static const char *const words[] = {
		"[ cut here ]",	      "WARNING: ", "BUG: ",   "INFO: ",
		"NMI backtrace for ", "sysrq: ",   "SysRq : "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(p, words[i]))
			return true;
	return false;
}

/* kernel/panic.c:panic(): of a crash or, where it was asked for, of a mere report. */
static bool scan_panic(struct classifier *classifier, const struct log_line *line)
{
	struct crash *crash = &classifier->now;
	const char *p = line->text;

	if (classifier->phase == PHASE_NONE ||
	    !scan_word(&p, "Kernel panic - not syncing") ||
	    (crash->has_time && line->has_time &&
	     line->time_us - crash->time_us > MAX_PANIC_US))
		return false;
	scan_word(&p, ": ");
	if (!crash->panic[0])
		lesser_scan_reason(*p ? p : "no reason given", crash->panic,
				   sizeof(crash->panic));
	return true;
}

/* What stood right before the kernel took leave of the process was behind an end mark:
 * the registers of the boot's first crash.
 */
static void forget_summary(struct crash *crash)
{
	crash->registers.known = 0;
	crash->code = (struct crash_code){.at = -1};
	crash->has_site = crash->has_selector = false;
	crash->has_end = true;
}

/* "CPU: 0 PID: 8366 Comm: insmod": once in each report. */
static bool is_process(const char *p)
{
	return strncmp(p, "CPU: ", 5) == 0 && strstr(p, " Comm: ");
}

static void scan_body(struct classifier *classifier, const struct log_line *line)
{
	struct crash *crash = &classifier->now;
	const char *p = line->text;

	if (sanitizer_scan_access(crash, p) || sleep_scan(crash, line) ||
	    scan_track(crash, line))
		return;
	/* Another report, whose first lines were lost: it comes before the registers. */
	if (registers_has(&crash->registers, REGISTER_RSP) && is_process(p)) {
		crash->is_mixed |= crash->is_inside;
		classifier->phase = PHASE_DONE;
		return;
	}
	check_rank(classifier, body_rank(line));
	if (is_trace(crash, line)) {
		classifier->phase = PHASE_TRACE;
	} else if (!crash->is_site_next && body_is_frame(line)) {
		/* "Call Trace:" was lost. */
		classifier->phase = PHASE_TRACE;
		classifier->is_trace_bare = true;
		body_scan_trace(crash, line);
	} else if (crash->is_headless && scan_word(&p, "note: ")) {
		forget_summary(crash);
	} else if (strncmp(p, "Modules linked in: ", 19) == 0) {
		body_scan_modules(crash, p);
	} else {
		crash->is_mixed |= body_is_of_another(crash, line);
		body_scan(crash, line);
	}
}

/* A second heading, or lines of the dump in a trace that had none. */
static bool is_anothers_trace(const struct classifier *classifier,
			      const struct log_line *line)
{
	int rank = body_rank(line);

	return strncmp(line->text, "Call Trace:", 11) == 0 ||
	       (rank != BODY_RANK_NONE && rank < BODY_RANK_TRACE &&
		(classifier->is_trace_bare || rank < BODY_RANK_SITE));
}

/* What stands in any part of a report. */
static void scan_anywhere(struct classifier *classifier, const struct log_line *line)
{
	struct crash *crash = &classifier->now;

	if (classifier->phase < PHASE_SUMMARY && body_is_garbled(line) &&
	    ++crash->nr_garbled == MIN_GARBLED)
		crash->is_mixed = true;
	if (crash->kind == CRASH_KASAN || crash->kind == CRASH_KFENCE)
		sanitizer_scan_freed(crash, line);
}

static int scan_inside(struct classifier *classifier, const struct log_line *line,
		       size_t at)
{
	struct crash *crash = &classifier->now;
	const char *p = line->text;

	if (classifier->phase != PHASE_NONE)
		scan_anywhere(classifier, line);
	switch (classifier->phase) {
	case PHASE_NONE:
		break;
	case PHASE_HEAD:
		/* The die line was lost: what follows is the trace all the same. */
		if (is_trace(crash, line)) {
			classifier->phase = PHASE_TRACE;
			break;
		}
		crash->is_mixed |= body_is_of_another(crash, line);
		/* These come behind the die line: the one before goes on. */
		crash->is_mixed |= crash->is_inside && crash->kind == CRASH_PAGE_FAULT &&
				   body_rank(line) > BODY_RANK_DIE;
		check_rank(classifier, body_rank(line));
		body_scan(crash, line);
		break;
	case PHASE_BODY:
		sanitizer_scan_values(crash, line, at);
		scan_spl(crash, line);
		scan_why(crash, line);
		scan_body(classifier, line);
		break;
	case PHASE_TRACE:
		crash->is_mixed |= crash->is_inside &&
				   is_anothers_trace(classifier, line);
		/* Another report, whose first lines were lost. */
		if (sanitizer_is_of_object(crash, p) ||
		    (crash->nr_frames && is_process(p))) {
			classifier->phase = PHASE_DONE;
			break;
		}
		body_scan_trace(crash, line);
		scan_offset(crash, p);
		break;
	case PHASE_SUMMARY:
		scan_offset(crash, p);
		crash->is_followed = true;
		body_scan(&classifier->summary, line);
		if (strncmp(p, "CR2: ", 5) == 0)
			classifier->phase = PHASE_DONE;
		break;
	case PHASE_DONE:
		scan_offset(crash, p);
		break;
	}
	if (classifier->phase != PHASE_NONE && classifier->phase < PHASE_SUMMARY &&
	    scan_word(&p, "---[ end trace ")) {
		classifier->now.has_end = true;
		classifier->phase = PHASE_SUMMARY;
	}
	return 0;
}

/* A report that counts only where the log has no crash begins between others alone. */
static int scan_lesser(struct classifier *classifier, const struct log_line *line,
		       size_t at, bool *is_taken)
{
	const struct found *found = classifier->found;
	struct crash *crash = &classifier->now;
	struct crash lesser = {.code = {.at = -1}};
	int r;

	if (classifier->phase != PHASE_NONE && !crash->is_lesser)
		return 0;
	if (classifier->phase == PHASE_BODY)
		lesser_scan_text(crash, line, at - crash->first_line);
	if (found->has_crash || found->crashes.nr >= MAX_LESSER ||
	    !lesser_begins(line, at, &lesser) ||
	    (lesser.is_end && (classifier->phase != PHASE_NONE || found->crashes.nr)))
		return 0;
	*is_taken = true;
	/* One report for all that the hardware had to say. */
	if (classifier->phase != PHASE_NONE && crash->kind == CRASH_MACHINE_CHECK &&
	    lesser.kind == CRASH_MACHINE_CHECK) {
		lesser_scan_bank(crash, line->text);
		return 0;
	}
	/* "Unable to handle ...", then "Internal error: Oops". */
	if (classifier->phase != PHASE_NONE && crash->foreign && lesser.foreign &&
	    at - crash->first_line < MAX_HEAD_LINES)
		return 0;
	r = open_crash(classifier, lesser.kind, line, at);
	if (r < 0)
		return r;
	crash->is_lesser = true;
	crash->is_warning = lesser.is_warning;
	crash->foreign = lesser.foreign;
	crash->has_site = lesser.has_site;
	crash->site = lesser.site;
	memcpy(crash->detail, lesser.detail, sizeof(crash->detail));
	memcpy(crash->bug_at, lesser.bug_at, sizeof(crash->bug_at));
	memcpy(crash->panic, lesser.panic, sizeof(crash->panic));
	if (crash->kind == CRASH_MACHINE_CHECK)
		lesser_scan_bank(crash, line->text);
	classifier->phase = PHASE_BODY;
	return 0;
}

static int scan_line(struct classifier *classifier, const struct log_line *line,
		     size_t at)
{
	bool is_taken = false;
	int r;

	if (strstr(line->text, "kernel tried to execute NX-protected page"))
		classifier->is_nx_worded = true;
	else if (strstr(line->text, "unable to execute userspace code (SMEP?)"))
		classifier->is_smep_worded = true;
	else if (strstr(line->text, "kasan: GPF could be caused by NULL-ptr deref"))
		classifier->is_kasan_worded = true;
	if (classifier->phase == PHASE_HEAD &&
	    at - classifier->now.first_line > MAX_HEAD_LINES) {
		r = close_crash(classifier);
		if (r < 0)
			return r;
	}
	if (classifier->phase > PHASE_HEAD && strstr(line->text, "[ cut here ]")) {
		classifier->now.is_followed = true;
		r = close_crash(classifier);
		if (r < 0)
			return r;
	}
	/* Another crash's log. */
	if (pstore_is_head(line->text))
		return close_crash(classifier);
	r = scan_head(classifier, line, at, &is_taken);
	if (r == 0 && !is_taken)
		r = scan_bug(classifier, line, at, &is_taken);
	if (r == 0 && !is_taken)
		r = scan_warning(classifier, line, at, &is_taken);
	if (r == 0 && !is_taken)
		r = scan_death(classifier, line, at, &is_taken);
	if (r == 0 && !is_taken)
		is_taken = scan_panic(classifier, line);
	if (r == 0 && !is_taken)
		r = scan_lesser(classifier, line, at, &is_taken);
	classifier->is_begun |= is_beginning(line->text);
	if (r == 0 && !is_taken && !classifier->is_begun)
		r = scan_headless(classifier, line, at);
	else if (r == 0 && !is_taken)
		r = scan_inside(classifier, line, at);
	return r;
}

/* Of a function that is loaded the bytes are readable. */
static bool is_in_function(const struct crash *crash)
{
	return crash->has_site && crash->site.function[0] &&
	       !site_is_past_end(&crash->site);
}

/* The dump's CR2 is the fault's where the Code: bytes could be fetched without another
 * fault; see crash_address. Where they are not in the log RIP's function tells.
 */
static void take_dumped_cr2(struct crash *crash)
{
	bool was_fetched = crash->code.at >= 0 ||
			   (!crash->code.nr && !crash->code.is_unreadable &&
			    is_in_function(crash));

	if ((crash->kind != CRASH_PAGE_FAULT && crash->kind != CRASH_STACK_OVERFLOW) ||
	    crash->address_from != CRASH_ADDRESS_UNKNOWN ||
	    !registers_has(&crash->registers, REGISTER_CR2) || !was_fetched)
		return;
	crash->address_from = CRASH_ADDRESS_DUMP;
	crash->address = crash->registers.value[REGISTER_CR2];
}

/* Where fetching an instruction faulted, and none that starts there reaches into the next
 * page, RIP is the address.
 */
static void take_fetched(struct crash *crash)
{
	enum { MAX_INSTRUCTION = 15, PAGE = 4096 };

	if (crash->kind != CRASH_PAGE_FAULT ||
	    crash->address_from != CRASH_ADDRESS_UNKNOWN || !crash->has_error_code ||
	    errorcode_access(crash->error_code) != ERRORCODE_FETCH || !crash->has_site ||
	    !crash->site.has_address ||
	    crash->site.address % PAGE > PAGE - MAX_INSTRUCTION)
		return;
	crash->address_from = CRASH_ADDRESS_DUMP;
	crash->address = crash->site.address;
}

/* KASAN finds the end of a stack first, where one is used up. */
static void mark_beside_stack(struct crashes *crashes)
{
	for (size_t i = 0; i + 1 < crashes->nr; i++) {
		struct crash *crash = &crashes->array[i];
		const struct crash *next = &crashes->array[i + 1];

		crash->is_beside_stack = crash->kind == CRASH_KASAN &&
					 next->kind == CRASH_STACK_OVERFLOW &&
					 crash->has_cpu && next->has_cpu &&
					 crash->pid == next->pid;
	}
}

/* One classifier for each caller, where the log names them: what two CPUs print at one
 * time comes apart.
 */
struct callers {
	struct found found;
	struct {
		size_t last_line;
		uint32_t caller;
		struct classifier *classifier;
	} array[MAX_CALLERS];
	size_t nr;
};

static int classifier_of(struct callers *callers, uint32_t caller, size_t at,
			 struct classifier **ret)
{
	size_t i = 0, oldest = 0;
	int r = 0;

	while (i < callers->nr && callers->array[i].caller != caller)
		i++;
	if (i == callers->nr && i < MAX_CALLERS) {
		struct classifier *classifier = calloc(1, sizeof(*classifier));

		if (!classifier)
			return -ENOMEM;
		classifier->found = &callers->found;
		callers->array[i].classifier = classifier;
		callers->nr++;
	} else if (i >= MAX_CALLERS) {
		for (i = 1; i < MAX_CALLERS; i++)
			if (callers->array[i].last_line <
			    callers->array[oldest].last_line)
				oldest = i;
		i = oldest;
		r = close_crash(callers->array[i].classifier);
		memset(callers->array[i].classifier, 0, sizeof(struct classifier));
		callers->array[i].classifier->found = &callers->found;
	}
	callers->array[i].caller = caller;
	callers->array[i].last_line = at;
	*ret = callers->array[i].classifier;
	return r;
}

static int scan_all(struct callers *callers, const struct log *log)
{
	uint32_t caller = 0;
	int r = 0;

	for (size_t i = 0; i < log->nr && r == 0; i++) {
		const struct log_line *line = &log->lines[i];
		struct classifier *classifier;

		/* Without any prefix it is the end of the line before. */
		if (line->caller || !line->is_bare)
			caller = line->caller;
		r = classifier_of(callers, caller, i, &classifier);
		if (r == 0)
			r = scan_line(classifier, line, i);
	}
	for (size_t i = 0; i < callers->nr; i++) {
		if (r == 0)
			r = close_crash(callers->array[i].classifier);
		free(callers->array[i].classifier);
	}
	return r;
}

static int compare_crashes(const void *one, const void *two)
{
	const struct crash *a = one, *b = two;

	return (a->first_line > b->first_line) - (a->first_line < b->first_line);
}

static void drop_lesser(struct crashes *crashes)
{
	size_t nr = 0;

	for (size_t i = 0; i < crashes->nr; i++)
		if (!crashes->array[i].is_lesser)
			crashes->array[nr++] = crashes->array[i];
	crashes->nr = nr;
}

int crashes_find(struct crashes *ret, const struct log *log)
{
	struct callers callers = {0};
	struct crashes *crashes = &callers.found.crashes;
	int r = scan_all(&callers, log);

	if (r < 0) {
		crashes_free(crashes);
		return r;
	}
	if (crashes->nr)
		qsort(crashes->array, crashes->nr, sizeof(*crashes->array),
		      compare_crashes);
	if (callers.found.has_crash)
		drop_lesser(crashes);
	for (size_t i = 0; i < crashes->nr; i++) {
		take_fetched(&crashes->array[i]);
		take_dumped_cr2(&crashes->array[i]);
		headless_infer(&crashes->array[i]);
	}
	mark_beside_stack(crashes);
	*ret = *crashes;
	return 0;
}

void crashes_free(struct crashes *crashes)
{
	free(crashes->array);
	*crashes = (struct crashes){0};
}
