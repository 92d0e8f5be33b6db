/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for the struct module that a file brings along, in .gnu.linkonce.this_module:
 * whether it is the kernel's.
 */
#ifndef KWCHECK_PREFLIGHT_JUDGE_THISMODULE_H
#define KWCHECK_PREFLIGHT_JUDGE_THISMODULE_H

#include "preflight/finding.h"

/* judge_thismodule - compares its size, and where its init and exit lie, with the
 * kernel's A difference is told with what the file was built for, and by.
 */
void judge_thismodule(struct findings *findings, struct addrspace *space);

#endif
