/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a kernel log: of a file, of standard input, of the running kernel. */
#ifndef KWCHECK_CMD_KERNELLOG_H
#define KWCHECK_CMD_KERNELLOG_H

#include "kcore/error.h"

#include <stdbool.h>
#include <stddef.h>

struct kernellog {
	char *bytes;
	size_t nr_bytes;
	bool is_cut; /* there was more than is taken in */
};

/* kernellog_read_file - @path, or standard input where it is "-"
 * Unpacked if it is gzip, xz or zstd. No more than 128 MiB. Returns 0, or -errno with
 * @err filled.
 */
int kernellog_read_file(struct kernellog *ret, const char *path, struct error *err);

/* kernellog_is_given - standard input is a pipe or a file: a log is read from it */
bool kernellog_is_given(void);

/* kernellog_read_own - the running kernel's log, from /dev/kmsg or syslog(2)
 * Returns 0, or -errno with @err filled.
 */
int kernellog_read_own(struct kernellog *ret, struct error *err);

void kernellog_free(struct kernellog *log);

#endif
