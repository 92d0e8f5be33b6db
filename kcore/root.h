/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which table the walks start from: the reader's own, the kernel's, another process's. */
#ifndef KWCHECK_KCORE_ROOT_H
#define KWCHECK_KCORE_ROOT_H

#include "kcore/kernel.h"

/* root_choose - the reader's own root where it can be known, else swapper_pg_dir
 *
 * kernel_open() calls it. The kernel halves of the two must agree. @path: for messages.
 * Returns 0, or -errno with @err filled.
 */
int root_choose(struct kernel *kernel, const char *path, struct error *err);

/* "own-mm", "swapper_pg_dir", "process" or "given", with "-user" for PTI's copy. */
const char *root_name(const struct kernel *kernel);

/* Walk from another root than the one chosen at open. Each returns 0, or -errno with @err
 * filled and the root left as it was.
 *
 * root_use_given: a physical address, 4 KiB aligned, that the core has memory for.
 * root_use_process: task @pid's mm->pgd, found by the task list (BTF needed).
 * root_use_user_copy: PTI's copy of the present root, 4 KiB above it. Refused where
 * that page is no such copy: the kernel runs without PTI.
 */
int root_use_given(struct kernel *kernel, uint64_t root_pa, struct error *err);
int root_use_process(struct kernel *kernel, int pid, struct error *err);
int root_use_user_copy(struct kernel *kernel, struct error *err);

#endif
