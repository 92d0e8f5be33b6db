/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a sealed object is, in words. */
#ifndef KWCHECK_PREFLIGHT_OWNER_H
#define KWCHECK_PREFLIGHT_OWNER_H

#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"

/* owner_describe - "entry 18 of apparmor's hooks (kofile_open)" and the like
 * @text: "" where nothing is known beyond the symbol's name.
 */
void owner_describe(struct kernel *kernel, uint64_t va, char *text, size_t text_bytes);

#endif
