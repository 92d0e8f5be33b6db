/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules that dry runs ask for while they run, as the clerk hands them over. */
#ifndef KWCHECK_CMD_REQUESTED_H
#define KWCHECK_CMD_REQUESTED_H

#include "cmd/clerk.h"
#include "dryrun/request.h"

/* In a worker. Zeroed but for @clerk and @worker: nothing was asked for yet. */
struct requested {
	struct clerk *clerk;
	unsigned worker;
	struct addrspace *space;
	size_t entry;		       /* of the lookup: the module in question */
	struct requested_file **files; /* nr_files, kept from one module to the next */
	size_t nr_files, files_room;
	size_t kept_bytes;
	struct requested_plan **plans; /* nr_plans, for the module in question */
	size_t nr_plans, plans_room;
};

/* requested_begin - entry @entry is looked at next
 * @space: laid out for it; borrowed.
 */
void requested_begin(struct requested *requested, struct addrspace *space, size_t entry);
/* Not where a worker ends: all of it goes with the process. */
void requested_close(struct requested *requested);

/* As struct request_modprobe has it; @ctx is a struct requested. */
const struct request_plan *requested_plan(void *ctx, const char *name);

#endif
