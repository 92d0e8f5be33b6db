/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dry run's part of the answer of "preflight", as JSON and for people. */
#include "cmd/preflight.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "cmd/json.h"
#include "kcore/cleanup.h"
#include "module/modsym.h"

/* As arch/x86/kernel/process_64.c:__show_regs() orders them. */
static const struct {
	const char *name;
	unsigned number;
} registers[] = {
	{"RAX", MACHINE_RAX}, {"RBX", MACHINE_RBX}, {"RCX", MACHINE_RCX},
	{"RDX", MACHINE_RDX}, {"RSI", MACHINE_RSI}, {"RDI", MACHINE_RDI},
	{"RBP", MACHINE_RBP}, {"R08", MACHINE_R8},  {"R09", MACHINE_R8 + 1},
	{"R10", 10},	      {"R11", 11},	    {"R12", 12},
	{"R13", 13},	      {"R14", 14},	    {"R15", 15},
};
enum { NR_REGISTERS = sizeof(registers) / sizeof(registers[0]), PER_LINE = 3 };

/* The CPU sets it in the flags that an exception saves. */
enum { RESUME_FLAG = 1 << 16 };

/* Of one object that init gave away. */
enum { MAX_FUNCTIONS = 64 };

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

static void print_place(FILE *out, const struct preflight_answer *preflight, uint64_t va)
{
	struct addrspace_name name;

	addrspace_name(preflight->space, va, &name);
	if (!name.symbol) {
		fprintf(out, "0x%016" PRIx64, va);
		return;
	}
	text_safe(out, name.symbol);
	if (name.offset)
		fprintf(out, "+0x%" PRIx64, name.offset);
	print_module(out, &name);
}

/* As "%pS" has it: with the symbol's size, as far as the kernel knows it. */
static void print_sized_place(FILE *out, const struct preflight_answer *preflight,
			      uint64_t va)
{
	struct addrspace_name name;
	uint64_t end;

	addrspace_name(preflight->space, va, &name);
	if (!name.symbol || !addrspace_symbol_end(preflight->space, va, &end)) {
		fprintf(out, "0x%" PRIx64, va);
		return;
	}
	text_safe(out, name.symbol);
	fprintf(out, "+0x%" PRIx64 "/0x%" PRIx64, name.offset, end - va + name.offset);
	print_module(out, &name);
}

static void print_cause(FILE *out, const struct machine_fault *fault)
{
	static const char *const accesses[] = {[MACHINE_READ] = "read access",
					       [MACHINE_WRITE] = "write access",
					       [MACHINE_FETCH] = "instruction fetch"};

	if (fault->is_non_canonical)
		fprintf(out,
			"general protection fault, probably for non-canonical address "
			"0x%" PRIx64 "\n",
			fault->address);
	else
		preflight_page_fault(out, "", fault->address, accesses[fault->access],
				     fault->error_code);
}

/* What the kernel would log, in part: arch/x86/mm/fault.c:show_fault_oops(),
 * __show_regs() and show_trace_log_lvl().
 */
static void print_oops(FILE *out, const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	const struct machine_result *result = &dryrun->result;

	if (dryrun->is_bug)
		fputs("kernel BUG\n", out);
	else
		print_cause(out, &result->fault);
	fputs("RIP: 0010:", out);
	print_sized_place(out, preflight, result->registers[MACHINE_RIP]);
	fprintf(out, "\nRSP: 0018:%016" PRIx64 " EFLAGS: %08" PRIx64 "\n",
		result->registers[MACHINE_RSP],
		result->registers[MACHINE_RFLAGS] | RESUME_FLAG);
	for (size_t i = 0; i < NR_REGISTERS; i++)
		fprintf(out, "%s: %016" PRIx64 "%c", registers[i].name,
			result->registers[registers[i].number],
			i % PER_LINE == PER_LINE - 1 ? '\n' : ' ');
	fputs("Call Trace:\n", out);
	for (size_t i = result->nr_frames; i-- > 0;) {
		if (!result->frames[i].site)
			continue;
		fputc(' ', out);
		print_sized_place(out, preflight, result->frames[i].back);
		fputc('\n', out);
	}
}

