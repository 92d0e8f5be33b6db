/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's init, run in a machine over the kernel's memory. */
#include "dryrun/dryrun.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dryrun/calltype.h"
#include "dryrun/handlers.h"
#include "dryrun/loader.h"
#include "module/modsym.h"
#include "dryrun/reason.h"
#include "dryrun/torn.h"
#include "dryrun/unload.h"
#include "dryrun/waiting.h"
#include "machine/call.h"
#include "machine/unicorn.h"

static const char *const outcome_names[DRYRUN_NR_OUTCOMES] = {
	[DRYRUN_NOT_RUN] = "not-run",
	[DRYRUN_RETURNED] = "returned",
	[DRYRUN_FAULT] = "fault",
	[DRYRUN_UNDECIDED] = "undecided",
};

static const char *const phase_names[DRYRUN_NR_PHASES] = {
	[DRYRUN_SETUP] = "setup",
	[DRYRUN_PARAMETERS] = "parameters",
	[DRYRUN_CONSTRUCTORS] = "constructors",
	[DRYRUN_INIT] = "init",
	[DRYRUN_EXIT] = "exit",
	[DRYRUN_CALL] = "call",
};

const char *dryrun_outcome_name(enum dryrun_outcome outcome)
{
	return outcome_names[outcome];
}

const char *dryrun_phase_name(enum dryrun_phase phase)
{
	return phase_names[phase];
}

#ifdef KWCHECK_UNICORN

/* Behind those of the models: the clock source's read function, which has no name that is
 * known beforehand.
 */
enum { CLOCK_ID = MODELS_MAX };

/* One run, and what its hooks need. */
struct attempt {
	struct dryrun *dryrun;
	const struct dryrun_options *options;
	struct addrspace *space;
	struct machine *machine;
	struct loader loader;
	struct handler_state handlers;
	struct requests requests;
	struct checkpoints *checkpoints;
	const struct checkpoint *base; /* which the run went on from; NULL: none */
	uint64_t own_module; /* struct module of the module in question; 0: not yet */
};

static bool is_own(const struct attempt *attempt, uint64_t va)
{
	return modimage_holds(attempt->space->mod, va);
}

static void on_watch(void *ctx, struct machine *machine, uint64_t address, unsigned id)
{
	struct attempt *attempt = ctx;

	(void)address;
	if (id == CLOCK_ID)
		handle_read_clock(&attempt->handlers, machine);
	else
		models_enter(id, &attempt->handlers, machine);
}

static void key_changed(void *ctx, struct machine *machine, uint64_t key)
{
	struct attempt *attempt = ctx;

	(void)machine;
	loader_patch_branches(&attempt->loader, key);
}

static bool is_this_module(const struct attempt *attempt, uint64_t va)
{
	return attempt->own_module == va;
}

/* Is it a thunk? The function that a thunk jumps to is not known here. */
static bool is_thunk(const struct symbol *symbol)
{
	return symbol && strncmp(symbol->name, "__x86_", 6) == 0;
}

/* Notes which of the module's functions, or objects that hold some, @callee is given. */
static void note_given(struct attempt *attempt, struct machine *machine, uint64_t callee)
{
	struct dryrun *dryrun = attempt->dryrun;
	const struct symbol *symbol = symbols_at(&machine->kernel->symbols, callee);

	if (is_thunk(symbol))
		return;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t value = machine_argument(machine, i), function;
		bool is_known = !is_own(attempt, value);

		for (size_t j = 0; j < dryrun->nr_given && !is_known; j++)
			is_known = dryrun->given[j].callee == callee &&
				   dryrun->given[j].address == value;
		if (is_known || dryrun->nr_given == DRYRUN_MAX_GIVEN ||
		    is_this_module(attempt, value) ||
		    modsym_functions(attempt->space->mod, value, 1, &function) == 0 ||
		    (symbol &&
		     addrspace_parameter(attempt->space, symbol->name, i) == TYPES_NONE))
			continue;
		dryrun->given[dryrun->nr_given++] = (struct dryrun_given){
			.callee = callee, .address = value};
	}
}

