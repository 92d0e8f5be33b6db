/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's other mappings for people. */
#ifndef KWCHECK_CMD_ALIAS_TEXT_H
#define KWCHECK_CMD_ALIAS_TEXT_H

#include "cmd/result.h"

/* alias_text_print - one line for each run of pages that go on where the last ended, with
 * one verdict, in one region
 * At most 16 lines; a last one tells of how many more there are. Writable mappings come
 * before others.
 */
void alias_text_print(const struct result *result);

#endif
