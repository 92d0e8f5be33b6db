/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page tables themselves: the root, entries that lead nowhere, Dirty bits. */
#ifndef KWCHECK_AUDIT_TABLES_H
#define KWCHECK_AUDIT_TABLES_H

#include "audit/report.h"

void tables_check(struct audit *audit);

#endif
