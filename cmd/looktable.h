/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight --kernel=all: modules against every installed kernel. */
#ifndef KWCHECK_CMD_LOOKTABLE_H
#define KWCHECK_CMD_LOOKTABLE_H

#include "cmd/options.h"

/* looktable_run - asks each installed kernel in a process of its own, and prints a table
 * @run_one: answers of one kernel as JSON on stdout; takes over the image's path; returns
 * the exit status. Returns the exit status of all.
 */
int looktable_run(const struct options *options,
		  int (*run_one)(const struct options *options, char *path));

#endif
