/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dry runs over the memory of a running kernel, which changes while it is read. */
#include "dryrun/torn.h"

#include <stdio.h>
#include <string.h>

#include "dryrun/reason.h"

static bool may_be_torn(const struct dryrun *end, bool is_own)
{
	if (end->outcome == DRYRUN_FAULT)
		return !is_own;
	if (end->outcome != DRYRUN_UNDECIDED)
		return false;
	switch (end->reason) {
	case DRYRUN_UNPREPARED:
	case DRYRUN_NEEDED:
	case DRYRUN_INVENTED:
	case DRYRUN_WAITS:
	case DRYRUN_CHANGED:
	case MACHINE_TRAP:
	case MACHINE_UNSUPPORTED:
	case MACHINE_DEVICE:
	case MACHINE_UNREADABLE:
		return true;
	default:
		return false;
	}
}

bool torn_is_same(const struct dryrun *a, const struct dryrun *b)
{
	if (a->outcome != b->outcome || a->phase != b->phase ||
	    a->has_value != b->has_value || a->value != b->value ||
	    a->has_parsed != b->has_parsed || a->parsed != b->parsed)
		return false;
	return a->outcome != DRYRUN_FAULT ||
	       (a->is_bug == b->is_bug &&
		a->result.registers[MACHINE_RIP] == b->result.registers[MACHINE_RIP] &&
		(a->is_bug || a->result.fault.address == b->result.fault.address));
}

static bool is_again(const struct dryrun *last, const struct dryrun *end)
{
	return torn_is_same(last, end) &&
	       (end->outcome != DRYRUN_UNDECIDED ||
		(last->reason == end->reason && strcmp(last->why, end->why) == 0));
}

bool torn_came_to_nothing(const struct dryrun *end)
{
	return end->outcome == DRYRUN_UNDECIDED &&
	       (end->reason == DRYRUN_UNPREPARED || end->reason == DRYRUN_CHANGED);
}

/* Where a kernel moves much, the loader's own lists are torn in one try after the other,
 * and the words are the same.
 */
static unsigned nr_wanted(const struct dryrun *end)
{
	if (end->outcome != DRYRUN_UNDECIDED)
		return TORN_BELIEVED;
	return torn_came_to_nothing(end) ? TORN_MAX_TRIES : TORN_BELIEVED_OPEN;
}

static bool is_believed(const struct torn *torn, const struct dryrun *end)
{
	return torn->nr_same >= nr_wanted(end);
}

bool torn_goes_on(struct torn *torn, const struct dryrun *end, bool is_own)
{
	bool same = torn->nr_tries++ && is_again(&torn->last, end);

	torn->nr_same = same ? torn->nr_same + 1 : 1;
	torn->last = *end;
	torn->last.calls = NULL;
	torn->last.nr_calls = 0;
	return may_be_torn(end, is_own) && !is_believed(torn, end) &&
	       torn->nr_tries < TORN_MAX_TRIES;
}

void torn_finish(const struct torn *torn, struct dryrun *end, bool is_own)
{
	char why[sizeof(end->why)];

	if (!may_be_torn(end, is_own) || is_believed(torn, end))
		return;
	snprintf(why, sizeof(why), "%s",
		 end->outcome == DRYRUN_UNDECIDED ? end->why : "");
	end->outcome = DRYRUN_UNDECIDED;
	end->reason = DRYRUN_CHANGED;
	end->has_parsed = false;
	snprintf(end->why, sizeof(end->why),
		 "the kernel's memory changed while it was read: %u tries ended "
		 "differently; ask again when the kernel is quiet%s%.80s",
		 torn->nr_tries, why[0] ? "; the last: " : "", why);
}

static bool is_of_sealed_memory(const struct dryrun *end)
{
	const struct machine_fault *fault = &end->result.fault;

	return !end->is_bug && fault->access == MACHINE_WRITE &&
	       fault->walk.reason == PT_OK;
}

void torn_doubt(struct dryrun *end, bool is_own, bool is_next)
{
	if (end->outcome != DRYRUN_FAULT || is_own || is_next || is_of_sealed_memory(end))
		return;
	end->outcome = DRYRUN_UNDECIDED;
	end->reason = DRYRUN_CHANGED;
	end->has_parsed = false;
	snprintf(end->why, sizeof(end->why),
		 "%s in the kernel's own code, over memory that was captured while the "
		 "kernel ran: its lists may not fit together; ask the running kernel",
		 end->is_bug ? "a BUG()" : "a fault");
}
