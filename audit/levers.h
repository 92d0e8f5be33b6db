/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Well-known variables that are writable by design: told, never judged. */
#ifndef KWCHECK_AUDIT_LEVERS_H
#define KWCHECK_AUDIT_LEVERS_H

#include "audit/report.h"

/* The symbols that the check asks for; see audit_want(). */
void levers_want(struct audit *audit);
void levers_check(struct audit *audit);

#endif
