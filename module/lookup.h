/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files are meant: paths, folders and module names, and what each module needs. */
#ifndef KWCHECK_MODULE_LOOKUP_H
#define KWCHECK_MODULE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "kcore/error.h"
#include "module/depends.h"

struct lookup_entry {
	char *path;
	size_t *needs; /* nr_needs numbers of the entries to be loaded before, all of them
			*/
	size_t nr_needs;
	bool is_wanted; /* asked for, not only needed by another */
	bool has_needs; /* needs has been looked for */
	char **words;	/* nr_words of "name=value" that came after it; borrowed */
	size_t nr_words;
};

struct lookup {
	struct lookup_entry *array;
	size_t nr, room;
	size_t *by_path; /* numbers + 1, hashed by path; 0: free */
	size_t hash_room;
	void *kmod;	 /* libkmod's context ... */
	char *directory; /* ... for this folder; NULL: the running kernel's */
	bool has_kmod;
	struct depends depends; /* of its modules */
	bool has_failed;	/* -ENOMEM */
};

/* lookup_add - the files that one operand means
 *
 * @operand: a file, a folder (all .ko, .ko.gz, .ko.xz and .ko.zst below it), or a
 * module's name or alias, looked for where modprobe would. Runs libkmod, which reads the
 * module tree's indices, and so belongs before the privileges go; no module is parsed.
 * Returns how many were added, or -errno with @err filled.
 */
int lookup_add(struct lookup *names, const char *operand, char **words, size_t nr_words,
	       struct error *err);

void lookup_free(struct lookup *names);

#endif
