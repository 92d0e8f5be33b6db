/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dry runs over the memory of a running kernel, which changes while it is read, or over
 * memory that was captured so.
 */
#ifndef KWCHECK_DRYRUN_TORN_H
#define KWCHECK_DRYRUN_TORN_H

#include "dryrun/dryrun.h"

/* An end that torn memory may have made is believed when it came so many times in a row;
 * one that leaves all open more often, since a list in the making ends many alike, and
 * one before the module's first instruction in all of the tries that are made at most.
 */
enum { TORN_BELIEVED = 3, TORN_BELIEVED_OPEN = 8, TORN_MAX_TRIES = 64 };

/* The tries so far; zero before the first. */
struct torn {
	unsigned nr_tries, nr_same; /* nr_same: the last ones, which ended alike */
	struct dryrun last;	    /* without its calls */
};

/* Did the run end before the module's first instruction, over memory that may be torn? */
bool torn_came_to_nothing(const struct dryrun *end);

/* Did both end the same way? */
bool torn_is_same(const struct dryrun *a, const struct dryrun *b);

/* torn_goes_on - notes how a try ended. Is another one worth it?
 * @is_own: a fault was in code of the module. Faults in the kernel's own code, and all
 * that keeps a run from its end, may come of memory that changed meanwhile.
 */
bool torn_goes_on(struct torn *torn, const struct dryrun *end, bool is_own);

/* After the last try: one whose end did not hold says nothing. */
void torn_finish(const struct torn *torn, struct dryrun *end, bool is_own);

/* torn_doubt - the same of a capture, which cannot be read anew
 * Its pages are of different moments: the kernel's lists may not fit together, and code
 * that walks them faults. What is believed is a fault next to the module's own code
 * (@is_next: it called what faulted), or one of memory that is sealed.
 */
void torn_doubt(struct dryrun *end, bool is_own, bool is_next);

#endif
