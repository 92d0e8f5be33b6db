/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions of a section, each from its form and its own bytes. */
#ifndef KWCHECK_INSN_EXPAND_H
#define KWCHECK_INSN_EXPAND_H

#include "insn/section.h"

/* expand_fixups - the relocations of a section that disassemble_section() has been
 * through Returns 0 or -ENOMEM.
 */
int expand_fixups(struct code_section *section);

/* Instruction @i of a section that has its relocations and marks. */
void expand_read(const struct code_section *section, size_t i, struct insn *ret);

/* Reads instruction @i into section->insns. */
void expand_fill(const struct code_section *section, size_t i);

/* Instruction @i. It is read when it is first asked for: most never are. */
static inline struct insn *expand_insn(const struct code_section *section, size_t i)
{
	if (!section_has(section->filled, i))
		expand_fill(section, i);
	return &section->insns[i];
}

/* Instruction @i for one look: in *@scratch, if it has not been read before. */
const struct insn *expand_peek(const struct code_section *section, size_t i,
			       struct insn *scratch);

/* A direct branch or call. */
struct code_branch {
	enum insn_op op;
	uint64_t target;
};

/* The branch that is instruction @i, which is in section->branches. */
void expand_branch(const struct code_section *section, size_t i, struct code_branch *ret);

enum insn_op expand_op(const struct code_section *section, size_t i);

/* Does a relocation say where branch @i goes? */
bool expand_is_relocated(const struct code_section *section, size_t i);

/* Sets branches, looks and notable, by what the instructions are in themselves. */
void expand_bitmaps(struct code_section *section);

#endif
