/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file for oneself, without a name. */
#ifndef KWCHECK_KCORE_SCRATCH_H
#define KWCHECK_KCORE_SCRATCH_H

/* scratch_open - an empty file that is gone with its last descriptor
 * @name: for those who look into /proc/self/fd. In memory where the system has such
 * files, else unlinked in /dev/shm or /tmp. Returns a descriptor, or -errno.
 */
int scratch_open(const char *name);

#endif
