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
enum place_kind {
	PLACE_NONE = 0,	     /* not loaded */
	PLACE_TEXT,	     /* r-x from before any of its code runs */
	PLACE_RODATA,	     /* r-- from before any of its code runs */
	PLACE_RO_AFTER_INIT, /* rw- until init has returned 0, then r-- */
	PLACE_DATA,	     /* rw- */
	PLACE_INIT_TEXT,     /* these three are freed after init */
	PLACE_INIT_RODATA,
	PLACE_INIT_DATA,
	PLACE_PER_CPU, /* copied into every CPU's area: addresses are offsets */
	PLACE_NR_KINDS,
};

/* When an access happens, which decides about the rights. */
enum place_phase {
	PLACE_PHASE_INIT = 0, /* parameters are parsed and init runs */
	PLACE_PHASE_LIVE,     /* init has returned 0 */
};

/* Zero bytes behind each image: a look at an instruction may go beyond the end. */
enum { PLACE_SLACK_BYTES = 32 };

struct place_region {
	uint64_t va, size_bytes; /* both of whole pages */
	unsigned char *image;	 /* size_bytes, once place_load() has run; else NULL */
};

struct place_section {
	enum place_kind kind;
	uint64_t va;	      /* for PLACE_PER_CPU from 0 up */
	unsigned char *image; /* its bytes in the region's image, or NULL */
};

/* What the loader would stumble over. */
enum place_problem_kind {
	PLACE_UNKNOWN_SYMBOL = 0,
	PLACE_BAD_TYPE,	 /* a relocation type it does not know */
	PLACE_NOT_ZERO,	 /* the place to be relocated is not zero */
	PLACE_OVERFLOW,	 /* the value does not fit */
	PLACE_BAD_PLACE, /* outside its section */
	PLACE_COMMON,	 /* a common symbol: built with -fcommon */
};

struct place_problem {
	enum place_problem_kind kind;
	size_t section;	    /* the one relocated; 0 for a symbol */
	uint64_t offset;    /* in it */
	const char *symbol; /* or "" */
	uint32_t type;	    /* R_X86_64_* */
};

enum { PLACE_MAX_PROBLEMS = 16 };

struct place {
	const struct file *file; /* borrowed */
	uint64_t va, size_bytes; /* of all regions, va page-aligned */
	struct place_region regions[PLACE_NR_KINDS];
	struct place_section *sections; /* file->nr_sections of them */
	uint64_t *symbols;		/* file->nr_symbols addresses, once resolved */
	bool *is_resolved; /* file->nr_symbols; false: nobody has this symbol */
	uint64_t per_cpu_bytes, per_cpu_align;
	struct place_problem problems[PLACE_MAX_PROBLEMS];
	size_t nr_problems; /* may exceed PLACE_MAX_PROBLEMS: those are not kept */
};

/* The address of a symbol that the module does not define. Returns 0, or -ENOENT. */
typedef int (*place_resolve_fn)(void *ctx, const char *name, uint64_t *ret);

/* place_layout - gives every section that is loaded its place
 *
 * @file: parsed; borrowed, must outlive @ret.
 * Addresses start at 0: see place_move(). Returns 0, -EFBIG (more than the module area
 * holds) or -ENOMEM.
 */
int place_layout(struct place *ret, const struct file *file);

/* place_find_room - @size_bytes of unmapped addresses in the kernel's module area
 * @from: look from here up; 0: from the area's beginning. Returns 0 or -ENOSPC.
 */
int place_find_room(struct kernel *kernel, uint64_t size_bytes, uint64_t from,
		    uint64_t *ret);

/* place_move - puts the laid out module at @va (page-aligned), its per-CPU sections at
 * @per_cpu_va. Before place_resolve().
 */
void place_move(struct place *place, uint64_t va, uint64_t per_cpu_va);

/* place_resolve - an address for every symbol. Unknown ones become problems. */
int place_resolve(struct place *place, place_resolve_fn resolve, void *ctx);

/* place_load - copies the sections and applies their relocations
 * What the loader would refuse becomes a problem and is left unrelocated. Returns 0 or
 * -ENOMEM.
 */
int place_load(struct place *place);
void place_close(struct place *place);

/* place_target - what relocation @rela works out to: the symbol's
 * address and the addend, before the place is taken off. false: symbol unresolved.
 */
bool place_target(const struct place *place, const Elf64_Rela *rela, uint64_t *ret);

/* Bytes that a relocation type changes: 8, 4 or 0. -ENOEXEC: a type that the loader
 * refuses. *@is_relative: the place is subtracted.
 */
int place_type_bytes(uint32_t type, bool *is_relative);

/* Does @va lie in one of its regions, or between them? */
bool place_holds(const struct place *place, uint64_t va);

/* Is memory of this kind executable? */
bool place_is_code(enum place_kind kind);

/* The section that @va lies in, or 0. */
size_t place_section_at(const struct place *place, uint64_t va);

/* The kind of region that @va lies in, padding included; PLACE_NONE: none. */
enum place_kind place_kind_at(const struct place *place, uint64_t va);

/* Would a store to memory of this kind go through then? */
bool place_is_writable(enum place_kind kind, enum place_phase phase);

/* Bytes of the relocated image at @va. -EFAULT: not all in one region, or not loaded. */
int place_read(const struct place *place, uint64_t va, void *buf, size_t size_bytes);

/* place_entry - the address of the module's init (@is_exit: exit) function
 * As struct module of its .gnu.linkonce.this_module says, by @offset in it where that is
 * known (0: not), else by which half it lies in, else by the usual names. -ENOENT: it has
 * none.
 */
int place_entry(const struct place *place, bool is_exit, uint32_t offset, uint64_t *ret);

/* The function or object symbol that covers or precedes @va in its section, or NULL. */
const struct file_symbol *place_symbol_at(const struct place *place, uint64_t va,
					  uint64_t *ret_offset);

/* place_symbol_end - where the kernel takes the symbol that covers @va to end
 * At the next symbol of its region, whatever its section, or with the region; @va must
 * lie in one. kernel/module/kallsyms.c:find_kallsyms_symbol().
 */
uint64_t place_symbol_end(const struct place *place, uint64_t va);

/* place_functions - the module's functions that what lies at @va refers to
 * @va: of a function: that one; of an object: those whose addresses it holds, or another
 * object that it points to. Returns how many went to @ret, at most @nr, ascending and
 * each once.
 */
size_t place_functions(const struct place *place, uint64_t va, size_t nr, uint64_t ret[]);

const char *place_kind_name(enum place_kind kind);

#endif
