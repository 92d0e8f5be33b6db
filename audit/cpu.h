/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that the CPU itself reads: IDT, GDT, TSS; and the vsyscall page. */
#ifndef KWCHECK_AUDIT_CPU_H
#define KWCHECK_AUDIT_CPU_H

#include "audit/report.h"

/* The symbols that the check asks for; see audit_want(). */
void cpu_want(struct audit *audit);
void cpu_check(struct audit *audit);

#endif
