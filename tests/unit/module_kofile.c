/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/kofile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ko.h"

static const char modinfo[] = "license=GPL\0name=small\0import_ns=A\0import_ns=B\0odd";
static const Elf64_Rela rela[] = {
	{.r_offset = 2, .r_info = ELF64_R_INFO(2, R_X86_64_PC32), .r_addend = -4}};

static const struct ko small = {
	.sections =
		{
			{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\x89\x05\0\0\0\0\xc3", 7,
			 rela, 1},
			{".modinfo", SHF_ALLOC, 0, modinfo, sizeof(modinfo), NULL, 0},
			{".bss", SHF_ALLOC | SHF_WRITE, SHT_NOBITS, NULL, 4096, NULL, 0},
		},
	.nr_sections = 3,
	.symbols =
		{
			{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			{"uuid_null", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
		},
	.nr_symbols = 2,
};

Test(module_kofile, sections_symbols_and_relocations)
{
	const struct kofile_section *text;
	struct kofile file;
	Elf64_Rela first;

	ko_parse(&small, &file);
	text = kofile_section(&file, ".text");
	cr_assert_not_null(text);
	cr_expect_eq(text->size_bytes, 7);
	cr_assert_eq(text->nr_rela, 1);
	kofile_rela(text, 0, &first);
	cr_expect_eq(first.r_offset, 2);
	cr_expect_str_eq(file.symbols[1].name, "init_module");
	cr_expect_eq(file.symbols[2].section, SHN_UNDEF);
	cr_expect_null(kofile_section(&file, ".bss")->data);
	cr_expect_str_eq(file.module_name, "small");
	cr_expect(!file.is_signed);
	kofile_close(&file);
}

Test(module_kofile, modinfo_values_come_one_after_the_other)
{
	struct kofile file;
	const char *ns;

	ko_parse(&small, &file);
	cr_expect_str_eq(kofile_modinfo(&file, "license", NULL), "GPL");
	ns = kofile_modinfo(&file, "import_ns", NULL);
	cr_assert_str_eq(ns, "A");
	ns = kofile_modinfo(&file, "import_ns", ns);
	cr_assert_str_eq(ns, "B");
	cr_expect_null(kofile_modinfo(&file, "import_ns", ns));
	cr_expect_null(kofile_modinfo(&file, "odd", NULL));
	kofile_close(&file);
}

Test(module_kofile, the_hash_is_of_the_bytes_on_disk)
{
	static const unsigned char sha256_of_abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	struct error err = {0};
	struct kofile file;

	ko_wrap("abc", 3, &file);
	cr_assert_eq(kofile_read(&file, &err), 0);
	cr_expect_not(file.has_sha256);
	kofile_hash(&file);
	cr_expect(file.has_sha256);
	cr_expect_eq(memcmp(file.sha256, sha256_of_abc, sizeof(sha256_of_abc)), 0);
	cr_expect_eq(kofile_parse(&file, &err), -ENOEXEC);
	cr_expect_eq(err.code, ERROR_FILE);
	kofile_close(&file);
}

/* Every length, and every byte of the headers changed: an error or an answer, and with
 * sanitizers no read outside.
 */
Test(module_kofile, damaged_files_are_refused_or_parsed)
{
	size_t size_bytes;
	unsigned char *bytes = ko_bytes(&small, &size_bytes);

	for (size_t nr = 0; nr < size_bytes; nr += 3) {
		struct error err = {0};
		struct kofile file;

		ko_wrap(bytes, nr, &file);
		cr_assert_eq(kofile_read(&file, &err), 0);
		cr_expect_lt(kofile_parse(&file, &err), 0, "%zu of %zu bytes", nr,
			     size_bytes);
		kofile_close(&file);
	}
	for (size_t at = 0; at < size_bytes; at++) {
		struct error err = {0};
		struct kofile file;

		bytes[at] ^= 0x81;
		ko_wrap(bytes, size_bytes, &file);
		cr_assert_eq(kofile_read(&file, &err), 0);
		if (kofile_parse(&file, &err) == 0)
			kofile_modinfo(&file, "name", NULL);
		kofile_close(&file);
		bytes[at] ^= 0x81;
	}
	free(bytes);
}

Test(module_kofile, a_directory_is_no_module)
{
	struct error err = {0};
	struct kofile file;

	cr_expect_lt(kofile_open(&file, "/", &err), 0);
	cr_expect_eq(err.code, ERROR_FILE);
}

/* A symbol of a section that there is not, among the reserved numbers; livepatch's are.
 */
Test(module_kofile, symbols_of_reserved_sections)
{
	static const struct {
		uint16_t section;
		bool is_good;
	} cases[] = {
		{SHN_ABS, true},     {SHN_COMMON, true}, {KOFILE_SHN_LIVEPATCH, true},
		{SHN_XINDEX, false}, {0xfff3, false},	 {9, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ko ko = {
			.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1,
				      NULL, 0}},
			.nr_sections = 1,
			.symbols = {{"symbol", cases[i].section, 0, STT_OBJECT,
				     STB_GLOBAL, 0}},
			.nr_symbols = 1,
		};
		struct error err = {0};
		struct kofile file;
		size_t size_bytes;
		unsigned char *bytes = ko_bytes(&ko, &size_bytes);

		ko_wrap(bytes, size_bytes, &file);
		free(bytes);
		cr_assert_eq(kofile_read(&file, &err), 0);
		cr_expect_eq(kofile_parse(&file, &err), cases[i].is_good ? 0 : -ENOEXEC,
			     "%x", cases[i].section);
		kofile_close(&file);
	}
}

/* The kernel goes by its own size, and refuses a file of another. */
Test(module_kofile, refuses_section_headers_of_another_length)
{
	enum { AT_SHENTSIZE = 58 };
	static const uint16_t lengths[] = {0, 40, 63, 65, 72};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct error err = {0};
		struct kofile file;
		size_t nr;
		unsigned char *bytes = ko_bytes(&small, &nr);

		memcpy(bytes + AT_SHENTSIZE, &lengths[i], sizeof(lengths[i]));
		ko_wrap(bytes, nr, &file);
		cr_assert_eq(kofile_read(&file, &err), 0);
		cr_expect_eq(kofile_parse(&file, &err), -ENOEXEC, "%u", lengths[i]);
		cr_expect_not_null(strstr(err.message, "the kernel refuses"), "%s",
				   err.message);
		kofile_close(&file);
		free(bytes);
	}
}

/* What a folder is searched for, and a mistyped target is told of. */
Test(module_kofile, names_of_files)
{
	static const struct {
		const char *name;
		bool is_module;
	} cases[] = {
		{"a.ko", true},	     {"a.ko.gz", true},	    {"a.ko.xz", true},
		{"a.ko.zst", true},  {".ko", false},	    {".ko.gz", false},
		{"a.ko.bz2", false}, {"a.ko.debug", false}, {"ko", false},
		{"", false},	     {"a.mod.o", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(kofile_is_name(cases[i].name), cases[i].is_module, "%s",
			     cases[i].name);
}
