/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants of the loaded modules, from the kernel's own list of them. */
#ifndef KWCHECK_AUDIT_MODULES_H
#define KWCHECK_AUDIT_MODULES_H

#include "audit/report.h"

void modules_check(struct audit *audit);

#endif
