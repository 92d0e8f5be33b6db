/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's list of modules as it was at one moment. */
#ifndef KWCHECK_AUDIT_MODLIST_H
#define KWCHECK_AUDIT_MODLIST_H

#include "kcore/kernel.h"

enum { MODLIST_NAME_BYTES = 56 };

/* enum module_state: include/linux/module.h */
enum modlist_state {
	MODLIST_LIVE = 0,
	MODLIST_COMING,
	MODLIST_GOING,
	MODLIST_UNFORMED,
};

struct modlist_member {
	uint64_t address;    /* of its struct module */
	uint64_t node, back; /* its list_head, and where that says the one before is */
	/* Of its entry in sysfs: no two have the same since boot. 0: not known. */
	uint64_t generation;
	uint32_t state;
	char name[MODLIST_NAME_BYTES];
	bool is_unreadable; /* for the checks: its sections could not be read */
};

struct modlist {
	uint64_t head; /* 0: the kernel has no such list */
	struct modlist_member *array;
	size_t nr, room;
	/* 0; -ENOENT: no BTF for struct module; -EAGAIN: it would not hold still; else
	 * the list ends where it cannot be followed.
	 */
	int error;
};

/* modlist_take - the members in the list's order
 * Of a running kernel the list is read until it is the same twice in a row. Pages that
 * the kernel's cache holds are dropped for it. Returns 0, or -ENOMEM; all else is
 * @ret->error.
 */
int modlist_take(struct modlist *ret, struct kernel *kernel);
void modlist_free(struct modlist *list);

/* Is @member live, and was it the same module, live too, when @list was taken? */
bool modlist_has_live(const struct modlist *list, const struct modlist_member *member);

#endif