static void trace(struct attempt *attempt, uint64_t site, uint64_t callee, size_t depth)
{
	struct dryrun *dryrun = attempt->dryrun;

	if (!attempt->options->trace || dryrun->nr_calls >= DRYRUN_MAX_CALLS ||
	    dryrun->phase == DRYRUN_SETUP)
		return;
	if (dryrun->nr_calls % 4096 == 0) {
		void *calls = reallocarray(dryrun->calls, dryrun->nr_calls + 4096,
					   sizeof(*dryrun->calls));

		if (!calls)
			return;
		dryrun->calls = calls;
	}
	dryrun->calls[dryrun->nr_calls++] = (struct dryrun_call){
		.site = site, .callee = callee, .depth = (unsigned)depth};
}

static void on_call(void *ctx, struct machine *machine, uint64_t site, uint64_t callee)
{
	struct attempt *attempt = ctx;

	if (is_own(attempt, site) && !is_own(attempt, callee))
		note_given(attempt, machine, callee);
	trace(attempt, site, callee, machine->run.nr_frames);
}

/* The module's last call of a function may be a jump. */
static void on_jump(void *ctx, struct machine *machine, uint64_t site, uint64_t target)
{
	struct attempt *attempt = ctx;

	if (!is_own(attempt, site) || is_own(attempt, target) ||
	    is_thunk(symbols_at(&machine->kernel->symbols, target)))
		return;
	note_given(attempt, machine, target);
	trace(attempt, site, target, machine->run.nr_frames + 1);
}

/* Calls one function of the module. false: the run is over, dryrun->result says how. */
static bool call(struct attempt *attempt, enum dryrun_phase phase, uint64_t function,
		 size_t nr_arguments, const uint64_t arguments[])
{
	struct dryrun *dryrun = attempt->dryrun;

	dryrun->phase = phase;
	machine_call(attempt->machine, function, nr_arguments, arguments,
		     &dryrun->result);
	return dryrun->result.end == MACHINE_RETURNED;
}

/* Can another module that needs the first @nr modules go on from here, and is that worth
 * the taking, which costs as much as some ten thousand instructions?
 */
static bool is_worth_keeping(const struct attempt *attempt, size_t nr)
{
	static const uint64_t WORTH = 50000;
	const struct machine *machine = attempt->machine;
	uint64_t before = attempt->base ? attempt->base->image.run.nr_instructions : 0;

	return machine_can_take(machine) && attempt->space->nr_relied <= nr &&
	       machine->run.nr_instructions - before > WORTH;
}

/* Loads the modules that this one needs, and runs the init of each. One that modprobe
 * only tries may fail.
 */
static bool load_needed(struct attempt *attempt)
{
	struct addrspace *space = attempt->space;

	for (size_t i = attempt->base ? attempt->base->nr_steps : 0; i < space->nr_needed;
	     i++) {
		const struct addrspace_needed *needed = space->needed[i];
		const char *name = needed->file->module_name;
		enum request_end end;
		int32_t value;

		if (addrspace_is_loaded(space, name) ||
		    loader_find(&attempt->loader, name))
			continue;
		end = request_load(&attempt->loader, needed, NULL, "it needs", &value);
		request_run_late(&attempt->requests, attempt->machine);
		if (attempt->machine->run.has_ended)
			return false;
		if (end == REQUEST_LOADED ||
		    (end == REQUEST_FAILED && addrspace_is_optional(space, i))) {
			if (is_worth_keeping(attempt, i + 1))
				checkpoints_take(attempt->checkpoints, &attempt->loader,
						 &attempt->handlers, &attempt->requests,
						 i + 1, attempt->base);
			continue;
		}
		if (end == REQUEST_OVER)
			return false;
		attempt->dryrun->result = (struct machine_result){
			.end = MACHINE_RETURNED, .value = (uint64_t)(int64_t)value};
		attempt->dryrun->needed = name;
		attempt->dryrun->has_value = true;
		attempt->dryrun->value = value;
		return false;
	}
	return true;
}

