/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dry run's part of the answer of "preflight", as JSON and for people. */
#include "cmd/preflight.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/kernelwords.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* As arch/x86/kernel/process_64.c:__show_regs() orders them. */
static const struct {
	const char *name;
	unsigned number;
} registers[] = {
	{"RAX", X86_RAX}, {"RBX", X86_RBX}, {"RCX", X86_RCX}, {"RDX", X86_RDX},
	{"RSI", X86_RSI}, {"RDI", X86_RDI}, {"RBP", X86_RBP}, {"R08", X86_R8},
	{"R09", X86_R9},  {"R10", 10},	    {"R11", 11},      {"R12", 12},
	{"R13", 13},	  {"R14", 14},	    {"R15", 15},
};
enum { NR_REGISTERS = sizeof(registers) / sizeof(registers[0]), PER_LINE = 3 };

/* The CPU sets it in the flags that an exception saves. */
enum { RESUME_FLAG = 1 << 16 };

static const char *const access_names[] = {
	[MACHINE_READ] = "read", [MACHINE_WRITE] = "write", [MACHINE_FETCH] = "fetch"};

static void print_module(FILE *out, const struct addrspace_name *name)
{
	if (!name->module)
		return;
	fputs(" [", out);
	text_safe(out, name->module);
	fputc(']', out);
}

static void print_place(FILE *out, const struct runnames_at *at)
{
	if (!at->name.symbol) {
		fprintf(out, "0x%016" PRIx64, at->address);
		return;
	}
	text_safe(out, at->name.symbol);
	if (at->name.offset)
		fprintf(out, "+0x%" PRIx64, at->name.offset);
	print_module(out, &at->name);
}

/* As "%pS" has it: with the symbol's size, as far as the kernel knows it. */
static void print_sized_place(FILE *out, const struct runnames_at *at)
{
	if (!at->symbol_bytes) {
		fprintf(out, "0x%" PRIx64, at->address);
		return;
	}
	text_safe(out, at->name.symbol);
	fprintf(out, "+0x%" PRIx64 "/0x%" PRIx64, at->name.offset, at->symbol_bytes);
	print_module(out, &at->name);
}

/* kernel/cfi.c:report_cfi_failure() */
static void print_wrong_type(FILE *out, const struct machine_fault *fault,
			     const struct runnames *names)
{
	fputs("CFI failure at ", out);
	print_sized_place(out, &names->instruction);
	if (fault->knows_callee) {
		fputs(" (target: ", out);
		print_sized_place(out, &names->target);
		fprintf(out, "; expected type: 0x%08" PRIx32 ")\n", fault->wanted_type);
	} else {
		fputs(" (no target information)\n", out);
	}
	fputs("Oops: invalid opcode: 0000\n", out);
}

static void print_cause(FILE *out, const struct machine_fault *fault,
			const struct runnames *names)
{
	if (fault->exception == MACHINE_WRONG_TYPE)
		print_wrong_type(out, fault, names);
	else if (fault->exception == MACHINE_KEEPS_WP)
		fputs("general protection fault\n", out);
	else if (fault->exception == MACHINE_NO_ENDBR)
		fprintf(out, "Missing ENDBR: 0x%016" PRIx64 "\n", fault->address);
	else if (fault->is_non_canonical)
		kernelwords_non_canonical(out, fault->address);
	else
		kernelwords_page_fault(out, "", fault->address, fault->error_code);
}

/* What the kernel would log, in part: arch/x86/mm/fault.c:show_fault_oops(),
 * __show_regs() and show_trace_log_lvl().
 */
