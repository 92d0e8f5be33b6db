/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel's constants lead: every pointer to code among them. */
#ifndef KWCHECK_UNCHANGED_POINTERS_H
#define KWCHECK_UNCHANGED_POINTERS_H

#include "audit/report.h"

/* pointers_check - adds the row "pointers of constants"
 * Told is each aligned word of .rodata and ro_after_init that is the address of code
 * which is not the image's.
 */
void pointers_check(struct audit *audit);

#endif
