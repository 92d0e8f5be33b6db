/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All code of a laid-out module, decoded once: its sections, where functions and branch
 * targets are, and its static branches.
 */
#ifndef KWCHECK_INSN_CODE_H
#define KWCHECK_INSN_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insn/forms.h"
#include "insn/section.h"
#include "module/modimage.h"

/* Where a static branch (__jump_table) lies, and where it may go. */
struct code_edge {
	uint64_t from, to;
};

struct code {
	const struct modimage *mod;
	struct code_section *sections;
	size_t nr_sections;
	struct code_edge *edges; /* ascending by from */
	size_t nr_edges;
	size_t nr_insns, nr_undecoded;
	size_t nr_bad_targets; /* branches into the middle of an instruction */
	bool has_unnamed;      /* functions without a symbol: all branches may leave */
};

/* code_decode - all executable sections of a loaded @mod (relocate_load() has run)
 * @forms: of instructions met before; grows. Returns 0 or -ENOMEM.
 */
int code_decode(struct code *ret, const struct modimage *mod, struct forms *forms);
void code_close(struct code *code);

/* The section that @va lies in, or NULL. */
const struct code_section *code_section_of(const struct code *code, uint64_t va);

/* The number of the instruction that starts at @va in *@section. false: none does. */
bool code_find(const struct code *code, uint64_t va, const struct code_section **section,
	       size_t *number);

/* The instruction that starts at @va, or NULL. *@ret: the section that it lies in. */
struct insn *code_at(const struct code *code, uint64_t va,
		     const struct code_section **ret);

/* The number of the first static branch at or above @va. */
size_t code_first_edge(const struct code *code, uint64_t va);

/* Where the static branch at @va may go; NULL: there is none. */
const struct code_edge *code_edge_from(const struct code *code, uint64_t va);

/* Does only the kernel's own machinery read a section of that name (unwind tables,
 * call-site lists)? A reference from there makes nothing reachable.
 */
bool code_is_metadata(const char *section_name);

/* Is section @section loaded as data that may make something reachable? */
bool code_is_data(const struct modimage *mod, size_t section);

#endif
