/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write(2) and pwrite(2) of all bytes, whatever interrupts them. */
#ifndef KWCHECK_KCORE_WRITEALL_H
#define KWCHECK_KCORE_WRITEALL_H

#include <stddef.h>
#include <stdint.h>

/* Each returns 0, or -errno; some of the bytes may be written then. */
int writeall(int fd, const void *bytes, size_t nr_bytes);
int writeall_at(int fd, const void *bytes, size_t nr_bytes, uint64_t at);

#endif
