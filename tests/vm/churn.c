// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * churn STOP FILE...: loads the modules, one after the other, each under the name that
 * its file has, and unloads those whose init succeeded; again and again until the file
 * STOP is there. Says on stdout how often it went round.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct module {
	char name[64];
	void *bytes;
	unsigned long nr_bytes;
};

enum { MAX_MODULES = 8 };

static int read_module(const char *path, struct module *ret)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	ret->nr_bytes = (unsigned long)st.st_size;
	ret->bytes = mmap(NULL, ret->nr_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)strcspn(base, "."), base);
	return ret->bytes == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct module modules[MAX_MODULES];
	unsigned long nr = 0;
	int nr_modules = argc - 2;

	if (nr_modules < 1 || nr_modules > MAX_MODULES)
		return 1;
	for (int i = 0; i < nr_modules; i++)
		if (read_module(argv[i + 2], &modules[i]) < 0)
			return 1;
	for (; access(argv[1], F_OK) < 0; nr++)
		for (int i = 0; i < nr_modules; i++)
			if (syscall(SYS_init_module, modules[i].bytes,
				    modules[i].nr_bytes, "") == 0)
				syscall(SYS_delete_module, modules[i].name, O_NONBLOCK);
	printf("%lu\n", nr);
	return 0;
}
