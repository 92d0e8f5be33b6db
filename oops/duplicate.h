/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two reports of one crash: a console's and a journal's, a log and its rotated copy, a
 * block pasted twice.
 */
#ifndef KWCHECK_OOPS_DUPLICATE_H
#define KWCHECK_OOPS_DUPLICATE_H

#include "oops/crash.h"

/* duplicate_is - whether @one and @two are of the same crash
 * Nothing that both say may differ, and enough of it must be the same to be no accident:
 * registers, or the time.
 */
bool duplicate_is(const struct crash *one, const struct crash *two);

/* duplicate_score - how much @crash says: of two copies the one with more is explained */
size_t duplicate_score(const struct crash *crash);

#endif
