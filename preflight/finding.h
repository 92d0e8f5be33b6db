/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finding: one thing that preflight says of a module, where it is and what it is about.
 */
#ifndef KWCHECK_PREFLIGHT_FINDING_H
#define KWCHECK_PREFLIGHT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/sourceline.h"
#include "module/addrspace.h"

/* Worst first. */
enum finding_verdict {
	FINDING_WOULD_FAULT = 0,
	FINDING_BYPASS,
	FINDING_SUSPECT,
	FINDING_REFUSED,
	FINDING_UNDECIDED,
	FINDING_CLEAN, /* worth knowing, no more */
	FINDING_NR_VERDICTS,
};

enum finding_access {
	FINDING_STORE = 0,
	FINDING_READ_MODIFY_WRITE,
	FINDING_CALL,
	FINDING_READ, /* these two only where a dry run faulted */
	FINDING_FETCH,
};

enum { FINDING_TEXT_BYTES = 320 };

struct finding {
	enum finding_verdict verdict;
	const char *kind;    /* "store", "cr0-wp", ...: stable, for machines */
	bool is_dry_run;     /* seen when the module ran, not read off its code */
	bool is_confirmed;   /* read off its code, and seen when it ran */
	bool is_always_told; /* even if it is merely worth knowing */
	bool has_site;
	struct {
		uint64_t address; /* where the module was put for the analysis */
		const char *section,
			*function; /* function: NULL where there is no symbol */
		size_t section_number;
		uint64_t section_offset, offset;
		struct sourceline *lines; /* nr_lines, malloc'ed; the innermost first */
		size_t nr_lines;
	} site;
	bool has_target;
	struct {
		uint64_t address;
		struct addrspace_name name;
		bool is_exact; /* else somewhere in the object */
		bool is_own;   /* its address will be another when it is loaded */
		char owner[FINDING_TEXT_BYTES]; /* "hook kofile_open of tomoyo", or "" */
	} target;
	enum finding_access access;
	unsigned size_bytes; /* 0: not known */
	bool has_walk;
	struct pt_walk walk; /* of the target, in the live tables */
	bool is_poisoned;    /* the walk ended at a page that the kernel calls HWPOISON */
	unsigned error_code; /* of the page fault; 0: none */
	const char *callee;  /* FINDING_CALL */
	bool is_absent;	     /* it is about a module that is not there */
	const char *symbol;  /* the undefined one that it is about; NULL. Of the file */
	char note[FINDING_TEXT_BYTES];
};

struct findings {
	struct finding *array; /* worst first */
	size_t nr, room;
	bool has_failed; /* -ENOMEM */
};

/* "would-fault", "bypass", ... */
const char *finding_verdict_name(enum finding_verdict verdict);
const char *finding_access_name(enum finding_access access);

/* A new finding at the end, zeroed but for verdict and kind. NULL: no memory. */
struct finding *finding_add(struct findings *findings, enum finding_verdict verdict,
			    const char *kind);

/* finding_note - one more remark, behind those that are there
 * What does not fit is cut off.
 */
__attribute__((format(printf, 2, 3))) void finding_note(struct finding *finding,
							const char *format, ...);

/* Says where in the module @va is. */
void finding_set_site(struct finding *finding, struct addrspace *space, uint64_t va);

/* finding_set_target - what lies at @va, whose it is, and what the page tables say
 * Where it is not known whether the kernel seals the section that @va lies in, the
 * finding becomes undecided; where only the release tells, its note says so.
 */
void finding_set_target(struct finding *finding, struct addrspace *space, uint64_t va,
			bool is_exact);

/* finding_add_lines - the source lines of the sites, where the module's file has DWARF
 * @file: parsed. For the first findings only: there may be thousands.
 */
void finding_add_lines(struct findings *findings, const struct kofile *file);

/* Sorts, worst first, and leaves out what a worse one already says. */
void finding_sort(struct findings *findings);
void finding_free(struct findings *findings);

#endif
