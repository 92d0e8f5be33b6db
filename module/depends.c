/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which modules each module of a tree needs, as depmod has found. */
#include "module/depends.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/scratch.h"

/* The dump, NUL-terminated. */
static int read_dump(struct kmod_ctx *kmod, char **ret)
{
	_cleanup_fd_ int fd = scratch_open("depends");
	struct stat st;
	char *text;
	int r;

	if (fd < 0)
		return fd;
	r = kmod_dump_index(kmod, KMOD_INDEX_MODULES_DEP, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	text = calloc(1, (size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	if (loss_pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		free(text);
		return -EIO;
	}
	*ret = text;
	return 0;
}

/* Lines of "name path: needed needed". */
static void cut(struct depends *depends)
{
	for (char *save = NULL, *line = strtok_r(depends->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');
		char *colon = space ? strchr(space, ':') : NULL;

		if (!colon)
			continue;
		*space = '\0';
		*colon = '\0';
		depends->paths[depends->nr] = space + 1;
		depends->names[depends->nr] = line;
		depends->needs[depends->nr++] = colon + 1;
	}
}

int depends_read(struct depends *ret, struct kmod_ctx *kmod)
{
	struct depends depends = {0};
	int r = read_dump(kmod, &depends.text);
	size_t nr = 1;

	for (const char *at = depends.text; r == 0 && *at; at++)
		nr += *at == '\n';
	if (r == 0) {
		depends.names = calloc(nr, sizeof(*depends.names));
		depends.paths = calloc(nr, sizeof(*depends.paths));
		depends.needs = calloc(nr, sizeof(*depends.needs));
		r = depends.names && depends.paths && depends.needs
			    ? nameindex_open(&depends.by_name, nr)
			    : -ENOMEM;
	}
	if (r < 0) {
		depends_close(&depends);
		return r == -ENOMEM ? r : 0;
	}
	cut(&depends);
	for (size_t i = 0; i < depends.nr; i++)
		nameindex_add(&depends.by_name, i, depends.names[i]);
	*ret = depends;
	return 0;
}

void depends_close(struct depends *depends)
{
	free(depends->text);
	free(depends->names);
	free(depends->paths);
	free(depends->needs);
	nameindex_close(&depends->by_name);
	memset(depends, 0, sizeof(*depends));
}

/* The number of the module; false: the index does not have it. */
static bool find(const struct depends *depends, const char *name, size_t *ret)
{
	for (bool more = nameindex_first(&depends->by_name, name, ret); more;
	     more = nameindex_next(&depends->by_name, ret))
		if (strcmp(depends->names[*ret], name) == 0)
			return true;
	return false;
}

const char *depends_of(const struct depends *depends, const char *name)
{
	size_t i;

	return find(depends, name, &i) ? depends->needs[i] : NULL;
}

bool depends_take(const char *needs, const char **end, char ret[PATH_MAX])
{
	const char *space = memrchr(needs, ' ', (size_t)(*end - needs));

	if (!space)
		return false;
	snprintf(ret, PATH_MAX, "%.*s", (int)(*end - space - 1), space + 1);
	*end = space;
	return true;
}

const char *depends_path(const struct depends *depends, const char *name)
{
	size_t i;

	return find(depends, name, &i) ? depends->paths[i] : NULL;
}

void depends_locate(struct kmod_ctx *kmod, const char *below, char ret[PATH_MAX])
{
	bool is_whole = *below == '/';

	snprintf(ret, PATH_MAX, "%s%s%s", is_whole ? "" : kmod_get_dirname(kmod),
		 is_whole ? "" : "/", below);
}
