/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/writeall.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "room.h"

Test(kcore_writeall, at_its_place)
{
	char got[8] = "";
	FILE *file = tmpfile();

	cr_assert_not_null(file);
	cr_expect_eq(writeall(fileno(file), "abcdef", 6), 0);
	cr_expect_eq(writeall_at(fileno(file), "XY", 2, 3), 0);
	cr_expect_eq(writeall(fileno(file), "g", 1), 0);
	cr_expect_eq(writeall(fileno(file), "", 0), 0);
	cr_assert_eq(pread(fileno(file), got, sizeof(got), 0), 7);
	cr_expect_str_eq(got, "abcXYfg");
	fclose(file);
}

static void interrupt(int number)
{
	(void)number;
}

/* More than a pipe holds, to a reader who is slow, and signals in between. */
Test(kcore_writeall, over_interrupts_and_short_counts)
{
	enum { BYTES = 1 << 20 };
	char *bytes = room_take(BYTES);
	struct sigaction action = {.sa_handler = interrupt};
	pid_t writer = getpid(), reader;
	int pipes[2], status;

	cr_assert_eq(pipe(pipes), 0);
	sigaction(SIGUSR1, &action, NULL);
	reader = fork();
	cr_assert_geq(reader, 0);
	if (reader == 0) {
		size_t nr = 0;
		ssize_t n;

		close(pipes[1]);
		while ((n = read(pipes[0], bytes, 30000)) > 0) {
			nr += (size_t)n;
			kill(writer, SIGUSR1);
		}
		_exit(nr != BYTES);
	}
	close(pipes[0]);
	cr_expect_eq(writeall(pipes[1], bytes, BYTES), 0);
	close(pipes[1]);
	while (waitpid(reader, &status, 0) < 0)
		cr_assert_eq(errno, EINTR);
	cr_expect_eq(status, 0);
}

Test(kcore_writeall, what_cannot_be_written)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_expect_eq(writeall(fd, "a", 1), -ENOSPC);
	close(fd);
	cr_expect_eq(writeall(-1, "a", 1), -EBADF);
	cr_expect_eq(writeall_at(-1, "a", 1, 0), -EBADF);
}
