/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants of the loaded modules, from the kernel's own list of them. */
#ifndef KWCHECK_AUDIT_MODULES_H
#define KWCHECK_AUDIT_MODULES_H

#include "audit/report.h"

void modules_check(struct audit *audit);

/* modules_settle - judges only the modules that stayed while all checks ran
 * @after: the list as it is now; of memory that does not move, the audit's own. Modules
 * that are not live in both, and as the same one, are named in a notice and say nothing.
 */
void modules_settle(struct audit *audit, const struct modlist *after);

#endif
