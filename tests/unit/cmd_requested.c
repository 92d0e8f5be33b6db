/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a clerk says, here one that is made up; a real one: cmd_clerk.c. */
#include "cmd/requested.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* One step with these options, whatever is asked. */
static void answer_once(int fd, const char *options)
{
	struct {
		uint64_t entry;
		uint32_t number;
		char name[CLERK_NAME_BYTES];
	} question;
	struct clerk_step step = {.kind = CLERK_SUCCEED};

	if (read(fd, &question, sizeof(question)) != sizeof(question))
		_exit(1);
	step.number = question.number;
	snprintf(step.options, sizeof(step.options), "%s", options);
	if (send(fd, &step, sizeof(step), 0) < 0)
		_exit(1);
	step.kind = CLERK_END;
	_exit(send(fd, &step, sizeof(step), 0) < 0);
}

/* modprobe.d may give more of them than anybody would make room for. */
Test(cmd_requested, no_option_is_left_out)
{
	struct clerk clerk = {.nr_workers = 1};
	struct requested requested = {.clerk = &clerk};
	const struct request_plan *plan;
	char options[CLERK_OPTIONS_BYTES] = "";
	size_t used = 0;
	int pair[2];

	for (int i = 0; i < 60; i++)
		used += (size_t)snprintf(options + used, sizeof(options) - used,
					 "%sx%d=\"a b\"", i ? " " : "", i);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	clerk.fds[0] = pair[0];
	clerk.pid = fork();
	cr_assert_geq(clerk.pid, 0);
	if (clerk.pid == 0)
		answer_once(pair[1], options);
	close(pair[1]);
	requested_begin(&requested, NULL, 0);
	plan = requested_plan(&requested, "any");
	cr_assert_not_null(plan);
	cr_assert_eq(plan->nr, 1);
	cr_expect_str_eq(plan->steps[0].options, options);
	requested_close(&requested);
	clerk_stop(&clerk);
}
