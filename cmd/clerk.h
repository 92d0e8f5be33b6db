/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks up and opens, for workers that can open nothing any more, the modules that
 * modprobe would load when a dry run asks for one.
 *
 * A process of its own, which was started while files could still be opened. It keeps
 * one capability, to read any file; what it is told is a name, which it looks up in the
 * tree's index as modprobe would, and what it gives are descriptors for reading.
 */
#ifndef KWCHECK_CMD_CLERK_H
#define KWCHECK_CMD_CLERK_H

#include <limits.h>
#include <sys/types.h>

#include "kcore/error.h"
#include "module/lookup.h"

enum { CLERK_MAX_WORKERS = 64, CLERK_NAME_BYTES = 64, CLERK_OPTIONS_BYTES = 1024 };

struct clerk {
	pid_t pid; /* 0: none was started */
	unsigned nr_workers;
	int fds[CLERK_MAX_WORKERS]; /* the worker's ends */
};

/* clerk_start - @names: as they are then
 * @has_sandbox: priv_keep_reading()'s.
 * @is_for_core: the modules are of another machine's kernel; where no tree is installed
 * for it nobody knows what modprobe would find there. Returns 0 or -errno: without one
 * the dry runs go without.
 */
int clerk_start(struct clerk *ret, unsigned nr_workers, struct lookup *names,
		bool has_sandbox, bool is_for_core);
void clerk_stop(struct clerk *clerk);

enum clerk_kind {
	CLERK_END = 0, /* no more steps; nr_groups counts */
	CLERK_UNKNOWN, /* no more steps, and nobody knows */
	CLERK_FILE,    /* a module to be loaded */
	CLERK_SUCCEED, /* install lines that do nothing, well or badly */
	CLERK_FAIL,
	CLERK_COMMAND, /* others */
};

/* What modprobe would do, a step each: module/modprobe.h. */
struct clerk_step {
	unsigned number; /* of the question */
	enum clerk_kind kind;
	bool is_optional;
	unsigned group, nr_groups;
	char name[NAME_MAX + 1], path[PATH_MAX], options[CLERK_OPTIONS_BYTES];
};

/* clerk_ask - the question: what would modprobe do for @name?
 * @entry: of the lookup: whose tree is asked. 0 or -errno.
 */
int clerk_ask(struct clerk *clerk, unsigned worker, size_t entry, const char *name);

/* clerk_hear - the next step of the answer
 * @ret_fd: of a CLERK_FILE, the caller's to close; -1: it cannot be opened. Returns 0 or
 * -errno: there is no clerk any more.
 */
int clerk_hear(struct clerk *clerk, unsigned worker, struct clerk_step *ret, int *ret_fd);

#endif
