/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security hooks as static calls: static_calls_table, 6.12 and newer. */
#ifndef KWCHECK_AUDIT_LSMCALLS_H
#define KWCHECK_AUDIT_LSMCALLS_H

#include "audit/lsmhooks.h"

/* Compares every slot of static_calls_table at @table with its key, its trampoline, its
 * active key and the patched text.
 */
void lsmcalls_check(struct lsm *lsm, uint64_t table);

#endif
