/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a process would have run, and was not let. */
#ifndef KWCHECK_GUEST_STARVED_H
#define KWCHECK_GUEST_STARVED_H

#include <stdint.h>
#include <sys/types.h>

/* starved_ms - how long the thread of @pid that waited most for a CPU waited so far
 * 0 where the kernel does not say.
 */
int64_t starved_ms(pid_t pid);

#endif
