/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be loaded before a module, in the order of loading. */
#ifndef KWCHECK_MODULE_NEEDS_H
#define KWCHECK_MODULE_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct need {
	size_t number;	  /* of the module, in whatever list has it */
	bool is_optional; /* modprobe tries it, and goes on where it does not load */
};

/* Zero is empty. */
struct needs {
	struct need *array;
	size_t nr, room;
};

/* needs_add - one module more, behind the others, unless it is among them
 * Once required it stays so. Returns 0 or -ENOMEM.
 */
int needs_add(struct needs *needs, size_t number, bool is_optional);
bool needs_has(const struct needs *needs, size_t number);
void needs_close(struct needs *needs);

#endif
