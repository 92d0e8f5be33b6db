/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One crash explained: everything that is said of it, decided here, only rendered
 * elsewhere.
 */
#ifndef KWCHECK_OOPS_EXPLANATION_H
#define KWCHECK_OOPS_EXPLANATION_H

#include "oops/boot.h"
#include "oops/cause.h"
#include "oops/instruction.h"
#include "oops/modfile.h"
#include "oops/hit.h"
#include "oops/tables.h"
#include "oops/vmlinux.h"

/* The file of a module. */
struct explanation_module {
	char name[65]; /* "": of whichever module crashed */
	char path[512];
	int fd; /* -1: the module has none on this machine */
	bool is_given;
};

/* What there is to explain with, besides the log. */
struct explanation_sources {
	const struct log *log;
	struct kernel *kernel; /* or NULL */
	const struct boot_facts *facts;
	struct symbols *file_symbols; /* of --kallsyms, or NULL */
	const struct hit_section_at *sections;
	size_t nr_sections;
	const struct explanation_module *modules;
	size_t nr_modules;
	const struct vmlinux *vmlinux; /* of --vmlinux, or NULL */
};

/* What the kernel's own file tells of the crash. */
struct explanation_vmlinux {
	enum vmlinux_match match;
	char reason[VMLINUX_REASON_BYTES];
	struct vmlinux_lines site;
	struct vmlinux_lines frames[CRASH_MAX_FRAMES];
};

enum explanation_status {
	EXPLANATION_DAMAGED = 0, /* a report, but what would explain it is missing */
	EXPLANATION_WHOLE,
	EXPLANATION_REFUSED, /* of another kind of kernel */
};

struct explanation {
	const struct crash *crash;
	enum explanation_status status;
	const char *missing; /* why it is damaged */
	const char *refusal; /* why it is refused */
	struct boot boot;
	bool has_target; /* an address faulted */
	struct hit target;
	bool has_instruction;
	const char *no_instruction;    /* why not */
	bool is_mark_innocent;	       /* the marked bytes did not cause the crash */
	bool is_instruction_from_file; /* of the module: the log has no bytes */
	struct instruction instruction;
	const struct explanation_module *module; /* whose file was looked at; NULL */
	bool has_modfile;
	const char *no_modfile; /* why not, where a file was looked at */
	struct modfile modfile;
	bool has_vmlinux;
	struct explanation_vmlinux vmlinux;
	/* The register nearest to the address, where no instruction can be decoded. */
	bool has_near;
	enum register_name near;
	int64_t near_offset;
	bool has_rip; /* where the code ran, as far as the log lets it be known */
	uint64_t rip;
	struct tables tables;
	bool has_live_walk; /* boot.verdict is BOOT_SAME, and there is a kernel address */
	struct pt_walk live;
	/* Levels (bit enum pt_level) whose entry is not the log's any more: rights, kind
	 * or address differ. ACCESSED and DIRTY do not count.
	 */
	unsigned changed_levels;
	struct cause cause;
};

void explanation_make(const struct crash *crash,
		      const struct explanation_sources *sources, struct explanation *ret);

#endif
