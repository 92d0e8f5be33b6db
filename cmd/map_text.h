/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map for people: one range a line. */
#ifndef KWCHECK_CMD_MAP_TEXT_H
#define KWCHECK_CMD_MAP_TEXT_H

#include "audit/ranges.h"
#include "cmd/map.h"

void map_text_range(const struct range *range);
/* The last line. */
void map_text_sums(const struct map_sums *sums);

#endif
