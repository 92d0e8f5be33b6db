/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/memory.h"

#include <criterion/criterion.h>
#include <string.h>

Test(oops_memory, what_ran_out)
{
	static const struct {
		const char *text, *want; /* NULL: nothing is said of it */
	} rows[] = {
		{"x invoked oom-killer: gfp_mask=0x1100cca, order=0, oom_score_adj=1000\n"
		 "Memory cgroup out of memory: Killed process 85 (x) total-vm:432100kB\n",
		 "the memory of a control group (container) ran out, and the kernel killed "
		 "PID 85 (x), as its limit asks for: it went on"},
		{"Out of memory: Kill process 84 (y) score 924 or sacrifice child\n"
		 "Out of memory: Kill process 85 (x) score 924 or sacrifice child\n",
		 "memory ran out, and the kernel killed PID 85 (x), the last of several: "
		 "it went on"},
		{"x invoked oom-killer: gfp_mask=0x1201d2, order=0, oomkilladj=0\n",
		 "memory ran out, and the kernel killed a process: it went on"},
		{"x: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL)\n",
		 "an allocation of pages failed (order:4, mode:0x40cc0(GFP_KERNEL)): who "
		 "asked has to bear it, and the kernel went on"},
		{"swapper: page allocation failure. order:1, mode:0x20\n",
		 "an allocation of pages failed (order:1, mode:0x20): who asked has to "
		 "bear it, and the kernel went on"},
		{"usb 1-1: out of memory\n", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log log;
		char text[256] = "";

		cr_assert_eq(log_read(&log, rows[i].text, strlen(rows[i].text)), 0);
		cr_expect_eq(memory_tell(&log, text, sizeof(text)), rows[i].want != NULL);
		cr_expect_str_eq(text, rows[i].want ? rows[i].want : "");
		log_free(&log);
	}
}
