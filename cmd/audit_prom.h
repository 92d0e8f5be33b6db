/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as metrics in Prometheus' text format. */
#ifndef KWCHECK_CMD_AUDIT_PROM_H
#define KWCHECK_CMD_AUDIT_PROM_H

#include <stdio.h>

#include "cmd/auditfacts.h"
#include "cmd/kernelfacts.h"
#include "kcore/error.h"

void audit_prom_print(FILE *file, const struct kernelfacts *kernel,
		      const struct auditfacts *audit);

/* Where there is no audit, which a monitor must not take for one without a finding.
 * @release: of the running kernel.
 */
void audit_prom_print_failed(FILE *file, const char *release, const struct error *err);

#endif
