/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the modules that a kernel has loaded, opened while there are privileges.
 */
#include "cmd/loadedfiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/moduletree.h"
#include "cmd/scout.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "module/lookup.h"

/* The first word of each line of /proc/modules, each with a newline behind it. */
static int read_names(const char *sysroot, char **ret)
{
	_cleanup_free_ char *path = NULL, *line = NULL;
	size_t room = 0, bytes = 0;
	FILE *file, *out;

	if (asprintf(&path, "%s/proc/modules", sysroot) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	out = open_memstream(ret, &bytes);
	if (!out)
		return -ENOMEM;
	/* A kernel without modules has no such file. */
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, " \n")] = '\0';
		fprintf(out, "%s\n", line);
	}
	if (file)
		fclose(file);
	return loss_close(out) < 0 ? -ENOMEM : 0;
}

static int find_names(struct loadedfiles *loaded, const struct options *options,
		      struct source *source, char **names, struct error *err)
{
	char release[128] = "";
	int r;

	if (options->core)
		r = scout_release(options, source, release, sizeof(release), names, err);
	else
		r = read_names(options->sysroot, names);
	if (r == 0)
		r = moduletree_find(options, options->core ? release : NULL, loaded->tree,
				    err);
	return r;
}

static int add_name(struct loadedfiles *loaded, size_t *room, const char *name)
{
	struct kofiles *files = &loaded->files;

	if (array_reserve(&files->array, files->nr, room, sizeof(*files->array)) < 0)
		return -ENOMEM;
	files->array[files->nr] = (struct kofiles_entry){0};
	snprintf(files->array[files->nr++].name, sizeof(files->array->name), "%s", name);
	return 0;
}

static int open_entry(struct loadedfiles *loaded, struct lookup *names, size_t i,
		      struct error *err)
{
	struct kofiles_entry *entry = &loaded->files.array[i];
	char path[PATH_MAX];
	int r;

	if (!lookup_path(names, entry->name, path))
		return 0;
	r = kofile_open(&loaded->opened[i], path, &entry->why);
	if (error_is_of_machine(r))
		*err = entry->why;
	if (r < 0)
		return error_is_of_machine(r) ? r : 0;
	entry->file = &loaded->opened[i];
	return shelf_put(&loaded->shelf, entry->file, err);
}

static int open_all(struct loadedfiles *loaded, struct error *err)
{
	struct kofiles *files = &loaded->files;
	struct lookup names = {.tree = loaded->tree};
	int r;

	loaded->opened = calloc(files->nr + 1, sizeof(*loaded->opened));
	if (!loaded->opened)
		return -ENOMEM;
	r = shelf_open(&loaded->shelf, files->nr, err);
	for (size_t i = 0; r == 0 && i < files->nr; i++)
		r = open_entry(loaded, &names, i, err);
	lookup_free(&names);
	return r;
}

int loadedfiles_open(struct loadedfiles *ret, const struct options *options,
		     struct source *source, struct error *err)
{
	_cleanup_free_ char *names = NULL;
	char *rest = NULL;
	size_t room = 0;
	int r;

	*ret = (struct loadedfiles){.shelf.fd = -1};
	r = find_names(ret, options, source, &names, err);
	ret->files.tree = ret->tree;
	ret->files.has_tree = r == 0 && lookup_has_index(ret->tree);
	for (char *name = r == 0 ? strtok_r(names, "\n", &rest) : NULL; name && r == 0;
	     name = strtok_r(NULL, "\n", &rest))
		r = add_name(ret, &room, name);
	if (r == 0 && ret->files.has_tree)
		r = open_all(ret, err);
	if (r < 0)
		loadedfiles_close(ret);
	return r;
}

void loadedfiles_close(struct loadedfiles *loaded)
{
	for (size_t i = 0; loaded->opened && i < loaded->files.nr; i++)
		if (loaded->files.array[i].file)
			kofile_close(loaded->files.array[i].file);
	if (loaded->opened)
		shelf_close(&loaded->shelf);
	free(loaded->opened);
	free(loaded->files.array);
	*loaded = (struct loadedfiles){.shelf.fd = -1};
}
