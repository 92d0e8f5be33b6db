/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck walk: the page-table walk of each target, level by level. */
#include "cmd/result_text.h"
#include "cmd/session.h"
#include "cmd/verbs.h"

int walk_run(const struct options *options)
{
	return session_run(options, result_text_walk);
}
