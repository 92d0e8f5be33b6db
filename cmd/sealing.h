/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a kernel's own objects are sealed: one kernel's list, and two compared. */
#ifndef KWCHECK_CMD_SEALING_H
#define KWCHECK_CMD_SEALING_H

#include <stddef.h>

#include "cmd/options.h"

enum sealing_state {
	SEALING_NONE = 0, /* there is no such object */
	SEALING_SEALED,
	SEALING_WRITABLE,
	SEALING_MIXED, /* pages, or objects of one name, differ */
	SEALING_UNMAPPED,
	SEALING_UNKNOWN,
	SEALING_NR_STATES,
};

struct sealing_object {
	const char *name; /* borrowed from the text */
	enum sealing_state state;
};

struct sealing {
	struct sealing_object *array; /* nr of them, owned, by name, each once */
	size_t nr, room;
};

/* sealing_run - prints a line for each object: its state's letter, a blank, its name
 * Objects are symbols of data that are in the image and stay: no code, nothing of init,
 * no template of per-CPU data, no mark of the linker's, no name that the compiler
 * numbered. Takes part in subrun_do() as a verb's function. Returns an exit status.
 */
int sealing_run(const struct options *options);

/* sealing_read - such lines; @text is cut up. Returns 0, -EBADMSG or -ENOMEM. */
int sealing_read(struct sealing *ret, char *text, size_t bytes);
void sealing_free(struct sealing *sealing);

enum sealing_state sealing_of(const struct sealing *sealing, const char *name);

/* sealing_compare - each name that is in one of both, with both states */
typedef int (*sealing_fn)(void *ctx, const char *name, enum sealing_state a,
			  enum sealing_state b);
int sealing_compare(const struct sealing *a, const struct sealing *b, sealing_fn each,
		    void *ctx);

/* "sealed", "writable", "mixed", "unmapped", "unknown"; NULL: none. */
const char *sealing_state_name(enum sealing_state state);

/* Is @name one that diffs leave out? */
bool sealing_is_skipped(const char *name);

#endif
