/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's init, run in a machine over the kernel's memory: what the real CPU would do.
 */
#ifndef KWCHECK_DRYRUN_DRYRUN_H
#define KWCHECK_DRYRUN_DRYRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dryrun/checkpoint.h"
#include "dryrun/freelist.h"
#include "dryrun/models.h"
#include "dryrun/reason.h"
#include "dryrun/request.h"
#include "machine/machine.h"
#include "module/addrspace.h"

enum dryrun_outcome {
	DRYRUN_NOT_RUN = 0,
	DRYRUN_RETURNED,
	DRYRUN_FAULT,
	DRYRUN_UNDECIDED,
	DRYRUN_NR_OUTCOMES,
};

/* What ran when it ended. */
enum dryrun_phase {
	DRYRUN_SETUP = 0,
	DRYRUN_PARAMETERS,
	DRYRUN_CONSTRUCTORS,
	DRYRUN_INIT,
	DRYRUN_EXIT,
	DRYRUN_CALL,
	DRYRUN_NR_PHASES,
};

struct dryrun_options {
	struct machine_limits limits;
	bool run_exit;	  /* after an init that returned 0 */
	const char *call; /* a function of the module to call then; NULL */
	bool trace;
	unsigned cpu;				 /* whose per-CPU memory is used */
	const struct request_modprobe *modprobe; /* NULL: it cannot be asked */
};

/* A call, for the trace. */
struct dryrun_call {
	uint64_t site, callee;
	unsigned depth;
};

/* A function of the module's, or an object that holds some, which init gave to a function
 * of the kernel.
 */
struct dryrun_given {
	uint64_t callee, address;
};

enum { DRYRUN_MAX_GIVEN = 64, DRYRUN_MAX_CALLS = 200000 };

struct dryrun {
	enum dryrun_outcome outcome;
	enum dryrun_phase phase;
	bool is_bug;	 /* of a fault: BUG(), no memory access */
	bool has_value;	 /* init (parse_args) returned */
	int32_t value;	 /* what insmod gets */
	bool has_parsed; /* parse_args() returned, and nothing made up decided that */
	int32_t parsed;	 /* what it returned: 0 or -errno */
	unsigned reason; /* of DRYRUN_UNDECIDED: reason.h */
	char why[MACHINE_TEXT_BYTES + 64];
	uint64_t nr_instructions;
	size_t nr_pages; /* fetched from the kernel */
	uint64_t cpu_ms; /* CPU time of all runs */
	/* The module that it needs and whose init returned @value; NULL: none did.
	 * Borrowed from that file.
	 */
	const char *needed;
	size_t nr_warnings, nr_deferred;
	struct request_record *requests; /* nr_requests: modules that were asked for */
	size_t nr_requests;
	bool is_after_unload;	      /* of a module of that name, which is loaded */
	struct machine_result result; /* of the last call: fault, registers, frames */
	struct machine_bypass bypasses[MACHINE_MAX_BYPASSES];
	size_t nr_bypasses;
	struct dryrun_given given[DRYRUN_MAX_GIVEN];
	size_t nr_given;
	struct dryrun_call *calls; /* with options.trace */
	size_t nr_calls;
};

/* A machine that is kept from one run to the next. Zeroed: none yet. */
struct dryrun_machine {
	struct machine machine;
	struct freelist_layout freelists; /* of its kernel */
	struct checkpoints checkpoints;	  /* likewise */
	bool is_open;
};

/* dryrun_run - loads space->mod's file and the modules of space->needed, runs init
 *
 * @words: "name=value" of its parameters. A fault and a value are told only if a second
 * run, over memory read anew and with other values where one had to be made up, ends the
 * same; else it is undecided. Of a running kernel some ends are tried again: see torn.h.
 * @ret: to be closed with dryrun_close(). Returns 0 or
 * -ENOMEM; what else goes wrong is in @ret.
 */
int dryrun_run(struct dryrun *ret, struct dryrun_machine *kept, struct addrspace *space,
	       const struct models *models, const struct dryrun_options *options,
	       const char *const words[], size_t nr_words);
void dryrun_close(struct dryrun *dryrun);
void dryrun_machine_close(struct dryrun_machine *kept);

/* "not-run", "returned", "fault", "undecided"; "setup", "init", ... */
const char *dryrun_outcome_name(enum dryrun_outcome outcome);
const char *dryrun_phase_name(enum dryrun_phase phase);

#endif
