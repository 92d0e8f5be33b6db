/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much longer does command A take than command B? Both run in turn, A B A B ..., as
 *whole processes with their output thrown away; the medians and the median of the pairs'
 *ratios are printed.
 *
 *	ratio RUNS "COMMAND A" "COMMAND B"
 *
 * Commands are split at blanks, no shell.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 101, MAX_WORDS = 16 };

extern char **environ;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double run(const char *command)
{
	char copy[512], *words[MAX_WORDS + 1];
	posix_spawn_file_actions_t actions;
	int nr = 0, status;
	double start;
	pid_t pid;

	snprintf(copy, sizeof(copy), "%s", command);
	for (char *word = strtok(copy, " "); word && nr < MAX_WORDS;
	     word = strtok(NULL, " "))
		words[nr++] = word;
	words[nr] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
					 0);
	start = seconds();
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ) != 0)
		err(2, "%s", words[0]);
	if (waitpid(pid, &status, 0) < 0)
		err(2, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 3)
		errx(2, "%s: ended with status 0x%x", command, (unsigned)status);
	posix_spawn_file_actions_destroy(&actions);
	return seconds() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int nr)
{
	qsort(values, (size_t)nr, sizeof(*values), compare);
	return values[nr / 2];
}

int main(int argc, char **argv)
{
	double a[MAX_RUNS], b[MAX_RUNS], ratios[MAX_RUNS];
	double middle;
	int runs = argc == 4 ? atoi(argv[1]) : 0;

	if (runs < 1 || runs > MAX_RUNS)
		errx(2, "usage: ratio RUNS \"COMMAND A\" \"COMMAND B\"");
	run(argv[2]); /* warm up */
	run(argv[3]);
	for (int i = 0; i < runs; i++) {
		a[i] = run(argv[2]);
		b[i] = run(argv[3]);
		ratios[i] = a[i] / b[i];
	}
	middle = median(ratios, runs); /* sorts them */
	printf("ratio %.3f (%.3f to %.3f)\n", middle, ratios[0], ratios[runs - 1]);
	printf("  %.1f ms  %s\n", median(a, runs) * 1e3, argv[2]);
	printf("  %.1f ms  %s\n", median(b, runs) * 1e3, argv[3]);
	return 0;
}
