/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder whose modules.dep.bin depmod has made. */
#include "module/depends.h"

#include <criterion/criterion.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ko.h"

static char root[] = "/tmp/kwcheck-depends-XXXXXX";

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	cr_assert_eq(system(command), 0, "%s", command);
}

static void setup(void)
{
	cr_assert_not_null(mkdtemp(root));
	run("mkdir -p '%s/lib/modules/1.0/kernel'", root);
}

static void teardown(void)
{
	run("rm -r '%s'", root);
}

TestSuite(module_depends, .init = setup, .fini = teardown);

/* A module that exports @exported and uses @used, which may be "". */
static void write_module(const char *name, const char *exported, const char *used)
{
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {"__ksymtab_strings", SHF_ALLOC, 0, exported,
			      strlen(exported) + 1, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 1},
			    {used, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = *used ? 2 : 1,
	};
	size_t size_bytes;
	unsigned char *bytes = ko_bytes(&ko, &size_bytes);
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/lib/modules/1.0/kernel/%s", root, name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size_bytes, file), size_bytes);
	fclose(file);
	free(bytes);
}

static struct kmod_ctx *open_tree(void)
{
	char path[512];
	struct kmod_ctx *kmod;

	snprintf(path, sizeof(path), "%s/lib/modules/1.0", root);
	kmod = kmod_new(path, NULL);
	cr_assert_not_null(kmod);
	kmod_set_log_priority(kmod, 0);
	kmod_load_resources(kmod);
	return kmod;
}

/* The module to be loaded first stands last; a '-' of a file is a '_' of its name. */
Test(module_depends, the_whole_chain)
{
	struct depends depends = {0};
	struct kmod_ctx *kmod;
	const char *needs, *middle, *base;

	write_module("user-mod.ko", "user_symbol", "middle_symbol");
	write_module("middle.ko", "middle_symbol", "base_symbol");
	write_module("base.ko", "base_symbol", "");
	run("PATH=$PATH:/usr/sbin:/sbin depmod -b '%s' 1.0 2>/dev/null", root);
	kmod = open_tree();
	cr_assert_eq(depends_read(&depends, kmod), 0);
	cr_expect_eq(depends.nr, 3);
	needs = depends_of(&depends, "user_mod");
	cr_assert_not_null(needs);
	middle = strstr(needs, "kernel/middle.ko");
	base = strstr(needs, "kernel/base.ko");
	cr_assert(middle && base, "%s", needs);
	cr_expect_lt(middle, base);
	cr_expect_str_eq(depends_of(&depends, "base"), "");
	cr_expect_str_eq(depends_path(&depends, "user_mod"), "kernel/user-mod.ko");
	cr_expect_null(depends_path(&depends, "nobody"));
	cr_expect_null(depends_of(&depends, "user-mod"));
	cr_expect_null(depends_of(&depends, "nobody"));
	depends_close(&depends);
	kmod_unref(kmod);
}

Test(module_depends, a_tree_without_an_index_has_none)
{
	struct depends depends = {0};
	struct kmod_ctx *kmod = open_tree();

	cr_expect_eq(depends_read(&depends, kmod), 0);
	cr_expect_eq(depends.nr, 0);
	cr_expect_null(depends_of(&depends, "base"));
	depends_close(&depends);
	kmod_unref(kmod);
}
