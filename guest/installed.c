/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernels that are installed here. */
#include "guest/installed.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/release.h"

/* Where packages have the image; the release stands between. Debian, Ubuntu, openSUSE and
 * RHEL use the first; Fedora and Arch the second, which is a link or a copy on some.
 */
static const struct {
	const char *before, *after;
} places[] = {
	{"/boot/vmlinuz-", ""},
	{"/lib/modules/", "/vmlinuz"},
	{"/usr/lib/modules/", "/vmlinuz"},
};
enum { NR_PLACES = sizeof(places) / sizeof(places[0]) };

int installed_find(const char *root, const char *release, char **ret, struct error *err)
{
	for (size_t i = 0; i < NR_PLACES; i++) {
		char *path;

		if (asprintf(&path, "%s%s%s%s", root, places[i].before, release,
			     places[i].after) < 0)
			return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s",
					 strerror(ENOMEM));
		if (access(path, F_OK) == 0) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	return error_set(
		err, ERROR_FILE, -ENOENT,
		"%.100s: no kernel of that release is installed: neither "
		"%.60s/boot/vmlinuz-RELEASE nor /lib/modules/RELEASE/vmlinuz is "
		"there; --kernel=all asks every installed one, and a path with a "
		"slash names an image",
		release, root);
}

static int add(struct installed *list, const char *release, size_t release_bytes,
	       const char *path)
{
	struct installed_kernel kernel;

	for (size_t i = 0; i < list->nr; i++)
		if (strlen(list->array[i].release) == release_bytes &&
		    memcmp(list->array[i].release, release, release_bytes) == 0)
			return 0;
	if (array_reserve(&list->array, list->nr, &list->room, sizeof(*list->array)) < 0)
		return -ENOMEM;
	kernel.release = strndup(release, release_bytes);
	kernel.path = strdup(path);
	if (!kernel.release || !kernel.path) {
		free(kernel.release);
		free(kernel.path);
		return -ENOMEM;
	}
	list->array[list->nr++] = kernel;
	return 0;
}

static int by_release(const void *a, const void *b)
{
	const struct installed_kernel *one = a, *other = b;

	return strverscmp(one->release, other->release);
}

/* What rescue images and earlier copies are called is none. */
static bool is_release(const char *text, size_t bytes)
{
	static const char old[] = ".old";

	return release_number(text) &&
	       (bytes < sizeof(old) ||
		memcmp(text + bytes - strlen(old), old, strlen(old)) != 0);
}

static int add_place(struct installed *list, const char *root, size_t place)
{
	const char *before = places[place].before, *after = places[place].after;
	char pattern[4096];
	glob_t found;
	int r = 0;

	snprintf(pattern, sizeof(pattern), "%s%s*%s", root, before, after);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && r == 0; i++) {
		const char *path = found.gl_pathv[i];
		const char *release = path + strlen(root) + strlen(before);
		size_t bytes = strlen(release) - strlen(after);

		if (is_release(release, bytes))
			r = add(list, release, bytes, path);
	}
	globfree(&found);
	return r;
}

int installed_list(struct installed *ret, const char *root, struct error *err)
{
	struct installed list = {0};
	int r = 0;

	for (size_t i = 0; i < NR_PLACES && r == 0; i++)
		r = add_place(&list, root, i);
	if (r == 0 && list.nr == 0)
		r = error_set(err, ERROR_FILE, -ENOENT,
			      "--kernel=all: no kernel is installed here: there is no "
			      "%.100s/boot/vmlinuz-RELEASE and no "
			      "/lib/modules/RELEASE/vmlinuz; give the image's path",
			      root);
	if (r < 0) {
		installed_free(&list);
		return error_set(err, ERROR_INTERNAL, r, "%s", strerror(-r));
	}
	qsort(list.array, list.nr, sizeof(*list.array), by_release);
	*ret = list;
	return 0;
}

void installed_free(struct installed *installed)
{
	for (size_t i = 0; i < installed->nr; i++) {
		free(installed->array[i].release);
		free(installed->array[i].path);
	}
	free(installed->array);
	*installed = (struct installed){0};
}
