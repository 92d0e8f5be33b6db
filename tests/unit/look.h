/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small module looked at as preflight would, against a small kernel. */
#ifndef KWCHECK_TESTS_LOOK_H
#define KWCHECK_TESTS_LOOK_H

#include "dataflow/input.h"
#include "fake.h"
#include "ko.h"
#include "preflight/preflight.h"

/* The kernel's text begins at ffffffff81000000 with _stext, its constants at
 * ffffffff81200000, its data at ffffffff81400000. In these: helper (text, +0x100), sealed
 * (constants, +0x100) and variable (data, +0x100).
 */
struct look {
	struct fake fake;
	struct source source;
	struct kernel kernel;
	struct exports exports;
	struct addrspace space;
	struct preflight_kept kept;
	struct kofile file;
	struct preflight inspect;
	struct input input; /* of the dataflow, for the module looked at */
};

/* look_at - @exports: nr_exports of what the kernel exports, ascending by name; NULL:
 * what it has symbols for, and nothing is known to be exported
 */
void look_at(struct look *look, const struct ko *ko, const struct exported *exports,
	     size_t nr_exports);
/* The same, in a kernel of that VMCOREINFO and of those symbols; NULL: the usual ones. */
void look_at_in(struct look *look, const char *vmcoreinfo, const char *kallsyms,
		const struct ko *ko);
/* The same for nothing but code; returns its section. */
const struct code_section *look_at_code(struct look *look, const unsigned char *code,
					size_t size_bytes);
void look_away(struct look *look);

/* What the dataflow begins with, for the module looked at; borrowed. */
struct flow;
void look_flow(struct look *look, struct flow *ret);

/* The first finding of that kind, or NULL. */
const struct finding *look_find(const struct look *look, const char *kind);

#endif
