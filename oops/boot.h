/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a crash of this kernel's present boot, so that its tables and symbols may be asked?
 */
#ifndef KWCHECK_OOPS_BOOT_H
#define KWCHECK_OOPS_BOOT_H

#include "kcore/kernel.h"
#include "oops/tables.h"

enum boot_verdict {
	BOOT_UNKNOWN = 0, /* no kernel at hand, or too little to compare */
	BOOT_SAME,
	BOOT_OTHER,
};

enum boot_outcome { BOOT_SAYS_NOTHING = 0, BOOT_AGREES, BOOT_PROVES, BOOT_REFUTES };

struct boot_check {
	const char *name; /* "kernel-log", "release", ...: stable, for machines */
	enum boot_outcome outcome;
	char text[200];
};

enum { BOOT_MAX_CHECKS = 8 };

/* What is known of the running system, read while the privileges were there. */
struct boot_facts {
	bool is_own_log;       /* the log came from the running kernel */
	bool is_dumped_log;    /* it came out of the memory that is asked */
	const struct log *own; /* the running kernel's log, or NULL */
	char boot_id[33];      /* 32 hexadecimal digits, or "" */
	bool has_uptime;
	uint64_t uptime_us;
	bool has_tainted;
	uint64_t tainted;  /* /proc/sys/kernel/tainted */
	char version[128]; /* uname -v: "#1 SMP Debian 5.10.223-1 (2024-08-10)" */
};

struct boot {
	enum boot_verdict verdict;
	struct boot_check checks[BOOT_MAX_CHECKS];
	size_t nr_checks;
};

/* boot_compare - holds @crash of @log against @kernel
 *
 * One refutation makes it another boot. A proof (the kernel's own log has these lines,
 * or the boot's id is the same), or addresses that agree while KASLR chose them and
 * nothing is against it, makes it this one. @facts are looked at for a live kernel only.
 */
void boot_compare(struct kernel *kernel, const struct boot_facts *facts,
		  const struct log *log, const struct crash *crash, struct boot *ret);

/* "same", "other", "unknown". */
const char *boot_verdict_name(enum boot_verdict verdict);
/* "agrees", "proves", "refutes", "nothing". */
const char *boot_outcome_name(enum boot_outcome outcome);

#endif
