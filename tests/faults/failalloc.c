/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded: the N-th allocation of a command finds no memory, whoever asks for it. */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/faults/fault.h"

static struct fault_board *board;

static void __attribute__((constructor)) find_board(void)
{
	const char *number = getenv(FAULT_BOARD);
	void *at = number ? mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED,
				 atoi(number), 0)
			  : MAP_FAILED;

	if (at == MAP_FAILED)
		return;
	board = at;
	board->is_started = true;
}

static bool must_fail(void)
{
	if (!board || !board->counts_alloc ||
	    atomic_fetch_add(&board->nr_calls, 1) + 1 != board->nth_alloc)
		return false;
	board->has_failed = true;
	errno = ENOMEM;
	return true;
}

/* The next object's function of the same name; the C library's or a sanitizer's. */
#define NEXT(name)                     \
	static __typeof__(name) *next; \
	if (!next)                     \
	next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

void *malloc(size_t bytes)
{
	NEXT(malloc);

	return must_fail() ? NULL : next(bytes);
}

void *calloc(size_t nr, size_t bytes)
{
	NEXT(calloc);

	return must_fail() ? NULL : next(nr, bytes);
}

void *realloc(void *old, size_t bytes)
{
	NEXT(realloc);

	return must_fail() ? NULL : next(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	NEXT(aligned_alloc);

	return must_fail() ? NULL : next(alignment, bytes);
}

int posix_memalign(void **ret, size_t alignment, size_t bytes)
{
	NEXT(posix_memalign);

	return must_fail() ? ENOMEM : next(ret, alignment, bytes);
}
