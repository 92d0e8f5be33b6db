/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registered hooks of security modules, each of its owner. What hook lists (up to
 * 6.11) and static calls (from 6.12) have in common.
 */
#ifndef KWCHECK_AUDIT_LSMHOOKS_H
#define KWCHECK_AUDIT_LSMHOOKS_H

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
	bool has_static_calls;
	bool has_btf;	  /* the layout is BTF's */
	bool is_refused;  /* the layout was not proved; a row says so */
	bool is_writable; /* heads and arrays are, by CONFIG_SECURITY_WRITABLE_HOOKS */
	struct lsm_owner owners[LSM_MAX_OWNERS];
	size_t nr_owners;
	bool is_before[LSM_MAX_OWNERS]
		      [LSM_MAX_OWNERS]; /* in some hook's order of calls */
	size_t last_owner; /* of the hook added last in the present order of calls */
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

/* lsmhooks_open - no hooks yet
 * The layout of struct security_hook_list comes from BTF. Without BTF it is the known
 * layout of kernels with hook lists, or of those with static calls, until
 * lsmlayout_prove() has worked it out.
 */
void lsmhooks_open(struct lsm *ret, struct audit *audit, bool has_static_calls);

/* The name of the owner of the element at @element; "" where no name is there. */
void lsmhooks_read_owner(const struct lsm *lsm, uint64_t element,
			 char name[LSM_NAME_BYTES]);

/* The owner that the element at @element names. Returns an index, LSM_MAX_OWNERS where
 * there are too many.
 */
size_t lsmhooks_owner_of(struct lsm *lsm, uint64_t element);

/* Another hook begins: the order of calls starts anew. */
void lsmhooks_begin(struct lsm *lsm);

/* Takes a hook in: checks where the element and the callback lie and what the callback's
 * first bytes are, and counts it for its owner.
 */
void lsmhooks_add(struct lsm *lsm, size_t owner, const struct lsm_hook *hook);

#endif
