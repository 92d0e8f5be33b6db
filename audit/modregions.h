/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a loaded module's sections lie, by its struct module. */
#ifndef KWCHECK_AUDIT_MODREGIONS_H
#define KWCHECK_AUDIT_MODREGIONS_H

#include "audit/mappings.h"
#include "kcore/modsection.h"

/* Where struct module of this kernel keeps what; from BTF. */
struct modregions_layout {
	bool has_memory;		  /* module.mem[], 6.4 and newer */
	uint32_t memory, memory_bytes;	  /* of the array, of one element */
	uint32_t base, size;		  /* in module_memory or module_layout */
	uint32_t core;			  /* module.core_layout, up to 6.3 */
	uint32_t text, ro, ro_after_init; /* sizes in module_layout: nested prefixes */
	bool has_init;
	uint32_t init; /* of the address of what is freed after init, in module */
	bool has_per_cpu;
	uint32_t per_cpu;
};

struct modregion {
	uint64_t va, size_bytes; /* of the sections; 0, 0: it has none */
};

/* Returns 0, or -errno: no BTF, or none for modules. */
int modregions_find(struct modregions_layout *ret, const struct types *types);

/* modregions_read - what the module at @module, a struct module, occupies
 * @ret: MODSECTION_NR_KINDS of them. Filled are MODSECTION_TEXT to MODSECTION_DATA, and
 * the address of MODSECTION_PER_CPU. Returns 0; -EFAULT: it cannot be read, or makes no
 * sense.
 */
int modregions_read(struct modregion *ret, const struct mappings *mappings,
		    const struct modregions_layout *layout, uint64_t module);

#endif
