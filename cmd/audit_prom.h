/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as metrics in Prometheus' text format. */
#ifndef KWCHECK_CMD_AUDIT_PROM_H
#define KWCHECK_CMD_AUDIT_PROM_H

#include <stdio.h>

#include "cmd/auditfacts.h"

void audit_prom_print(FILE *file, const struct auditfacts *audit);

#endif
