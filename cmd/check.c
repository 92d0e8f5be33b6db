/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck check: would a write to each target fault? */
#include "cmd/result_text.h"
#include "cmd/session.h"
#include "cmd/verbs.h"

int check_run(const struct options *options)
{
	return session_run(options, result_text_check);
}
