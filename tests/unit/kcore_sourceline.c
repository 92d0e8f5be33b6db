/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/sourceline.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "room.h"

#ifdef KWCHECK_LIBDW

/* A relocatable file with DWARF whose source is known: scan.o of this very build. */
enum { ROOM_BYTES = 1 << 20 };
static unsigned char *object;
static size_t object_bytes;

static int open_object(void)
{
	int fd = open(KWCHECK_BINARY_DIR "/oops/scan.o", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	object = room_take(ROOM_BYTES);
	n = pread(fd, object, ROOM_BYTES, 0);
	cr_assert(n > 0 && (size_t)n < ROOM_BYTES);
	object_bytes = (size_t)n;
	return fd;
}

/* The section that scan_decimal() is in, and where. */
static size_t find_function(uint64_t *offset)
{
	Elf *elf = (elf_version(EV_CURRENT), elf_memory((char *)object, object_bytes));
	size_t section = 0;
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr header;
		GElf_Sym symbol;

		gelf_getshdr(scn, &header);
		if (header.sh_type != SHT_SYMTAB)
			continue;
		for (int i = 0; gelf_getsym(elf_getdata(scn, NULL), i, &symbol); i++)
			if (strcmp(elf_strptr(elf, header.sh_link, symbol.st_name),
				   "scan_decimal") == 0) {
				section = symbol.st_shndx;
				*offset = symbol.st_value;
			}
	}
	elf_end(elf);
	cr_assert_neq(section, 0);
	return section;
}

Test(kcore_sourceline, by_descriptor_and_by_bytes)
{
	struct sourceline by_fd[SOURCELINE_MAX_FRAMES], by_bytes[SOURCELINE_MAX_FRAMES];
	int fd = open_object();
	uint64_t offset = 0;
	size_t section = find_function(&offset), nr;
	struct sourcelines *lines = sourcelines_open(fd);

	close(fd);
	cr_assert_not_null(lines);
	nr = sourcelines_find(lines, "x", section, offset, by_fd, SOURCELINE_MAX_FRAMES);
	sourcelines_close(lines);
	cr_assert_eq(nr, 1);
	cr_expect_str_eq(by_fd[0].function, "scan_decimal");
	cr_expect_not_null(strstr(by_fd[0].file, "oops/scan.c"));
	cr_expect_gt(by_fd[0].line, 0);

	lines = sourcelines_open_bytes(object, object_bytes);
	cr_assert_not_null(lines);
	cr_assert_eq(sourcelines_find(lines, "x", section, offset, by_bytes,
				      SOURCELINE_MAX_FRAMES),
		     1);
	cr_expect_eq(memcmp(by_fd, by_bytes, sizeof(by_fd[0])), 0);
	cr_expect_eq(sourcelines_find(lines, "x", 9999, 0, by_bytes, 1), 0);
	cr_expect_eq(sourcelines_find(lines, "x", section, 1ULL << 60, by_bytes, 1), 0);
	sourcelines_close(lines);
}

/* clang writes no .debug_aranges, which libdw before 0.191 goes by. */
Test(kcore_sourceline, without_an_index_of_addresses)
{
	static const char index[] = ".debug_aranges";
	struct sourceline line;
	uint64_t offset = 0;
	int fd = open_object();
	size_t section = find_function(&offset);
	struct sourcelines *lines;
	unsigned char *at;

	close(fd);
	while ((at = memmem(object, object_bytes, index, sizeof(index))))
		at[1] = 'x';
	lines = sourcelines_open_bytes(object, object_bytes);
	cr_assert_eq(sourcelines_find(lines, "x", section, offset, &line, 1), 1);
	cr_expect_str_eq(line.function, "scan_decimal");
	cr_expect_not_null(strstr(line.file, "oops/scan.c"));
	sourcelines_close(lines);
}

#endif

Test(kcore_sourceline, nothing_to_read)
{
	struct sourceline line;
	unsigned char no_elf[64] = {0};

	cr_expect_null(sourcelines_open(-1));
	cr_expect_null(sourcelines_open_bytes(no_elf, sizeof(no_elf)));
	cr_expect_eq(sourcelines_find(NULL, "x", 1, 0, &line, 1), 0);
	sourcelines_close(NULL);
}
