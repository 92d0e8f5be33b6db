/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/starved.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void spin(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (;;)
		;
}

/* Two want the same CPU all the time; one waits for nothing. */
Test(guest_starved, who_waits_for_a_cpu, .timeout = 30)
{
	const struct timespec tick = {.tv_nsec = 100 * 1000 * 1000};
	pid_t spinning[2], sleeping = fork();
	int64_t most = 0;

	if (sleeping == 0)
		for (;;)
			pause();
	for (int i = 0; i < 2; i++) {
		spinning[i] = fork();
		if (spinning[i] == 0)
			spin();
	}
	for (int i = 0; i < 100 && most < 200; i++) {
		nanosleep(&tick, NULL);
		most = starved_ms(spinning[0]);
	}
	cr_expect_geq(most, 200);
	cr_expect_lt(starved_ms(sleeping), 200);
	kill(sleeping, SIGKILL);
	kill(spinning[0], SIGKILL);
	kill(spinning[1], SIGKILL);
	while (wait(NULL) > 0)
		;
	cr_expect_eq(starved_ms(sleeping), 0, "it is gone");
}
