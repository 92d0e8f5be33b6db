/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports that are told only where the log has no crash: plain warnings, complaints of
 * locks and tasks, panics whose crash is not in the log, crashes of what is not x86-64
 * Linux.
 */
#ifndef KWCHECK_OOPS_LESSER_H
#define KWCHECK_OOPS_LESSER_H

#include "oops/crash.h"

/* lesser_begins - whether @line begins such a report
 * @ret: of it the kind, the headline, and what the line itself tells.
 * @before: how many lines of the log precede @line in memory.
 */
bool lesser_begins(const struct log_line *line, size_t before, struct crash *ret);

/* Takes the text of a WARNING that follows its line, to 4.10. */
void lesser_scan_text(struct crash *crash, const struct log_line *line, size_t nr_behind);

#endif
