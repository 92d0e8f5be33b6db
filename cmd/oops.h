/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two renderings of an explained crash. */
#ifndef KWCHECK_CMD_OOPS_H
#define KWCHECK_CMD_OOPS_H

#include "cmd/json.h"
#include "cmd/text.h"
#include "oops/explanation.h"

/* One report for people; it is number @i of @nr in the log. */
void oops_text(const struct text *text, const struct explanation *explanation, size_t i,
	       size_t nr);

/* One result of the JSON object. @kernel: or NULL. */
void oops_json(struct json *json, const struct explanation *explanation, size_t i,
	       size_t nr);

/* One sentence each, for both. */
void oops_say_what(const struct explanation *explanation, char *text, size_t room);
void oops_say_access(const struct explanation *explanation, char *text, size_t room);
void oops_say_denial(const struct explanation *explanation, char *text, size_t room);

#endif
