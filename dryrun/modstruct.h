/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's struct module of a module that is being loaded, as the loader leaves it
 * when init is called.
 */
#ifndef KWCHECK_DRYRUN_MODSTRUCT_H
#define KWCHECK_DRYRUN_MODSTRUCT_H

#include "dryrun/loader.h"

/* enum module_state */
enum { KMODULE_LIVE = 0, KMODULE_COMING = 1 };
/* kernel/module/internal.h: MODULE_REF_BASE, and init's own. */
enum { KMODULE_REFERENCES = 2 };

/* modstruct_fill - state, references, tables, memory, and into the list of modules
 * false: the machine's run is over.
 */
bool modstruct_fill(struct loader *loader, struct loaded *loaded);

/* Sets @member of struct module, where this kernel has it. */
void modstruct_set(struct loader *loader, const struct loaded *loaded, const char *member,
		   uint64_t value, size_t size_bytes);

/* The section of that name that is loaded, or NULL. */
const struct modimage_section *modstruct_section(const struct loaded *loaded,
						 const char *name, uint64_t *ret_bytes);

#endif
