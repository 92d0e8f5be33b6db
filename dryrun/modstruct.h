/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's struct module of a module that is being loaded, as the loader leaves it
 * when init is called. @va is where it lies in the machine, @mod the module's image.
 */
#ifndef KWCHECK_DRYRUN_MODSTRUCT_H
#define KWCHECK_DRYRUN_MODSTRUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/modsection.h"

struct machine;
struct types;
struct modimage;
struct modimage_section;

/* enum module_state */
enum { MODSTRUCT_LIVE = 0, MODSTRUCT_COMING = 1, MODSTRUCT_GOING = 2 };
/* kernel/module/internal.h: MODULE_REF_BASE, and init's own. */
enum { MODSTRUCT_REFERENCES = 2 };

/* Where struct module tells of its memory, and by which structure: 6.4 and newer struct
 * module_memory mem[], by enum mod_mem_type (modsection_mem_index()); before that
 * core_layout and init_layout.
 */
struct modstruct_parts {
	const char *type;
	uint32_t offsets[MODSECTION_NR_KINDS];
	size_t nr;
};

/* false: this kernel's types do not tell. */
bool modstruct_find_parts(struct types *types, struct modstruct_parts *ret);

/* modstruct_fill - state, references, tables, memory, and into the list of modules
 * false: the machine's run is over.
 */
bool modstruct_fill(struct machine *machine, const struct modimage *mod, uint64_t va);

/* Sets @member, where this kernel has it. */
void modstruct_set(struct machine *machine, uint64_t va, const char *member,
		   uint64_t value, size_t size_bytes);

/* modstruct_put - gives back init's own reference; others may have been taken meanwhile
 */
void modstruct_put(struct machine *machine, uint64_t va);

/* The section of that name that is loaded, or NULL. */
const struct modimage_section *modstruct_section(const struct modimage *mod,
						 const char *name, uint64_t *ret_bytes);

#endif
