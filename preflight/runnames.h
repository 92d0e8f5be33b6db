/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that a dry run came by, in words: all that a renderer prints of them. */
#ifndef KWCHECK_PREFLIGHT_RUNNAMES_H
#define KWCHECK_PREFLIGHT_RUNNAMES_H

#include "dryrun/dryrun.h"
#include "module/addrspace.h"

/* An address in words. Strings are borrowed from the kernel's symbols and the files. */
struct runnames_at {
	uint64_t address;
	struct addrspace_name name;
	/* Of the instruction and where calls return to, as the kernel has it; 0: not
	 * known. */
	uint64_t symbol_bytes;
};

/* A call that had not returned. */
struct runnames_frame {
	struct runnames_at site, back; /* the call, and where it returns to */
};

struct runnames_call {
	struct runnames_at site, callee;
	unsigned depth;
};

/* What init gave to a function of the kernel. */
struct runnames_given {
	struct runnames_at callee, what;
	struct runnames_at *functions; /* nr_functions that may be called by that */
	size_t nr_functions;
};

/* Zeroed: nothing ran. */
struct runnames {
	struct runnames_at instruction, target; /* of a fault */
	struct runnames_frame *frames;		/* nr_frames, the innermost first */
	size_t nr_frames;
	struct runnames_call *calls; /* nr_calls, of the trace */
	size_t nr_calls;
	struct runnames_given *given; /* nr_given */
	size_t nr_given;
};

/* runnames_find - the names of all addresses in @dryrun
 * @space: with the module that ran. Returns 0 or -ENOMEM; @ret is to be freed with
 * runnames_free().
 */
int runnames_find(struct runnames *ret, struct addrspace *space,
		  const struct dryrun *dryrun);
void runnames_free(struct runnames *names);

#endif
