/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as a monitoring plugin tells it, for NRPE and whatever else runs Nagios'
 * plugins: one line with performance data, and an exit status of theirs.
 */
#ifndef KWCHECK_CMD_AUDIT_NRPE_H
#define KWCHECK_CMD_AUDIT_NRPE_H

#include "cmd/auditfacts.h"
#include "kcore/error.h"

enum { AUDIT_NRPE_OK = 0, AUDIT_NRPE_CRITICAL = 2, AUDIT_NRPE_UNKNOWN = 3 };

/* Prints the line. A finding is critical whatever else is unknown. Returns the status. */
int audit_nrpe(const struct auditfacts *audit);

/* The line where there is no audit; the status is AUDIT_NRPE_UNKNOWN. */
void audit_nrpe_failed(const struct error *err);

#endif
