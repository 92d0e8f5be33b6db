/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map for people: one range a line. */
#ifndef KWCHECK_CMD_MAP_TEXT_H
#define KWCHECK_CMD_MAP_TEXT_H

#include "audit/ranges.h"
#include "cmd/map.h"
#include "cmd/table.h"

/* -EINVAL with @err filled: --output names no column of it. */
int map_text_open(struct table *ret, const struct options *options, struct error *err);
void map_text_range(struct table *table, const struct range *range);
/* The last line. */
void map_text_sums(const struct map_sums *sums);

#endif
