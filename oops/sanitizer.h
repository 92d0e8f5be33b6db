/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What KASAN, KFENCE, KMSAN and UBSAN tell below the first line of a report. */
#ifndef KWCHECK_OOPS_SANITIZER_H
#define KWCHECK_OOPS_SANITIZER_H

#include "oops/crash.h"

/* "use-after-free in f+0x10/0x20 [mine]", "shift-out-of-bounds in a.c:12:3". */
void sanitizer_scan_place(struct crash *crash, const char *p);

/* "Write of size 8 at addr ffff888012345678 by task insmod/123" of KASAN. */
bool sanitizer_scan_access(struct crash *crash, const char *p);

/* lib/ubsan.c: what the values were, on the line behind the first. */
void sanitizer_scan_values(struct crash *crash, const struct log_line *line, size_t at);

/* Of the trace behind "freed by task 85": who freed. RCU's callbacks say no more. */
void sanitizer_scan_freed(struct crash *crash, const struct log_line *line);

/* Behind the access's own call trace KASAN and KFENCE give those of the object. */
bool sanitizer_is_of_object(const struct crash *crash, const char *p);

/* To 4.6 KASAN's report has the slab's lines in it, with words of its own for the damage.
 */
bool sanitizer_is_damage(const char *text);

#endif
