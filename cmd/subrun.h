/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of the work done by a process of its own, with what it printed. */
#ifndef KWCHECK_CMD_SUBRUN_H
#define KWCHECK_CMD_SUBRUN_H

#include <jansson.h>
#include <stddef.h>

#include "cmd/options.h"

struct subrun {
	char *text; /* owned: what it printed; not a string */
	size_t bytes;
	int status; /* its exit status; EXIT_BUG where it had none */
};

/* subrun_do - calls @run, which prints and returns an exit status, in a child
 * The child ends with this process. What it prints is not parsed here. Returns 0 or
 * -errno.
 */
typedef int (*subrun_fn)(const struct options *options, void *ctx);
int subrun_do(struct subrun *ret, subrun_fn run, const struct options *options,
	      void *ctx);
void subrun_free(struct subrun *subrun);

/* What it printed as JSON, after the privileges have gone; NULL: it is none. */
json_t *subrun_json(const struct subrun *subrun);

/* A status of several: bits of findings add up, and what is no answer does not hide among
 * them.
 */
int subrun_sum(int status, int more);

#endif
