/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that come to their end, and such as do not. */
#include "machine/apart.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	int nr_runs;
	pid_t of;
} * seen;

static void setup(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert(seen != MAP_FAILED);
}

static int give(void *ctx)
{
	seen->nr_runs++;
	seen->of = getpid();
	return *(int *)ctx;
}

static int die(void *ctx)
{
	int *nr_deaths = ctx;

	if (seen->nr_runs++ < *nr_deaths) {
		signal(SIGABRT, SIG_DFL);
		abort();
	}
	return 7;
}

TestSuite(machine_apart, .init = setup);

Test(machine_apart, gives_what_the_function_returns)
{
	for (int value = 0; value < 3; value++)
		cr_expect_eq(apart_run(give, &value), value);
	cr_expect_eq(seen->nr_runs, 3);
	cr_expect(seen->of != getpid());
}

Test(machine_apart, what_died_is_run_again_once)
{
	int once = 1, always = 9;

	cr_expect_eq(apart_run(die, &once), 7);
	cr_expect_eq(seen->nr_runs, 2);
	seen->nr_runs = 0;
	cr_expect_eq(apart_run(die, &always), APART_FAILED);
	cr_expect_eq(seen->nr_runs, 2);
}

Test(machine_apart, want_of_memory_is_tried_twice)
{
	int value = APART_FAILED;

	cr_expect_eq(apart_run(give, &value), APART_FAILED);
	cr_expect_eq(seen->nr_runs, 2);
}
