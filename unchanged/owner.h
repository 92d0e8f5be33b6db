/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may lead the kernel's code out of the kernel's image: the kernel's own means. */
#ifndef KWCHECK_UNCHANGED_OWNER_H
#define KWCHECK_UNCHANGED_OWNER_H

#include "audit/report.h"
#include "unchanged/ftracesites.h"
#include "unchanged/probes.h"

enum owner {
	OWNER_NONE = 0,	   /* nobody that is known */
	OWNER_FTRACE,	   /* a trampoline of ftrace, where ftrace may patch */
	OWNER_DIRECT,	   /* a direct call of ftrace, likewise */
	OWNER_KPROBE,	   /* the slot of an optimised kprobe */
	OWNER_STATIC_CALL, /* a static call whose key says the same */
	OWNER_BPF,	   /* a trampoline or dispatcher, at a function's entry */
	OWNER_THUNK,	   /* a jump by register, against ITS */
	OWNER_NR,
};

/* "ftrace", ... */
const char *owner_name(enum owner owner);

/* The symbols that are asked for; see audit_want(). */
void owner_want(struct audit *audit);

/* A branch that leaves the image. */
struct owner_branch {
	uint64_t va, target;
	uint64_t function; /* where the function that it is in starts */
};

/* What the kernel has on record. */
struct owner_records {
	struct probes probes;
	struct ftracesites sites;
};

/* Returns 0 or -ENOMEM. */
int owner_records_take(struct owner_records *ret, const struct audit *audit);
void owner_records_free(struct owner_records *records);

enum owner owner_of(const struct audit *audit, const struct owner_records *records,
		    const struct owner_branch *branch);

#endif
