/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explained crash for people: what happened, where, what was hit, the walk, the cause.
 */
#ifndef KWCHECK_CMD_OOPS_TEXT_H
#define KWCHECK_CMD_OOPS_TEXT_H

#include "cmd/text.h"
#include "oops/explanation.h"

/* One report; it is number @i of @nr. @origin: the logs that it is in, or "". */
void oops_text(const struct text *text, const struct explanation *explanation, size_t i,
	       size_t nr, const char *origin);

#endif
