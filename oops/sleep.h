/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report of a sleep where none is allowed tells of who forbade it. */
#ifndef KWCHECK_OOPS_SLEEP_H
#define KWCHECK_OOPS_SLEEP_H

#include "oops/crash.h"

/* The count in "BUG: scheduling while atomic: comm/85/0x00000101", the report's headline.
 */
void sleep_scan_head(struct crash *crash, const char *text);

/* sleep_scan - a line of the report, before its call trace; false: it tells nothing of it
 */
bool sleep_scan(struct crash *crash, const struct log_line *line);

#endif
