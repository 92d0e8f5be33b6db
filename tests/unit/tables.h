/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables as text: the fixtures of tests/data/tables.
 *
 *	levels N | phys-bits N | enc-mask X | pa-mask X | root X | no-nx | pks
 *	ring3
 *	PA VALUE			one entry
 *	walk VA VERDICT REASON DENIED-BY SPAN PA RIGHTS
 *	flags VA NAME...		of the walk's last entry
 */
#ifndef KWCHECK_TESTS_TABLES_H
#define KWCHECK_TESTS_TABLES_H

#include "pagetable/walk.h"

enum { TABLES_MAX_ENTRIES = 256, TABLES_MAX_LINES = 256, TABLES_LINE_BYTES = 256 };

struct tables {
	struct pagetable pt;
	size_t nr_entries;
	struct {
		uint64_t pa, value;
	} entries[TABLES_MAX_ENTRIES];
	size_t nr_checks;
	char checks[TABLES_MAX_LINES][TABLES_LINE_BYTES]; /* the walk and flags lines */
};

/* Fails the test where the file is missing or malformed. A table page is there where any
 * entry of it is given, and its other entries are 0; elsewhere there is no memory.
 */
void tables_load(struct tables *tables, const char *name);

#endif
