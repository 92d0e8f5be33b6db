/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction, from its form and its own bytes. */
#ifndef KWCHECK_INSN_EXPAND_H
#define KWCHECK_INSN_EXPAND_H

#include "insn/code.h"

/* expand_fixups - the relocations of a section that disassemble_section() has been
 * through Returns 0 or -ENOMEM.
 */
int expand_fixups(struct code_section *section);

/* Instruction @i of a section that has its relocations and marks. */
void expand_insn(const struct code_section *section, size_t i, struct insn *ret);

/* A direct branch or call. */
struct code_branch {
	enum code_op op;
	uint64_t target;
};

/* Of instruction @i, which is in section->branches. */
void expand_branch(const struct code_section *section, size_t i, struct code_branch *ret);

enum code_op expand_op(const struct code_section *section, size_t i);

/* Is there a relocation of where it goes? */
bool expand_is_relocated(const struct code_section *section, size_t i);

/* Sets branches, looks and notable, for what instructions are by themselves. */
void expand_bitmaps(struct code_section *section);

#endif
