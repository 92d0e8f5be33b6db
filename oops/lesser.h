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

/* The reason of a panic, which @text starts with. */
void lesser_scan_reason(const char *text, char *ret, size_t ret_bytes);

/* What @text says of a machine check at hand: its bank, the memory. */
void lesser_scan_bank(struct crash *crash, const char *text);

/* Intel's SDM, vol. 3B, 16.3.2.2: IA32_MCi_STATUS. AMD's has the same bits. */
#define LESSER_BANK_UC (1ULL << 61)  /* not corrected */
#define LESSER_BANK_PCC (1ULL << 57) /* the processor's context is corrupt */

/* Takes the text of a WARNING that follows its line, to 4.10. */
void lesser_scan_text(struct crash *crash, const struct log_line *line, size_t nr_behind);

#endif
