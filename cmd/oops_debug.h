/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's ELF file and where its DWARF may be, opened while the privileges are
 * there.
 */
#ifndef KWCHECK_CMD_OOPS_DEBUG_H
#define KWCHECK_CMD_OOPS_DEBUG_H

#include <stddef.h>

#include "kcore/error.h"

enum { OOPS_DEBUG_MAX = 8 };

struct oops_debug {
	int fds[OOPS_DEBUG_MAX]; /* the file's first */
	size_t nr;
};

/* oops_debug_open - opens @path and the debug files that the usual places have for it
 * They are told by their names alone: nothing is parsed yet. Returns 0, or -errno with
 * @err filled where @path cannot be opened.
 */
int oops_debug_open(struct oops_debug *ret, const char *path, struct error *err);
void oops_debug_close(struct oops_debug *debug);

#endif
