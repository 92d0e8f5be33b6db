/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct hrtimer, a timer that counts nanoseconds: its members, and when it is due. */
#ifndef KWCHECK_DRYRUN_HRTIMER_H
#define KWCHECK_DRYRUN_HRTIMER_H

#include "machine/cpu.h"

/* hrtimer_is_queued - does the kernel have it for queued?
 * false: it is not, or cannot be read.
 */
bool hrtimer_is_queued(struct machine *machine, uint64_t timer);
void hrtimer_set_queued(struct machine *machine, uint64_t timer, bool is_queued);

/* hrtimer_set - it expires at @ns of its clock; where @is_relative, from now on
 * false: it cannot be read, or is of a clock that is not known.
 */
bool hrtimer_set(struct machine *machine, uint64_t timer, uint64_t ns, bool is_relative);

/* hrtimer_due - the count of ticks when it has expired */
bool hrtimer_due(struct machine *machine, uint64_t timer, uint64_t *ret);

/* Does what its function returned mean that it is to be queued again? */
bool hrtimer_restarts(uint64_t value);

#endif
