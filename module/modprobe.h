/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What modprobe(8) would do for a name: which modules it would load, in which order. */
#ifndef KWCHECK_MODULE_MODPROBE_H
#define KWCHECK_MODULE_MODPROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "module/lookup.h"

struct modprobe_step {
	char *name;	  /* of the module */
	char *path;	  /* of its file; NULL: only @command is there */
	char *options;	  /* "x=1 y=2" of modprobe.d and the command line; "" */
	char *command;	  /* an "install" line's, run instead of loading; NULL */
	bool is_optional; /* a softdep: modprobe goes on where it does not load */
	size_t group;	  /* which of the modules that the name stands for it is for */
};

enum { MODPROBE_MAX_STEPS = 128 };

/* Zeroed: nothing is to be done. */
struct modprobe {
	struct modprobe_step steps[MODPROBE_MAX_STEPS];
	size_t nr;
	/* Modules that the name stands for. One that is built in or blacklisted has no
	 * steps. What modprobe returns is what the last of them came to; 0: it knows no
	 * such name, and fails.
	 */
	size_t nr_groups;
};

/* modprobe_plan - "modprobe -q NAME", as kernel/module/kmod.c:call_modprobe() runs it
 *
 * By aliases of modprobe.d and of the tree's index, softdeps, blacklist lines (which hold
 * where the name is an alias) and install lines. What is loaded already is in the plan,
 * too. @number: as lookup_installed() takes it. Returns 0; -ENOENT: no tree with an index
 * is there to be asked; -E2BIG: more steps than there is room for; -ENOMEM. In any case
 * @ret is to be freed with modprobe_free().
 */
int modprobe_plan(struct modprobe *ret, struct lookup *names, size_t number,
		  const char *name);
void modprobe_free(struct modprobe *plan);

#endif