/* kernel/module/main.c:do_mod_ctors() */
static bool run_constructors(struct attempt *attempt, const struct loaded *loaded)
{
	const struct kofile *file = loaded->mod.file;

	for (size_t i = 1; i < file->nr_sections; i++) {
		const struct modimage_section *section = &loaded->mod.sections[i];
		uint64_t function;

		if ((strcmp(file->sections[i].name, ".init_array") != 0 &&
		     strcmp(file->sections[i].name, ".ctors") != 0) ||
		    section->kind == MODSECTION_NONE)
			continue;
		for (uint64_t j = 0; j + 8 <= file->sections[i].size_bytes; j += 8)
			if (machine_read(attempt->machine, section->va + j, &function,
					 8) == 0 &&
			    function &&
			    !call(attempt, DRYRUN_CONSTRUCTORS, function, 0, NULL))
				return false;
	}
	return true;
}

/* Nobody knows the function's arguments. Each points to zeros, or in the other variant to
 * pointers to zeros, so that a run that depends on them ends differently.
 */
static bool make_arguments(struct attempt *attempt, uint64_t ret[X86_NR_ARGUMENTS])
{
	enum { ORDER = 4 };
	struct machine *machine = attempt->machine;
	uint64_t va, pa, target, first = machine_invent(machine, 0, X86_NR_ARGUMENTS + 1);

	if (!pagealloc_allocate(&attempt->loader.pages, ORDER, &va, &pa)) {
		machine_stop(machine, DRYRUN_UNPREPARED, "no memory for the arguments");
		return false;
	}
	target = va + (((uint64_t)1 << ORDER) - 1) * PAGE_BYTES;
	for (size_t i = 0; i < X86_NR_ARGUMENTS; i++) {
		ret[i] = va + (first + i) * PAGE_BYTES;
		for (size_t j = 0; first && j < PAGE_BYTES; j += sizeof(target))
			machine_write(machine, ret[i] + j, &target, sizeof(target));
	}
	return true;
}

/* The function and the exit that the options ask for. */
static void run_further(struct attempt *attempt, const struct loaded *loaded)
{
	const struct dryrun_options *options = attempt->options;
	struct machine *machine = attempt->machine;
	uint64_t function;

	if (options->call) {
		uint64_t arguments[X86_NR_ARGUMENTS];

		if (!modsym_find(&loaded->mod, options->call, &function) || !function) {
			machine_stop(machine, DRYRUN_UNPREPARED,
				     "the module has no function %.64s", options->call);
			return;
		}
		if (!make_arguments(attempt, arguments) ||
		    !call(attempt, DRYRUN_CALL, function, X86_NR_ARGUMENTS, arguments))
			return;
	}
	if (options->run_exit && loaded->exit)
		call(attempt, DRYRUN_EXIT, loaded->exit, 0, NULL);
}

static void run_module(struct attempt *attempt, const char *const words[],
		       size_t nr_words)
{
	struct addrspace *space = attempt->space;
	struct dryrun *dryrun = attempt->dryrun;
	struct loaded *loaded;

	if (addrspace_is_loaded(space, space->mod->file->module_name)) {
		dryrun->is_after_unload = true;
		if (!unload_module(attempt->machine, space->mod->file->module_name))
			return;
	}
	if (!loader_load(&attempt->loader, space->mod->file, space->mod->va))
		return;
	loaded = &attempt->loader.loaded[attempt->loader.nr - 1];
	attempt->own_module = loaded->module;
	dryrun->phase = DRYRUN_PARAMETERS;
	if (!loader_parse(&attempt->loader, loaded, words, nr_words, &dryrun->result) ||
	    dryrun->result.end != MACHINE_RETURNED)
		return;
	/* parse_args() returns a pointer: an error, or what came after "--". */
	if ((int64_t)dryrun->result.value < 0 && (int64_t)dryrun->result.value > -4096) {
		dryrun->has_value = true;
		dryrun->value = (int32_t)dryrun->result.value;
		dryrun->has_parsed = true;
		dryrun->parsed = dryrun->value;
		return;
	}
	dryrun->has_parsed = true;
	if (!run_constructors(attempt, loaded))
		return;
	dryrun->phase = DRYRUN_INIT;
	dryrun->result = (struct machine_result){.end = MACHINE_RETURNED};
	if (loaded->init && (!calltype_check_init(attempt->machine, loaded->init) ||
			     !call(attempt, DRYRUN_INIT, loaded->init, 0, NULL)))
		return;
	dryrun->has_value = true;
	dryrun->value = (int32_t)dryrun->result.value;
	if (dryrun->value < 0)
		return;
	if (attempt->options->run_exit || attempt->options->call) {
		loader_go_live(&attempt->loader, loaded);
		run_further(attempt, loaded);
	}
}

