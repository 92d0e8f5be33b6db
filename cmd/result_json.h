/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" and "walk" as JSON. */
#ifndef KWCHECK_CMD_RESULT_JSON_H
#define KWCHECK_CMD_RESULT_JSON_H

#include "cmd/json.h"
#include "cmd/result.h"

void result_json(struct json *json, const struct kernelfacts *facts,
		 const struct result *result);
/* One page of a result: of @page its walk, address and aliases. */
json_t *result_json_page(const struct pt_format *format, const struct result_page *page);

#endif
