/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code that is made at run time, and pages that are anyone's: writable and executable, or
 * user space's.
 */
#ifndef KWCHECK_AUDIT_EXECUTABLE_H
#define KWCHECK_AUDIT_EXECUTABLE_H

#include "audit/report.h"

/* After modules_check(), whose ranges it takes for known. */
void executable_check(struct audit *audit);

/* Compares the pages found with what the kernel says of W+X pages. After pages_finish(),
 * which decides which there are.
 */
void executable_compare(struct audit *audit);

#endif
