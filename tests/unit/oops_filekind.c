/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/filekind.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *name_of(const char *bytes, size_t nr)
{
	const struct filekind *kind = filekind_of(bytes, nr);

	return kind ? kind->name : "text";
}

Test(oops_filekind, by_the_first_bytes)
{
	static const struct {
		const char *bytes;
		size_t nr;
		const char *name;
	} rows[] = {
		{"\x7f\x45LF\2\1\1\0\0\0\0\0\0\0\0\0\4\0", 18, "an ELF core"},
		{"\x7f\x45LF\2\1\1\0\0\0\0\0\0\0\0\0\3\0", 18,
		 "a program or a module (ELF)"},
		{"KDUMP   \6\0\0\0", 12, "a kdump of the kernel"},
		{"makedumpfile\0\0\0\0", 16, "a flattened kdump"},
		{"LPKSHHRH\0\0\0\0", 12, "a journal of systemd"},
		{"\x04\x22\x4d\x18\x64\x40", 6, "compressed by lz4"},
		{"BZh91AY&SY", 10, "compressed by bzip2"},
		{"PK\3\4\x14\0", 6, "a ZIP archive"},
		{"\x89PNG\r\n\x1a\n", 8, "a picture"},
		{"\0\1\2\3\4\5\6\7", 8, "no text"},
		{"B\0U\0G\0:\0 \0n\0o\0", 14, "text"},
		{"\0B\0U\0G\0:\0 \0n\0o", 14, "text"},
		{"\xff\xfe"
		 "B\0U\0G\0",
		 8, "text"},
		{"[    1.000000] \xd0\xb8\xd1\x8e\xd0\xbb\033[0m\r\n", 25, "text"},
		{"janv. 24 \xe9t\xe9\n", 13, "text"},
		{"", 0, "text"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(name_of(rows[i].bytes, rows[i].nr), rows[i].name,
				 "row %zu: %s", i, name_of(rows[i].bytes, rows[i].nr));
}

Test(oops_filekind, a_tar_archive)
{
	char block[512] = "log.txt";

	memcpy(block + 257, "ustar", 5);
	cr_expect_str_eq(name_of(block, sizeof(block)), "a tar archive");
	cr_expect_not(filekind_of(block, sizeof(block))->is_final);
}

/* What deflate makes has no magic: one byte of ten is none of a text. */
Test(oops_filekind, compressed_without_a_magic)
{
	unsigned char bytes[3000];
	unsigned value = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		value = value * 1103515245 + 12345;
		bytes[i] = (unsigned char)(value >> 16);
	}
	cr_expect_str_eq(name_of((const char *)bytes, sizeof(bytes)), "no text");
}
