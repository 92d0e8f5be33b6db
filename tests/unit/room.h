/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for a test that is too large for a global one: LeakSanitizer reads all of those
 * at the end of every test of the program.
 */
#ifndef KWCHECK_TESTS_ROOM_H
#define KWCHECK_TESTS_ROOM_H

#include <criterion/criterion.h>
#include <stddef.h>
#include <sys/mman.h>

/* Zeroes, until the test ends. */
static inline void *room_take(size_t size_bytes)
{
	void *room = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(room, MAP_FAILED);
	return room;
}

#endif
