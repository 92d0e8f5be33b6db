/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of an audit as JSON. */
#ifndef KWCHECK_CMD_AUDIT_JSON_H
#define KWCHECK_CMD_AUDIT_JSON_H

#include <jansson.h>

#include "cmd/auditfacts.h"
#include "cmd/baseline.h"

/* Row @i with its findings, notices and hooks. */
json_t *audit_json_row(const struct auditfacts *audit, size_t i);
json_t *audit_json_finding(const struct audit_finding *finding);
json_t *audit_json_slot(const struct audit_slot *slot);
json_t *audit_json_change(const struct baseline_change *change);

#endif
