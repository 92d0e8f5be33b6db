// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load-module FILE [PARAMETERS]: init_module(2), and its result as a number on stdout: 0,
 * or the negative error. Where init oopses, the process dies and says nothing. Not by
 * finit_module(2), whose list keeps an entry on the stack of a caller that oopsed (since
 * 6.5).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct stat st;
	void *bytes;
	int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 1;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return 1;
	if (syscall(SYS_init_module, bytes, (unsigned long)st.st_size,
		    argc > 2 ? argv[2] : "") < 0)
		printf("%d\n", -errno);
	else
		puts("0");
	return 0;
}
