/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/clone.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void append(void *ctx, const struct symbol *symbol)
{
	char *names = ctx;

	strcat(strcat(names, symbol->name), " ");
}

Test(kcore_clone, each_of_them)
{
	static const char text[] = "ffffffff81000000 T _stext\n"
				   "ffffffff81000010 t __cfi_name\n"
				   "ffffffff81000020 t name.llvm.12\n"
				   "ffffffff81000030 t name.llvmx\n"
				   "ffffffff81000040 t name.cold\n"
				   "ffffffffc0000000 t name.llvm.7\t[other]\n";
	int fd = memfd_create("kallsyms", MFD_CLOEXEC);
	struct error err = {0};
	struct symbols symbols;
	char names[256] = "";

	cr_assert_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	lseek(fd, 0, SEEK_SET);
	cr_assert_eq(symbols_read(&symbols,
				  &(struct listing_text){.fd = fd, .path = "kallsyms"},
				  &err),
		     0, "%s", err.message);
	clone_each(&symbols, "name", NULL, append, names);
	cr_expect_str_eq(names, "name.llvm.12 name.cold __cfi_name name.llvm.7 ");
	*names = '\0';
	clone_each(&symbols, "name", "other", append, names);
	cr_expect_str_eq(names, "name.llvm.7 ");
	*names = '\0';
	clone_each(&symbols, "name", "vmlinux", append, names);
	cr_expect_str_eq(names, "name.llvm.12 name.cold __cfi_name ");
	symbols_close(&symbols);
	close(fd);
}
