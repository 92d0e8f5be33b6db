/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies at the address that faulted. */
#ifndef KWCHECK_OOPS_HIT_H
#define KWCHECK_OOPS_HIT_H

#include "kcore/kernel.h"
#include "kcore/modsection.h"
#include "oops/lsmpart.h"
#include "oops/registers.h"

enum hit_kind {
	HIT_UNKNOWN = 0,
	HIT_NULL_PAGE,
	HIT_USER,
	HIT_NON_CANONICAL,
	HIT_IMAGE,   /* the kernel's own text and data */
	HIT_MODULES, /* the module area */
	HIT_KERNEL,  /* the rest of the upper half */
};

/* What the kernel or a module means to do with the memory. */
enum hit_section {
	HIT_SECTION_UNKNOWN = 0,
	HIT_TEXT,
	HIT_RODATA,
	HIT_RO_AFTER_INIT,
	HIT_DATA,
	HIT_BSS,
	HIT_FREED_INIT,
	HIT_FREED_GAP,
};

enum hit_source {
	HIT_FROM_NOTHING = 0, /* the address alone */
	HIT_FROM_FILE,	      /* --kallsyms */
	HIT_FROM_KERNEL,      /* the live kernel, or the core */
};

/* A loaded module's section: /sys/module/NAME/sections. It has no size there. */
struct hit_section_at {
	char module[65];
	char name[64];
	uint64_t address;
};

/* Is that from X86_MODULES_START_NOKASLR to X86_MODULES_START? */
bool hit_is_middle(uint64_t address);

/* Whose those addresses are: of the modules in a kernel without RANDOMIZE_BASE (the
 * default since 4.12), else the image's.
 */
enum hit_middle { HIT_MIDDLE_UNKNOWN = 0, HIT_MIDDLE_IMAGE, HIT_MIDDLE_MODULES };

struct hit_sources {
	enum hit_middle middle;
	struct kernel *kernel;	      /* whose addresses are the log's, or NULL */
	struct symbols *file_symbols; /* of --kallsyms, or NULL */
	const struct hit_section_at *sections; /* of the live kernel */
	size_t nr_sections;
	unsigned version; /* as release_number() gives it */
	unsigned levels;  /* of the tables, 4 or 5 */
	/* Of the log: where the walk ends, and the stack pointer. */
	bool has_physical, has_stack, has_task_stack;
	uint64_t physical, stack, task_stack;
	uint64_t absent_entry;		   /* the PTE, which is not present; 0: none */
	const struct registers *registers; /* of the log; or NULL */
	bool is_kaslr_off;		   /* the log says so, or the release has none */
	bool is_shuffled; /* the kernel's structures were laid out at random */
};

struct hit {
	uint64_t address;
	enum hit_kind kind;
	enum hit_section section;
	bool is_section_by_release; /* what becomes of it follows from the release alone
				     */
	char section_name[64];	    /* ".data..ro_after_init"; "": not known */
	const char *region_name;    /* the kernel's word for the area; NULL */
	enum hit_source source;
	bool has_symbol;
	bool is_unbounded; /* nothing is listed behind the symbol: it may end before */
	char symbol[513];
	char module[65]; /* of the symbol or the section; "": the kernel itself */
	char letter;	 /* kallsyms' */
	uint64_t offset;
	struct lsmpart lsm;
	char entry[80]; /* of sys_call_table: whose the slot is; "" */
};

void hit_find(const struct hit_sources *sources, uint64_t address, struct hit *ret);

/* hit_set_section - says that @hit lies in section @name of @module
 * HIT_SECTION_UNKNOWN where what becomes of it depends on the release, and that is not
 * known.
 */
void hit_set_section(struct hit *hit, const struct hit_sources *sources,
		     const char *module, const char *name);

/* "null-page", "kernel-image", ...: stable, for machines. */
const char *hit_kind_name(enum hit_kind kind);
const char *hit_section_name(enum hit_section section);

#endif
