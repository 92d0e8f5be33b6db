/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a process would have run, and was not let. */
#include "guest/starved.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

#include "kcore/cleanup.h"

/* Documentation/scheduler/sched-stats.rst: time on a CPU, time waiting for one, in
 * nanoseconds.
 */
static int64_t waited_ns(pid_t pid, const char *thread)
{
	char path[64];
	_cleanup_file_ FILE *file = NULL;
	int64_t ran, waited;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid, thread);
	file = fopen(path, "re");
	return file && fscanf(file, "%" SCNd64 " %" SCNd64, &ran, &waited) == 2 ? waited
										: 0;
}

int64_t starved_ms(pid_t pid)
{
	const struct dirent *entry;
	int64_t most = 0;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int64_t ns = *entry->d_name == '.' ? 0 : waited_ns(pid, entry->d_name);

		most = ns > most ? ns : most;
	}
	if (dir)
		closedir(dir);
	return most / 1000000;
}
