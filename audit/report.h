/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit says: rows, findings, notices, hooks. The checks add to it; renderers
 * only print it.
 */
#ifndef KWCHECK_AUDIT_REPORT_H
#define KWCHECK_AUDIT_REPORT_H

#include "audit/mappings.h"
#include "audit/modlist.h"
#include "kcore/kernel.h"
#include "kcore/region.h"

enum audit_group {
	AUDIT_LSM = 0,	  /* hook lists or static calls, callbacks, the kernel's words */
	AUDIT_IMAGE,	  /* the kernel image's sections as whole ranges */
	AUDIT_DISPATCH,	  /* tables of functions: system calls, IDT, operations */
	AUDIT_CPU,	  /* cpu_entry_area, GDT, TSS, vsyscall */
	AUDIT_MODULES,	  /* each loaded module's sections */
	AUDIT_EXECUTABLE, /* BPF, kprobes, ftrace; W+X and user pages anywhere */
	AUDIT_TABLES,	  /* page tables: aliases, Dirty bits, what cannot be followed */
	AUDIT_LEVERS,	  /* writable by design: told, never judged */
	AUDIT_UNCHANGED,  /* what is sealed, against what was built */
	AUDIT_NR_GROUPS,
};

/* Ordered from what a person need not read to what comes first. */
enum audit_verdict {
	AUDIT_INFO = 0, /* told as information */
	AUDIT_SEALED,
	AUDIT_UNKNOWN,
	AUDIT_UNSEALED,
};

/* What a finding is about. Each row of report.c's table gives the code's stable name,
 * what to do, and who might have a right to it.
 */
enum audit_kind {
	AUDIT_KIND_NONE = 0,
	/* Pages. Where several hold of one page, the last of them is told. */
	AUDIT_EXECUTABLE_DATA,
	AUDIT_WRITABLE,
	AUDIT_WRITABLE_ALIAS,
	AUDIT_WRITABLE_EXECUTABLE,
	AUDIT_NR_PAGE_KINDS,
	/* All others. */
	AUDIT_RIGHTS_DIFFER = AUDIT_NR_PAGE_KINDS,
	AUDIT_DIRTY,
	AUDIT_USER_PAGE,
	AUDIT_RESERVED_BIT,
	AUDIT_RODATA_OFF,
	AUDIT_NOT_MAPPED,
	AUDIT_HOOK_OUTSIDE,
	AUDIT_CALLBACK_OUTSIDE,
	AUDIT_LIST_BROKEN,
	AUDIT_SLOT_HIJACKED,
	AUDIT_CALL_SITE,
	AUDIT_JUMP_LABEL,
	AUDIT_REDIRECTED,
	AUDIT_HANDLER_OUTSIDE,
	AUDIT_TABLE_MOVED,
	AUDIT_KERNEL_DISAGREES,
	AUDIT_BRANCH_OUTSIDE,
	AUDIT_POINTER_OUTSIDE,
	AUDIT_BYTES_CHANGED,
	AUDIT_NR_KINDS,
};

/* Room for an address in words: a symbol, an offset and a module. */
enum { AUDIT_PLACE_BYTES = 128 };

struct audit_row {
	enum audit_group group;
	enum audit_verdict verdict;
	char name[64];	  /* "apparmor", "sys_call_table", ... may hold any bytes */
	char symbol[128]; /* what lies there: "apparmor_hooks"; "" */
	uint64_t address; /* 0: none */
	uint64_t size_bytes;
	uint64_t nr_pages;    /* of 4 KiB */
	const char *expected; /* "r--", "r-x", "rw-"; NULL: no one expectation */
	char found[8];	      /* the rights seen; "mixed", "" */
	const char *why;      /* what rests on it */
	const char *since;    /* release that first sealed it; NULL */
	unsigned nr_hooks;    /* of an LSM */
	unsigned rank;	      /* of an LSM: its place in the order of calls, from 1 */
	char detail[192];     /* values, counts; "" */
	size_t member;	      /* of a module: 1 + its index in the list; 0: of none */
	bool is_changing;     /* looks.c: a finding of it was not there before */
};

struct audit_finding {
	size_t row; /* the most telling row; others may share the pages */
	enum audit_kind kind;
	uint64_t address, size_bytes;
	uint64_t target; /* where what is there leads; 0: nowhere, or it is not said */
	char place[AUDIT_PLACE_BYTES]; /* the address as symbol+offset, without the
					  address itself */
	char message[384];	       /* one sentence */
};

/* Something that a person may want to know and need not act on, such as a tracer on a
 * callback.
 */
struct audit_notice {
	size_t row;
	uint64_t address;
	char message[256];
};

/* One hook of an LSM. */
struct audit_slot {
	size_t row;	  /* of its LSM */
	const char *hook; /* lives as long as the audit */
	unsigned index;	  /* in the order of calls */
	uint64_t element; /* security_hook_list; 0: none (a hijacked slot) */
	uint64_t callback;
	/* Both addresses in words, as audit_place() has them; "" for none. Filled in by
	 * audit_add_slot().
	 */
	char element_place[AUDIT_PLACE_BYTES], callback_place[AUDIT_PLACE_BYTES];
	bool is_bad;
};

