/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of security hooks from the code that calls them, where there is no BTF. */
#ifndef KWCHECK_AUDIT_HOOKNAMES_H
#define KWCHECK_AUDIT_HOOKNAMES_H

#include "audit/report.h"

enum { HOOKNAMES_HEAD_BYTES = 8 };

/* hooknames_find - names of the lists that start at @heads, @nr of 8 bytes each
 *
 * The functions security_*() refer to them: that is looked for in their code. @ret: @nr
 * names, which live as long as the audit: NULL where no code refers to the list,
 * hooknames_unknown() where it is not known which of several hooks it is. Returns 0 or
 * -ENOMEM.
 */
int hooknames_find(struct audit *audit, uint64_t heads, size_t nr, const char *ret[]);

/* "hook at +0x40" for list @head. */
const char *hooknames_unknown(struct audit *audit, size_t head);

/* The hook that security_FUNCTION() calls: mostly its namesake. */
const char *hooknames_of(const char *function);

#endif