static void keep_requests(struct attempt *attempt)
{
	const struct requests *requests = &attempt->requests;
	size_t nr = requests->nr < REQUEST_MAX_RECORDS ? requests->nr
						       : REQUEST_MAX_RECORDS;

	if (!nr)
		return;
	attempt->dryrun->requests = calloc(nr, sizeof(requests->records[0]));
	if (!attempt->dryrun->requests)
		return;
	memcpy(attempt->dryrun->requests, requests->records,
	       nr * sizeof(requests->records[0]));
	attempt->dryrun->nr_requests = nr;
}

__attribute__((format(printf, 2, 3))) static void leave_open(struct dryrun *dryrun,
							     const char *format, ...)
{
	va_list arguments;

	dryrun->outcome = DRYRUN_UNDECIDED;
	dryrun->reason = DRYRUN_INVENTED;
	va_start(arguments, format);
	vsnprintf(dryrun->why, sizeof(dryrun->why), format, arguments);
	va_end(arguments);
}

/* Might the real kernel have made something else of it? */
static void doubt(const struct attempt *attempt)
{
	struct dryrun *dryrun = attempt->dryrun;
	bool has_failed = dryrun->outcome == DRYRUN_RETURNED && dryrun->value < 0;
	const char *assumed = attempt->handlers.assumed
				      ?: attempt->handlers.deferred.assumed;

	if (dryrun->outcome == DRYRUN_UNDECIDED)
		return;
	/* With the module that it asked for, init might have succeeded. */
	if (has_failed && attempt->handlers.asked_for_module)
		leave_open(dryrun,
			   "%s%sinit fails (%d) after it asked for another module, which "
			   "modprobe might load",
			   dryrun->needed ?: "",
			   dryrun->needed ? ", which it needs: " : "", dryrun->value);
	else if (has_failed && attempt->machine->run.met_user_memory)
		leave_open(
			dryrun,
			"init fails (%d) after it touched memory of a process, which the "
			"kernel would page in",
			dryrun->value);
	else if (assumed)
		leave_open(dryrun, "what comes after %s() depends on what that gives",
			   assumed);
}

/* How the attempt ended, taken from the machine. */
static void sum_up(struct attempt *attempt)
{
	struct dryrun *dryrun = attempt->dryrun;
	const struct machine *machine = attempt->machine;

	dryrun->nr_instructions = machine->run.nr_instructions;
	dryrun->nr_pages = machine->overlay.nr_pages;
	dryrun->nr_warnings = machine->run.nr_warnings;
	dryrun->nr_deferred = attempt->handlers.deferred.nr;
	memcpy(dryrun->bypasses, machine->run.bypasses, sizeof(dryrun->bypasses));
	dryrun->nr_bypasses = machine->run.nr_bypasses;
	keep_requests(attempt);
	if (machine->overlay.exceeded_pages)
		machine_stop(attempt->machine, MACHINE_PAGES, "too many pages");
	if (machine->run.has_ended) {
		dryrun->outcome = DRYRUN_UNDECIDED;
		dryrun->reason = machine->run.reason;
		memcpy(dryrun->why, machine->run.why, sizeof(machine->run.why));
	} else if (dryrun->result.end == MACHINE_RETURNED) {
		dryrun->outcome = DRYRUN_RETURNED;
	} else {
		dryrun->outcome = DRYRUN_FAULT;
		dryrun->is_bug = dryrun->result.end == MACHINE_BUG;
	}
	doubt(attempt);
	if (dryrun->outcome == DRYRUN_UNDECIDED && dryrun->phase == DRYRUN_PARAMETERS)
		dryrun->has_parsed = false;
}

