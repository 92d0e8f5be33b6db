/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages had at once that would come one by one. */
#ifndef KWCHECK_KCORE_PREFAULT_H
#define KWCHECK_KCORE_PREFAULT_H

#include <stddef.h>

/* prefault - has the kernel give the pages of fresh memory that is about to be filled
 * A fault each costs more than what a megabyte takes to be read from /proc/kcore. What
 * cannot be had so comes when it is touched.
 */
void prefault(void *memory, size_t size_bytes);

#endif
