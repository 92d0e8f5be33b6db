/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that grow, and ascending ones that are searched. */
#ifndef KWCHECK_KCORE_ARRAY_H
#define KWCHECK_KCORE_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* array_reserve - room for one element more in an array of @nr
 * @array_ptr: the address of the pointer to it, NULL at first. @room: how many elements
 * it has room for; doubled when it is full. Returns 0 or -ENOMEM; the array is as it was
 * then.
 */
static inline int array_reserve(void *array_ptr, size_t nr, size_t *room,
				size_t element_bytes)
{
	size_t more = *room ? *room * 2 : 16;
	void *array, *grown;

	if (nr < *room)
		return 0;
	memcpy(&array, array_ptr, sizeof(array));
	grown = reallocarray(array, more, element_bytes);
	if (!grown)
		return -ENOMEM;
	memcpy(array_ptr, &grown, sizeof(grown));
	*room = more;
	/* The array is the caller's, through @array_ptr. */
	/* cppcheck-suppress memleak */
	return 0;
}

/* array_below - how many elements have a key below @key
 * @key_offset: where an element's key, a uint64_t, lies. The keys ascend. So the result
 * is the index of the first element at or above @key, or @nr.
 */
static inline size_t array_below(const void *array, size_t nr, size_t element_bytes,
				 size_t key_offset, uint64_t key)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t there;

		memcpy(&there, (const char *)array + middle * element_bytes + key_offset,
		       sizeof(there));
		if (there < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The order of uint64_t, for qsort(). */
static inline int array_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Spreads a number over all bits, for tables of a power of two of slots: Knuth, TAOCP
 * vol. 3 6.4, with the golden ratio.
 */
static inline uint64_t array_hash(uint64_t number)
{
	return number * 0x9e3779b97f4a7c15;
}

#endif