static int open_machine(struct dryrun_machine *kept, const struct attempt *attempt,
			const struct models *models, unsigned variant)
{
	struct machine *machine = &kept->machine;
	int r = machine_open(machine, attempt->space->kernel, &attempt->space->landmarks,
			     &attempt->options->limits, attempt->options->cpu, variant);

	if (r < 0)
		return r;
	kept->is_open = true;
	r = machine_watch_all(machine, models->addresses, models->nr, 0);
	if (r == 0)
		r = machine_watch_all(machine, &machine->clock.read, 1, CLOCK_ID);
	return r;
}

static void close_machine(struct dryrun_machine *kept)
{
	if (kept->is_open)
		machine_close(&kept->machine);
	kept->is_open = false;
	kept->freelists.is_known = false;
}

/* A machine as it was before anything ran, or when attempt->base was taken. */
static int prepare(struct dryrun_machine *kept, struct attempt *attempt,
		   const struct models *models, unsigned variant)
{
	struct machine *machine = &kept->machine;
	int r = !kept->is_open	? -ENOSPC
		: attempt->base ? machine_restore(machine, &attempt->base->image)
				: machine_reset(machine, variant);

	if (r < 0) {
		close_machine(kept);
		r = open_machine(kept, attempt, models, variant);
		if (r == 0 && attempt->base)
			r = machine_restore(machine, &attempt->base->image);
	}
	if (r < 0)
		return r;
	machine_set_hooks(machine, &(struct machine_hooks){.watch = on_watch,
							   .called = on_call,
							   .jumped = on_jump,
							   .ctx = attempt});
	attempt->machine = machine;
	return 0;
}

static bool take_requests(struct requests *requests, const struct requests *kept)
{
	const struct requests own = *requests;

	if (requests_copy(requests, kept) < 0)
		return false;
	requests->modprobe = own.modprobe;
	requests->loader = own.loader;
	return true;
}

/* The loader, and what the handlers keep. */
static bool begin(struct attempt *attempt, struct freelist_layout *freelists)
{
	const struct checkpoint *base = attempt->base;

	if (!base)
		return loader_open(&attempt->loader, attempt->machine, attempt->space,
				   freelists);
	attempt->handlers.deferred = base->handlers.deferred;
	attempt->handlers.nr_waits = base->handlers.nr_waits;
	attempt->handlers.assumed = base->handlers.assumed;
	attempt->handlers.asked_for_module = base->handlers.asked_for_module;
	if (!take_requests(&attempt->requests, &base->requests)) {
		machine_stop(attempt->machine, DRYRUN_UNPREPARED, "no memory");
		return false;
	}
	return loader_resume(&attempt->loader, attempt->machine, attempt->space,
			     &base->loader);
}

static int attempt_run(struct dryrun *ret, struct dryrun_machine *kept,
		       struct addrspace *space, const struct models *models,
		       const struct dryrun_options *options, const char *const words[],
		       size_t nr_words, unsigned variant, size_t *nr_invented)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!attempt)
		return -ENOMEM;
	attempt->dryrun = ret;
	attempt->options = options;
	attempt->space = space;
	attempt->handlers = (struct handler_state){
		.module_va = space->room,
		.module_bytes = ADDRSPACE_ROOM_BYTES,
		.key_changed = key_changed,
		.ctx = attempt,
		.requests = options->modprobe ? &attempt->requests : NULL,
		.loader = &attempt->loader,
	};
	attempt->requests = (struct requests){.modprobe = options->modprobe,
					      .loader = &attempt->loader};
	attempt->checkpoints = &kept->checkpoints;
	attempt->base = checkpoints_find(&kept->checkpoints, space, options->modprobe,
					 variant);
	space->nr_relied = 0;
	r = prepare(kept, attempt, models, variant);
	if (r == 0) {
		if (begin(attempt, &kept->freelists) && load_needed(attempt))
			run_module(attempt, words, nr_words);
		sum_up(attempt);
		*nr_invented = attempt->machine->run.nr_invented;
		loader_close(&attempt->loader);
	}
	requests_close(&attempt->requests);
	free(attempt);
	return r;
}

