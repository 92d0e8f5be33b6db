/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a kernel log. */
#include "cmd/kernellog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>

#include "kcore/cleanup.h"
#include "module/unpack.h"

/* A month's journal of a noisy machine has less. */
enum { MAX_BYTES = 128 * 1024 * 1024, FIRST_ROOM = 256 * 1024 };
/* A record of /dev/kmsg: CONSOLE_EXT_LOG_MAX, PRINTKRB_RECORD_MAX. */
enum { RECORD_BYTES = 8192 };
/* syslog(2): SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_SIZE_BUFFER. */
enum { READ_ALL = 3, SIZE_BUFFER = 10 };

static int grow(struct kernellog *log, size_t *room, size_t wanted)
{
	char *bytes;

	if (wanted <= *room)
		return 0;
	while (*room < wanted)
		*room = *room ? *room * 2 : FIRST_ROOM;
	bytes = realloc(log->bytes, *room);
	if (!bytes)
		return -ENOMEM;
	log->bytes = bytes;
	return 0;
}

static int read_all(struct kernellog *log, int fd)
{
	size_t room = 0;

	while (log->nr_bytes < MAX_BYTES) {
		ssize_t n;
		/* /dev/kmsg gives no part of a record. */
		int r = grow(log, &room, log->nr_bytes + RECORD_BYTES);

		if (r < 0)
			return r;
		n = read(fd, log->bytes + log->nr_bytes, room - log->nr_bytes);
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		/* A device has no end: what it has now is all. */
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		log->nr_bytes += (size_t)n;
	}
	log->is_cut = log->nr_bytes > MAX_BYTES;
	if (!log->is_cut) {
		char more;

		log->is_cut = read(fd, &more, 1) > 0;
	}
	log->nr_bytes = MAX_BYTES;
	return 0;
}

int kernellog_read(struct kernellog *ret, int fd, const char *name, struct error *err)
{
	struct kernellog log = {0};
	int r;

	/* Somebody may have looked into it before; a pipe has no start. */
	lseek(fd, 0, SEEK_SET);
	r = read_all(&log, fd);
	if (r < 0) {
		kernellog_free(&log);
		return error_set(err, ERROR_FILE, r, "%.300s: %s", name, strerror(-r));
	}
	*ret = log;
	return 0;
}

static bool is_pstore_packed(const char *name)
{
	static const char suffix[] = ".enc.z";
	size_t bytes = strlen(name);

	return bytes >= sizeof(suffix) - 1 &&
	       strcmp(name + bytes - (sizeof(suffix) - 1), suffix) == 0;
}

int kernellog_unpack(struct kernellog *log, const char *name, struct error *err)
{
	const unsigned char *packed = (unsigned char *)log->bytes;
	unsigned char *bytes;
	size_t nr_bytes;
	int r;

	if (strcmp(unpack_kind(packed, log->nr_bytes), "none") != 0)
		r = unpack_open(packed, log->nr_bytes, &bytes, &nr_bytes);
	else if (is_pstore_packed(name))
		r = unpack_deflate(packed, log->nr_bytes, &bytes, &nr_bytes);
	else
		return 0;
	if (r < 0)
		return error_set(
			err, ERROR_FILE, r,
			"%.300s: it is compressed, and damaged, cut short, too large or "
			"packed another way; unpack it and give kwcheck the text",
			name);
	free(log->bytes);
	log->bytes = (char *)bytes;
	log->is_cut = nr_bytes > MAX_BYTES;
	log->nr_bytes = log->is_cut ? MAX_BYTES : nr_bytes;
	return 0;
}

bool kernellog_is_given(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode));
}

/* Returns whether @fd has something, or its end, before @ms are over. */
static bool has_input(int fd, int ms)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	return poll(&wanted, 1, ms) != 0;
}

int kernellog_wait(int fd, int notice_ms, int limit_ms, struct error *err)
{
	if (has_input(fd, notice_ms))
		return 0;
	fputs("kwcheck: waiting for a log on standard input, which is a pipe; 'kwcheck "
	      "oops </dev/null' explains the running kernel's\n",
	      stderr);
	if (has_input(fd, limit_ms - notice_ms))
		return 0;
	return error_set(
		err, ERROR_FILE, -ETIMEDOUT,
		"standard input: nothing came for %d s; give '-' to wait as long "
		"as it takes, a FILE, or </dev/null for the running kernel's log",
		limit_ms / 1000);
}

/* Each read gives one record; EPIPE tells that the next ones were overwritten meanwhile.
 */
static int read_kmsg(struct kernellog *log)
{
	_cleanup_fd_ int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t room = 0;

	if (fd < 0)
		return -errno;
	while (log->nr_bytes < MAX_BYTES) {
		ssize_t n;
		int r = grow(log, &room, log->nr_bytes + RECORD_BYTES);

		if (r < 0)
			return r;
		n = read(fd, log->bytes + log->nr_bytes, RECORD_BYTES);
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		log->nr_bytes += (size_t)n;
	}
	return 0;
}

static int read_syslog(struct kernellog *log)
{
	int size_bytes = klogctl(SIZE_BUFFER, NULL, 0), n;

	if (size_bytes <= 0)
		return size_bytes < 0 ? -errno : -ENODATA;
	log->bytes = malloc((size_t)size_bytes);
	if (!log->bytes)
		return -ENOMEM;
	n = klogctl(READ_ALL, log->bytes, size_bytes);
	if (n < 0)
		return -errno;
	log->nr_bytes = (size_t)n;
	return 0;
}

int kernellog_read_own(struct kernellog *ret, struct error *err)
{
	struct kernellog log = {0};
	int r = read_kmsg(&log);

	if (r < 0) {
		kernellog_free(&log);
		r = read_syslog(&log);
	}
	if (r < 0) {
		kernellog_free(&log);
		return error_set(
			err, ERROR_FILE, r,
			"the kernel's log cannot be read: %s; run kwcheck as root, or "
			"give it a file: 'kwcheck oops FILE'",
			strerror(-r));
	}
	*ret = log;
	return 0;
}

void kernellog_free(struct kernellog *log)
{
	free(log->bytes);
	*log = (struct kernellog){0};
}
