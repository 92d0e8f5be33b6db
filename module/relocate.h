/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's sections copied, its symbols resolved and its relocations applied, and what
 * the loader would stumble over meanwhile: struct modimage_problem.
 */
#ifndef KWCHECK_MODULE_RELOCATE_H
#define KWCHECK_MODULE_RELOCATE_H

#include "module/modimage.h"

/* The address of a symbol that the module does not define. Returns 0, or -ENOENT. */
typedef int (*relocate_resolve_fn)(void *ctx, const char *name, uint64_t *ret);

/* relocate_resolve - an address for every symbol. Unknown ones become problems. */
int relocate_resolve(struct modimage *mod, relocate_resolve_fn resolve, void *ctx);

/* relocate_load - copies the sections and applies their relocations
 * What the loader would refuse becomes a problem and is left unrelocated. Returns 0 or
 * -ENOMEM.
 */
int relocate_load(struct modimage *mod);

/* relocate_target - what relocation @rela works out to: the symbol's address and the
 * addend, before the address of the relocated bytes is taken off. false: the symbol is
 * unresolved.
 */
bool relocate_target(const struct modimage *mod, const Elf64_Rela *rela, uint64_t *ret);

#endif
