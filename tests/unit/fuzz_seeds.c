/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fuzzing has found worth keeping, once more: tests/fuzz/seeds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* A line of hexadecimal digits to bytes, in a buffer just as large. */
static void run_line(const struct fuzz_target *target, const char *line)
{
	size_t nr = strspn(line, "0123456789abcdef") / 2;
	unsigned char *bytes = malloc(nr ? nr : 1);

	if (!bytes)
		_exit(1);
	for (size_t i = 0; i < nr; i++)
		bytes[i] = (unsigned char)(digit(line[2 * i]) << 4 |
					   digit(line[2 * i + 1]));
	target->run(bytes, nr);
	free(bytes);
}

/* In a process of its own, which a finding ends. Returns how many lines it read. */
static int replay(const struct fuzz_target *target)
{
	char path[128], *line = NULL;
	size_t room = 0;
	int nr = 0;
	FILE *file;

	snprintf(path, sizeof(path), "tests/fuzz/seeds/%s.hex", target->name);
	file = fopen(path, "re");
	if (!file)
		_exit(0);
	while (getline(&line, &room, file) > 0 && nr < 200) {
		run_line(target, line);
		nr++;
	}
	free(line);
	fclose(file);
	return nr;
}

Test(fuzz_seeds, replay)
{
	for (const struct fuzz_target *target = fuzz_targets; target->name; target++) {
		pid_t pid = fork();
		int status;

		cr_assert(pid >= 0);
		if (pid == 0)
			_exit(replay(target));
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_expect(WIFEXITED(status), "%s: killed by signal %d", target->name,
			  WTERMSIG(status));
		cr_expect_gt(WEXITSTATUS(status), 4, "%s: %d", target->name,
			     WEXITSTATUS(status));
	}
}
