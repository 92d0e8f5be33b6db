/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit found, for those who print or compare it: without the kernel. */
#ifndef KWCHECK_CMD_AUDITFACTS_H
#define KWCHECK_CMD_AUDITFACTS_H

#include "audit/report.h"

/* The arrays are the audit's. */
struct auditfacts {
	unsigned groups; /* bits 1 << enum audit_group that were asked for */
	const struct audit_row *rows;
	size_t nr_rows;
	const struct audit_finding *findings;
	size_t nr_findings;
	const struct audit_notice *notices;
	size_t nr_notices;
	const struct audit_slot *slots;
	size_t nr_slots;
	size_t nr_transient; /* violations that were gone at the second look */
};

/* Valid until audit_free(). */
void auditfacts_of(const struct audit *audit, struct auditfacts *ret);

/* How many rows before @i have its group and its name. */
size_t auditfacts_namesakes(const struct auditfacts *audit, size_t i);

#endif
