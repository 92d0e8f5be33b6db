/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers of "check" and "walk" as JSON. */
#include "cmd/result_json.h"

#include <jansson.h>

static json_t *entry_object(const struct pt_format *format, const struct pt_step *step,
			    bool is_readable)
{
	struct pt_flag flags[PT_MAX_FLAGS];
	size_t nr = pt_entry_flags(format, step->value, step->level, flags);
	json_t *names = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(names, json_string(flags[i].name));
	return json_pack("{s:s, s:i, s:o, s:o, s:o}", "level",
			 pt_level_name(step->level, format->levels), "index",
			 (int)step->index, "address", json_address(step->entry_pa),
			 "value", is_readable ? json_address(step->value) : json_null(),
			 "flags", names);
}

static json_t *aliases_array(const struct result_page *page)
{
	json_t *aliases = json_array();

	for (size_t i = 0; i < page->nr_aliases; i++) {
		const struct result_alias *alias = &page->aliases[i];

		json_array_append_new(aliases,
				      json_pack("{s:o, s:I, s:s, s:s}", "address",
						json_address(alias->va), "size_bytes",
						(json_int_t)alias->size_bytes, "verdict",
						pt_verdict_name(alias->verdict), "region",
						alias->region->name));
	}
	return aliases;
}

json_t *result_json_page(const struct pt_format *format, const struct result_page *page)
{
	const struct pt_walk *walk = &page->walk;
	bool is_mapped = walk->reason == PT_OK || walk->reason == PT_PROTECTION_KEY;
	json_t *entries = json_array();
	const char *denied_by = NULL;

	for (unsigned i = 0; i < walk->nr_steps; i++) {
		bool is_readable = !pt_is_unreadable(walk->reason) ||
				   i + 1 < walk->nr_steps;

		json_array_append_new(entries,
				      entry_object(format, &walk->steps[i], is_readable));
	}
	if (walk->denied_by >= 0)
		denied_by = pt_level_name(walk->steps[walk->denied_by].level,
					  format->levels);
	return json_pack(
		"{s:o, s:o, s:I, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "address",
		json_address(page->address & ~(walk->span - 1)), "size_bytes",
		is_mapped ? json_integer((json_int_t)walk->span) : json_null(),
		"span_bytes", (json_int_t)walk->span, "physical",
		is_mapped && !page->is_unbooted
			? json_address(walk->pa & ~(walk->span - 1))
			: json_null(),
		"verdict", pt_verdict_name(walk->verdict), "reason",
		result_reason_name(page), "executable",
		is_mapped ? json_boolean(!walk->nx) : json_null(), "user",
		is_mapped ? json_boolean(walk->user) : json_null(), "denied_by",
		json_text(denied_by), "entries", entries, "aliases", aliases_array(page));
}

void result_json(struct json *json, const struct kernelfacts *facts,
		 const struct result *result)
{
	const struct symbol *symbol = result->symbol;
	char type[2] = {symbol ? symbol->type : '\0', '\0'};
	json_t *pages = json_array();

	for (size_t i = 0; i < result->nr_pages; i++)
		json_array_append_new(
			pages, result_json_page(&facts->format, &result->pages[i]));
	json_result(
		json,
		json_pack(
			"{s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o}",
			"query", json_text(result->query), "symbol",
			json_text(symbol ? symbol->name : NULL), "symbol_offset_bytes",
			(json_int_t)result->symbol_offset, "module",
			json_text(symbol ? symbol->module : NULL), "type",
			json_text(symbol ? type : NULL), "address",
			json_address(result->address), "size_bytes",
			(json_int_t)result->size_bytes, "verdict",
			result_verdict_name(result->verdict), "reason", result->reason,
			"region", result->region->name, "explanation",
			result->explanation, "hint",
			json_text(result->hint[0] ? result->hint : NULL),
			"may_be_denied_by",
			json_text(result_denier(result, facts->hypervisor)), "pages",
			pages));
}
