/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel may have patched its own text, by the tables that its image has. */
#ifndef KWCHECK_UNCHANGED_SITES_H
#define KWCHECK_UNCHANGED_SITES_H

#include "audit/report.h"
#include "unchanged/image.h"

/* What is patched there, and so what may stand there; see siteforms.h. */
enum site_kind {
	SITE_ANYTHING = 0, /* not known, or for another judge: alternatives */
	SITE_FTRACE,	   /* a call of ftrace's */
	SITE_TRACER,	   /* ftrace's own call of whom it serves */
	SITE_RETURN,	   /* a return, or a jump to what takes its place */
	SITE_INDIRECT,	   /* a branch by register, or its thunk's */
	SITE_TARGET,	   /* a static key's jump or nop */
	SITE_KEY,	   /* a static call, or its trampoline */
	SITE_LOCK,	   /* the prefix lock */
	SITE_SEAL,	   /* an endbr64 that nobody needs */
	SITE_CONSTANT,	   /* an immediate: a variable's value */
	SITE_CALL,	   /* a direct call, whose depth may be counted */
	SITE_OPERATION,	   /* a call of paravirt's */
	SITE_NR,
};

struct site {
	uint64_t va;
	/* Of SITE_TARGET: where it jumps to; of SITE_CONSTANT: the variable, 0 if that is
	 * not known; of SITE_OPERATION: the pointer's offset in pv_ops; else 0.
	 */
	uint64_t leads;
	uint64_t key; /* of SITE_TARGET and SITE_KEY, with its two bits of flags */
	enum site_kind kind;
	unsigned nr_bytes;
};

/* A place that has one code of several. */
struct site_alternative {
	uint64_t va, replacement;
	unsigned nr_bytes, nr_replacement;
};

/* What a byte of may is: how many tables have the place, up to two; does one besides the
 * alternatives'; and has what is there been judged?
 */
enum { SITES_COUNT = 3, SITES_OTHERS = 4, SITES_JUDGED = 8 };

struct sites {
	uint64_t va, size_bytes; /* of the text */
	const struct image *image;
	const unsigned char *now; /* its bytes, or NULL; see sites_take() */
	bool is_kernel;		  /* it is the kernel's; else a module's */
	unsigned char *may; /* a byte for each byte of it: not 0 where it may differ */
	size_t nr;	    /* of all */
	struct site *array; /* of those that are judged */
	size_t nr_judged, room;
	struct site_alternative *alternatives; /* ascend by va */
	size_t nr_alternatives, alternatives_room;
	unsigned char others; /* SITES_OTHERS, once the alternatives are marked */
	int failed;	      /* -ENOMEM */
};

/* The symbols that are asked for; see audit_want(). */
void sites_want(struct audit *audit);

/* sites_take - all that the kernel patches in [@va, @va + @size_bytes)
 * @now: the bytes that are there. A site that has what was built is counted and marked,
 * but is not in the array, unless what it leads to, or others, say more than its bytes.
 * NULL: all are in it. *@why: static text, where it fails with -ENOTSUP. Returns 0,
 * -ENOTSUP or -ENOMEM.
 */
int sites_take(struct sites *ret, struct audit *audit, const struct image *image,
	       uint64_t va, uint64_t size_bytes, const unsigned char *now,
	       const char **why);
/* Where the direct branch leads that now is at @site; 0: there is none, or the place is
 * another's, too.
 */
uint64_t sites_branch(const struct sites *sites, const struct site *site,
		      const unsigned char *now);
/* Is there more to know of a site than whether it has what was built? A switch has a
 * state beside it, a static call's trampoline a key, and an immediate a variable. A
 * static call that has what was built calls the trampoline.
 */
bool sites_says_more(const struct site *site);
/* In [@va, @va + @nr_bytes) anything may be. */
void sites_mark(struct sites *sites, uint64_t va, uint64_t nr_bytes);
void sites_free(struct sites *sites);

#endif
