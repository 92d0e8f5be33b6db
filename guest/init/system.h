/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's calls and some text, for programs without a C library. */
#ifndef KWCHECK_GUEST_INIT_SYSTEM_H
#define KWCHECK_GUEST_INIT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CALL_READ = 0,
	CALL_WRITE = 1,
	CALL_OPEN = 2,
	CALL_CLOSE = 3,
	CALL_LSEEK = 8,
	CALL_IOCTL = 16,
	CALL_PIPE = 22,
	CALL_PAUSE = 34,
	CALL_NANOSLEEP = 35,
	CALL_GETPID = 39,
	CALL_FORK = 57,
	CALL_EXIT = 60,
	CALL_WAIT4 = 61,
	CALL_UNAME = 63,
	CALL_SYSLOG = 103,
	CALL_MOUNT = 165,
	CALL_IOPERM = 173,
	CALL_DELETE_MODULE = 176,
	CALL_FINIT_MODULE = 313,
	OPEN_WRITE = 01,
	OPEN_READ_WRITE = 02,
	OPEN_CREATE = 0100,
	OPEN_APPEND = 02000,
	OPEN_NONBLOCK = 04000,
	CONSOLE_OFF = 6, /* SYSLOG_ACTION_CONSOLE_OFF */
};

long call(long number, long a, long b, long c, long d, long e);

/* On the console, line by line. */
void put_bytes(const char *bytes, size_t nr);
void put(const char *text);
void put_number(long number);
/* Waits until it has gone out. */
void put_flush(void);

/* As much of a file as there is room for, with a NUL behind it. Returns the bytes, or
 * -errno.
 */
long read_file(const char *path, char *ret, size_t room);

size_t length_of(const char *text);
bool is_same(const char *a, const char *b);

#endif
