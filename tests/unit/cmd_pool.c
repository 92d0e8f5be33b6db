/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NR_JOBS = 40, CRASHES = 7, KILLED = 13, HANGS = 20 };

struct seen {
	size_t nr;
	char text[4096];
	enum pool_end ends[NR_JOBS];
};

static int job(void *ctx, size_t i, FILE *out)
{
	(void)ctx;
	if (i == CRASHES) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	if (i == KILLED)
		raise(SIGKILL);
	if (i == HANGS)
		pause();
	fprintf(out, "%zu,", i);
	return (int)i;
}

static void done(void *ctx, size_t i, enum pool_end end, int status, const char *bytes,
		 size_t nr_bytes)
{
	struct seen *seen = ctx;

	cr_assert_eq(i, seen->nr, "in order");
	seen->nr++;
	seen->ends[i] = end;
	if (end == POOL_DONE)
		cr_expect_eq(status, (int)i);
	strncat(seen->text, bytes, nr_bytes);
}

Test(cmd_pool, in_order_and_past_those_that_die)
{
	static struct seen seen;
	struct pool pool = {.nr_jobs = NR_JOBS,
			    .nr_workers = 3,
			    .allowed_ms = 100,
			    .job = job,
			    .done = done,
			    .ctx = &seen};

	cr_assert_eq(pool_run(&pool), 0);
	cr_expect_eq(seen.nr, NR_JOBS);
	cr_expect_eq(seen.ends[CRASHES], POOL_CRASHED);
	cr_expect_eq(seen.ends[KILLED], POOL_KILLED);
	cr_expect_eq(seen.ends[HANGS], POOL_TOO_LONG);
	cr_expect_not_null(strstr(seen.text, "5,6,8,9,"));
	cr_expect_not_null(strstr(seen.text, "18,19,21,"));
}

static _Atomic int *tries;

static int die_once(void *ctx, size_t i, FILE *out)
{
	(void)ctx;
	if (i == 1 && (*tries)++ == 0)
		raise(SIGKILL);
	if (i == 2 && (*tries)++ == 2)
		return -ENOMEM;
	fprintf(out, "%zu,", i);
	return (int)i;
}

/* For want of memory, say. */
Test(cmd_pool, what_died_once_is_done_again)
{
	static struct seen seen;
	struct pool pool = {.nr_jobs = 4,
			    .nr_workers = 1,
			    .allowed_ms = 5000,
			    .job = die_once,
			    .done = done,
			    .ctx = &seen};

	tries = mmap(NULL, sizeof(*tries), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(tries, MAP_FAILED);
	cr_assert_eq(pool_run(&pool), 0);
	cr_expect_str_eq(seen.text, "0,1,2,3,");
	cr_expect_eq(*tries, 4);
}

static int sleep_or_spin(void *ctx, size_t i, FILE *out)
{
	(void)ctx;
	if (i == 0)
		usleep(250 * 1000);
	while (i == 1)
		;
	/* A starved one: some of the CPU now and then, for longer than one may sleep. */
	for (int nap = 0; i == 2 && nap < 75; nap++) {
		for (clock_t until = clock() + CLOCKS_PER_SEC / 1000; clock() < until;)
			;
		usleep(25 * 1000);
	}
	fprintf(out, "%zu,", i);
	return (int)i;
}

/* Beside busy processes a job gets little of a CPU. */
Test(cmd_pool, the_time_allowed_is_of_the_cpu)
{
	static struct seen seen;
	struct pool pool = {.nr_jobs = 3,
			    .nr_workers = 2,
			    .allowed_ms = 200,
			    .job = sleep_or_spin,
			    .done = done,
			    .ctx = &seen};

	cr_assert_eq(pool_run(&pool), 0);
	cr_expect_eq(seen.ends[0], POOL_DONE);
	cr_expect_eq(seen.ends[1], POOL_TOO_LONG);
	cr_expect_eq(seen.ends[2], POOL_DONE);
}

static int have_no_room(void *ctx, size_t i, FILE *out)
{
	(void)ctx;
	(void)out;
	return i == 1 ? -ENOMEM : (int)i;
}

Test(cmd_pool, no_room_for_an_answer)
{
	static struct seen seen;
	struct pool pool = {.nr_jobs = 3,
			    .nr_workers = 2,
			    .allowed_ms = 5000,
			    .job = have_no_room,
			    .done = done,
			    .ctx = &seen};

	cr_assert_eq(pool_run(&pool), 0);
	cr_expect_eq(seen.nr, 3);
	cr_expect_eq(seen.ends[0], POOL_DONE);
	cr_expect_eq(seen.ends[1], POOL_NO_ROOM);
}

/* In a process of its own, which ends by _exit(): the leak sanitizer clones at exit. */
/* LeakSanitizer ends with a process of its own. */
#ifndef KWCHECK_SANITIZED
Test(cmd_pool, no_process_can_be_started)
{
	static struct seen seen;
	struct pool pool = {.nr_jobs = 2,
			    .nr_workers = 2,
			    .allowed_ms = 100,
			    .job = job,
			    .done = done,
			    .ctx = &seen};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	pid_t child;
	int status;

	cr_assert_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone), 0),
		     0);
	child = fork();
	if (child == 0) {
		if (seccomp_load(filter) < 0)
			_exit(2);
		_exit(pool_run(&pool) == -EAGAIN && seen.nr == 0 ? 0 : 1);
	}
	seccomp_release(filter);
	cr_assert_gt(child, 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
}
#endif