static void print_oops(FILE *out, const struct preflight_answer *answer)
{
	const struct dryrun *dryrun = &answer->preflight->dryrun;
	const struct machine_result *result = &dryrun->result;
	const struct runnames *names = &answer->preflight->names;

	if (dryrun->is_bug)
		fputs("kernel BUG\n", out);
	else
		print_cause(out, &result->fault, names);
	fputs("RIP: 0010:", out);
	print_sized_place(out, &names->instruction);
	fprintf(out, "\nRSP: 0018:%016" PRIx64 " EFLAGS: %08" PRIx64 "\n",
		result->registers[X86_RSP],
		result->registers[MACHINE_RFLAGS] | RESUME_FLAG);
	for (size_t i = 0; i < NR_REGISTERS; i++)
		fprintf(out, "%s: %016" PRIx64 "%c", registers[i].name,
			result->registers[registers[i].number],
			i % PER_LINE == PER_LINE - 1 ? '\n' : ' ');
	fputs("Call Trace:\n", out);
	for (size_t i = 0; i < names->nr_frames; i++) {
		fputc(' ', out);
		print_sized_place(out, &names->frames[i].back);
		fputc('\n', out);
	}
}

/* print_oops()'s lines, each through @each. */
static void each_oops_line(const struct preflight_answer *answer,
			   void (*each)(void *ctx, const char *line), void *ctx)
{
	_cleanup_free_ char *bytes = NULL;
	size_t nr_bytes;
	FILE *out = open_memstream(&bytes, &nr_bytes);

	if (!out)
		return;
	print_oops(out, answer);
	if (loss_close(out) < 0)
		return;
	for (char *save = NULL, *line = strtok_r(bytes, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		each(ctx, line);
}

/* {"address", "symbol", "module", "offset"} */
static json_t *place_object(const struct runnames_at *at)
{
	return json_pack("{s:o, s:o, s:o, s:I}", "address", json_address(at->address),
			 "symbol", json_text(at->name.symbol), "module",
			 json_text(at->name.module), "offset",
			 (json_int_t)at->name.offset);
}

static void append_line(void *ctx, const char *line)
{
	json_array_append_new(ctx, json_text(line));
}

static json_t *oops_array(const struct preflight_answer *answer)
{
	json_t *lines = json_array();

	each_oops_line(answer, append_line, lines);
	return lines;
}

static const char *kind_of(const struct dryrun *dryrun)
{
	const struct machine_fault *fault = &dryrun->result.fault;

	if (dryrun->is_bug)
		return "bug";
	if (fault->exception == MACHINE_NO_ENDBR)
		return "control-protection";
	if (fault->exception == MACHINE_WRONG_TYPE)
		return "wrong-type";
	return fault->exception == MACHINE_KEEPS_WP || fault->is_non_canonical
		       ? "general-protection"
		       : "page-fault";
}

/* A type's hash, as the kernel writes it. */
static json_t *type_text(bool is_known, uint32_t type)
{
	return is_known ? json_sprintf("0x%08" PRIx32, type) : json_null();
}

static json_t *fault_object(const struct preflight_answer *answer)
{
	const struct dryrun *dryrun = &answer->preflight->dryrun;
	const struct machine_result *result = &dryrun->result;
	const struct runnames *names = &answer->preflight->names;
	json_t *values = json_object(), *frames = json_array();

	if (dryrun->outcome != DRYRUN_FAULT) {
		json_decref(values);
		json_decref(frames);
		return json_null();
	}
	for (size_t i = 0; i < NR_REGISTERS; i++)
		json_object_set_new(values, registers[i].name,
				    json_address(result->registers[registers[i].number]));
	json_object_set_new(values, "RSP", json_address(result->registers[X86_RSP]));
	for (size_t i = 0; i < names->nr_frames; i++)
		json_array_append_new(frames, place_object(&names->frames[i].site));
	return json_pack(
		"{s:s, s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "kind",
		kind_of(dryrun), "instruction", place_object(&names->instruction),
		"target", place_object(&names->target), "access",
		access_names[result->fault.access], "size_bytes",
		(int)result->fault.size_bytes, "error_code",
		strcmp(kind_of(dryrun), "page-fault") != 0
			? json_null()
			: json_integer(result->fault.error_code),
		"expected_type",
		type_text(result->fault.knows_callee, result->fault.wanted_type), "type",
		type_text(result->fault.knows_type, result->fault.type), "registers",
		values, "called_from", frames, "oops", oops_array(answer));
}

static json_t *functions_array(const struct runnames_given *given)
{
	json_t *array = json_array();

	for (size_t i = 0; i < given->nr_functions; i++)
		json_array_append_new(array, place_object(&given->functions[i]));
	return array;
}

static json_t *given_array(const struct runnames *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->nr_given; i++) {
		const struct runnames_given *given = &names->given[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:o}", "to",
						place_object(&given->callee), "what",
						place_object(&given->what), "functions",
						functions_array(given)));
	}
	return array;
}

