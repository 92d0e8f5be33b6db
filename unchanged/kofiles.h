/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded modules against the files that they were loaded from. */
#ifndef KWCHECK_UNCHANGED_KOFILES_H
#define KWCHECK_UNCHANGED_KOFILES_H

#include "audit/report.h"
#include "module/kofile.h"
#include "unchanged/owner.h"

/* A module's file, which was opened and not yet read. */
struct kofiles_entry {
	char name[64];	     /* of the module */
	struct kofile *file; /* borrowed; NULL: there is none */
	struct error why;    /* then */
};

struct kofiles {
	const char *tree; /* where they were looked for */
	bool has_tree;	  /* false: nothing is there, and nothing is compared */
	struct kofiles_entry *array;
	size_t nr;
};

/* kofiles_check - adds a row "NAME against its file" for each module that is live
 * @files: its files are read and parsed anew, one at a time.
 */
void kofiles_check(struct audit *audit, const struct owner_records *records,
		   const struct kofiles *files);

#endif
