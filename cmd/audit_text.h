/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit for people: a short table, worst first, one sentence per finding. */
#ifndef KWCHECK_CMD_AUDIT_TEXT_H
#define KWCHECK_CMD_AUDIT_TEXT_H

#include "cmd/auditfacts.h"
#include "cmd/options.h"
#include "cmd/text.h"

/* "sealed", "UNSEALED", ...; and its colour. */
const char *audit_text_verdict(enum audit_verdict verdict);
const char *audit_text_color(enum audit_verdict verdict);
/* A finding and what to do; nothing where it was told with an earlier one. */
void audit_text_finding(const struct text *text, const struct auditfacts *audit,
			size_t i);
/* Does --output name columns of the table? Else -EINVAL with @err filled. */
int audit_text_check_output(const struct options *options, struct error *err);

void audit_text_print(const struct text *text, const struct auditfacts *audit,
		      const struct options *options);

#endif
