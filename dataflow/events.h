/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen in a module's code: each event and each look-up of a symbol once. */
#ifndef KWCHECK_DATAFLOW_EVENTS_H
#define KWCHECK_DATAFLOW_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flow_kind {
	FLOW_STORE = 0,	  /* a store to memory that is, or will be, read-only */
	FLOW_CALL,	  /* a call of what writes where an argument points */
	FLOW_CAUGHT,	  /* ... and survives the fault: nothing happens */
	FLOW_PASSED,	  /* a sealed address where the callee's parameter is not const */
	FLOW_PLANTED,	  /* the address of what no module has business with, stored */
	FLOW_CR0,	  /* CR0.WP cleared */
	FLOW_CR0_PINNED,  /* ... through native_write_cr0(), which sets it again */
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
	uint64_t target; /* the address; if !is_exact, one nearby; 0: not known */
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
	size_t nr_events, events_room;
	struct flow_lookup *lookups;
	size_t nr_lookups, lookups_room;
	bool was_bounded; /* some root took more steps than allowed: not all was seen */
	size_t nr_steps;  /* instructions interpreted */
};

/* events_add - @event, or what it adds to the same event seen before
 * *@number: which one of @events it is. Returns 0, -ENOSPC (there are too many) or
 * -ENOMEM.
 */
int events_add(struct flow_events *events, const struct flow_event *event,
	       size_t *number);

/* events_add_lookup - @lookup, unless one of the same string is there
 * Returns 0 or -ENOMEM.
 */
int events_add_lookup(struct flow_events *events, const struct flow_lookup *lookup);
void events_free(struct flow_events *events);

/* An event of one activation, or of one that it called, at an instruction of its own. */
struct pending_event {
	size_t number; /* of the event */
	uint64_t site;
	bool is_conditional; /* some way through what was called avoids it */
	bool is_decided; /* all branches on the way from the root are known to go there */
};

struct pending_events {
	struct pending_event *array;
	size_t nr, room;
};

/* events_pend - @event, or what it adds to the same at the same site
 * Returns 0 or -ENOMEM.
 */
int events_pend(struct pending_events *pending, const struct pending_event *event);

#endif
