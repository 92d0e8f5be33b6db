/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one hook of the security modules calls, in the order of calls. */
#include "cmd/hookcalls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/audit_json.h"
#include "cmd/audit_text.h"
#include "cmd/json.h"
#include "cmd/table.h"
#include "kcore/nearest.h"

/* A row that no call belongs to: the heads, the static calls, the functions' code. What
 * it does not know is not known of any call.
 */
static const struct audit_row *unknown_row(const struct auditfacts *audit)
{
	for (size_t i = 0; i < audit->nr_rows; i++)
		if (audit->rows[i].group == AUDIT_LSM && !audit->rows[i].nr_hooks &&
		    audit->rows[i].verdict == AUDIT_UNKNOWN)
			return &audit->rows[i];
	return NULL;
}

/* Is finding @i of the call: of its module, or of what it runs? */
static bool is_of(const struct audit_finding *finding, const struct audit_slot *slot)
{
	return finding->row == slot->row ||
	       (finding->address && (finding->address == slot->callback ||
				     finding->address == slot->element));
}

static void judge(const struct auditfacts *audit, struct hookcall *call)
{
	const struct audit_row *unknown = &audit->rows[call->slot->row];

	call->verdict = call->slot->is_bad ? AUDIT_UNSEALED : AUDIT_SEALED;
	for (size_t i = 0; i < audit->nr_findings; i++)
		if (is_of(&audit->findings[i], call->slot))
			call->verdict = AUDIT_UNSEALED;
	if (unknown->verdict != AUDIT_UNKNOWN)
		unknown = unknown_row(audit);
	if (call->verdict == AUDIT_SEALED && unknown) {
		call->verdict = AUDIT_UNKNOWN;
		call->detail = unknown->detail;
	}
}

