/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On which host a crash was, and when: what stands in front of its line in the log. */
#ifndef KWCHECK_CMD_OOPS_ORIGIN_H
#define KWCHECK_CMD_OOPS_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum oops_seen {
	OOPS_SEEN_NEVER = 0, /* nothing tells */
	OOPS_SEEN_FILE,	     /* when the file of the log was written last */
	OOPS_SEEN_CLOCK,     /* the running kernel's log, by its clock */
	OOPS_SEEN_DUMP,	     /* the dump's memory */
	OOPS_SEEN_LOG,	     /* the log's line */
};

/* Zero: nothing is known. */
struct oops_origin {
	char host[72]; /* "": the log names none */
	enum oops_seen from;
	int64_t seconds; /* since 1970; from is not OOPS_SEEN_NEVER */
};

/* Once, before the privileges go: local time needs a file. */
void oops_origin_start(void);

/* oops_origin_find - by the line in which @headline stands, from *@at of @bytes on
 * *@at: behind that line afterwards, where it is found: the next crash comes behind.
 * @written: when the file was written last, seconds since 1970; 0: not known. It tells
 * the year of syslog's lines. Local times are those of this machine.
 */
void oops_origin_find(struct oops_origin *ret, const char *bytes, size_t nr_bytes,
		      size_t *at, const char *headline, int64_t written);

/* "log", "dump", "clock", "file"; NULL: OOPS_SEEN_NEVER. */
const char *oops_origin_from(enum oops_seen from);

/* "2026-11-30T17:04:05Z" */
enum { OOPS_ORIGIN_TIME_BYTES = 32 };
void oops_origin_time(int64_t seconds, char ret[OOPS_ORIGIN_TIME_BYTES]);

#endif
