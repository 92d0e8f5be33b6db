/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel's names come from. */
#ifndef KWCHECK_KCORE_NAMING_H
#define KWCHECK_KCORE_NAMING_H

#include "kcore/kernel.h"

/* naming_read - fills in the kernel's symbols, has_symbols, symbols_from, symbols_error
 *
 * From the kernel's memory where it says where they lie (6.0 and newer), which is many
 * times faster than the text file and not blanked by kptr_restrict=2; else from the text,
 * which a capture has in a note. Before the page tables are tested: what needs them is
 * read when it is asked for.
 */
void naming_read(struct kernel *kernel, const struct source *source);

#endif
