/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function per group of checks, each in a file of its own. */
#ifndef KWCHECK_AUDIT_CHECKS_H
#define KWCHECK_AUDIT_CHECKS_H

#include "audit/audit.h"

/* Documentation/arch/x86/x86_64/mm.rst */
#define AUDIT_VSYSCALL 0xffffffffff600000ULL

/* want_X() names the symbols that check_X() asks for; see audit_want(). */

/* lsm.c: hook lists up to 6.11, static calls from 6.12. */
void want_lsm(struct audit *audit);
void check_lsm(struct audit *audit);

/* image.c: the image's sections as whole ranges. */
void want_image(struct audit *audit);
void check_image(struct audit *audit);

/* dispatch.c: tables of functions and other constants, by name. */
void want_dispatch(struct audit *audit);
void check_dispatch(struct audit *audit);

/* cpu.c: IDT, GDT, TSS, vsyscall. */
void want_cpu(struct audit *audit);
void check_cpu(struct audit *audit);

/* modules.c: text and constants of each module. */
void check_modules(struct audit *audit);

/* executable.c: generated code, W+X and user pages. After modules.c, whose ranges it
 * takes for known.
 */
void check_executable(struct audit *audit);
/* The kernel's own word on W+X pages, when the violations are final. */
void executable_compare(struct audit *audit);

/* tables.c: the root, entries that lead nowhere, Dirty bits. */
void check_tables(struct audit *audit);

/* levers.c: variables that are writable by design. */
void want_levers(struct audit *audit);
void check_levers(struct audit *audit);

#endif
