/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loaded modules' functions promise of their parameters. */
#include "module/prototypes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int prototypes_open(struct prototypes *ret, const char *folder)
{
	_cleanup_(cleanup_dir) DIR *dir = opendir(folder);
	struct prototypes prototypes = {0};
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct prototypes_module *module;
		int fd;

		if (*entry->d_name == '.' || strcmp(entry->d_name, "vmlinux") == 0)
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (array_reserve(&prototypes.modules, prototypes.nr, &prototypes.room,
				  sizeof(*prototypes.modules)) < 0) {
			cleanup_fd(&fd);
			prototypes_close(&prototypes);
			return -ENOMEM;
		}
		module = &prototypes.modules[prototypes.nr++];
		*module = (struct prototypes_module){.fd = fd};
		snprintf(module->name, sizeof(module->name), "%.60s", entry->d_name);
	}
	*ret = prototypes;
	return 0;
}

void prototypes_close(struct prototypes *prototypes)
{
	for (size_t i = 0; i < prototypes->nr; i++) {
		types_close(&prototypes->modules[i].types);
		cleanup_fd(&prototypes->modules[i].fd);
	}
	free(prototypes->modules);
	memset(prototypes, 0, sizeof(*prototypes));
}

static void read_types(struct prototypes_module *module, const struct types *kernel)
{
	_cleanup_free_ unsigned char *data = NULL;
	size_t size_bytes;

	module->was_read = true;
	if (types_load(module->fd, &data, &size_bytes) == 0)
		types_parse_module(&module->types, kernel, data, size_bytes, NULL, 0);
}

enum types_parameter prototypes_parameter(struct prototypes *prototypes,
					  const struct types *kernel, const char *name,
					  const char *function, unsigned index)
{
	for (size_t i = 0; i < prototypes->nr; i++) {
		struct prototypes_module *module = &prototypes->modules[i];

		if (strcmp(module->name, name) != 0)
			continue;
		if (!module->was_read)
			read_types(module, kernel);
		return types_parameter(&module->types, function, index);
	}
	return TYPES_UNKNOWN;
}
