/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the built tool as a user would. */
#include "run.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "room.h"

static void slurp(const char *path, char *text, size_t room)
{
	FILE *file = fopen(path, "re");
	size_t n;

	cr_assert_not_null(file);
	n = fread(text, 1, room - 1, file);
	cr_assert_lt(n, room - 1, "output too long for the test");
	text[n] = '\0';
	fclose(file);
}

void run_shell(struct run *run, const char *words)
{
	char out[] = "/tmp/kwcheck-out-XXXXXX", err[] = "/tmp/kwcheck-err-XXXXXX";
	char command[4096];
	int status;

	close(mkstemp(out));
	close(mkstemp(err));
	snprintf(command, sizeof(command), "exec </dev/null >%s 2>%s; %s", out, err,
		 words);
	if (!run->out) {
		run->out = room_take(RUN_OUT_BYTES);
		run->err = room_take(RUN_ERR_BYTES);
	}
	status = system(command);
	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	slurp(out, run->out, RUN_OUT_BYTES);
	slurp(err, run->err, RUN_ERR_BYTES);
	unlink(out);
	unlink(err);
}

void run_kwcheck(struct run *run, const char *arguments)
{
	char command[4096];

	snprintf(command, sizeof(command), KWCHECK_BINARY " %s", arguments);
	run_shell(run, command);
}
