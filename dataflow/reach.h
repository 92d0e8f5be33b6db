/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which functions only init can reach. */
#ifndef KWCHECK_DATAFLOW_REACH_H
#define KWCHECK_DATAFLOW_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/code.h"

struct reach_function {
	uint64_t va;
	bool is_init_only;
};

struct reach {
	const struct code *code;
	struct reach_function *functions; /* ascending by va */
	size_t nr_functions;
};

/* reach_open - finds which functions only init can reach
 *
 * References to a function are the calls and jumps to it, and every relocation but those
 * of tables for the kernel's own machinery. A function is init-only if all references to
 * it come from .init.text or from another such function. Returns 0 or -ENOMEM.
 */
int reach_open(struct reach *ret, const struct code *code);
void reach_close(struct reach *reach);

/* Is the code at @va in .init.text, or in an init-only function? */
bool reach_is_init_only(const struct reach *reach, uint64_t va);

#endif
