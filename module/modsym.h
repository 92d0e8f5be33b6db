/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of a module, by address and by name. */
#ifndef KWCHECK_MODULE_MODSYM_H
#define KWCHECK_MODULE_MODSYM_H

#include "module/modimage.h"

/* modsym_entry - the address of the module's init (@is_exit: exit) function
 * As struct module of its .gnu.linkonce.this_module says, by @offset in it where that is
 * known (0: not), else by which half it lies in, else by the usual names. -ENOENT: it has
 * none.
 */
int modsym_entry(const struct modimage *mod, bool is_exit, uint32_t offset,
		 uint64_t *ret);

/* The address of the symbol that the module itself has by that name, relocated or not
 * yet. false: it has none.
 */
bool modsym_find(const struct modimage *mod, const char *name, uint64_t *ret);

/* The function or object symbol that covers or precedes @va in its section, or NULL. */
const struct kofile_symbol *modsym_at(const struct modimage *mod, uint64_t va,
				      uint64_t *ret_offset);

/* modsym_end - where the kernel takes the symbol that covers @va to end
 * At the next symbol of its region, whatever its section, or with the region; @va must
 * lie in one. kernel/module/kallsyms.c:find_kallsyms_symbol().
 */
uint64_t modsym_end(const struct modimage *mod, uint64_t va);

/* modsym_functions - the module's functions that what lies at @va refers to
 * @va: of a function: that one; of an object: those whose addresses it holds, or another
 * object that it points to. Returns how many went to @ret, at most @nr, ascending and
 * each once.
 */
size_t modsym_functions(const struct modimage *mod, uint64_t va, size_t nr,
			uint64_t ret[]);

#endif
