/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for the types that a module brings along, in .BTF. */
#ifndef KWCHECK_PREFLIGHT_JUDGE_BTF_H
#define KWCHECK_PREFLIGHT_JUDGE_BTF_H

#include "preflight/finding.h"

/* judge_btf - adds a finding where the kernel would not take space->mod's BTF
 * With MODULE_ALLOW_BTF_MISMATCH it takes the module all the same.
 */
void judge_btf(struct findings *findings, struct addrspace *space);

#endif
