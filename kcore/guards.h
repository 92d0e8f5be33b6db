/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CPU and the kernel enforce beside the page tables. */
#ifndef KWCHECK_KCORE_GUARDS_H
#define KWCHECK_KCORE_GUARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "kcore/kernel.h"

struct guards {
	bool keeps_wp; /* CR4.CET is set: clearing CR0.WP is a #GP. Intel SDM vol. 3A 2.5
			*/
	bool pins_cr0; /* native_write_cr0() sets CR0.WP again, and warns (since 5.3) */
	bool knows_endbr;    /* the kernel can enforce IBT, where the CPU can */
	bool wants_endbr;    /* IBT: an indirect branch has to end at an endbr64 */
	bool only_warns;     /* ibt=warn: a missing one is logged */
	bool may_want_endbr; /* CR4.CET is set, and what for is not known */
	bool checks_types;   /* kCFI: so is an indirect call of another type */
	bool only_reports;   /* one of another type is logged, and made */
	/* The hash of what do_one_initcall() calls, and where it lies from the function;
	 * 0: not known.
	 */
	uint32_t init_type;
	int8_t type_at;
};

void guards_find(struct guards *ret, struct kernel *kernel);

#endif
