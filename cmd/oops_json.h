/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explained crash as one result of the kwcheck/1 object. */
#ifndef KWCHECK_CMD_OOPS_JSON_H
#define KWCHECK_CMD_OOPS_JSON_H

#include "cmd/json.h"
#include "oops/explanation.h"

/* It is number @i of @nr in the log. */
json_t *oops_json(const struct explanation *explanation, size_t i, size_t nr);

#endif