/* Why a row is unknown that was another one with each look, and what to do. */
#define AUDIT_CHANGING                                                                     \
	"changing while it was looked at: ask again when the kernel is quiet (no modules " \
	"loaded, no tracing switched), or capture it while its VM is paused"

/* No row: there was no memory for one, or nothing that a row would be about. */
static const size_t AUDIT_NO_ROW = SIZE_MAX;

/* A range that was checked for a row. */
struct audit_range {
	size_t row; /* AUDIT_NO_ROW: sealed by the way */
	uint64_t va, size_bytes;
	bool is_sealed; /* its frames must be writable nowhere */
};

/* A range of pages that breaks what a row expects. */
struct audit_violation {
	enum audit_kind kind;
	uint64_t va, size_bytes;
	uint64_t target; /* AUDIT_WRITABLE_ALIAS: the sealed address it maps */
};

/* What the kernel says of itself; NULL: not there. */
struct audit_words {
	const char *lsm;      /* /sys/kernel/security/lsm */
	const char *lockdown; /* /sys/kernel/security/lockdown */
	/* /sys/kernel/debug/check_wx_pages, read when it is asked. Asked only where no
	 * W+X page was found: the kernel warns of one, which taints it and may end in a
	 * panic.
	 */
	const char *(*ask_wx_pages)(void *ctx);
	void *ctx;
};

struct audit_wanted {
	const char *name;
	uint64_t address;  /* the first of that name; 0: there is none */
	uint64_t constant; /* the first among the image's constants or in its text; 0 */
};

struct audit {
	struct kernel *kernel;
	struct modlist modlist; /* before the mappings were taken */
	struct mappings mappings;
	struct audit_words words;
	unsigned groups; /* bits 1 << enum audit_group that were asked for */
	struct audit_row *rows;
	size_t nr_rows, rows_room;
	struct audit_finding *findings;
	size_t nr_findings, findings_room;
	struct audit_notice *notices;
	size_t nr_notices, notices_room;
	struct audit_slot *slots;
	size_t nr_slots, slots_room;
	struct audit_range *ranges;
	size_t nr_ranges, ranges_room;
	struct audit_violation *violations;
	size_t nr_violations, violations_room;
	struct audit_wanted *wanted; /* symbols looked up in one pass */
	size_t nr_wanted, wanted_room;
	char **names; /* hook names that the audit made */
	size_t nr_names, names_room;
	size_t rodata_off_row; /* AUDIT_NO_ROW unless booted with rodata=off */
	size_t wx_row;	    /* of W+X pages anywhere; AUDIT_NO_ROW where not asked for */
	size_t modules_row; /* of the list of modules; AUDIT_NO_ROW where not asked for */
	size_t nr_transient; /* violations that were gone at the second look */
	size_t nr_vanished;  /* findings that another look did not confirm */
	int failed;	     /* -ENOMEM: the audit is not whole */
};

void audit_free(struct audit *audit);

/* 0: sealed; bit 0: a finding; bit 1: something could not be decided. */
unsigned audit_status(const struct audit *audit);

/* "lsm", "image", ...; stable. */
const char *audit_group_name(enum audit_group group);
/* "sealed", "unsealed", "unknown", "info". */
const char *audit_verdict_name(enum audit_verdict verdict);
/* "writable", "hook-outside", ...; stable. */
const char *audit_kind_name(enum audit_kind kind);
/* One sentence: what to do about it. */
const char *audit_kind_advice(enum audit_kind kind);
/* Who may do this rightfully, for a moment or for good; NULL: nobody. */
const char *audit_kind_legitimate(enum audit_kind kind);

/* ---- for the checks ---- */

/* audit_add_row - a new row, whose verdict findings change
 * Returns its index. AUDIT_NO_ROW: there was no memory, and the audit fails at its end;
 * until then every function here takes AUDIT_NO_ROW.
 */
size_t audit_add_row(struct audit *audit, const struct audit_row *row);

__attribute__((format(printf, 6, 7))) void
audit_find(struct audit *audit, size_t row, enum audit_kind kind, uint64_t address,
	   uint64_t size_bytes, const char *format, ...);
__attribute__((format(printf, 4, 5))) void
audit_notice(struct audit *audit, size_t row, uint64_t address, const char *format, ...);
/* The row cannot be decided; its detail says why. A row that has a finding stays
 * unsealed.
 */
__attribute__((format(printf, 3, 4))) void
audit_undecided(struct audit *audit, size_t row, const char *format, ...);
void audit_add_slot(struct audit *audit, const struct audit_slot *slot);

/* Notes a range of a row: pages.c finds by it which rows a page concerns. */
void audit_add_range(struct audit *audit, size_t row, uint64_t va, uint64_t size_bytes,
		     bool is_sealed);
void audit_add_violation(struct audit *audit, enum audit_kind kind, uint64_t va,
			 uint64_t size_bytes, uint64_t target);

/* A copy of all ranges into @ret, which has room, ascending by address. */
void audit_sort_ranges(const struct audit *audit, struct audit_range *ret);

/* The page that holds @va; the end of the last page that [@va, @va + @size_bytes)
 * touches.
 */
uint64_t audit_page_of(uint64_t va);
uint64_t audit_page_end(uint64_t va, uint64_t size_bytes);

#endif
