/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of an audit as JSON. */
#include "cmd/audit_json.h"

#include "cmd/json.h"

static json_t *optional_address(uint64_t va)
{
	return va ? json_address(va) : json_null();
}

json_t *audit_json_finding(const struct audit_finding *finding)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:o, s:s, s:o}", "kind",
			 audit_kind_name(finding->kind), "message",
			 json_text(finding->message), "address",
			 optional_address(finding->address), "size_bytes",
			 (json_int_t)finding->size_bytes, "place",
			 json_text(finding->place[0] ? finding->place : NULL), "advice",
			 audit_kind_advice(finding->kind), "legitimate",
			 json_text(audit_kind_legitimate(finding->kind)));
}

json_t *audit_json_slot(const struct audit_slot *slot)
{
	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:o, s:b}", "hook",
			 json_text(slot->hook), "index", (int)slot->index, "element",
			 optional_address(slot->element), "element_symbol",
			 json_text(slot->element ? slot->element_place : NULL),
			 "callback", optional_address(slot->callback), "callback_symbol",
			 json_text(slot->callback ? slot->callback_place : NULL),
			 "hijacked", slot->is_bad);
}

json_t *audit_json_row(const struct auditfacts *audit, size_t i)
{
	const struct audit_row *row = &audit->rows[i];
	json_t *findings = json_array(), *notices = json_array(), *slots = json_array();

	for (size_t j = 0; j < audit->nr_findings; j++)
		if (audit->findings[j].row == i)
			json_array_append_new(findings,
					      audit_json_finding(&audit->findings[j]));
	for (size_t j = 0; j < audit->nr_notices; j++)
		if (audit->notices[j].row == i)
			json_array_append_new(
				notices,
				json_pack("{s:o, s:o}", "message",
					  json_text(audit->notices[j].message), "address",
					  optional_address(audit->notices[j].address)));
	for (size_t j = 0; j < audit->nr_slots; j++)
		if (audit->slots[j].row == i)
			json_array_append_new(slots, audit_json_slot(&audit->slots[j]));
	return json_pack(
		"{s:s, s:o, s:o, s:s, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:i, s:i, "
		"s:o, s:o, s:o, s:o}",
		"group", audit_group_name(row->group), "name", json_text(row->name),
		"symbol", json_text(row->symbol[0] ? row->symbol : NULL), "verdict",
		audit_verdict_name(row->verdict), "address",
		optional_address(row->address), "size_bytes", (json_int_t)row->size_bytes,
		"pages", (json_int_t)row->nr_pages, "expected", json_text(row->expected),
		"found", json_text(row->found[0] ? row->found : NULL), "why",
		json_text(row->why), "since", json_text(row->since), "hooks",
		(int)row->nr_hooks, "call_order", (int)row->rank, "detail",
		json_text(row->detail[0] ? row->detail : NULL), "findings", findings,
		"notices", notices, "slots", slots);
}

json_t *audit_json_change(const struct baseline_change *change)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o}", "change", change->kind, "group",
		json_text(change->group), "name", json_text(change->name), "was",
		json_text(change->was), "now", json_text(change->now), "finding",
		change->finding ? audit_json_finding(change->finding) : json_null());
}
