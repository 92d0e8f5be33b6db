/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit against an earlier one of the same build. */
#ifndef KWCHECK_CMD_BASELINE_H
#define KWCHECK_CMD_BASELINE_H

#include <jansson.h>

#include "cmd/auditfacts.h"

struct baseline_change {
	const char *kind; /* "new-finding", "finding-gone", "verdict", "value",
			     "appeared", "gone" */
	const char *group, *name;
	const char *was, *now;		     /* NULL where there is none */
	const struct audit_finding *finding; /* of "new-finding" */
};

typedef void (*baseline_fn)(void *ctx, const struct baseline_change *change);

/* baseline_load - the JSON that 'kwcheck audit --json' wrote, from @fd
 * Refused where it is none, or speaks of another build than @build_id. Returns 0 with
 * *@ret the caller's to json_decref(), or -errno with @err filled.
 */
int baseline_load(json_t **ret, int fd, const char *path, const char *build_id,
		  struct error *err);

/* baseline_each - calls @each for every change since the baseline
 *
 * Objects are matched by group and name; groups that this audit leaves out are not
 * compared. Of an object the verdict is compared, its findings, the number of its hooks,
 * and a lever's value. Findings are matched by kind, place and size, because addresses
 * move with every boot. What one of the two could not see, since its core has not
 * got a page, is not compared: @ret_unseen objects. Returns how many changes there were.
 */
size_t baseline_each(json_t *baseline, const struct auditfacts *audit, baseline_fn each,
		     void *ctx, size_t *ret_unseen);

#endif
