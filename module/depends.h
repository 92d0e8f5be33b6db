/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which modules each module of a tree needs, as depmod has found. */
#ifndef KWCHECK_MODULE_DEPENDS_H
#define KWCHECK_MODULE_DEPENDS_H

#include <limits.h>
#include <stdbool.h>

#include "kcore/nameindex.h"

struct kmod_ctx;

/* Zero is empty. */
struct depends {
	char *text; /* libkmod's dump of its index, cut into strings */
	const char **names;
	const char **paths; /* of the module of that name: below the tree */
	const char **needs;
	size_t nr;
	struct nameindex by_name;
};

/* depends_read - all of @kmod's tree at once
 * libkmod, asked for a module's, looks for each of the files. Returns 0 or -errno; a tree
 * without an index has none.
 */
int depends_read(struct depends *ret, struct kmod_ctx *kmod);
void depends_close(struct depends *depends);

/* The files, below the tree, that have to be loaded before module @name: parted by
 * spaces, the first to be loaded last. NULL: the index does not have the module.
 */
const char *depends_of(const struct depends *depends, const char *name);

/* depends_take - the file of depends_of()'s @needs that is loaded next
 * @end: first the end of @needs, then of what is left. false: nothing is.
 */
bool depends_take(const char *needs, const char **end, char ret[PATH_MAX]);

/* The file of module @name, below the tree. NULL: the index does not have the module. */
const char *depends_path(const struct depends *depends, const char *name);

/* Where the file @below lies in @kmod's tree. */
void depends_locate(struct kmod_ctx *kmod, const char *below, char ret[PATH_MAX]);

#endif