static int compare_calls(const void *a, const void *b)
{
	const struct audit_slot *x = ((const struct hookcall *)a)->slot;
	const struct audit_slot *y = ((const struct hookcall *)b)->slot;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int no_such_hook(const struct auditfacts *audit, const char *hook,
			struct error *err)
{
	static const char caller[] = "security_";
	const struct audit_row *unknown = unknown_row(audit);
	struct nearest nearest = {.name = hook};
	char guess[NEAREST_GUESS_BYTES];

	/* The function that calls a hook, or one that it calls, is near enough to it. */
	if (strncmp(hook, caller, sizeof(caller) - 1) == 0)
		nearest.name += sizeof(caller) - 1;
	for (size_t i = 0; i < audit->nr_slots; i++) {
		const struct audit_slot *slot = &audit->slots[i];

		if (strcmp(slot->callback_place, hook) == 0)
			nearest.name = slot->hook;
	}
	for (size_t i = 0; i < audit->nr_slots; i++)
		nearest_offer(&nearest, audit->slots[i].hook);
	nearest_guess(&nearest, guess);
	if (unknown && !nearest.nr)
		return error_set(err, ERROR_UNREADABLE, -ENODATA,
				 "%.60s: the hooks are not known: %.180s", hook,
				 unknown->detail);
	return error_set(err, ERROR_NO_SUCH_SYMBOL, -ENOENT, "%.60s: no such hook%s",
			 hook, guess);
}

int hookcalls_of(struct hookcalls *ret, const struct auditfacts *audit, const char *hook,
		 bool is_hook, struct error *err)
{
	struct hookcalls calls = {.hook = hook, .audit = audit};

	calls.array = calloc(audit->nr_slots + 1, sizeof(*calls.array));
	if (!calls.array)
		return error_set(err, ERROR_INTERNAL, -ENOMEM, "%.60s: no memory", hook);
	for (size_t i = 0; i < audit->nr_slots; i++)
		if (strcmp(audit->slots[i].hook, hook) == 0)
			calls.array[calls.nr++].slot = &audit->slots[i];
	if (calls.nr == 0 && (!is_hook || unknown_row(audit))) {
		free(calls.array);
		return no_such_hook(audit, hook, err);
	}
	for (size_t i = 0; i < calls.nr; i++)
		judge(audit, &calls.array[i]);
	qsort(calls.array, calls.nr, sizeof(*calls.array), compare_calls);
	*ret = calls;
	return 0;
}

void hookcalls_free(struct hookcalls *calls)
{
	free(calls->array);
	*calls = (struct hookcalls){0};
}

unsigned hookcalls_status(const struct hookcalls *calls)
{
	unsigned status = 0;

	for (size_t i = 0; i < calls->nr; i++) {
		status |= calls->array[i].verdict == AUDIT_UNSEALED ? 1 : 0;
		status |= calls->array[i].verdict == AUDIT_UNKNOWN ? 2 : 0;
	}
	return status;
}

json_t *hookcalls_json(const struct hookcalls *calls, size_t i)
{
	const struct hookcall *call = &calls->array[i];
	const struct auditfacts *audit = calls->audit;
	json_t *findings = json_array(), *object = audit_json_slot(call->slot);

	for (size_t j = 0; j < audit->nr_findings; j++)
		if (is_of(&audit->findings[j], call->slot))
			json_array_append_new(findings,
					      audit_json_finding(&audit->findings[j]));
	json_object_set_new(object, "owner",
			    json_text(audit->rows[call->slot->row].name));
	json_object_set_new(object, "verdict",
			    json_string(audit_verdict_name(call->verdict)));
	json_object_set_new(object, "detail", json_text(call->detail));
	json_object_set_new(object, "findings", findings);
	return object;
}

enum { ORDER, VERDICT, MODULE, FUNCTION, ADDRESS, ELEMENT, NR_COLUMNS };

static const struct table_column columns[NR_COLUMNS] = {
	[ORDER] = {.name = "ORDER", .is_right = true},
	[VERDICT] = {.name = "VERDICT"},
	[MODULE] = {.name = "MODULE"},
	[FUNCTION] = {.name = "FUNCTION"},
	[ADDRESS] = {.name = "ADDRESS", .yields = 1},
	[ELEMENT] = {.name = "ELEMENT", .yields = 2},
};

int hookcalls_check_output(const struct options *options, struct error *err)
{
	return table_check(columns, NR_COLUMNS, options, err);
}

static void add_row(const struct text *text, const struct auditfacts *audit,
		    const struct hookcall *call, struct table *table)
{
	const struct audit_slot *slot = call->slot;

	table_row(table);
	if (text->has_color)
		table_color(table, VERDICT, audit_text_color(call->verdict));
	table_cell(table, ORDER, "%u", slot->index);
	table_cell(table, VERDICT, "%s", audit_text_verdict(call->verdict));
	table_cell(table, MODULE, "%s", audit->rows[slot->row].name);
	table_cell(table, FUNCTION, "%s",
		   slot->callback ? slot->callback_place : "nothing");
	if (slot->callback)
		table_cell(table, ADDRESS, "%016" PRIx64, slot->callback);
	if (slot->element)
		table_cell(table, ELEMENT, "%s", slot->element_place);
}

void hookcalls_print(const struct text *text, const struct hookcalls *calls,
		     const struct options *options)
{
	const struct auditfacts *audit = calls->audit;
	struct error err = {0};
	struct table table;

	if (table_open(&table, columns, NR_COLUMNS, options, &err) < 0)
		return;
	for (size_t i = 0; i < calls->nr; i++)
		add_row(text, audit, &calls->array[i], &table);
	table_print(&table, NULL, NULL);
	table_close(&table);
	if (table_is_alone(options))
		return;
	if (calls->nr == 0)
		puts("No security module has registered for this hook.");
	for (size_t i = 0; i < audit->nr_findings; i++)
		for (size_t j = 0; j < calls->nr; j++)
			if (is_of(&audit->findings[i], calls->array[j].slot)) {
				audit_text_finding(text, audit, i);
				break;
			}
	for (size_t i = 0; i < calls->nr; i++)
		if (calls->array[i].detail) {
			fputs("unknown: ", stdout);
			text_safe(stdout, calls->array[i].detail);
			puts(".");
			break;
		}
	text_origin(text->facts);
}
