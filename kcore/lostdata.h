/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the kernel's own data that a compressed dump ought to have. */
#ifndef KWCHECK_KCORE_LOSTDATA_H
#define KWCHECK_KCORE_LOSTDATA_H

#include <stddef.h>

#include "kcore/kernel.h"

/* lostdata_count - how many pages of the image's constants, data and bss the dump lacks
 * What the kernel gave back after boot is not counted: makedumpfile leaves out free pages
 * (-d 16). 0 for whatever leaves out pages of zeros, is cut, or holds no more on purpose.
 */
size_t lostdata_count(const struct kernel *kernel);

/* Notes them: which makedumpfile does that, and how it does not. */
void lostdata_note(struct kernel *kernel);

#endif
