/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file is that is no text. */
#include "oops/filekind.h"

#include <string.h>

#define DUMP_ADVICE "'kwcheck oops --core=FILE' reads the log in a dump"
#define PACKED_ADVICE "unpack it and give the text"

static const struct {
	size_t at;
	const char *magic;
	size_t magic_bytes;
	struct filekind kind;
} rows[] = {
	{16,
	 "\x04\x00",
	 2,
	 {"an ELF core", DUMP_ADVICE, true}}, /* e_type; looked at in ELF files only */
	{0, "\x7f\x45LF", 4, {"a program or a module (ELF)", "give a log", true}},
	{0, "KDUMP   ", 8, {"a kdump of the kernel", DUMP_ADVICE, true}},
	{0, "DISKDUMP", 8, {"a diskdump of the kernel", DUMP_ADVICE, true}},
	{0, "makedumpfile", 12, {"a flattened kdump", DUMP_ADVICE, true}},
	{0,
	 "LPKSHHRH",
	 8,
	 {"a journal of systemd",
	  "'journalctl --file=FILE -k -o short-monotonic | kwcheck oops' reads it",
	  true}},
	{0, "\x04\x22\x4d\x18", 4, {"compressed by lz4", PACKED_ADVICE, true}},
	{0, "\x02\x21\x4c\x18", 4, {"compressed by lz4", PACKED_ADVICE, true}},
	{0, "BZh", 3, {"compressed by bzip2", PACKED_ADVICE, true}},
	{0, "\x89LZO", 4, {"compressed by lzop", PACKED_ADVICE, true}},
	{0, "LZIP", 4, {"compressed by lzip", PACKED_ADVICE, true}},
	{0, "\x5d\x00\x00", 3, {"compressed by lzma", PACKED_ADVICE, true}},
	{0, "\x1f\x9d", 2, {"compressed by compress", PACKED_ADVICE, true}},
	{0, "PK\x03\x04", 4, {"a ZIP archive", PACKED_ADVICE, true}},
	{0, "7z\xbc\xaf\x27\x1c", 6, {"a 7z archive", PACKED_ADVICE, true}},
	{0, "Rar!\x1a\x07", 6, {"a RAR archive", PACKED_ADVICE, true}},
	/* Files are whole inside it. */
	{257, "ustar", 5, {"a tar archive", PACKED_ADVICE, false}},
	{0, "QFI\xfb", 4, {"a disk image", "give a log", true}},
	{0,
	 "\x89PNG",
	 4,
	 {"a picture", "type what it shows, or take the log from pstore or kdump", true}},
	{0,
	 "\xff\xd8\xff",
	 3,
	 {"a picture", "type what it shows, or take the log from pstore or kdump", true}},
	{0, "%PDF-", 5, {"a PDF", "copy its text to a file and give that", true}},
};

static const struct filekind binary = {
	"no text", "give what dmesg, journalctl -k or a serial console printed", false};

static bool has_magic(const char *bytes, size_t nr, size_t row)
{
	return nr >= rows[row].at + rows[row].magic_bytes &&
	       memcmp(bytes + rows[row].at, rows[row].magic, rows[row].magic_bytes) == 0;
}

/* UTF-16 has a zero in each character of a log. */
static bool is_utf16(const unsigned char *bytes, size_t nr)
{
	size_t nr_zeros[2] = {0};

	for (size_t i = 0; i < nr; i++)
		nr_zeros[i & 1] += bytes[i] == 0;
	return (nr_zeros[0] == 0) != (nr_zeros[1] == 0) &&
	       (nr_zeros[0] + nr_zeros[1]) * 4 > nr;
}

/* Bytes that no text has, UTF-8 or of an older set: one of twenty is too much; of what is
 * compressed one of ten is such a byte.
 */
static bool is_binary(const unsigned char *bytes, size_t nr)
{
	size_t nr_strange = 0;

	for (size_t i = 0; i < nr; i++)
		nr_strange += (bytes[i] < 0x20 &&
			       !strchr("\t\n\r\f\b\a\033", bytes[i])) ||
			      bytes[i] == 0 || bytes[i] == 0x7f;
	return nr_strange * 20 > nr && !is_utf16(bytes, nr);
}

const struct filekind *filekind_of(const void *bytes, size_t nr)
{
	static const char elf[] = "\x7f\x45LF";
	bool is_elf;

	if (nr > FILEKIND_BYTES)
		nr = FILEKIND_BYTES;
	is_elf = nr >= 4 && memcmp(bytes, elf, 4) == 0;
	for (size_t i = !is_elf; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (has_magic(bytes, nr, i))
			return &rows[i].kind;
	return is_binary(bytes, nr) ? &binary : NULL;
}
