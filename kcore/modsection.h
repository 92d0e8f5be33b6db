/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a module's section: where the kernel's loader puts it, and what may be
 * done there before and after the module's init.
 */
#ifndef KWCHECK_KCORE_MODSECTION_H
#define KWCHECK_KCORE_MODSECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"

enum modsection_kind {
	MODSECTION_NONE = 0,	  /* not loaded */
	MODSECTION_TEXT,	  /* r-x from before any of its code runs */
	MODSECTION_RODATA,	  /* r-- from before any of its code runs */
	MODSECTION_RO_AFTER_INIT, /* rw- until init has returned 0, then r-- */
	MODSECTION_DATA,	  /* rw- */
	MODSECTION_INIT_TEXT,	  /* these three are freed after init */
	MODSECTION_INIT_RODATA,
	MODSECTION_INIT_DATA,
	MODSECTION_PER_CPU, /* copied into every CPU's area: addresses are offsets */
	MODSECTION_NR_KINDS,
};

/* When an access happens, which decides about the rights. */
enum module_phase {
	MODULE_PHASE_INIT = 0, /* parameters are parsed and init runs */
	MODULE_PHASE_LIVE,     /* init has returned 0 */
	MODULE_NR_PHASES,
};

/* How it is known whether the kernel seals a section after init. The kernel's own word
 * comes first.
 */
enum modsection_source {
	MODSECTION_BY_RULE = 0, /* every supported kernel does the same */
	MODSECTION_BY_LIST,	/* the kernel's list of such sections, read */
	MODSECTION_BY_SYMBOL,	/* a function that came with the change */
	MODSECTION_BY_RELEASE,	/* the kernel's release alone */
	MODSECTION_NOT_KNOWN,	/* it is not: the section may be of either kind */
};

enum { MODSECTION_MAX_LISTED = 16, MODSECTION_NAME_BYTES = 64 };

/* What is known of one kernel's loader. Zeroed: nothing. */
struct modsection_rules {
	unsigned release; /* as release_number() gives it; 0: not known */
	bool has_symbols;
	bool has_mark; /* the function that marks sections, 6.16 */
	char listed[MODSECTION_MAX_LISTED][MODSECTION_NAME_BYTES];
	size_t nr_listed; /* 0: this kernel has no list, or it cannot be read */
};

/* Asks @kernel. */
void modsection_read(struct modsection_rules *ret, struct kernel *kernel);

/* modsection_by_flags - the kind of a section of a module's file
 *
 * @flags: sh_flags. @source: how the kind is known. MODSECTION_NOT_KNOWN: the section is
 * MODSECTION_RO_AFTER_INIT or MODSECTION_DATA; the first is returned, which has fewer
 * rights.
 */
enum modsection_kind modsection_by_flags(const struct modsection_rules *rules,
					 const char *name, uint64_t flags,
					 enum modsection_source *source);

/* modsection_by_name - the same where only the name is known
 * The flags are taken to be those that compilers and the kernel's build give to sections
 * of that name. MODSECTION_NOT_KNOWN: nothing can be said.
 */
enum modsection_kind modsection_by_name(const struct modsection_rules *rules,
					const char *name, enum modsection_source *source);

/* "module text", "module ro_after_init", ... */
const char *modsection_name(enum modsection_kind kind);

/* Rights in that phase as "r-x", "rw-"; "---": the memory has been freed. */
const char *modsection_rights(enum modsection_kind kind, enum module_phase phase);

/* Would a store to memory of this kind go through then? */
bool modsection_is_writable(enum modsection_kind kind, enum module_phase phase);

/* Is memory of this kind executable? */
bool modsection_is_code(enum modsection_kind kind);

/* Which element of struct module's mem[] tells where memory of this kind lies: enum
 * mod_mem_type, 6.4. -1: none.
 */
int modsection_mem_index(enum modsection_kind kind);

#endif