static void not_run(struct dryrun *dryrun, const char *why)
{
	memset(dryrun, 0, sizeof(*dryrun));
	snprintf(dryrun->why, sizeof(dryrun->why), "%s", why);
}

/* A fault, or a value for which something was made up, must come out of a second run; an
 * error, too, of a kernel that changes while it is read.
 */
static int run_twice(struct dryrun *ret, struct dryrun_machine *kept,
		     struct addrspace *space, const struct models *models,
		     const struct dryrun_options *options, const char *const words[],
		     size_t nr_words)
{
	struct dryrun again;
	size_t nr_invented = 0;
	int r = attempt_run(ret, kept, space, models, options, words, nr_words, 0,
			    &nr_invented);

	if (r < 0 || ret->outcome == DRYRUN_UNDECIDED ||
	    (ret->outcome == DRYRUN_RETURNED && !nr_invented &&
	     (ret->value >= 0 || !space->kernel->is_live)))
		return r;
	for (unsigned i = 0;; i++) {
		r = attempt_run(&again, kept, space, models, options, words, nr_words, 1,
				&nr_invented);
		if (r < 0 || !space->kernel->is_live || !torn_came_to_nothing(&again) ||
		    i == TORN_BELIEVED_OPEN)
			break;
		dryrun_close(&again);
	}
	if (r == 0 && !torn_is_same(ret, &again)) {
		ret->has_parsed &= again.has_parsed && again.parsed == ret->parsed;
		leave_open(ret, "a second run with other values where one had to be made "
				"up ended differently");
	}
	if (r == 0)
		dryrun_close(&again);
	return r;
}

/* Did code of the module call the function that the run ended in? */
static bool is_next_to_own(const struct addrspace *space, const struct dryrun *end)
{
	const struct machine_result *result = &end->result;

	return result->nr_frames &&
	       addrspace_holds(space, result->frames[result->nr_frames - 1].site);
}

/* What is in the middle of a change may have to wait for its CPU: the longer, the more
 * tries ended alike. 10 ms, 20, ... 160.
 */
static void give_way(unsigned nr_same)
{
	const struct timespec wait = {.tv_nsec = 5000000L << (nr_same < 5 ? nr_same : 5)};

	nanosleep(&wait, NULL);
}

/* Is the end of the modules' own making? A call that kCFI stops is, where it is of one of
 * their functions.
 */
static bool is_end_own(const struct addrspace *space, const struct dryrun *dryrun)
{
	const struct machine_result *result = &dryrun->result;

	return addrspace_holds(space, result->registers[MACHINE_RIP]) ||
	       (result->end == MACHINE_FAULTED &&
		result->fault.exception == MACHINE_WRONG_TYPE &&
		result->fault.knows_callee &&
		addrspace_holds(space, result->fault.address));
}

/* Tries until an end can be believed. Nothing changes in a core. */
static int run_held(struct dryrun *ret, struct dryrun_machine *kept,
		    struct addrspace *space, const struct models *models,
		    const struct dryrun_options *options, const char *const words[],
		    size_t nr_words)
{
	struct torn *torn = calloc(1, sizeof(*torn));
	bool is_own = true, goes_on = true;
	int r = torn ? 0 : -ENOMEM;

	while (r == 0 && goes_on) {
		if (torn->nr_tries) {
			dryrun_close(ret);
			give_way(torn->nr_same);
		}
		r = run_twice(ret, kept, space, models, options, words, nr_words);
		if (r < 0 || !space->kernel->is_live)
			break;
		is_own = is_end_own(space, ret);
		goes_on = torn_goes_on(torn, ret, is_own);
	}
	if (r == 0 && space->kernel->is_live)
		torn_finish(torn, ret, is_own);
	if (r == 0 && kernel_is_captured(space->kernel))
		torn_doubt(ret, is_end_own(space, ret), is_next_to_own(space, ret));
	free(torn);
	return r;
}

