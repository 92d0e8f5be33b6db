/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explained crash as one result of the kwcheck/1 object. */
#include "cmd/oops_json.h"

#include <jansson.h>

#include "cmd/oops_say.h"
#include "pagetable/errorcode.h"

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_text(text) : json_null();
}

static json_t *hex_if(bool has, uint64_t value)
{
	return has ? json_address(value) : json_null();
}

static json_t *site_object(const struct site *site)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "function",
			 text_or_null(site->function), "module",
			 text_or_null(site->module), "address",
			 hex_if(site->has_address, site->address), "offset_bytes",
			 site->has_no_offset ? json_null()
					     : json_integer((json_int_t)site->offset),
			 "size_bytes", (json_int_t)site->size_bytes);
}

static json_t *error_code_object(const struct crash *crash)
{
	struct errorcode_flag flags[ERRORCODE_MAX_FLAGS];
	size_t nr = errorcode_flags(crash->error_code, flags);
	json_t *names = json_array();

	if (!crash->has_error_code || crash->kind != CRASH_PAGE_FAULT) {
		json_decref(names);
		return json_null();
	}
	for (size_t i = 0; i < nr; i++)
		if (errorcode_has(crash->error_code, flags[i].bit))
			json_array_append_new(names, json_string(flags[i].name));
	return json_pack(
		"{s:o, s:o, s:s, s:s, s:b}", "value", json_address(crash->error_code),
		"flags", names, "access",
		errorcode_access_name(errorcode_access(crash->error_code)), "mode",
		errorcode_has(crash->error_code, ERRORCODE_U) ? "user" : "kernel",
		"present", errorcode_has(crash->error_code, ERRORCODE_P));
}

static json_t *operand_object(const struct instruction_operand *operand)
{
	return json_pack("{s:o, s:o}", "name", text_or_null(operand->name), "value",
			 hex_if(operand->has_value, operand->value));
}

static json_t *memory_object(const struct instruction *in)
{
	static const char *const matches[] = {
		[INSTRUCTION_UNCHECKED] = "unchecked",
		[INSTRUCTION_AGREES] = "agrees",
		[INSTRUCTION_DISAGREES] = "disagrees",
		[INSTRUCTION_IMPLICIT] = "implicit",
	};

	if (!in->has_memory)
		return json_null();
	return json_pack("{s:b, s:b, s:i, s:s, s:o, s:s}", "read", in->memory.is_read,
			 "write", in->memory.is_write, "size_bytes",
			 (int)in->memory.size_bytes, "expression", in->memory.expression,
			 "address", hex_if(in->memory.has_address, in->memory.address),
			 "fault_address", matches[in->match]);
}

static json_t *instruction_object(const struct explanation *e)
{
	const struct instruction *in = &e->instruction;
	json_t *operands, *before, *after;

	if (!e->has_instruction)
		return json_null();
	operands = json_array();
	before = json_array();
	after = json_array();
	for (size_t i = 0; i < in->nr_operands; i++)
		json_array_append_new(operands, operand_object(&in->operands[i]));
	for (size_t i = 0; i < in->nr_before; i++)
		json_array_append_new(before, json_string(in->before[i]));
	for (size_t i = 0; i < in->nr_after; i++)
		json_array_append_new(after, json_string(in->after[i]));
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "text", in->text,
			 "size_bytes", (int)in->size_bytes, "memory", memory_object(in),
			 "source",
			 in->has_source ? operand_object(&in->source) : json_null(),
			 "operands", operands, "before_guessed", before, "after", after);
}

static json_t *modfile_object(const struct explanation *e)
{
	const struct modfile *file = &e->modfile;

	if (!e->module)
		return json_null();
	if (!e->has_modfile)
		return json_pack("{s:o, s:s}", "path", json_text(e->module->path),
				 "error", e->no_modfile);
	return json_pack("{s:o, s:s, s:i, s:i, s:o, s:I, s:o, s:o, s:o}", "path",
			 json_text(e->module->path), "bytes",
			 modfile_match_name(file->match), "compared_bytes",
			 (int)file->nr_compared, "different_bytes",
			 (int)file->nr_different, "section", text_or_null(file->section),
			 "section_offset_bytes",
			 (json_int_t)(file->function_start + e->crash->site.offset),
			 "operand", text_or_null(file->target), "operand_section",
			 text_or_null(file->target_section), "source",
			 json_lines(file->frames, file->nr_frames));
}

static json_t *lsm_object(const struct lsmpart *lsm)
{
	static const char *const structures[] = {
		[LSMPART_NONE] = "none",
		[LSMPART_HOOK_ARRAY] = "hook-array",
		[LSMPART_HOOK_HEADS] = "hook-heads",
		[LSMPART_STATIC_CALLS] = "static-calls",
		[LSMPART_HOOK_ARRAY_UNUSED] = "boot-time-hook-array",
	};

	if (lsm->structure == LSMPART_NONE)
		return json_null();
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:b}", "structure",
		structures[lsm->structure], "owner", text_or_null(lsm->owner), "element",
		lsm->has_element ? json_integer(lsm->element) : json_null(), "member",
		text_or_null(lsm->field), "hook", text_or_null(lsm->hook), "callback",
		text_or_null(lsm->callback), "layout_assumed", lsm->is_assumed);
}

