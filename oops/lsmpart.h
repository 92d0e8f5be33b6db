/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which part of which LSM structure a symbol's byte is.
 *
 * Until 6.11 a hook is a list: security_hook_heads has one head per hook, each LSM an
 * array X_hooks of struct security_hook_list linked into them. Since 6.12 a hook is a row
 * of static_calls_table and the arrays are only read while booting (security/security.c).
 */
#ifndef KWCHECK_OOPS_LSMPART_H
#define KWCHECK_OOPS_LSMPART_H

#include "kcore/kernel.h"

enum lsmpart_structure {
	LSMPART_NONE = 0,
	LSMPART_HOOK_ARRAY,	   /* X_hooks */
	LSMPART_HOOK_HEADS,	   /* security_hook_heads */
	LSMPART_STATIC_CALLS,	   /* static_calls_table */
	LSMPART_HOOK_ARRAY_UNUSED, /* X_hooks of 6.12 and later */
};

struct lsmpart {
	enum lsmpart_structure structure;
	char owner[32];	     /* "apparmor", of an array */
	bool has_element;    /* element and field are known */
	bool is_assumed;     /* by the release's usual layout, which nothing proved */
	unsigned element;    /* of an array; of a static-call row: the slot */
	const char *field;   /* "list.next", "hook", ...; NULL: not known */
	const char *meaning; /* what a write there does; NULL */
	char hook[64];	     /* "file_open"; "": not known */
	char callback[80];   /* symbol that the element calls; "": not known */
};

/* The kernel that the byte is of. */
struct lsmpart_question {
	struct kernel *kernel; /* for layout and contents, or NULL */
	uint64_t address;      /* of the byte, in the kernel */
	unsigned version;      /* as release_number() gives it; 0: not known */
	/* Built with RANDSTRUCT: only the kernel itself tells where members lie. */
	bool is_shuffled;
};

/* lsmpart_find - what byte @offset of symbol @name is
 * A member is named by the kernel's types, or where the element itself shows that the
 * usual layout is this kernel's; without a kernel by the usual layout (is_assumed).
 * @ret: structure is LSMPART_NONE where the symbol is of no LSM structure.
 */
void lsmpart_find(const struct lsmpart_question *q, const char *name, uint64_t offset,
		  struct lsmpart *ret);

#endif
