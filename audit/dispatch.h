/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of functions and other objects that the kernel links among its constants. */
#ifndef KWCHECK_AUDIT_DISPATCH_H
#define KWCHECK_AUDIT_DISPATCH_H

#include "audit/report.h"

/* The symbols that the check asks for; see audit_want(). */
void dispatch_want(struct audit *audit);
void dispatch_check(struct audit *audit);

#endif
