/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/linkage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ko.h"

static void write_of(const struct ko *ko, struct linkage *ret)
{
	struct kofile file;
	char *text = NULL;
	size_t nr_bytes = 0;
	FILE *out = open_memstream(&text, &nr_bytes);

	ko_parse(ko, &file);
	linkage_write(out, &file);
	fclose(out);
	cr_assert_eq(linkage_read(ret, text, nr_bytes), 0);
	free(text);
	kofile_close(&file);
}

Test(module_linkage, what_a_file_says)
{
	static const char modinfo[] = "name=one_mod\0depends=two,three-x,,bad/name";
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, modinfo, sizeof(modinfo), NULL,
			      0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {"wanted", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
			    {"optional", SHN_UNDEF, 0, STT_NOTYPE, STB_WEAK, 0},
			    {"__ksymtab_offered", 1, 0, STT_NOTYPE, STB_LOCAL, 0}},
		.nr_symbols = 4,
	};
	struct linkage linkage;

	write_of(&ko, &linkage);
	cr_expect_str_eq(linkage.name, "one_mod");
	cr_assert_eq(linkage.nr_depends, 2);
	cr_expect_str_eq(linkage.words[0], "two");
	cr_expect_str_eq(linkage.words[1], "three-x");
	cr_assert_eq(linkage.nr_imports, 1);
	cr_expect_str_eq(linkage.words[2], "wanted");
	cr_assert_eq(linkage.nr_exports, 1);
	cr_expect_str_eq(linkage.words[3], "offered");
	linkage_close(&linkage);
}

Test(module_linkage, what_modprobe_tries_before)
{
	static const char modinfo[] =
		"softdep=pre: crc32c a-b post: later pre: more\0softdep=post: x\0"
		"softdep=pre:\0softdep=  pre:  last bad/one\0softdep=none";
	const struct ko ko = {
		.sections = {{".modinfo", SHF_ALLOC, 0, modinfo, sizeof(modinfo), NULL,
			      0}},
		.nr_sections = 1,
	};
	static const char *const expected[] = {"crc32c", "a-b", "more", "last"};
	struct linkage linkage;

	write_of(&ko, &linkage);
	cr_assert_eq(linkage.nr_softdeps, 4);
	for (size_t i = 0; i < 4; i++)
		cr_expect_str_eq(linkage.words[i], expected[i]);
	linkage_close(&linkage);
}

/* It comes from a process that parsed a hostile file. */
Test(module_linkage, what_is_no_word_is_passed_over)
{
	static const char text[] = "nname\0d\nd\nda/b\nd*\ni\n\nzz\ndgood\nxlast";
	struct linkage linkage;

	cr_assert_eq(linkage_read(&linkage, text, sizeof(text) - 1), 0);
	cr_expect_str_eq(linkage.name, "name");
	cr_assert_eq(linkage.nr_depends, 1);
	cr_expect_str_eq(linkage.words[0], "good");
	cr_expect_eq(linkage.nr_imports, 0);
	cr_assert_eq(linkage.nr_exports, 1);
	cr_expect_str_eq(linkage.words[1], "last");
	linkage_close(&linkage);
	cr_assert_eq(linkage_read(&linkage, "", 0), 0);
	cr_expect_null(linkage.name);
	linkage_close(&linkage);
}
