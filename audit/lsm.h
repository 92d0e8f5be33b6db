/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks of security modules, as memory holds them. What hook lists (up to 6.11) and
 * static calls (from 6.12) have in common.
 */
#ifndef KWCHECK_AUDIT_LSM_H
#define KWCHECK_AUDIT_LSM_H

#include "audit/report.h"

enum { LSM_MAX_OWNERS = 32, LSM_MAX_ARRAYS = 16, LSM_NAME_BYTES = 32 };

/* struct security_hook_list of this kernel. */
struct lsm_layout {
	uint32_t size_bytes;
	uint32_t list, head; /* up to 6.11 */
	uint32_t scalls;     /* from 6.12 */
	uint32_t hook;
	uint32_t owner;	  /* char *lsm up to 6.7, struct lsm_id *lsmid since */
	bool is_owner_id; /* a pointer to a structure that starts with the name's pointer
			   */
};

/* Elements of one array symbol. */
struct lsm_array {
	uint64_t start; /* the symbol's address, or the first element's */
	uint64_t end;	/* of the last element seen */
};

struct lsm_owner {
	char name[LSM_NAME_BYTES];
	size_t row;
	struct lsm_array arrays[LSM_MAX_ARRAYS];
	size_t nr_arrays;
};

struct lsm {
	struct audit *audit;
	struct lsm_layout layout;
	struct lsm_owner owners[LSM_MAX_OWNERS];
	size_t nr_owners;
	bool is_before[LSM_MAX_OWNERS]
		      [LSM_MAX_OWNERS]; /* in some hook's order of calls */
	size_t callback_row;
	size_t nr_callbacks;
};

/* One registered hook. */
struct lsm_hook {
	const char *name; /* "file_open"; lives as long as the audit */
	unsigned index;	  /* in the order of calls */
	uint64_t element;
	uint64_t callback;
};

/* The owner that the element at @element names. Returns an index, LSM_MAX_OWNERS where
 * there are too many.
 */
size_t lsm_owner_of(struct lsm *lsm, uint64_t element);

/* Takes a hook in: checks where the element and the callback lie and what the callback's
 * first bytes are, and counts it for its owner.
 */
void lsm_add_hook(struct lsm *lsm, size_t owner, const struct lsm_hook *hook);

/* lsmlist.c: walks security_hook_heads at @heads. */
void lsmlist_check(struct lsm *lsm, uint64_t heads);

/* lsmcalls.c: compares every slot of static_calls_table at @table with its key, its
 * trampoline, its active key and the patched text.
 */
void lsmcalls_check(struct lsm *lsm, uint64_t table);

/* The symbols that the check asks for; see audit_want(). */
void lsm_want(struct audit *audit);
void lsm_check(struct audit *audit);

#endif
