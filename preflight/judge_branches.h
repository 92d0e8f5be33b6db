/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for what a kernel asks of the functions that it calls by pointers: an endbr64
 * (IBT), a hash of their type (kCFI).
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_BRANCHES_H
#define KWCHECK_PREFLIGHT_JUDGE_BRANCHES_H

#include "preflight/finding.h"

/* judge_branches - looks at init, exit, and whatever function the module's data or code
 * has the address of
 * All that fail the same are one finding, at the first. The module is space->mod,
 * relocated.
 */
void judge_branches(struct findings *findings, struct addrspace *space);

#endif
