/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report of a sleep where none is allowed tells of who forbade it. */
#include "oops/sleep.h"

#include <string.h>

#include "oops/scan.h"

/* kernel/sched/core.c:__schedule_bug() */
void sleep_scan_head(struct crash *crash, const char *text)
{
	const char *p = strrchr(text, '/');
	uint64_t count;

	if (crash->kind != CRASH_ATOMIC ||
	    strncmp(text, "BUG: scheduling while atomic: ", 30) != 0 || !p || !*++p)
		return;
	if (!scan_word(&p, "0x") || !scan_hex(&p, 8, 8, &count) || *p)
		return;
	crash->has_preempt_count = true;
	crash->preempt_count = (unsigned)count;
}

/* "Preemption disabled at:", to 4.9 with the place behind it, since then on the next
 * line; of inlined functions a decoder makes lines of their own.
 */
static bool scan_disabled(struct crash *crash, const char *p)
{
	bool is_head = scan_word(&p, "Preemption disabled at:");

	if (!is_head && !crash->is_disabled_next)
		return false;
	while (*p == ' ')
		p++;
	crash->is_disabled_next = (is_head && !*p) || strstr(p, " [inline]");
	if (!crash->is_disabled_next && !crash->has_disabled_at)
		crash->has_disabled_at = site_scan(&p, &crash->disabled_at) &&
					 crash->disabled_at.function[0];
	return true;
}

bool sleep_scan(struct crash *crash, const struct log_line *line)
{
	const char *p = line->text;
	uint64_t count;
	unsigned number;

	if (crash->kind != CRASH_ATOMIC)
		return false;
	if (scan_disabled(crash, p))
		return true;
	/* kernel/sched/core.c:__might_resched(), to 5.16 ___might_sleep() */
	if (scan_word(&p, "in_atomic(): ")) {
		crash->is_irqs_off = scan_past(&p, "irqs_disabled(): ") &&
				     scan_decimal(&p, &number) && number;
		return true;
	}
	if (scan_word(&p, "preempt_count: ")) {
		crash->has_preempt_count = scan_hex(&p, 1, 8, &count) &&
					   scan_word(&p, ", expected: ");
		crash->preempt_count = (unsigned)count;
		return true;
	}
	return false;
}
