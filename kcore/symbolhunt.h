/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the tables of symbols lie in a core of a kernel that does not say it. */
#ifndef KWCHECK_KCORE_SYMBOLHUNT_H
#define KWCHECK_KCORE_SYMBOLHUNT_H

#include "kcore/kallsyms.h"

/* symbolhunt_find - looks through the image for the tables where VMCOREINFO does not name
 * them: before 6.0, or where there is none
 *
 * @stext: where the image begins. Everything that the tables say of each other must hold:
 * the index of every token, the marker of every 256th name, the number of names. Returns
 * 0; -ENOENT: there are none like that; -ENOMEM.
 */
int symbolhunt_find(struct elfcore *core, uint64_t stext, uint64_t image_to_pa,
		    struct kallsyms_places *ret);

#endif
