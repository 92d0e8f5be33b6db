/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module laid out and relocated as the kernel's loader would. */
#ifndef KWCHECK_MODULE_MODIMAGE_H
#define KWCHECK_MODULE_MODIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"
#include "module/kofile.h"

/* What the loader makes of a section: by its flags, never by its name, but for the names
 * below. kernel/module/main.c:layout_sections() (5.10: kernel/module.c), and for the
 * rights kernel/module/strict_rwx.c.
 */
enum modimage_kind {
	MODIMAGE_NONE = 0,	/* not loaded */
	MODIMAGE_TEXT,		/* r-x from before any of its code runs */
	MODIMAGE_RODATA,	/* r-- from before any of its code runs */
	MODIMAGE_RO_AFTER_INIT, /* rw- until init has returned 0, then r-- */
	MODIMAGE_DATA,		/* rw- */
	MODIMAGE_INIT_TEXT,	/* these three are freed after init */
	MODIMAGE_INIT_RODATA,
	MODIMAGE_INIT_DATA,
	MODIMAGE_PER_CPU, /* copied into every CPU's area: addresses are offsets */
	MODIMAGE_NR_KINDS,
};

/* When an access happens, which decides about the rights. */
enum module_phase {
	MODULE_PHASE_INIT = 0, /* parameters are parsed and init runs */
	MODULE_PHASE_LIVE,     /* init has returned 0 */
};

/* Zero bytes behind each image: a look at an instruction may go beyond the end. */
enum { MODIMAGE_SLACK_BYTES = 32 };

struct modimage_region {
	uint64_t va, size_bytes; /* both of whole pages */
	unsigned char *image;	 /* size_bytes, once modimage_load() has run; else NULL */
};

struct modimage_section {
	enum modimage_kind kind;
	uint64_t va;	      /* for MODIMAGE_PER_CPU from 0 up */
	unsigned char *image; /* its bytes in the region's image, or NULL */
};

/* What the loader would stumble over. */
enum modimage_problem_kind {
	MODIMAGE_UNKNOWN_SYMBOL = 0,
	MODIMAGE_BAD_TYPE,  /* a relocation type it does not know */
	MODIMAGE_NOT_ZERO,  /* the place to be relocated is not zero */
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
	struct modimage_region regions[MODIMAGE_NR_KINDS];
	struct modimage_section *sections; /* file->nr_sections of them */
	uint64_t *symbols;		   /* file->nr_symbols addresses, once resolved */
	bool *is_resolved; /* file->nr_symbols; false: nobody has this symbol */
	uint64_t per_cpu_bytes, per_cpu_align;
	struct modimage_problem problems[MODIMAGE_MAX_PROBLEMS];
	size_t nr_problems; /* may exceed MODIMAGE_MAX_PROBLEMS: those are not kept */
};

/* The address of a symbol that the module does not define. Returns 0, or -ENOENT. */
typedef int (*modimage_resolve_fn)(void *ctx, const char *name, uint64_t *ret);

/* modimage_layout - gives every section that is loaded its place
 *
 * @file: parsed; borrowed, must outlive @ret.
 * Addresses start at 0: see modimage_move(). Returns 0, -EFBIG (more than the module area
 * holds) or -ENOMEM.
 */
int modimage_layout(struct modimage *ret, const struct kofile *file);

/* modimage_find_room - @size_bytes of unmapped addresses in the kernel's module area
 * @from: look from here up; 0: from the area's beginning. Returns 0 or -ENOSPC.
 */
int modimage_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
		       uint64_t *ret);

/* modimage_move - puts the laid out module at @va (page-aligned), its per-CPU sections at
 * @per_cpu_va. Before modimage_resolve().
 */
void modimage_move(struct modimage *mod, uint64_t va, uint64_t per_cpu_va);

/* modimage_resolve - an address for every symbol. Unknown ones become problems. */
int modimage_resolve(struct modimage *mod, modimage_resolve_fn resolve, void *ctx);

/* modimage_load - copies the sections and applies their relocations
 * What the loader would refuse becomes a problem and is left unrelocated. Returns 0 or
 * -ENOMEM.
 */
int modimage_load(struct modimage *mod);
void modimage_close(struct modimage *mod);

/* modimage_target - what relocation @rela works out to: the symbol's
 * address and the addend, before the place is taken off. false: symbol unresolved.
 */
bool modimage_target(const struct modimage *mod, const Elf64_Rela *rela, uint64_t *ret);

/* Bytes that a relocation type changes: 8, 4 or 0. -ENOEXEC: a type that the loader
 * refuses. *@is_relative: the place is subtracted.
 */
int modimage_type_bytes(uint32_t type, bool *is_relative);

/* Does @va lie in one of its regions, or between them? */
bool modimage_holds(const struct modimage *mod, uint64_t va);

/* Is memory of this kind executable? */
bool modimage_is_code(enum modimage_kind kind);

/* The section that @va lies in, or 0. */
size_t modimage_section_at(const struct modimage *mod, uint64_t va);

/* The kind of region that @va lies in, padding included; MODIMAGE_NONE: none. */
enum modimage_kind modimage_kind_at(const struct modimage *mod, uint64_t va);

/* Would a store to memory of this kind go through then? */
bool modimage_is_writable(enum modimage_kind kind, enum module_phase phase);

/* Bytes of the relocated image at @va. -EFAULT: not all in one region, or not loaded. */
int modimage_read(const struct modimage *mod, uint64_t va, void *buf, size_t size_bytes);

/* modimage_entry - the address of the module's init (@is_exit: exit) function
 * As struct module of its .gnu.linkonce.this_module says, by @offset in it where that is
 * known (0: not), else by which half it lies in, else by the usual names. -ENOENT: it has
 * none.
 */
int modimage_entry(const struct modimage *mod, bool is_exit, uint32_t offset,
		   uint64_t *ret);

/* The function or object symbol that covers or precedes @va in its section, or NULL. */
const struct kofile_symbol *modimage_symbol_at(const struct modimage *mod, uint64_t va,
					       uint64_t *ret_offset);

/* modimage_symbol_end - where the kernel takes the symbol that covers @va to end
 * At the next symbol of its region, whatever its section, or with the region; @va must
 * lie in one. kernel/module/kallsyms.c:find_kallsyms_symbol().
 */
uint64_t modimage_symbol_end(const struct modimage *mod, uint64_t va);

/* modimage_functions - the module's functions that what lies at @va refers to
 * @va: of a function: that one; of an object: those whose addresses it holds, or another
 * object that it points to. Returns how many went to @ret, at most @nr, ascending and
 * each once.
 */
size_t modimage_functions(const struct modimage *mod, uint64_t va, size_t nr,
			  uint64_t ret[]);

const char *modimage_kind_name(enum modimage_kind kind);

#endif
