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

/* kernellog_read - what @fd holds, from its start where it has one
 * As it is: packed files are not unpacked. No more than 128 MiB. @name: for messages.
 * Returns 0, or -errno with @err filled.
 */
int kernellog_read(struct kernellog *ret, int fd, const char *name, struct error *err);

/* kernellog_unpack - @log's bytes unpacked, where they are gzip, xz or zstd by their
 * first bytes, or by @name a record of pstore's that is compressed (".enc.z"). Returns 0,
 * or -errno with @err filled and @log as it was.
 */
int kernellog_unpack(struct kernellog *log, const char *name, struct error *err);

/* kernellog_is_given - standard input is a pipe, a socket or a file: a log is read from
 * it
 */
bool kernellog_is_given(void);

/* kernellog_wait - until @fd has something to read, or its end
 * After @notice_ms of silence a line on standard error says what is waited for. After
 * @limit_ms -ETIMEDOUT with @err filled.
 */
int kernellog_wait(int fd, int notice_ms, int limit_ms, struct error *err);

/* kernellog_read_own - the running kernel's log, from /dev/kmsg or syslog(2)
 * Returns 0, or -errno with @err filled.
 */
int kernellog_read_own(struct kernellog *ret, struct error *err);

void kernellog_free(struct kernellog *log);

#endif
