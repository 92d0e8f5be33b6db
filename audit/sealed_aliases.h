/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other mappings of sealed frames. */
#ifndef KWCHECK_AUDIT_SEALED_ALIASES_H
#define KWCHECK_AUDIT_SEALED_ALIASES_H

#include "audit/report.h"

/* sealed_aliases_find - notes each writable mapping of a frame behind a sealed range
 * Where the range is writable itself, an alias adds nothing. Returns 0 or -ENOMEM.
 */
int sealed_aliases_find(struct audit *audit);

#endif