/* print_oops()'s lines, each through @each. */
static void each_oops_line(const struct preflight_answer *preflight,
			   void (*each)(void *ctx, const char *line), void *ctx)
{
	_cleanup_free_ char *bytes = NULL;
	size_t nr_bytes;
	FILE *out = open_memstream(&bytes, &nr_bytes);

	if (!out)
		return;
	print_oops(out, preflight);
	if (fclose(out) != 0)
		return;
	for (char *save = NULL, *line = strtok_r(bytes, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		each(ctx, line);
}

/* {"address", "symbol", "module", "offset"} */
static json_t *place_object(const struct preflight_answer *preflight, uint64_t va)
{
	struct addrspace_name name;

	addrspace_name(preflight->space, va, &name);
	return json_pack("{s:o, s:o, s:o, s:I}", "address", json_address(va), "symbol",
			 json_text(name.symbol), "module", json_text(name.module),
			 "offset", (json_int_t)name.offset);
}

static void append_line(void *ctx, const char *line)
{
	json_array_append_new(ctx, json_text(line));
}

static json_t *oops_array(const struct preflight_answer *preflight)
{
	json_t *lines = json_array();

	each_oops_line(preflight, append_line, lines);
	return lines;
}

static json_t *fault_object(const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	const struct machine_result *result = &dryrun->result;
	json_t *values = json_object(), *frames = json_array();

	if (dryrun->outcome != DRYRUN_FAULT) {
		json_decref(values);
		json_decref(frames);
		return json_null();
	}
	for (size_t i = 0; i < NR_REGISTERS; i++)
		json_object_set_new(values, registers[i].name,
				    json_address(result->registers[registers[i].number]));
	json_object_set_new(values, "RSP", json_address(result->registers[MACHINE_RSP]));
	for (size_t i = result->nr_frames; i-- > 0;)
		if (result->frames[i].site)
			json_array_append_new(
				frames, place_object(preflight, result->frames[i].site));
	return json_pack("{s:s, s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "kind",
			 dryrun->is_bug			  ? "bug"
			 : result->fault.is_non_canonical ? "general-protection"
							  : "page-fault",
			 "instruction",
			 place_object(preflight, result->registers[MACHINE_RIP]),
			 "target", place_object(preflight, result->fault.address),
			 "access", access_names[result->fault.access], "size_bytes",
			 (int)result->fault.size_bytes, "error_code",
			 dryrun->is_bug || result->fault.is_non_canonical
				 ? json_null()
				 : json_integer(result->fault.error_code),
			 "registers", values, "called_from", frames, "oops",
			 oops_array(preflight));
}

static json_t *functions_array(const struct preflight_answer *preflight, uint64_t va)
{
	const struct modimage *mod = preflight->space->mod;
	uint64_t functions[MAX_FUNCTIONS];
	size_t nr = modsym_functions(mod, va, MAX_FUNCTIONS, functions);
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(array, place_object(preflight, functions[i]));
	return array;
}

static json_t *given_array(const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	json_t *array = json_array();

	for (size_t i = 0; i < dryrun->nr_given; i++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:o, s:o}", "to",
				  place_object(preflight, dryrun->given[i].callee),
				  "what",
				  place_object(preflight, dryrun->given[i].address),
				  "functions",
				  functions_array(preflight, dryrun->given[i].address)));
	return array;
}

static json_t *calls_array(const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	json_t *array = json_array();

	for (size_t i = 0; i < dryrun->nr_calls; i++)
		json_array_append_new(
			array,
			json_pack("{s:i, s:o, s:o}", "depth", (int)dryrun->calls[i].depth,
				  "site", place_object(preflight, dryrun->calls[i].site),
				  "callee",
				  place_object(preflight, dryrun->calls[i].callee)));
	return array;
}

json_t *preflight_dryrun_json(const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
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
	json_object_set_new(object, "fault", fault_object(preflight));
	json_object_set_new(object, "registered", given_array(preflight));
	if (dryrun->calls)
		json_object_set_new(object, "calls", calls_array(preflight));
	return object;
}

static void print_calls(FILE *out, const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	unsigned lowest = UINT_MAX;

	for (size_t i = 0; i < dryrun->nr_calls; i++)
		if (dryrun->calls[i].depth < lowest)
			lowest = dryrun->calls[i].depth;
	for (size_t i = 0; i < dryrun->nr_calls; i++) {
		fprintf(out, "    %*s", (int)(2 * (dryrun->calls[i].depth - lowest)), "");
		print_place(out, preflight, dryrun->calls[i].callee);
		fputs("  from ", out);
		print_place(out, preflight, dryrun->calls[i].site);
		fputc('\n', out);
	}
	if (dryrun->nr_calls == DRYRUN_MAX_CALLS)
		fputs("    ... and more calls than are kept\n", out);
}

/* What init registered, and the functions that may be called by that. */
static void print_given(FILE *out, const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;
	uint64_t functions[MAX_FUNCTIONS];
	struct addrspace_name name;

	for (size_t i = 0; i < dryrun->nr_given; i++) {
		const struct dryrun_given *given = &dryrun->given[i];
		size_t nr = modsym_functions(preflight->space->mod, given->address,
					       MAX_FUNCTIONS, functions);

		fputs("    gave ", out);
		print_place(out, preflight, given->address);
		fputs(" to ", out);
		print_place(out, preflight, given->callee);
		for (size_t j = 0; j < nr && functions[0] != given->address; j++) {
			addrspace_name(preflight->space, functions[j], &name);
			fputs(j ? ", " : ": ", out);
			text_safe(out, name.symbol ? name.symbol : "?");
		}
		fputc('\n', out);
	}
}

static void print_line(void *ctx, const char *line)
{
	fprintf(ctx, "    %s\n", line);
}

void preflight_dryrun_text(FILE *out, const struct text *text,
			   const struct preflight_answer *preflight)
{
	const struct dryrun *dryrun = &preflight->inspect->dryrun;

	if (!text->is_verbose && !dryrun->calls && dryrun->outcome == DRYRUN_NOT_RUN)
		return;
	fprintf(out, "  dry run: %s", dryrun_outcome_name(dryrun->outcome));
	if (dryrun->outcome == DRYRUN_RETURNED && dryrun->has_value)
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
		each_oops_line(preflight, print_line, out);
	if (text->is_verbose && dryrun->outcome != DRYRUN_NOT_RUN) {
		fprintf(out,
			"    %zu warnings passed, %zu pieces of work put off, %zu pages "
			"fetched, %" PRIu64 " ms of CPU\n",
			dryrun->nr_warnings, dryrun->nr_deferred, dryrun->nr_pages,
			dryrun->cpu_ms);
		print_given(out, preflight);
	}
	print_calls(out, preflight);
}
