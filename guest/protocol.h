/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's init says, and how it ends the machine. */
#ifndef KWCHECK_GUEST_PROTOCOL_H
#define KWCHECK_GUEST_PROTOCOL_H

#include <stdint.h>

/* Lines on the console around "KEY=value" lines, those of a capture's note. */
#define PROTOCOL_BEGIN "kwcheck-guest: begin"
#define PROTOCOL_END "kwcheck-guest: end"

/* QEMU's isa-debug-exit: a byte written there ends it with status 2 * byte + 1. */
#define PROTOCOL_PORT 0xf4
#define PROTOCOL_PORT_TEXT "0xf4"
#define PROTOCOL_VALUE 0x21
#define PROTOCOL_STATUS (2 * PROTOCOL_VALUE + 1)

/* A trial: a module loaded and unloaded before the end. Files of the initramfs: */
#define PROTOCOL_TRIAL_FOLDER "trial"
#define PROTOCOL_TRIAL_PLAN PROTOCOL_TRIAL_FOLDER "/plan"
/* Lines of the plan, words parted by one blank:
 *
 *	need FILE NAME PARAMETERS	loaded first; where that fails nothing else is
 *	soft FILE NAME PARAMETERS	the same, but where it fails the rest goes on
 *	load FILE NAME PARAMETERS	the module in question, once
 *	ask QUERY			what modprobe does for QUERY: the lines up to
 *					the next ask
 *	group				one of the modules that QUERY stands for: what the
 *					last one comes to is what modprobe returns
 *	fail				this one cannot be loaded
 *
 * FILE is of the folder. Only a plan with an ask or PROTOCOL_TRIAL_MODPROBE has a program
 * at the path that the kernel calls modprobe by.
 */
enum { PROTOCOL_PLAN_BYTES = 256 * 1024, PROTOCOL_QUERY_BYTES = 64 };

/* What is said of it: a line of the console has the mark, a word, and values.
 *
 *	taint N			/proc/sys/kernel/tainted
 *	need NAME RESULT	of a module that is loaded first
 *	load			now the module in question
 *	loaded RESULT
 *	asked QUERY		modprobe was called for QUERY, which the plan does not
 *have unload, unloaded RESULT
 *	log PRIORITY;TEXT	a record of the kernel's log since the trial began
 *	done
 *
 * RESULT: 0, -errno, or one of the words below.
 */
#define PROTOCOL_TRIAL "kwcheck-trial: "
#define PROTOCOL_DIED "died" /* the process that called the kernel was killed */
#define PROTOCOL_HUNG "hung" /* it did not come back in time */
enum { PROTOCOL_HUNG_SECONDS = 30, PROTOCOL_SETTLE_MS = 300 };

/* Pages of init's memory that hold the text of /proc/kallsyms: the console would be slow,
 * and kernels before 6.0 do not say where the tables are that it is made of.
 */
#define PROTOCOL_PAGE_MAGIC "kwcheck-kallsyms" /* without its NUL */
enum { PROTOCOL_PAGE_BYTES = 4096, PROTOCOL_MAX_PAGES = 8192 };

struct protocol_page {
	char magic[16];
	uint32_t index, nr_pages; /* of all */
	uint32_t nr_bytes, reserved;
	char bytes[PROTOCOL_PAGE_BYTES - 32];
};

#endif
