/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/array.h"

#include <criterion/criterion.h>

Test(kcore_array, it_grows_when_it_is_full_and_keeps_what_it_has)
{
	uint32_t *array = NULL;
	size_t room = 0;

	for (uint32_t i = 0; i < 100; i++) {
		cr_assert_eq(array_reserve(&array, i, &room, sizeof(*array)), 0);
		cr_assert_gt(room, i);
		array[i] = i;
	}
	for (uint32_t i = 0; i < 100; i++)
		cr_expect_eq(array[i], i);
	free(array);
}

/* AddressSanitizer ends a process that asks for so much. */
#ifndef KWCHECK_SANITIZED
Test(kcore_array, without_memory_it_stays_as_it_is)
{
	volatile size_t huge = SIZE_MAX / 2; /* not to be seen through */
	char *array = NULL;
	size_t room = 0;

	cr_assert_eq(array_reserve(&array, 0, &room, 1), 0);
	array[0] = 'a';
	cr_expect_eq(array_reserve(&array, room, &room, huge), -ENOMEM);
	cr_expect_eq(array[0], 'a');
	cr_expect_eq(room, 16);
	free(array);
}
#endif

Test(kcore_array, a_key_is_found_between_its_neighbours)
{
	static const struct {
		uint32_t number;
		uint64_t key;
	} array[] = {{9, 10}, {8, 20}, {7, 20}, {6, 1ULL << 63}};
	static const struct {
		uint64_t key;
		size_t below;
	} cases[] = {{0, 0}, {10, 0}, {11, 1}, {20, 1}, {21, 3}, {UINT64_MAX, 4}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(array_below(array, 4, sizeof(array[0]), 8, cases[i].key),
			     cases[i].below, "%zu", i);
	cr_expect_eq(array_below(NULL, 0, 8, 0, 5), 0);
}
