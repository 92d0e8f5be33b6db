/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/clone.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

Test(kcore_clone, names_that_compilers_make)
{
	static const char *const of[] = {
		"name.llvm.8808217345", "name.cold",   "name.cold.12",
		"name.isra.0",		"name.part.0", "name.constprop.0.isra.3",
		"name.lto_priv.0",	"__cfi_name",  "name.part.0.cold",
	};
	static const char *const not_of[] = {
		"name",	      "names.cold",  "name.",	     "name.0",	    "name.colder",
		"name.key.3", "__cfi_names", "my_name.cold", "name.isra.x",
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		cr_expect(clone_is_of(of[i], "name"), "%s", of[i]);
	for (size_t i = 0; i < sizeof(not_of) / sizeof(not_of[0]); i++)
		cr_expect_not(clone_is_of(not_of[i], "name"), "%s", not_of[i]);
	cr_expect(clone_is_same("name.llvm.123", "name"));
	cr_expect_not(clone_is_same("name.llvm.123.cold", "name"));
	cr_expect_not(clone_is_same("name.cold", "name"));
	cr_expect_not(clone_is_same("name", "name"));
}

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
