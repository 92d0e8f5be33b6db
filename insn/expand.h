/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction, from its form and its own bytes. */
#ifndef KWCHECK_INSN_EXPAND_H
#define KWCHECK_INSN_EXPAND_H

#include "insn/code.h"

/* fill_fixups - the relocations of a section that sweep_section() has been through
 * Returns 0 or -ENOMEM.
 */
int fill_fixups(struct code_section *section);

/* Instruction @i of a section that has its relocations and marks. */
void fill_insn(const struct code_section *section, size_t i, struct insn *ret);

/* A direct branch or call. */
struct code_branch {
	enum code_op op;
	uint64_t target;
};

/* Of instruction @i, which is in section->branches. */
void fill_branch(const struct code_section *section, size_t i, struct code_branch *ret);

enum code_op fill_op(const struct code_section *section, size_t i);

/* Is there a relocation of where it goes? */
bool fill_is_relocated(const struct code_section *section, size_t i);

/* Sets branches, looks and notable, for what instructions are by themselves. */
void fill_bitmaps(struct code_section *section);

#endif
