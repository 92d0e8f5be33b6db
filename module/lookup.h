/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files are meant: paths, folders and module names, and what each module needs. */
#ifndef KWCHECK_MODULE_LOOKUP_H
#define KWCHECK_MODULE_LOOKUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "kcore/error.h"
#include "module/depends.h"
#include "module/linkage.h"
#include "module/needs.h"

struct lookup_entry {
	char *path;
	struct needs needs; /* of the entries to be loaded before, all of them */
	bool is_wanted;	    /* asked for, not only needed by another */
	bool has_needs;	    /* needs has been looked for */
	bool is_treeless;   /* which modules are installed for it is not known */
	bool is_loose; /* in no tree whose index has it: its file says what it needs */
	struct linkage linkage; /* is_loose: as far as it was read */
	const char **why_not;	/* linkage.nr_depends: why that module cannot be loaded
				 * first, or NULL; static. NULL: nothing is known
				 */
	char **words; /* nr_words of "name=value" that came after it; borrowed, but ... */
	size_t nr_words;
	/* ... of a module that was asked for by name behind those that modprobe gives it
	 * (modprobe.d, the kernel's command line), cut out of @options.
	 */
	size_t nr_configured;
	char *options, **joined; /* NULL: there are none, and none is quoted */
};

struct lookup {
	struct lookup_entry *array;
	size_t nr, room;
	size_t *by_path; /* numbers + 1, hashed by path; 0: free */
	size_t hash_room;
	void *kmod;	 /* libkmod's context ... */
	char *directory; /* ... for this folder; NULL: the running kernel's */
	bool has_kmod;
	bool is_above;	  /* the folder lies above the path that was asked for */
	const char *tree; /* where modules are installed; NULL: for the running kernel.
			   * Borrowed, set before lookup_add()
			   */
	struct depends depends; /* of its modules */
	struct error damage;	/* of the first index that was left alone, or zeroed */
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

/* Is @tree a folder of modules whose index depmod has made? */
bool lookup_has_index(const char *tree);

/* Is there an index of modules for entry @number: in the tree that its file lies in, or
 * in names->tree?
 */
bool lookup_has_tree(const struct lookup *names, size_t number);

/* lookup_path - the file of the module @name that is installed in names->tree
 * @name is no path, whatever is in it. false: there is none.
 */
bool lookup_path(struct lookup *names, const char *name, char ret[PATH_MAX]);

/* lookup_installed - the number of the module @name that is installed where entry @number
 * would be looked for: in the tree that its file lies in, or in names->tree
 * It is added, with what it needs. Returns 1; 0: there is none; or -ENOMEM.
 */
int lookup_installed(struct lookup *names, size_t number, const char *name, size_t *ret);

/* The same for the module there that exports @symbol, as depmod has found. */
int lookup_exporter(struct lookup *names, size_t number, const char *symbol, size_t *ret);

/* lookup_softdeps - adds what modprobe would try before the module @name: the "softdep"
 * of modprobe.d and of modules.softdep, with what these need
 * @number: as lookup_installed() takes it; its needs get them. Returns 0 or -ENOMEM.
 */
int lookup_softdeps(struct lookup *names, size_t number, const char *name);

/* lookup_softdep - the same for @alias, which a file's own "softdep" names */
int lookup_softdep(struct lookup *names, size_t number, const char *alias);

/* lookup_kmod - libkmod for the tree that entry @number would be looked for in, and its
 * index in names->depends
 * NULL: none. Valid until another entry's is asked for.
 */
struct kmod_ctx *lookup_kmod(struct lookup *names, size_t number);

/* As the module would be called: "/some/where/snd-pcm.ko.xz" is snd_pcm. */
void lookup_module_name(const char *path, char ret[NAME_MAX + 1]);

void lookup_free(struct lookup *names);

#endif
