/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine that kwcheck runs on failed to give. */
#include "kcore/loss.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *lost;
static int reason;

void loss_note(const char *what, int errnum)
{
	if (lost)
		return;
	lost = what;
	reason = errnum;
}

int loss_check(struct error *err)
{
	if (!lost)
		return 0;
	return error_set(err, ERROR_NO_RESOURCES, -reason,
			 "%s: %s; the answer would rest on half of the facts: ask again",
			 lost, strerror(reason));
}

ssize_t loss_pread(int fd, void *buf, size_t size_bytes, off_t offset)
{
	size_t done = 0;

	while (done < size_bytes) {
		ssize_t n = pread(fd, (char *)buf + done, size_bytes - done,
				  offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

bool loss_pread_all(int fd, void *buf, size_t size_bytes, uint64_t offset)
{
	return offset <= INT64_MAX - size_bytes &&
	       loss_pread(fd, buf, size_bytes, (off_t)offset) == (ssize_t)size_bytes;
}

int loss_close(FILE *stream)
{
	bool has_failed = ferror(stream);

	if (fclose(stream) == 0 && !has_failed)
		return 0;
	loss_note("memory", ENOMEM);
	return -ENOMEM;
}

static void *checked(void *memory, size_t bytes)
{
	if (!memory && bytes > 0)
		loss_note("memory", ENOMEM);
	return memory;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t nr, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_reallocarray(void *old, size_t nr, size_t bytes);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t nr, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_reallocarray(void *old, size_t nr, size_t bytes);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
	return checked(__real_malloc(bytes), bytes);
}

void *__wrap_calloc(size_t nr, size_t bytes)
{
	return checked(__real_calloc(nr, bytes), nr);
}

void *__wrap_realloc(void *old, size_t bytes)
{
	return checked(__real_realloc(old, bytes), bytes);
}

void *__wrap_reallocarray(void *old, size_t nr, size_t bytes)
{
	return checked(__real_reallocarray(old, nr, bytes), nr);
}

char *__wrap_strdup(const char *text)
{
	return checked(__real_strdup(text), 1);
}

char *__wrap_strndup(const char *text, size_t bytes)
{
	return checked(__real_strndup(text, bytes), 1);
}
