/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ranges of a map as JSON. */
#ifndef KWCHECK_CMD_MAP_JSON_H
#define KWCHECK_CMD_MAP_JSON_H

#include <jansson.h>

#include "audit/ranges.h"

/* One range, the same in every form of the map. */
json_t *map_json_range(const struct range *range);

#endif
