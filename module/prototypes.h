/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loaded modules' functions promise of their parameters, from the BTF that the
 * running kernel gives of each.
 */
#ifndef KWCHECK_MODULE_PROTOTYPES_H
#define KWCHECK_MODULE_PROTOTYPES_H

#include <stdbool.h>

#include "kcore/types.h"

struct prototypes_module {
	char name[64];
	int fd; /* of its BTF */
	bool was_read;
	struct types types;
};

struct prototypes {
	struct prototypes_module *modules; /* nr of them */
	size_t nr, room;
};

/* prototypes_open - opens the BTF of every loaded module below @folder
 * (/sys/kernel/btf), and reads none yet: for as long as the privileges are there. A
 * kernel without such files gives none. Returns 0 or -ENOMEM.
 */
int prototypes_open(struct prototypes *ret, const char *folder);
void prototypes_close(struct prototypes *prototypes);

/* Parameter @index of @function of the loaded @module, as types_parameter() has it. */
enum types_parameter prototypes_parameter(struct prototypes *prototypes,
					  const struct types *kernel, const char *module,
					  const char *function, unsigned index);

#endif
