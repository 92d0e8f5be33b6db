/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that a kernel dies with: "Oops: 0003 [#1] SMP PTI". */
#ifndef KWCHECK_OOPS_DIELINE_H
#define KWCHECK_OOPS_DIELINE_H

#include "oops/crash.h"

/* "Oops: 0003 [#1] SMP PTI", since 6.10 with one more "Oops: " before whatever died. The
 * error code has four digits, and an "]" shows that the counter is whole.
 */
bool dieline_scan(const char *p, enum crash_kind *kind, struct crash *ret);

/* "general protection fault, probably for non-canonical address 0xdead000000000122", as
 * changelogs cut the line.
 */
bool dieline_scan_cut(const char *p, enum crash_kind *kind, struct crash *ret);

/* "..., probably for non-canonical address 0xdead000000000100" */
void dieline_scan_address(struct crash *crash);

#endif
