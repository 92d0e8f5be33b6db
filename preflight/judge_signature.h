/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for a module's signature, or the lack of one. */
#ifndef KWCHECK_PREFLIGHT_JUDGE_SIGNATURE_H
#define KWCHECK_PREFLIGHT_JUDGE_SIGNATURE_H

#include "module/signature.h"
#include "preflight/finding.h"

/* judge_signature - adds a finding where the kernel would refuse the file for it, or
 * where that cannot be told
 * @ret: what is known of the signature; its key is borrowed of @space.
 */
void judge_signature(struct findings *findings, struct addrspace *space,
		     struct signature *ret);

/* "good", "no-key", ...: stable, for machines. */
const char *judge_signature_state_name(enum signature_state state);

#endif
