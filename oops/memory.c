/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a log without a crash says of memory that ran out. */
#include "oops/memory.h"

#include <stdio.h>
#include <string.h>

#include "oops/scan.h"

struct shortage {
	unsigned nr_kills, nr_failures;
	bool is_group, is_invoked;
	char killed[80]; /* the last one: "PID 1336 (memtest)" */
	char failed[80]; /* the first one: "order:4, mode:0x40cc0(GFP_KERNEL)" */
};

/* mm/oom_kill.c: "Memory cgroup out of memory: Killed process 85 (x) total-vm:...",
 * to 4.20 "Kill process 85 (x) score 924 or sacrifice child", to 2.6.24 "Out of Memory:
 * Killed".
 */
static void scan_kill(struct shortage *shortage, const char *p)
{
	unsigned pid;
	char name[64];

	if (!strstr(p, "ut of memory: Kill") && !strstr(p, "ut of Memory: Kill"))
		return;
	shortage->is_group = strstr(p, "cgroup") != NULL;
	shortage->nr_kills++;
	if (!scan_past(&p, " process ") || !scan_decimal(&p, &pid) ||
	    !scan_word(&p, " ("))
		return;
	scan_text(&p, ")", name, sizeof(name));
	snprintf(shortage->killed, sizeof(shortage->killed), "PID %u (%s)", pid, name);
}

/* mm/page_alloc.c:warn_alloc(), with a full stop to 2.6.39 */
static void scan_failure(struct shortage *shortage, const char *p)
{
	if (!scan_past(&p, "page allocation failure") ||
	    (!scan_word(&p, ": ") && !scan_word(&p, ". ")))
		return;
	if (!shortage->nr_failures++ && strncmp(p, "order:", 6) == 0)
		scan_rest(p, shortage->failed, sizeof(shortage->failed));
}

bool memory_tell(const struct log *log, char *ret, size_t ret_bytes)
{
	struct shortage found = {0};

	for (size_t i = 0; i < log->nr; i++) {
		scan_kill(&found, log->lines[i].text);
		scan_failure(&found, log->lines[i].text);
		found.is_invoked |= strstr(log->lines[i].text, " invoked oom-killer: ") !=
				    NULL;
	}
	if (found.nr_kills || found.is_invoked)
		snprintf(ret, ret_bytes,
			 "%s ran out, and the kernel killed %s%s%s: it went on",
			 found.is_group ? "the memory of a control group (container)"
					: "memory",
			 found.killed[0] ? found.killed : "a process",
			 found.nr_kills > 1 ? ", the last of several" : "",
			 found.is_group ? ", as its limit asks for" : "");
	else if (found.nr_failures)
		snprintf(ret, ret_bytes,
			 "an allocation of pages failed (%s): who asked has to bear it, "
			 "and the kernel went on",
			 found.failed[0] ? found.failed : "page allocation failure");
	else
		return false;
	return true;
}
