/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kprobes that are set at this moment, and the bytes that they stand on. */
#ifndef KWCHECK_UNCHANGED_PROBES_H
#define KWCHECK_UNCHANGED_PROBES_H

#include "audit/report.h"

enum { PROBE_BYTES = 5 }; /* of the jump of an optimised one */

struct probe {
	uint64_t va;
	unsigned char opcode; /* the byte that the breakpoint stands on */
	/* Of an optimised one: where its jump leads, and the bytes behind the opcode. */
	uint64_t jump; /* 0: it is not optimised */
	unsigned char rest[PROBE_BYTES - 1];
};

struct probes {
	bool is_known;	     /* false: this kernel's list of probes cannot be read */
	struct probe *array; /* ascends by va */
	size_t nr, room;
};

/* The symbols that are asked for; see audit_want(). */
void probes_want(struct audit *audit);

/* probes_take - all of kprobe_table (kernel/kprobes.c)
 * Returns 0 or -ENOMEM.
 */
int probes_take(struct probes *ret, const struct audit *audit);
void probes_free(struct probes *probes);

/* The probe at @va; NULL: there is none. */
const struct probe *probes_at(const struct probes *probes, uint64_t va);

/* probes_lift - puts back the bytes that probes stand on
 * @bytes: @nr of them, from @va on. Where a probe does not look as it ought to nothing is
 * put back. Returns how many probes were lifted.
 */
size_t probes_lift(const struct probes *probes, uint64_t va, unsigned char *bytes,
		   size_t nr);

#endif
