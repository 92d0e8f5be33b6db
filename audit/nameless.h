/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has no symbol on a kernel whose kallsyms lists functions only, or nothing. */
#ifndef KWCHECK_AUDIT_NAMELESS_H
#define KWCHECK_AUDIT_NAMELESS_H

#include "audit/report.h"

/* Why an object of the kernel has no symbol that its kernel ought to have: words. */
const char *nameless_why(const struct audit *audit);

/* nameless_tell - an unknown row where kallsyms lists functions only, or nothing
 * @name: what of @group cannot be found then. Nothing is done on other kernels.
 */
void nameless_tell(struct audit *audit, enum audit_group group, const char *name);

#endif
