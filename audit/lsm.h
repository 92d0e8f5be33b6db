/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hooks of security modules, as memory holds them: who registered which, and whether
 * they are what is called.
 */
#ifndef KWCHECK_AUDIT_LSM_H
#define KWCHECK_AUDIT_LSM_H

#include "audit/report.h"

/* The symbols that the check asks for; see audit_want(). */
void lsm_want(struct audit *audit);
void lsm_check(struct audit *audit);

#endif
