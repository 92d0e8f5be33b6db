/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other mappings of sealed frames. */
#ifndef KWCHECK_AUDIT_SEALED_ALIASES_H
#define KWCHECK_AUDIT_SEALED_ALIASES_H

#include "audit/report.h"

/* frames_find_aliases - notes each writable mapping of a frame behind a sealed range
 * Where the range is writable itself, an alias adds nothing. Returns 0 or -ENOMEM.
 */
int frames_find_aliases(struct audit *audit);

#endif
