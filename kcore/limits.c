/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits that containers, units and shells set for this process. */
#include "kcore/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>

/* What getrlimit(2) and the shell call them. */
static const struct {
	int errnum;
	__rlimit_resource_t resource;
	const char *what, *option;
} limits[] = {
	{EMFILE, RLIMIT_NOFILE, "open files", "-n"},
	{EFBIG, RLIMIT_FSIZE, "bytes in a file", "-f, in KiB"},
	{ENOMEM, RLIMIT_AS, "bytes of addresses", "-v, in KiB"},
	{ENOMEM, RLIMIT_DATA, "bytes of data", "-d, in KiB"},
	{EAGAIN, RLIMIT_NPROC, "processes of its user", "-u"},
};

enum { NR_LIMITS = sizeof(limits) / sizeof(limits[0]) };

static struct rlimit learned[NR_LIMITS];
static bool is_learned;
/* EFBIG is said of more than what a limit on files does. */
static volatile sig_atomic_t has_met_file_limit;

static void on_file_limit(int signum)
{
	(void)signum;
	has_met_file_limit = 1;
}

void limits_learn(void)
{
	struct sigaction action = {.sa_handler = on_file_limit, .sa_flags = SA_RESTART};

	is_learned = true;
	for (size_t i = 0; i < NR_LIMITS; i++)
		if (getrlimit(limits[i].resource, &learned[i]) < 0)
			learned[i].rlim_cur = RLIM_INFINITY;
	sigaction(SIGXFSZ, &action, NULL);
}

void limits_words(int errnum, char *ret, size_t ret_bytes)
{
	*ret = '\0';
	if (!is_learned || (errnum == -EFBIG && !has_met_file_limit))
		return;
	for (size_t i = 0; i < NR_LIMITS; i++)
		if (errnum == -limits[i].errnum && learned[i].rlim_cur != RLIM_INFINITY) {
			snprintf(ret, ret_bytes,
				 "; this process may have %" PRIu64 " %s (ulimit %s)",
				 (uint64_t)learned[i].rlim_cur, limits[i].what,
				 limits[i].option);
			return;
		}
}
