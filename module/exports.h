/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel lets a module link against. */
#ifndef KWCHECK_MODULE_EXPORTS_H
#define KWCHECK_MODULE_EXPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kcore/kernel.h"
#include "kcore/nameindex.h"
#include "kcore/strings.h"

struct exported {
	const char *name;   /* borrowed */
	const char *module; /* NULL: the kernel itself */
	uint64_t address;
	uint64_t namespace; /* address of its name in the kernel; 0: none */
	uint32_t crc;
	bool has_crc, is_gpl_only;
};

struct exports {
	struct exported *array;
	size_t nr;
	size_t nr_own; /* of these, the kernel's */
	struct nameindex by_name;
	struct strings names; /* of exports that kallsyms has no symbol of */
	const char **modules; /* names of the loaded ones */
	size_t nr_modules, modules_room;
	bool is_complete;    /* the kernel's own table was found and read whole */
	bool lacks_modules;  /* what loaded modules export is not known */
	bool is_crc_unknown; /* whether the kernel has CRCs */
	bool lacks_table, lacks_crcs; /* the kernel has it, and it cannot be read */
};

/* exports_read - the exported symbols of the kernel and of its loaded modules
 * From the __ksymtab_ symbols and the table they point into; where kallsyms lists no data
 * from that table as ksymtab_find() finds it, and then of no module. Returns 0 or -errno;
 * a kernel whose table cannot be read gives none, with is_complete false.
 */
int exports_read(struct exports *ret, struct kernel *kernel);
void exports_close(struct exports *exports);

/* What is in exports->array can be found from here on. Returns 0 or -ENOMEM. */
int exports_index(struct exports *exports);

/* The name that a symbol "__ksymtab_NAME" exports, borrowed of @symbol; NULL: it is
 * another symbol. modpost makes one for each export.
 */
static inline const char *exports_entry_name(const char *symbol)
{
	static const char prefix[] = "__ksymtab_";

	return strncmp(symbol, prefix, sizeof(prefix) - 1) == 0
		       ? symbol + sizeof(prefix) - 1
		       : NULL;
}

const struct exported *exports_find(const struct exports *exports, const char *name);

#endif
