/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" and "walk" for people. */
#ifndef KWCHECK_CMD_RESULT_TEXT_H
#define KWCHECK_CMD_RESULT_TEXT_H

#include "cmd/result.h"
#include "cmd/text.h"

/* One result of "check"; @nr results share the query, this is number @i. */
void result_text_check(const struct text *text, const struct result *result, size_t i,
		       size_t nr);

/* One result of "walk": every level of every page. */
void result_text_walk(const struct text *text, const struct result *result, size_t i,
		      size_t nr);

/* An SGR code. */
const char *result_text_color(enum result_verdict verdict);

#endif
