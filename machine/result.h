/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run in the machine ended, as data. */
#ifndef KWCHECK_MACHINE_RESULT_H
#define KWCHECK_MACHINE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/x86.h"
#include "machine/limits.h"
#include "pagetable/walk.h"

/* Why a run was stopped. A new reason is a row in result.c. Whoever uses the machine
 * numbers reasons of his own from MACHINE_NR_REASONS on.
 */
enum machine_reason {
	MACHINE_OK = 0,
	MACHINE_INSTRUCTIONS, /* these four are the bounds */
	MACHINE_TIME,
	MACHINE_PAGES,
	MACHINE_DEPTH,
	MACHINE_UNREADABLE,  /* memory that the core does not have */
	MACHINE_DEVICE,	     /* memory that is no RAM */
	MACHINE_UNSUPPORTED, /* an instruction that nobody emulates */
	MACHINE_TRAP,	     /* an exception that is no page fault */
	MACHINE_HALTED,
	MACHINE_NO_MEMORY,
	MACHINE_NR_REASONS,
};

/* "instructions", "device", ...: stable, for machines. */
const char *machine_reason_name(enum machine_reason reason);

/* Registers: the general ones as in x86.h, and two more. */
enum {
	MACHINE_RIP = X86_NR_REGISTERS,
	MACHINE_RFLAGS,
	MACHINE_NR_REGISTERS,
};

enum machine_access { MACHINE_READ = 0, MACHINE_WRITE, MACHINE_FETCH };

enum machine_end {
	MACHINE_STOPPED = 0, /* by a bound, or by what cannot be known; see reason */
	MACHINE_RETURNED,
	MACHINE_FAULTED,
	MACHINE_BUG, /* a trap that the kernel does not come back from */
};

/* One call that has not returned. */
struct machine_call_site {
	uint64_t callee, site, back; /* entry, the call's address, where it returns to */
};

/* What the CPU raises. */
enum machine_exception {
	MACHINE_PAGE_FAULT = 0,
	MACHINE_KEEPS_WP, /* #GP: CR0.WP cannot be cleared while CR4.CET is set */
	MACHINE_NO_ENDBR, /* #CP: an indirect branch to address, where no endbr64 is */
	/* #UD of kCFI: an indirect call of address, a function of another type than the
	 * caller's.
	 */
	MACHINE_WRONG_TYPE,
};

struct machine_fault {
	enum machine_exception exception;
	uint64_t address;
	enum machine_access access;
	unsigned size_bytes;
	unsigned error_code;   /* of the page fault: errorcode.h */
	bool is_non_canonical; /* #GP, without an error code of a page fault */
	/* Of MACHINE_WRONG_TYPE: are the address and the hash that is wanted known, and
	 * the hash that is there?
	 */
	bool knows_callee, knows_type;
	uint32_t wanted_type, type;
	struct pt_walk walk; /* of address */
};

enum { MACHINE_TEXT_BYTES = 256 };

struct machine_result {
	enum machine_end end;
	unsigned reason; /* of MACHINE_STOPPED: enum machine_reason, or the user's own */
	char why[MACHINE_TEXT_BYTES];
	uint64_t value; /* rax */
	struct machine_fault fault;
	uint64_t registers[MACHINE_NR_REGISTERS];	    /* where it ended */
	struct machine_call_site frames[MACHINE_MAX_DEPTH]; /* innermost last */
	size_t nr_frames;
};

/* A store that went through although the page tables do not allow it. */
struct machine_bypass {
	uint64_t rip, address;
	unsigned size_bytes;
	const char *means; /* "CR0.WP", "text_poke", ... */
};

enum { MACHINE_MAX_BYPASSES = 16 };

#endif
