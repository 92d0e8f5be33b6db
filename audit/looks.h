/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running kernel changes while it is read: two looks at it, and what both saw. */
#ifndef KWCHECK_AUDIT_LOOKS_H
#define KWCHECK_AUDIT_LOOKS_H

#include "audit/report.h"

/* So many looks are taken at most. */
enum { LOOKS_MAX = 6 };

/* looks_agree - does a look that came after @before hold?
 * @before: NULL: there was none. Each finding of @now and each of its unknown rows must
 * have been there before, the same object, kind and address. Nothing to confirm holds.
 */
bool looks_agree(const struct audit *now, const struct audit *before);

/* looks_merge - takes from @before what @now has to remember of it, which is how many
 * findings did not come again
 */
void looks_merge(struct audit *now, const struct audit *before);

/* looks_finish - what is told after the last look
 * Findings of @now that @before did not have are left out, and their rows are unknown.
 * @before: NULL: @now is the only look. Findings that vanished are counted in a notice.
 */
void looks_finish(struct audit *now, const struct audit *before);

/* looks_distrust - what is told of a capture that is not one moment of its kernel
 * Modules' pages, tables and list may each be of another moment: findings of modules are
 * left out, and their rows are unknown.
 */
void looks_distrust(struct audit *now);

#endif