static json_t *calls_array(const struct runnames *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->nr_calls; i++)
		json_array_append_new(
			array,
			json_pack("{s:i, s:o, s:o}", "depth", (int)names->calls[i].depth,
				  "site", place_object(&names->calls[i].site), "callee",
				  place_object(&names->calls[i].callee)));
	return array;
}

/* {"name", "status", "loaded"} of each module that was asked for. */
static json_t *requests_array(const struct dryrun *dryrun)
{
	json_t *array = json_array();

	for (size_t i = 0; i < dryrun->nr_requests; i++) {
		const struct request_record *record = &dryrun->requests[i];
		json_t *loaded = json_array();

		for (size_t j = 0; j < record->nr_loaded; j++)
			json_array_append_new(loaded, json_text(record->loaded[j]));
		json_array_append_new(array, json_pack("{s:o, s:i, s:o}", "name",
						       json_text(record->name), "status",
						       record->status, "loaded", loaded));
	}
	return array;
}

json_t *preflight_dryrun_json(const struct preflight_answer *answer)
{
	const struct dryrun *dryrun = &answer->preflight->dryrun;
	bool has_run = dryrun->outcome != DRYRUN_NOT_RUN;
	json_t *object = json_pack(
		"{s:s, s:o, s:I, s:o, s:o}", "outcome",
		dryrun_outcome_name(dryrun->outcome), "return",
		dryrun->has_value && dryrun->outcome == DRYRUN_RETURNED
			? json_integer(dryrun->value)
			: json_null(),
		"instructions", (json_int_t)dryrun->nr_instructions, "reason",
		json_text(dryrun->why), "reason_code",
		dryrun->outcome == DRYRUN_UNDECIDED
			? json_string(dryrun_reason_name(dryrun->reason))
			: json_null());

	if (!has_run)
		return object;
	json_object_set_new(object, "phase",
			    json_string(dryrun_phase_name(dryrun->phase)));
	json_object_set_new(object, "cpu_ms", json_integer((json_int_t)dryrun->cpu_ms));
	json_object_set_new(object, "fetched_pages",
			    json_integer((json_int_t)dryrun->nr_pages));
	json_object_set_new(object, "warnings",
			    json_integer((json_int_t)dryrun->nr_warnings));
	json_object_set_new(object, "deferred",
			    json_integer((json_int_t)dryrun->nr_deferred));
	json_object_set_new(object, "needed_module",
			    dryrun->needed ? json_text(dryrun->needed) : json_null());
	json_object_set_new(object, "requested_modules", requests_array(dryrun));
	json_object_set_new(object, "after_rmmod", json_boolean(dryrun->is_after_unload));
	json_object_set_new(object, "fault", fault_object(answer));
	json_object_set_new(object, "registered", given_array(&answer->preflight->names));
	if (dryrun->calls)
		json_object_set_new(object, "calls",
				    calls_array(&answer->preflight->names));
	return object;
}

static void print_calls(FILE *out, const struct runnames *names)
{
	unsigned lowest = UINT_MAX;

	for (size_t i = 0; i < names->nr_calls; i++)
		if (names->calls[i].depth < lowest)
			lowest = names->calls[i].depth;
	for (size_t i = 0; i < names->nr_calls; i++) {
		fprintf(out, "    %*s", (int)(2 * (names->calls[i].depth - lowest)), "");
		print_place(out, &names->calls[i].callee);
		fputs("  from ", out);
		print_place(out, &names->calls[i].site);
		fputc('\n', out);
	}
	if (names->nr_calls == DRYRUN_MAX_CALLS)
		fputs("    ... and more calls than are kept\n", out);
}

