/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the members of struct security_hook_list lie: proved before anything rests on it.
 */
#ifndef KWCHECK_AUDIT_LSMLAYOUT_H
#define KWCHECK_AUDIT_LSMLAYOUT_H

#include "audit/lsmhooks.h"

/* More bad elements than this are rather a wrong layout than an attack, where they are
 * most of all elements.
 */
enum { LSMLAYOUT_HANDFUL = 8 };

/* What is known of an element without its layout. */
struct lsmlayout_element {
	uint64_t node; /* its list node; since 6.12 its own address */
	uint64_t link; /* its list's head; since 6.12 its hook's first slot */
};

/* Are more than a handful bad, and at least half of all? */
bool lsmlayout_is_doubtful(size_t nr_bad, size_t nr);

/* lsmlayout_prove - tests lsm->layout on every element
 *
 * Every element names its list, a function in kernel text and a readable owner. Layout
 * randomisation shuffles the members, so without BTF every order of them is tried, and
 * the one that fits best becomes lsm->layout.
 *
 * Returns 0. -ENOENT: no order fits most elements, or two fit equally well. With BTF only
 * a layout that more than a handful contradict is refused.
 */
int lsmlayout_prove(struct lsm *lsm, const struct lsmlayout_element elements[],
		    size_t nr);

/* Says once, in row @row, that the hooks cannot be read. */
void lsmlayout_refuse(struct lsm *lsm, size_t row, const char *what);

#endif
