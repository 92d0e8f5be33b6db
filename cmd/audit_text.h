/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit for people: a short table, worst first, one sentence per finding. */
#ifndef KWCHECK_CMD_AUDIT_TEXT_H
#define KWCHECK_CMD_AUDIT_TEXT_H

#include "cmd/auditfacts.h"
#include "cmd/options.h"
#include "cmd/text.h"

void audit_text_print(const struct text *text, const struct auditfacts *audit,
		      const struct options *options);

#endif
