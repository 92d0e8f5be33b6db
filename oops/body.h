/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a crash report between its headline and its end mark, each taken into the
 * crash that it is of. A line that is none of them changes nothing: serial consoles put
 * other messages between.
 */
#ifndef KWCHECK_OOPS_BODY_H
#define KWCHECK_OOPS_BODY_H

#include "oops/crash.h"

/* body_scan - "#PF:", "PGD ...", "CPU:", "Hardware name:", "RIP:", "Code:", registers
 * What a report gives twice counts the first time.
 */
void body_scan(struct crash *crash, const struct log_line *line);

/* body_scan_is_of_report - whether @line is one that only a report has */
/* Does another message begin inside the line? */
bool body_is_garbled(const struct log_line *line);

bool body_scan_is_of_report(const struct log_line *line);

/* body_is_of_another - whether @line says another thing than @crash has: it is of another
 * report that was printed at the same time
 */
bool body_is_of_another(const struct crash *crash, const struct log_line *line);

/* body_is_last_rip - whether @line is a report's last but one, "RIP: f+0x1/0x2 RSP:
 * ffff..." as 4.10 to 4.17 have it
 */
bool body_is_last_rip(const struct log_line *line);

/* body_is_of_user - whether @line is the RIP of user space that ends a trace */
bool body_is_of_user(const struct crash *crash, const struct log_line *line);

/* What comes in a report of a page fault in which order; of others some is left out. To
 * 4.17 Code: and the modules stand elsewhere: they are not looked at.
 */
enum body_rank {
	BODY_RANK_NONE = 0,
	BODY_RANK_MODE,
	BODY_RANK_ERROR_CODE,
	BODY_RANK_TABLES,
	BODY_RANK_DIE,
	BODY_RANK_PROCESS,
	BODY_RANK_HARDWARE,
	BODY_RANK_SITE,
	BODY_RANK_REGISTERS, /* and a rank for each line of them */
	BODY_RANK_TRACE = BODY_RANK_REGISTERS + 16,
};

/* body_rank - of @line, or BODY_RANK_NONE */
int body_rank(const struct log_line *line);

/* body_is_frame - a line of a call trace and nothing else */
bool body_is_frame(const struct log_line *line);

/* body_scan_trace - a frame of the call trace, the list of modules, the last CR2 */
void body_scan_trace(struct crash *crash, const struct log_line *line);

/* body_scan_modules - "Modules linked in:", for the flags of the site's module
 * Returns whether @text is that line.
 */
bool body_scan_modules(struct crash *crash, const char *text);

#endif
