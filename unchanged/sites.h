/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel may have patched its own text, by the tables that its image has. */
#ifndef KWCHECK_UNCHANGED_SITES_H
#define KWCHECK_UNCHANGED_SITES_H

#include "audit/report.h"
#include "unchanged/image.h"

/* Where a branch that is patched in may lead, if it stays in the text. */
enum site_kind {
	SITE_ANYWHERE = 0, /* not judged: alternatives, paravirt, trampolines, ... */
	SITE_FTRACE,	   /* to ftrace's own code */
	SITE_RETURN,	   /* to a return thunk */
	SITE_INDIRECT,	   /* to a thunk of an indirect branch */
	SITE_TARGET,	   /* where the table says: a static key's jump */
	SITE_KEY,	   /* where its key says: a static call */
};

struct site {
	uint64_t va;
	uint64_t leads; /* of SITE_TARGET: to; of SITE_KEY: the key; else 0 */
	enum site_kind kind;
};

/* A place that has one code of several. */
struct site_alternative {
	uint64_t va, replacement;
	unsigned nr_bytes, nr_replacement;
};

/* A bit of may: another table than the alternatives' has it, too. */
enum { SITES_OTHERS = 4 };

struct sites {
	uint64_t va, size_bytes; /* of the text */
	bool is_kernel;		 /* it is the kernel's; else a module's */
	unsigned char *may; /* a byte for each byte of it: not 0 where it may differ */
	size_t nr;	    /* of all */
	struct site *array; /* of those that are judged */
	size_t nr_judged, room;
	struct site_alternative *alternatives;
	size_t nr_alternatives, alternatives_room;
	unsigned char others; /* SITES_OTHERS, once the alternatives are marked */
	int failed;	      /* -ENOMEM */
};

/* The symbols that are asked for; see audit_want(). */
void sites_want(struct audit *audit);

/* sites_take - all that the kernel patches in [@va, @va + @size_bytes)
 * *@why: static text, where it fails with -ENOTSUP. Returns 0, -ENOTSUP or -ENOMEM.
 */
int sites_take(struct sites *ret, struct audit *audit, const struct image *image,
	       uint64_t va, uint64_t size_bytes, const char **why);
/* sites_is_sound - does a branch that now is at @site lead where its kind may?
 * @now: the text, @sites->size_bytes of it. A site with other bytes than a direct branch
 * that stays in the text, or of a module leads to the kernel's, and one that overlaps
 * another's, is sound; but a module's static call leads where its key says, wherever that
 * is.
 */
bool sites_is_sound(const struct sites *sites, struct audit *audit,
		    const struct image *image, const struct site *site,
		    const unsigned char *now);
/* Where the direct branch leads that now is at @site; 0: there is none, or the place is
 * another's, too.
 */
uint64_t sites_branch(const struct sites *sites, const struct site *site,
		      const unsigned char *now);
/* In [@va, @va + @nr_bytes) anything may be. */
void sites_mark(struct sites *sites, uint64_t va, uint64_t nr_bytes);
void sites_free(struct sites *sites);

#endif