static json_t *target_object(const struct explanation *e)
{
	static const char *const sources[] = {
		[HIT_FROM_NOTHING] = "address",
		[HIT_FROM_FILE] = "kallsyms-file",
		[HIT_FROM_KERNEL] = "kernel",
	};
	const struct hit *hit = &e->target;

	if (!e->has_target)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "address",
		json_address(hit->address), "area", text_or_null(hit->region_name),
		"kind", hit_kind_name(hit->kind), "section",
		hit_section_name(hit->section), "section_name",
		text_or_null(hit->section_name), "source", sources[hit->source], "symbol",
		text_or_null(hit->has_symbol ? hit->symbol : NULL), "symbol_offset_bytes",
		hit->has_symbol ? json_integer((json_int_t)hit->offset) : json_null(),
		"module", text_or_null(hit->module), "lsm", lsm_object(&hit->lsm),
		"entry", text_or_null(hit->entry));
}

static json_t *walk_object(const struct pt_format *format, const struct pt_walk *walk)
{
	bool is_mapped = walk->reason == PT_OK || walk->reason == PT_PROTECTION_KEY;
	json_t *entries = json_array();

	for (unsigned i = 0; i < walk->nr_steps; i++) {
		const struct pt_step *step = &walk->steps[i];
		bool is_read = !pt_is_unreadable(walk->reason) || i + 1 < walk->nr_steps;
		struct pt_flag flags[PT_MAX_FLAGS];
		size_t nr = pt_entry_flags(format, step->value, step->level, flags);
		json_t *names = json_array();

		for (size_t j = 0; j < nr; j++)
			json_array_append_new(names, json_string(flags[j].name));
		json_array_append_new(
			entries,
			json_pack("{s:s, s:o, s:o}", "level",
				  pt_level_name(step->level, format->levels), "value",
				  hex_if(is_read, step->value), "flags", names));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "verdict",
			 pt_verdict_name(walk->verdict), "reason",
			 pt_reason_name(walk->reason), "size_bytes",
			 is_mapped ? json_integer((json_int_t)walk->span) : json_null(),
			 "physical", hex_if(is_mapped, walk->pa), "executable",
			 is_mapped ? json_boolean(!walk->nx) : json_null(), "user",
			 is_mapped ? json_boolean(walk->user) : json_null(), "entries",
			 entries);
}

static json_t *tables_object(const struct explanation *e)
{
	const struct tables *tables = &e->tables;
	const char *level = NULL;
	json_t *changed = json_array();

	if (tables->denied_by >= 0)
		level = pt_level_name(tables->walk.steps[tables->denied_by].level,
				      tables->format.levels);
	for (int i = PT_MAX_LEVELS - 1; i >= 0 && e->has_live_walk; i--)
		if (e->changed_levels >> i & 1)
			json_array_append_new(changed, json_string(pt_level_name(
							       (enum pt_level)i,
							       tables->format.levels)));
	return json_pack("{s:o, s:s, s:o, s:o, s:o}", "log",
			 tables->has_walk ? walk_object(&tables->format, &tables->walk)
					  : json_null(),
			 "denial", tables_denial_name(tables->denial), "denied_by",
			 text_or_null(level), "now",
			 e->has_live_walk ? walk_object(&tables->format, &e->live)
					  : json_null(),
			 "changed_levels", changed);
}

static json_t *boot_object(const struct boot *boot)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < boot->nr_checks; i++)
		json_array_append_new(
			checks,
			json_pack("{s:s, s:s, s:o}", "name", boot->checks[i].name,
				  "outcome", boot_outcome_name(boot->checks[i].outcome),
				  "text", json_text(boot->checks[i].text)));
	return json_pack("{s:s, s:o}", "verdict", boot_verdict_name(boot->verdict),
			 "checks", checks);
}

static json_t *suspect_object(const struct explanation *e)
{
	json_t *suspect;

	if (e->status != EXPLANATION_WHOLE || !e->cause.suspect)
		return json_null();
	suspect = site_object(e->cause.suspect);
	json_object_set_new(suspect, "why", json_string(e->cause.suspicion));
	return suspect;
}

static json_t *cause_object(const struct explanation *e)
{
	const struct cause *cause = &e->cause;
	json_t *notes, *ways;

	if (e->status != EXPLANATION_WHOLE)
		return json_null();
	notes = json_array();
	ways = json_array();
	for (size_t i = 0; i < cause->nr_notes; i++)
		json_array_append_new(notes, json_text(cause->notes[i]));
	for (size_t i = 0; i < cause->nr_ways; i++)
		json_array_append_new(ways,
				      json_pack("{s:s, s:s}", "what", cause->ways[i].what,
						"cost", cause->ways[i].cost));
	return json_pack("{s:s, s:b, s:s, s:o, s:o}", "kind", cause_name(cause->kind),
			 "likely", cause->is_likely, "summary", cause->summary, "notes",
			 notes, "ways_out", ways);
}

