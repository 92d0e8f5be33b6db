/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sealed, against what was built: the rights of a page do not say whether
 * somebody wrote to it past them.
 */
#ifndef KWCHECK_UNCHANGED_UNCHANGED_H
#define KWCHECK_UNCHANGED_UNCHANGED_H

#include "audit/audit.h"

/* The check of group AUDIT_UNCHANGED, for audit_run(). */
extern const struct audit_check unchanged_check;

#endif
