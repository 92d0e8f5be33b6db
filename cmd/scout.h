/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks files that others wrote for a few words while the privileges are still there to
 * open more of them: processes that have none parse them.
 */
#ifndef KWCHECK_CMD_SCOUT_H
#define KWCHECK_CMD_SCOUT_H

#include "cmd/options.h"
#include "module/lookup.h"

/* scout_needs - what the loose entries of @names need, by their own words
 * A file that cannot be opened or parsed needs nothing: it is told when it is looked at.
 * Returns 0, or -errno with @err filled.
 */
int scout_needs(const struct options *options, struct lookup *names, struct error *err);

/* scout_release - the release of the kernel that @core is of; "": it does not say
 * @core: open; it is not expanded once more when it is read later. @modules: gets the
 * names of the modules that are loaded there, each with a newline behind it, to be freed;
 * NULL: they are not asked for. Returns 0, or -errno with @err filled.
 */
int scout_release(const struct options *options, struct source *core, char *ret,
		  size_t room, char **modules, struct error *err);

#endif
