/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of many runs of oops --json-lines, grouped: the same crash, on which hosts. */
#ifndef KWCHECK_CMD_OOPS_GROUPS_H
#define KWCHECK_CMD_OOPS_GROUPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "kcore/error.h"

struct oops_names {
	const char **array; /* the groups'; each once, in the order of their coming */
	size_t nr, room;
	void *known; /* a tree of them */
};

/* Crashes of one kind, cause, module and function. */
struct oops_group {
	char *key;	 /* first, for the tree */
	json_t *example; /* the result seen last, ours */
	bool is_warning; /* a lesser report than a crash */
	size_t nr_copies, nr_crashes, nr_panics;
	struct oops_names hosts, nameless; /* nameless: logs that name no host */
	struct oops_names releases, files;
	char first_seen[32], last_seen[32]; /* "": no time is known */
	void *owners;			    /* a tree: of nr_crashes crashes */
};

struct oops_groups {
	struct oops_group **array;
	size_t nr, room;
	void *keys, *strings; /* trees: of groups by their keys, of all strings */
	struct error *errors; /* what was left out, and why */
	size_t nr_errors, errors_room;
	size_t nr_runs; /* of oops, by their first lines */
};

/* oops_groups_read - all lines of a file
 * @name: the file's, for messages. What is no line of a run of oops is one error each
 * time that it begins; the last line, where it was cut off, too. Returns 0 or -ENOMEM.
 */
int oops_groups_read(struct oops_groups *groups, const char *name, const char *bytes,
		     size_t nr_bytes);

/* Returns 0 or -ENOMEM. */
int oops_groups_error(struct oops_groups *groups, const struct error *err);

/* The worst first: crashes before warnings, then by hosts, by crashes, by the last time.
 */
void oops_groups_sort(struct oops_groups *groups);
void oops_groups_free(struct oops_groups *groups);

/* Hosts by name, and logs of hosts without one. */
static inline size_t oops_group_hosts(const struct oops_group *group)
{
	return group->hosts.nr + group->nameless.nr;
}

/* The string at @key of @object, which may be null; NULL: it is none. */
const char *oops_groups_text(const json_t *object, const char *key);

#endif