/* What a dry run needs to know of @kernel and no core could hold; NULL: all is known. */
static const char *why_unknown(struct kernel *kernel)
{
	uint32_t size_bytes;
	uint64_t types = kernel->labels[LABEL_START_BTF];
	char byte;

	/* It may have types that the core leaves out. */
	if (types_size(&kernel->types, "task_struct", &size_bytes) < 0 && types &&
	    kernel_read(kernel, types, &byte, 1) < 0)
		return NULL;
	if (types_size(&kernel->types, "task_struct", &size_bytes) < 0)
		return "the kernel has no types (BTF), by which a task to run as is found, "
		       "struct module and the allocators' lists: --btf=FILE gives them";
	if (!kernel->labels[LABEL_INIT_TASK])
		return "kallsyms lists no init_task (CONFIG_KALLSYMS_ALL is off), so no "
		       "task could be found to run as";
	return NULL;
}

int dryrun_run(struct dryrun *ret, struct dryrun_machine *kept, struct addrspace *space,
	       const struct models *models, const struct dryrun_options *options,
	       const char *const words[], size_t nr_words)
{
	uint64_t started_ns = machine_cpu_ns();
	int r;

	/* The machine's CPU runs at CPL 0, by tables of the kernel's own frames. */
	if (space->kernel->p2m.nr) {
		memset(ret, 0, sizeof(*ret));
		not_run(ret, "the kernel is a Xen PV domain, whose privileged "
			     "instructions are the hypervisor's");
		return 0;
	}
	r = run_held(ret, kept, space, models, options, words, nr_words);
	if (r == 0)
		ret->cpu_ms = (machine_cpu_ns() - started_ns) / 1000000;
	switch (r) {
	case -ENOSYS:
		not_run(ret, "there is no emulator");
		return 0;
	case -ENOENT:
		not_run(ret, why_unknown(space->kernel)
				     ?: "the kernel's per-CPU memory is not known");
		return 0;
	case -ENOSPC:
		not_run(ret, unicorn_no_room());
		return 0;
	}
	if (r == 0 && ret->outcome == DRYRUN_UNDECIDED && ret->reason == DRYRUN_LOADED)
		ret->outcome = DRYRUN_NOT_RUN;
	if (r == 0 && ret->outcome == DRYRUN_UNDECIDED &&
	    ret->reason == DRYRUN_UNPREPARED && !ret->nr_instructions)
		not_run(ret,
			why_unknown(space->kernel)
				?: space->kernel->is_live
				   ? "no task could be found to run as"
				   : "the core does not hold the memory that this needs; "
				     "see kwcheck capture --memory");
	return r;
}

void dryrun_machine_close(struct dryrun_machine *kept)
{
	close_machine(kept);
	checkpoints_close(&kept->checkpoints);
}

void dryrun_close(struct dryrun *dryrun)
{
	free(dryrun->calls);
	free(dryrun->requests);
	dryrun->calls = NULL;
	dryrun->requests = NULL;
	dryrun->nr_calls = dryrun->nr_requests = 0;
}

#else

int dryrun_run(struct dryrun *ret, struct dryrun_machine *kept, struct addrspace *space,
	       const struct models *models, const struct dryrun_options *options,
	       const char *const words[], size_t nr_words)
{
	(void)kept;
	(void)space;
	(void)models;
	(void)options;
	(void)words;
	(void)nr_words;
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->why, sizeof(ret->why), "kwcheck was built without Unicorn");
	return 0;
}

void dryrun_machine_close(struct dryrun_machine *kept)
{
	(void)kept;
}

void dryrun_close(struct dryrun *dryrun)
{
	(void)dryrun;
}

#endif
