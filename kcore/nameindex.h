/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that have a number and a name, to be found by name. */
#ifndef KWCHECK_KCORE_NAMEINDEX_H
#define KWCHECK_KCORE_NAMEINDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hash chains. Zero is empty: nothing is found in it. */
struct nameindex {
	uint32_t *heads; /* by the hash: a number + 1, or 0 */
	uint32_t *next;	 /* by the number: another one + 1, or 0 */
	uint32_t mask;
};

/* nameindex_open - without names, for numbers below @nr
 * Returns 0; -ENOMEM, also for more than 2^31 numbers.
 */
int nameindex_open(struct nameindex *ret, size_t nr);
void nameindex_close(struct nameindex *index);

/* Each number once. Of one name's numbers the last one added is found first. */
void nameindex_add(struct nameindex *index, size_t number, const char *name);

/* nameindex_first, nameindex_next - numbers that @name may be the name of
 * The caller compares. false: no more; *@number is the last one until then.
 */
bool nameindex_first(const struct nameindex *index, const char *name, size_t *number);
bool nameindex_next(const struct nameindex *index, size_t *number);

#endif
