/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel log of any wrapping as plain lines: what dmesg, journalctl, /dev/kmsg, pstore,
 * kdump, syslogd and serial consoles put around a message is taken off, and what mail,
 * browsers and trackers made of it is undone.
 */
#ifndef KWCHECK_OOPS_LOG_H
#define KWCHECK_OOPS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "[T98]", "[C0]" of CONFIG_PRINTK_CALLER: who printed a line. */
#define LOG_CALLER_TASK (1U << 30)
#define LOG_CALLER_CPU (1U << 31)

/* A log may have millions of them. */
struct log_line {
	const char *text; /* without leading blanks; no NUL, but any other byte */
	uint64_t time_us; /* since boot */
	uint32_t caller; /* number and LOG_CALLER_TASK or _CPU; 0: the log does not say */
	uint32_t width;	 /* of the line it was in, without quoting marks */
	bool has_time : 1; /* time_us */
	/* false: the input ended inside it, or a pager cut it at the screen's edge: its
	 * last word may be cut.
	 */
	bool is_whole : 1;
	bool is_bare : 1;     /* nothing but quoting marks was before it */
	bool is_indented : 1; /* blanks were */
};

struct log {
	struct log_line *lines;
	size_t nr;
	char *text;	  /* what the lines point into */
	char boot_id[33]; /* of a journal's first record, 32 hexadecimal digits; or "" */
};

/* log_read - the lines of @bytes
 *
 * Any bytes will do. Two messages that a serial console ran together are taken apart
 * where the second's time stamp shows, those that a mailer parted are joined, a log from
 * its end to its start is turned around; records of a journal that are not the kernel's
 * are left out. The time taken is linear in @nr_bytes. Returns 0 or -ENOMEM.
 */
int log_read(struct log *ret, const void *bytes, size_t nr_bytes);
void log_free(struct log *log);

#endif
