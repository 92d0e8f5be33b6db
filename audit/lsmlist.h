/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security hooks as linked lists: security_hook_heads, 4.17 to 6.11. */
#ifndef KWCHECK_AUDIT_LSMLIST_H
#define KWCHECK_AUDIT_LSMLIST_H

#include "audit/lsmhooks.h"

/* Walks security_hook_heads at @address. */
void lsmlist_check(struct lsm *lsm, uint64_t address);

#endif
