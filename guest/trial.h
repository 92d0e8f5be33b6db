/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trial: a module really loaded and unloaded in a virtual machine. */
#ifndef KWCHECK_GUEST_TRIAL_H
#define KWCHECK_GUEST_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/protocol.h"
#include "guest/vm.h"

enum {
	TRIAL_NAME_BYTES = 64, /* of a module: MODULE_NAME_LEN is 56 */
	TRIAL_LINE_BYTES = 256,
	TRIAL_MAX_WARNINGS = 8,
	TRIAL_MAX_ASKED = 32,
};

/* Zero is empty. */
struct trial_plan {
	char *text; /* nr_text bytes, owned */
	size_t nr_text, text_room;
	struct vm_file *files; /* nr_files, owned with their names; bytes are not */
	size_t nr_files, files_room;
};

enum trial_step { TRIAL_NEED = 0, TRIAL_SOFT, TRIAL_LOAD };

/* trial_add - one module to be loaded
 * @bytes: unpacked, borrowed. @name: of the module; untrusted. @parameters: as insmod
 * would give them. Returns 0; -EINVAL: a name or parameters that no line has; -ENOMEM.
 */
int trial_add(struct trial_plan *plan, enum trial_step step, const char *name,
	      const void *bytes, size_t nr, const char *parameters);
/* What follows is what modprobe does for @query; one of the modules that it stands for;
 * and one that does not load. The same returns.
 */
int trial_ask(struct trial_plan *plan, const char *query);
int trial_group(struct trial_plan *plan);
int trial_fail(struct trial_plan *plan);
/* The plan itself becomes a file: to be called last. */
int trial_end(struct trial_plan *plan);
void trial_free(struct trial_plan *plan);

/* How a call of the kernel ended. */
enum trial_end {
	TRIAL_NOT_DONE = 0,
	TRIAL_RETURNED, /* with a value */
	TRIAL_DIED,	/* its process was killed in the kernel: an oops */
	TRIAL_PANICKED, /* the kernel stopped */
	TRIAL_HUNG,
	TRIAL_NR_ENDS,
};

struct trial_call {
	enum trial_end end;
	int value; /* 0 or -errno */
};

struct trial_outcome {
	bool is_told; /* the guest came so far as to say something of the module */
	struct trial_call load, unload;
	/* The module that had to be loaded first and was not: its own end; "": none. */
	char needed[TRIAL_NAME_BYTES];
	struct trial_call need;
	char oops[TRIAL_LINE_BYTES]; /* the first line that told one; "" */
	bool is_oops_of_unload, has_panicked;
	char warnings[TRIAL_MAX_WARNINGS][TRIAL_LINE_BYTES];
	size_t nr_warnings; /* may be more than are kept */
	uint64_t taint_before, taint_after;
	char asked[TRIAL_MAX_ASKED][PROTOCOL_QUERY_BYTES]; /* of modprobe, unplanned */
	size_t nr_asked;
};

/* trial_read - what the console says of the trial
 * @console: untrusted: in a process without privileges. @has_ended: as struct vm has it.
 */
void trial_read(struct trial_outcome *ret, const char *console, bool has_ended);

/* "not-done", "returned", "died", "panicked", "hung" */
const char *trial_end_name(enum trial_end end);

/* The letters of a taint that @after has and @before has not: "OE". */
void trial_taint_letters(uint64_t before, uint64_t after, char ret[64]);

#endif
