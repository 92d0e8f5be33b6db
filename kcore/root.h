/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which table the walks start from: the reader's own, the kernel's, another process's. */
#ifndef KWCHECK_KCORE_ROOT_H
#define KWCHECK_KCORE_ROOT_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stdint.h>

struct kernel;

enum root_kind {
	ROOT_SWAPPER = 0, /* swapper_pg_dir of VMCOREINFO */
	ROOT_OWN_MM,	  /* the reader's own mm->pgd: what its CR3 holds */
	ROOT_PROCESS,	  /* another process's mm->pgd */
	ROOT_GIVEN,	  /* a physical address that the user gave */
};

/* The table that walks start from. */
struct root {
	enum root_kind kind;
	bool is_user_copy; /* PTI's, for user mode, of the root of that kind */
	uint64_t pa;
};

/* root_choose - the reader's own root where it can be known, else swapper_pg_dir
 *
 * For kernel_open(). The kernel halves of the two must agree. @path: for messages.
 * Returns 0, or -errno with @err filled.
 */
int root_choose(struct kernel *kernel, const char *path, struct root *ret,
		struct error *err);

/* "own-mm", "swapper_pg_dir", "process" or "given", with "-user" for PTI's copy. */
const char *root_name(const struct root *root);

/* Other roots than the one chosen at open, for kernel_walk_from(). Each returns 0, or
 * -errno with @err filled.
 *
 * root_given: a physical address, 4 KiB aligned, that the core has memory for.
 * root_of_process: task @pid's mm->pgd, found by the task list (BTF needed).
 * root_user_copy: PTI's copy of the root @of, 4 KiB above it. Refused where that page is
 * no such copy: the kernel runs without PTI.
 */
int root_given(const struct kernel *kernel, uint64_t root_pa, struct root *ret,
	       struct error *err);
int root_of_process(struct kernel *kernel, int pid, struct root *ret, struct error *err);
int root_user_copy(struct kernel *kernel, const struct root *of, struct root *ret,
		   struct error *err);

#endif
