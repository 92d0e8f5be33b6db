/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does a command take?
 *
 *	cost COMMAND...
 *
 * Its output is thrown away. Prints one line: seconds, seconds of CPU, the peak of its
 * memory in KiB, how many KiB it read, how many bytes it wrote, and its exit status.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec * 1e-6;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What a child did counts as its parent's once it was waited for. */
static long long io_counter(const char *key)
{
	FILE *file = fopen("/proc/self/io", "re");
	long long value = -1;
	char word[32];

	if (!file)
		err(2, "/proc/self/io");
	while (fscanf(file, "%31s %lld", word, &value) == 2 && strcmp(word, key) != 0)
		;
	fclose(file);
	return value;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double start = now();
	int status;
	pid_t pid;

	if (argc < 2)
		errx(2, "usage: cost COMMAND...");
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
			err(127, "/dev/null");
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		err(2, "%s", argv[1]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
		errx(2, "%s: ended with status 0x%x", argv[1], (unsigned)status);
	printf("%.3f %.3f %ld %lld %lld %d\n", now() - start,
	       seconds(&usage.ru_utime) + seconds(&usage.ru_stime), usage.ru_maxrss,
	       io_counter("rchar:") / 1024, io_counter("wchar:"), WEXITSTATUS(status));
	return 0;
}
