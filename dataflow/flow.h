/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a module's code writes: an abstract interpreter over its instructions.
 *
 * From init, from each parameter's handler and from exit the code is followed path by
 * path with every constant known, calls included, so that loops over tables and lists of
 * sealed memory come out element by element. Everything else is looked at function by
 * function with unknown arguments, and only the addresses of sealed memory are kept
 * apart. It is a crash preventer: memory that is aliased, or reached by pointers it
 * cannot follow, is not modelled, and an author who means to hide a store can.
 */
#ifndef KWCHECK_DATAFLOW_FLOW_H
#define KWCHECK_DATAFLOW_FLOW_H

#include "insn/code.h"
#include "module/parameters.h"
#include "module/addrspace.h"
#include "dataflow/value.h"

enum flow_kind {
	FLOW_STORE = 0,	  /* a store to memory that is, or will be, read-only */
	FLOW_CALL,	  /* a call of what writes where an argument points */
	FLOW_CAUGHT,	  /* ... and survives the fault: nothing happens */
	FLOW_PASSED,	  /* a sealed address where the callee's parameter is not const */
	FLOW_PLANTED,	  /* the address of what no module has business with, stored */
	FLOW_CR0,	  /* CR0.WP cleared */
	FLOW_ENTRY,	  /* a page-table entry written */
	FLOW_POKE,	  /* text_poke() and the like */
	FLOW_ALIAS,	  /* a second mapping of a sealed page */
	FLOW_DISARM,	  /* kernel_set_to_readonly cleared */
	FLOW_UNPROTECT,	  /* a function that unseals the kernel called */
	FLOW_UNSEAL,	  /* set_memory_rw() on a module's sealed pages */
	FLOW_STATIC_CALL, /* a static call of the LSM's redirected */
	FLOW_NR_KINDS,
};

/* What calls the code, and so when. */
enum flow_root {
	FLOW_INIT = 0,
	FLOW_PARAMETER, /* the handler of a parameter */
	FLOW_EXIT,
	FLOW_ANY, /* whatever has the function's address, or nothing */
	FLOW_NR_ROOTS,
};

struct flow_event {
	enum flow_kind what;
	enum flow_root root;
	uint64_t site;	 /* of the instruction */
	uint64_t target; /* the address; what it is near to if !is_exact; 0: not known */
	bool is_exact;
	bool is_conditional; /* some path past it does not come from a failed call */
	unsigned bytes;	     /* that are written; 0: unknown */
	bool is_read_modify_write;
	uint16_t flags;	       /* enum value_flag, of the address */
	uint16_t bits;	       /* enum state_bit, on the way there */
	const char *callee;    /* or NULL; borrowed */
	unsigned argument;     /* of the callee */
	const char *parameter; /* FLOW_PARAMETER: whose handler it is */
};

/* A string handed to something that looks symbols up. */
struct flow_lookup {
	uint64_t string; /* where it lies in the module */
	uint64_t site;
	uint64_t address; /* what it names */
	bool is_sure;	  /* the function is known to be a look-up */
};

struct flow_events {
	struct flow_event *events;
	size_t nr_events;
	struct flow_lookup *lookups;
	size_t nr_lookups;
	bool was_bounded; /* some root took more steps than allowed: not all was seen */
	size_t nr_steps;  /* instructions interpreted */
};

/* flow_run - what the code of the module in @space does to sealed memory
 * @parameters: whose values are known. Returns 0 or -ENOMEM.
 */
int flow_run(struct flow_events *ret, struct addrspace *space, const struct code *code,
	     const struct parameters *parameters);
void flow_events_free(struct flow_events *events);

#endif
