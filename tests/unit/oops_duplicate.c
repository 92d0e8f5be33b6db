/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/duplicate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"
#include "oopslog.h"

/* No two crashes of our logs are one, and each is itself, in another form, too. */
Test(oops_duplicate, crashes_of_the_logs)
{
	for (size_t i = 0; oopslog_names[i]; i++) {
		size_t nr, bare_nr;
		char *text = oopslog_load(oopslog_names[i], &nr);
		char *bare = mangles[0].run(text, nr, 1, &bare_nr);
		struct oopslog one, two;

		oopslog_read(&one, text, nr);
		oopslog_read(&two, bare, bare_nr);
		cr_assert_eq(one.crashes.nr, two.crashes.nr);
		for (size_t j = 0; j < one.crashes.nr; j++)
			for (size_t k = 0; k < one.crashes.nr; k++) {
				const struct crash *crash = &one.crashes.array[j];
				/* Without registers and time nothing shows it. */
				bool is_wanted = j == k && crash->registers.known;

				cr_expect_eq(duplicate_is(crash, &one.crashes.array[k]),
					     j == k, "%s: %zu, %zu", oopslog_names[i], j,
					     k);
				cr_expect_eq(duplicate_is(crash, &two.crashes.array[k]),
					     is_wanted, "%s: %zu, bare %zu",
					     oopslog_names[i], j, k);
			}
		oopslog_close(&one);
		oopslog_close(&two);
		free(text);
		free(bare);
	}
}

Test(oops_duplicate, what_both_say_may_not_differ)
{
	size_t nr;
	char *text = oopslog_load("6.1-lsm.txt", &nr);
	struct oopslog log;
	const struct crash *crash;
	struct crash other;

	oopslog_read(&log, text, nr);
	crash = &log.crashes.array[0];
	other = *crash;
	other.time_us += 5000000;
	cr_expect_not(duplicate_is(crash, &other));
	other.has_time = false;
	cr_expect(duplicate_is(crash, &other));
	other.registers.value[REGISTER_RAX]++;
	cr_expect_not(duplicate_is(crash, &other));
	other = *crash;
	other.number = 2;
	cr_expect_not(duplicate_is(crash, &other));
	/* A cut copy is one, and says less. */
	other = *crash;
	other.registers.known &= ~(1U << REGISTER_R15);
	other.has_site = false;
	cr_expect(duplicate_is(crash, &other));
	cr_expect_lt(duplicate_score(&other), duplicate_score(crash));
	other.registers.known = 0;
	other.has_time = false;
	cr_expect_not(duplicate_is(crash, &other));
	oopslog_close(&log);
	free(text);
}
