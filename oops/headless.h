/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report whose first lines the log has lost, told by what is left of it. */
#ifndef KWCHECK_OOPS_HEADLESS_H
#define KWCHECK_OOPS_HEADLESS_H

#include "oops/crash.h"

/* headless_tell - what @crash was, where its registers prove it
 * @summary: registers that stood behind the end mark; they may be of another crash.
 */
void headless_tell(struct crash *crash, const struct crash *summary);

/* headless_infer - what else @crash was, where its code can be of no other kind or,
 * without any, its CR2 most likely is not
 */
void headless_infer(struct crash *crash);

#endif
