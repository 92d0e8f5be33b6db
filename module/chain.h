/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be loaded before modules that are not installed. */
#ifndef KWCHECK_MODULE_CHAIN_H
#define KWCHECK_MODULE_CHAIN_H

#include "module/lookup.h"

/* chain_find - the needs of all loose entries of @names
 *
 * To be called once, when linkage has been filled. A module is looked for among what was
 * given, then among what is installed: those that depends= names, and, where the file
 * names none, those that export what it leaves undefined. What these need comes first.
 * Modules that need each other, and too many of them, are left out, with why_not telling.
 * Returns 0 or -ENOMEM.
 */
int chain_find(struct lookup *names);

/* Why the module @name, which @entry's depends= names, is not among its needs; NULL: it
 * is nowhere.
 */
const char *chain_why_not(const struct lookup_entry *entry, const char *name);

#endif
