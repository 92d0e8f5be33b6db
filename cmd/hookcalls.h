/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one hook of the security modules calls, in the order of calls. */
#ifndef KWCHECK_CMD_HOOKCALLS_H
#define KWCHECK_CMD_HOOKCALLS_H

#include <jansson.h>

#include "cmd/auditfacts.h"
#include "cmd/text.h"
#include "kcore/error.h"

struct hookcall {
	const struct audit_slot *slot;
	enum audit_verdict verdict;
	const char *detail; /* AUDIT_UNKNOWN: why; else NULL */
};

struct hookcalls {
	const char *hook;
	const struct auditfacts *audit;
	struct hookcall *array; /* owned */
	size_t nr;
};

/* hookcalls_of - the calls of @hook in an audit of the group lsm
 * @is_hook: there is such a hook, though nobody may have registered for it.
 * Returns 0, or -errno with @err filled: no such hook, which gets a guess; or the hooks
 * are not known.
 */
int hookcalls_of(struct hookcalls *ret, const struct auditfacts *audit, const char *hook,
		 bool is_hook, struct error *err);
void hookcalls_free(struct hookcalls *calls);

/* 0: all are sealed; bit 0: a finding; bit 1: something is unknown. */
unsigned hookcalls_status(const struct hookcalls *calls);

/* One row a call, with the findings of the row that it belongs to. */
json_t *hookcalls_json(const struct hookcalls *calls, size_t i);
void hookcalls_print(const struct text *text, const struct hookcalls *calls,
		     const struct options *options);
/* Does --output name columns of that table? Else -EINVAL with @err filled. */
int hookcalls_check_output(const struct options *options, struct error *err);

#endif
