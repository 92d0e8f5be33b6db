/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out as the kernel's loader would: which section lies where, and what may
 * be done there.
 */
#ifndef KWCHECK_MODULE_MODIMAGE_H
#define KWCHECK_MODULE_MODIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"
#include "kcore/modsection.h"
#include "module/kofile.h"

/* Zero bytes behind each image: a look at an instruction may go beyond the end. */
enum { MODIMAGE_SLACK_BYTES = 32 };

struct modimage_region {
	uint64_t va, size_bytes; /* both of whole pages */
	unsigned char *image;	 /* size_bytes, once relocate_load() has run; else NULL */
};

struct modimage_section {
	enum modsection_kind kind;
	enum modsection_source source; /* how the kind is known */
	uint64_t va;		       /* for MODSECTION_PER_CPU from 0 up */
	unsigned char *image;	       /* its bytes in the region's image, or NULL */
};

/* What the loader would stumble over. */
enum modimage_problem_kind {
	MODIMAGE_UNKNOWN_SYMBOL = 0,
	MODIMAGE_BAD_TYPE,  /* a relocation type it does not know */
	MODIMAGE_NOT_ZERO,  /* the bytes to be relocated are not zero */
	MODIMAGE_OVERFLOW,  /* the value does not fit */
	MODIMAGE_BAD_PLACE, /* outside its section */
	MODIMAGE_COMMON,    /* a common symbol: built with -fcommon */
};

struct modimage_problem {
	enum modimage_problem_kind kind;
	size_t section;	    /* the one relocated; 0 for a symbol */
	uint64_t offset;    /* in it */
	const char *symbol; /* or "" */
	uint32_t type;	    /* R_X86_64_* */
};

enum { MODIMAGE_MAX_PROBLEMS = 16 };

struct modimage {
	const struct kofile *file; /* borrowed */
	uint64_t va, size_bytes;   /* of all regions, va page-aligned */
	struct modimage_region regions[MODSECTION_NR_KINDS];
	struct modimage_section *sections; /* file->nr_sections of them */
	uint64_t *symbols;		   /* file->nr_symbols addresses, once resolved */
	bool *is_resolved; /* file->nr_symbols; false: nobody has this symbol */
	uint64_t per_cpu_bytes, per_cpu_align;
	struct modimage_problem problems[MODIMAGE_MAX_PROBLEMS];
	size_t nr_problems; /* may exceed MODIMAGE_MAX_PROBLEMS: those are not kept */
};

/* modimage_layout - gives every section that is loaded its address
 *
 * @file: parsed; borrowed, must outlive @ret. @rules: what the kernel makes of sections.
 * Addresses start at 0: see modimage_move(). Returns 0, -EFBIG (more than the module area
 * holds) or -ENOMEM.
 */
int modimage_layout(struct modimage *ret, const struct kofile *file,
		    const struct modsection_rules *rules);

/* modimage_find_room - @size_bytes of unmapped addresses in the kernel's module area
 * @from: look from here up; 0: from the area's beginning. Returns 0 or -ENOSPC.
 */
int modimage_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
		       uint64_t *ret);

/* modimage_move - puts the laid out module at @va (page-aligned), its per-CPU sections at
 * @per_cpu_va. Before relocate_resolve().
 */
void modimage_move(struct modimage *mod, uint64_t va, uint64_t per_cpu_va);

/* modimage_place - puts the sections of one kind at @va, where a loaded module has them
 * Before relocate_resolve(); with modimage_move() it does not go.
 */
void modimage_place(struct modimage *mod, enum modsection_kind kind, uint64_t va);

void modimage_close(struct modimage *mod);

/* modimage_outline - the same without bytes and symbols: where its sections lie
 * Returns 0 or -ENOMEM.
 */
int modimage_outline(struct modimage *ret, const struct modimage *mod);

/* Does @va lie in one of its regions, or between them? */
bool modimage_holds(const struct modimage *mod, uint64_t va);

/* The section that @va lies in, or 0. */
size_t modimage_section_at(const struct modimage *mod, uint64_t va);

/* The kind of region that @va lies in, padding included; MODSECTION_NONE: none. */
enum modsection_kind modimage_kind_at(const struct modimage *mod, uint64_t va);

/* Bytes of the relocated image at @va. -EFAULT: not all in one region, or not loaded. */
int modimage_read(const struct modimage *mod, uint64_t va, void *buf, size_t size_bytes);

#endif
