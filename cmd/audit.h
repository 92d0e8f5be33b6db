/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One audit, rendered. */
#ifndef KWCHECK_CMD_AUDIT_H
#define KWCHECK_CMD_AUDIT_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "cmd/baseline.h"
#include "cmd/options.h"
#include "cmd/text.h"

/* audittext.c: the table and the sentences. */
void audittext_print(const struct text *text, const struct audit *audit,
		     const struct options *options);

/* auditprom.c: metrics in Prometheus' text format. */
void auditprom_print(FILE *file, const struct audit *audit);

/* auditjson.c: row @i with its findings, notices and hooks. */
json_t *auditjson_row(const struct audit *audit, size_t i);
json_t *auditjson_change(const struct baseline_change *change);

#endif