/* What init registered, and the functions that may be called by that. */
static void print_given(FILE *out, const struct runnames *names)
{
	for (size_t i = 0; i < names->nr_given; i++) {
		const struct runnames_given *given = &names->given[i];
		bool is_function = given->nr_functions &&
				   given->functions[0].address == given->what.address;

		fputs("    gave ", out);
		print_place(out, &given->what);
		fputs(" to ", out);
		print_place(out, &given->callee);
		for (size_t j = 0; j < given->nr_functions && !is_function; j++) {
			const char *symbol = given->functions[j].name.symbol;

			fputs(j ? ", " : ": ", out);
			text_safe(out, symbol ? symbol : "?");
		}
		fputc('\n', out);
	}
}

/* The modules that request_module() was called for, and what modprobe made of that. */
static void print_requests(FILE *out, const struct dryrun *dryrun)
{
	for (size_t i = 0; i < dryrun->nr_requests; i++) {
		const struct request_record *record = &dryrun->requests[i];

		fputs("    asked for ", out);
		text_safe(out, record->name);
		if (record->status < 0)
			fputs(": there is no modprobe", out);
		else if (record->status > 0)
			fputs(": modprobe fails", out);
		else
			fprintf(out, ": modprobe succeeds%s",
				record->nr_loaded ? " and loads" : "");
		for (size_t j = 0; j < record->nr_loaded; j++) {
			fputs(j ? ", " : " ", out);
			text_safe(out, record->loaded[j]);
		}
		fputc('\n', out);
	}
}

static void print_line(void *ctx, const char *line)
{
	fprintf(ctx, "    %s\n", line);
}

static void print_needed(FILE *out, const struct preflight_answer *answer)
{
	const struct dryrun *dryrun = &answer->preflight->dryrun;

	fputs(", ", out);
	text_safe(out, dryrun->needed);
	fprintf(out, ", which it needs, gives %d: modprobe: could not insert '",
		dryrun->value);
	text_safe(out, answer->file->module_name);
	fprintf(out, "': %s", strerror(-dryrun->value));
}

void preflight_dryrun_text(FILE *out, const struct text *text,
			   const struct preflight_answer *answer)
{
	const struct dryrun *dryrun = &answer->preflight->dryrun;

	fprintf(out, "  dry run: %s", dryrun_outcome_name(dryrun->outcome));
	if (dryrun->is_after_unload && dryrun->outcome != DRYRUN_NOT_RUN)
		fputs(", after rmmod of the module of that name that is loaded", out);
	if (dryrun->outcome == DRYRUN_RETURNED && dryrun->needed)
		print_needed(out, answer);
	else if (dryrun->outcome == DRYRUN_RETURNED && dryrun->has_value)
		fprintf(out, ", %s gives %d%s",
			dryrun->phase == DRYRUN_PARAMETERS ? "parsing the parameters"
							   : "init",
			dryrun->value,
			dryrun->value < 0 ? ": insmod would fail with that" : "");
	if (dryrun->outcome == DRYRUN_RETURNED && dryrun->phase > DRYRUN_INIT)
		fprintf(out, ", %s returns",
			dryrun->phase == DRYRUN_EXIT ? "exit" : "the function");
	if (dryrun->why[0]) {
		fputs(": ", out);
		text_safe(out, dryrun->why);
	}
	if (dryrun->outcome != DRYRUN_NOT_RUN)
		fprintf(out, " (%" PRIu64 " instructions)", dryrun->nr_instructions);
	fputc('\n', out);
	if (dryrun->outcome == DRYRUN_FAULT)
		each_oops_line(answer, print_line, out);
	if (text->is_verbose && dryrun->outcome != DRYRUN_NOT_RUN) {
		fprintf(out,
			"    %zu warnings passed, %zu pieces of work put off, %zu pages "
			"fetched, %" PRIu64 " ms of CPU\n",
			dryrun->nr_warnings, dryrun->nr_deferred, dryrun->nr_pages,
			dryrun->cpu_ms);
		print_requests(out, dryrun);
		print_given(out, &answer->preflight->names);
	}
	print_calls(out, &answer->preflight->names);
}