static json_t *vmlinux_object(const struct explanation *e)
{
	const struct explanation_vmlinux *vmlinux = &e->vmlinux;

	if (!e->has_vmlinux)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o}", "kernel",
			 vmlinux_match_name(vmlinux->match), "reason",
			 text_or_null(vmlinux->reason), "source",
			 json_lines(vmlinux->site.array, vmlinux->site.nr), "no_source",
			 text_or_null(vmlinux->site.why_not));
}

static json_t *trace_array(const struct explanation *e)
{
	const struct crash *crash = e->crash;
	json_t *trace = json_array();

	for (size_t i = 0; i < crash->nr_frames; i++) {
		json_t *frame = site_object(&crash->frames[i].site);

		json_object_set_new(frame, "guessed",
				    json_boolean(crash->frames[i].is_guess));
		json_object_set_new(
			frame, "source",
			json_lines(e->vmlinux.frames[i].array, e->vmlinux.frames[i].nr));
		json_array_append_new(trace, frame);
	}
	return trace;
}

static json_t *process_object(const struct crash *crash)
{
	if (!crash->has_pid)
		return json_null();
	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:o, s:o}", "name",
			 text_or_null(crash->comm), "pid", (int)crash->pid, "cpu",
			 crash->has_cpu ? json_integer(crash->cpu) : json_null(),
			 "release", text_or_null(crash->release), "build",
			 text_or_null(crash->build), "taint", text_or_null(crash->taint),
			 "hardware", text_or_null(crash->hardware));
}

static json_t *registers_object(const struct registers *registers)
{
	json_t *object = json_object();

	for (enum register_name name = 0; name < REGISTER_NR; name++)
		if (registers_has(registers, name))
			json_object_set_new(object, registers_name(name),
					    json_address(registers->value[name]));
	return object;
}

json_t *oops_json(const struct explanation *e, size_t i, size_t nr)
{
	const struct crash *crash = e->crash;
	char what[256], access[256], denial[256];
	json_t *result;

	oops_say_what(e, what, sizeof(what));
	oops_say_access(e, access, sizeof(access));
	oops_say_denial(e, denial, sizeof(denial));
	result = json_pack(
		"{s:I, s:I, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:b}", "index",
		(json_int_t)i + 1, "count", (json_int_t)nr, "status",
		e->status == EXPLANATION_WHOLE	   ? "explained"
		: e->status == EXPLANATION_REFUSED ? "refused"
						   : "damaged",
		"kind", crash_kind_name(crash->kind), "headline",
		json_text(crash->headline), "what", what, "missing",
		text_or_null(e->missing), "time_us",
		crash->has_time ? json_integer((json_int_t)crash->time_us) : json_null(),
		"number", crash->number ? json_integer(crash->number) : json_null(),
		"error_code", error_code_object(crash), "process", process_object(crash),
		"warning", crash->is_warning);
	json_object_set_new(result, "site",
			    crash->has_site ? site_object(&crash->site) : json_null());
	json_object_set_new(result, "refusal", text_or_null(e->refusal));
	json_object_set_new(result, "init_running",
			    json_boolean(crash->is_module_starting));
	json_object_set_new(result, "rip", hex_if(e->has_rip, e->rip));
	json_object_set_new(result, "instruction", instruction_object(e));
	json_object_set_new(result, "instruction_source",
			    json_string(!e->has_instruction	      ? "none"
					: e->is_instruction_from_file ? "module-file"
								      : "log"));
	json_object_set_new(
		result, "near",
		e->has_near ? json_pack("{s:s, s:I}", "register", registers_name(e->near),
					"offset_bytes", (json_int_t)e->near_offset)
			    : json_null());
	json_object_set_new(result, "module_file", modfile_object(e));
	json_object_set_new(result, "access", text_or_null(access));
	json_object_set_new(result, "target", target_object(e));
	json_object_set_new(result, "walk", tables_object(e));
	json_object_set_new(result, "denial", text_or_null(denial));
	json_object_set_new(result, "boot", boot_object(&e->boot));
	json_object_set_new(result, "cause", cause_object(e));
	json_object_set_new(result, "suspect", suspect_object(e));
	json_object_set_new(result, "bug_at", text_or_null(crash->bug_at));
	json_object_set_new(result, "detail", text_or_null(crash->detail));
	json_object_set_new(result, "panic", text_or_null(crash->panic));
	json_object_set_new(result, "registers", registers_object(&crash->registers));
	json_object_set_new(result, "trace", trace_array(e));
	json_object_set_new(result, "vmlinux", vmlinux_object(e));
	return result;
}
