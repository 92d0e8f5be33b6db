/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer for one target: decided here, only rendered elsewhere. */
#ifndef KWCHECK_CMD_RESULT_H
#define KWCHECK_CMD_RESULT_H

#include "cmd/options.h"
#include "cmd/target.h"
#include "kcore/aliases.h"
#include "kcore/hypervisor.h"
#include "kcore/kernel.h"
#include "kcore/region.h"
#include "module/exports.h"

enum result_verdict {
	RESULT_UNKNOWN = 0,
	RESULT_WRITABLE,
	RESULT_READ_ONLY,
	RESULT_UNMAPPED,
	RESULT_MIXED, /* a range whose pages differ */
};

/* Bytes of a page mapped a second time. */
struct result_alias {
	uint64_t va;
	uint64_t size_bytes;
	enum pt_verdict verdict;
	const struct region *region; /* of va */
};

/* One page, or one hole, that the range touches. */
struct result_page {
	struct pt_walk walk;
	/* The walk ended at a table that the kernel gives as zeros: bad memory. */
	bool is_poisoned;
	const char *missing; /* at one that the core has not got: why; else NULL */
	/* Of a Xen PV domain, read-only, and perhaps a page table: a write to one of the
	 * lowest level Xen carries out (x86/mm: ptwr), to others it faults.
	 */
	bool may_be_table;
	bool is_unbooted;    /* of a kernel that was not booted: the walk has no steps */
	uint64_t address;    /* first byte of the range in it */
	uint64_t size_bytes; /* of the range in it */
	/* Other mappings of these bytes, where they were looked for. */
	struct result_alias *aliases;
	size_t nr_aliases;
};

/* Consecutive pages with one verdict and one cause. */
struct result_run {
	size_t first_page, nr_pages;
	uint64_t address, size_bytes;
};

struct result {
	const char *query; /* the target's words */
	const struct symbol
		*symbol;  /* asked for by name, or what an address lies in; or NULL */
	bool is_named;	  /* asked for by name, not by address */
	bool is_cpu_copy; /* address is one CPU's copy of a per-CPU symbol */
	uint64_t symbol_offset; /* of address in symbol */
	uint64_t address, size_bytes;
	/* size_bytes came from the next symbol's address: no more than an upper bound. */
	bool is_bound;
	enum result_verdict verdict;
	const char *
		reason; /* stable: result_reason_name(), "mixed", "per-cpu-symbol", ... */
	const struct region *region;
	struct result_page *pages;
	size_t nr_pages;
	struct result_run *runs;
	size_t nr_runs;
	char explanation[256]; /* one sentence: what follows from the verdict */
	/* Some alias of a byte that is read-only here is writable. */
	bool has_writable_alias;
	char hint[256]; /* one more, or "": what may mislead about this symbol */
};

/* What is asked, and what answering it keeps from one target to the next. */
struct asker {
	struct kernel *kernel;
	bool has_cpu;
	unsigned cpu;		     /* whose copy of a per-CPU symbol is meant */
	bool wants_aliases;	     /* of targets that are named by a symbol */
	bool is_expecting;	     /* nothing is answered: frames are noted */
	bool has_compiler, is_clang; /* of the kernel; is_clang once it was asked for */
	bool has_exports;
	struct exports exports; /* read for the first object that has no symbol */
	struct aliases aliases;
};

void asker_close(struct asker *asker);

/* result_expect - notes what a word will ask about
 * Where all words of a call were noted before the first is answered, one sweep of the
 * page tables finds the other mappings of all. What has no answer is not noted.
 */
void result_expect(struct asker *asker, const char *word);

/* result_each - the answers for one word, in order
 *
 * Every symbol of the name gives one. @each is called with a result that lives until it
 * returns, and @nr, how many there are for this word; a non-zero return stops and is
 * returned. Returns 0, or -errno with @err filled (no such symbol, malformed target,
 * ...).
 */
typedef int (*result_fn)(void *ctx, const struct result *result, size_t i, size_t nr);
int result_each(struct asker *asker, const char *word, result_fn each, void *ctx,
		struct error *err);

/* "writable", "read-only", "unmapped", "unknown", "mixed". */
const char *result_verdict_name(enum result_verdict verdict);

/* EXIT_YES, EXIT_NO, EXIT_UNDECIDED, or NO | UNDECIDED for a mixed range of both. */
int result_exit_status(const struct result *result, enum expect expect);

/* result_denier - whose second-stage table may deny a write that the answer says succeeds
 * NULL: no write succeeds, or no hypervisor is known of.
 */
const char *result_denier(const struct result *result, enum hypervisor hypervisor);

/* The walk's reason by name: pt_reason_name()'s, or "poisoned-table". */
const char *result_reason_name(const struct result_page *page);

/* One sentence for people: why the page's walk ended as it did. */
void result_explain_page(const struct pt_format *format, const struct result_page *page,
			 char *text, size_t text_bytes);

/* "4K", "2M", "1G", or a larger hole's size. */
const char *result_span_name(uint64_t span);

#endif
