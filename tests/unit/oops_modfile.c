/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/modfile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "room.h"

/* A relocatable file with DWARF whose source is known: scan.o of this very build. */
static int open_object(void)
{
	int fd = open(KWCHECK_BINARY_DIR "/oops/scan.o", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%m");
	return fd;
}

static const struct crash_code no_code = {.at = -1};

Test(oops_modfile, place_and_source)
{
	struct site site = {.function = "scan_decimal", .offset = 0, .size_bytes = 1};
	struct modfile file;
	int fd = open_object();

	cr_assert_eq(modfile_read(fd, &site, &no_code, &file), 0);
	cr_expect_eq(strncmp(file.section, ".text", 5), 0);
	cr_expect_eq(file.match, MODFILE_UNCHECKED);
	cr_expect_gt(file.code.nr, 0);
#ifdef KWCHECK_LIBDW
	cr_assert_geq(file.nr_frames, 1);
	cr_expect_str_eq(file.frames[file.nr_frames - 1].function, "scan_decimal");
	cr_expect_not_null(strstr(file.frames[0].file, "oops/scan.c"));
	cr_expect_gt(file.frames[0].line, 0);
#else
	cr_expect_eq(file.nr_frames, 0);
#endif
	close(fd);
}

Test(oops_modfile, the_bytes_are_compared)
{
	struct site site = {.function = "scan_decimal", .offset = 0, .size_bytes = 1};
	struct crash_code code;
	struct modfile file;
	int fd = open_object();

	cr_assert_eq(modfile_read(fd, &site, &no_code, &file), 0);
	code = file.code;
	cr_assert_eq(modfile_read(fd, &site, &code, &file), 0);
	cr_expect_eq(file.match, MODFILE_SAME);
	cr_expect_gt(file.nr_compared, 0);
	cr_expect_eq(file.nr_different, 0);
	/* Behind the instruction; what loading fills in may be anything. */
	for (size_t i = (size_t)code.at + 16; i < code.nr; i++)
		code.bytes[i] ^= 1;
	cr_assert_eq(modfile_read(fd, &site, &code, &file), 0);
	cr_expect_eq(file.match, MODFILE_PATCHED);
	code.bytes[code.at] ^= 1;
	cr_assert_eq(modfile_read(fd, &site, &code, &file), 0);
	cr_expect_eq(file.match, MODFILE_DIFFERENT);
	cr_expect_eq(file.nr_frames, 0);
	close(fd);
}

Test(oops_modfile, what_is_no_such_file)
{
	struct site site = {.function = "no_such_function", .size_bytes = 1};
	struct modfile file;
	int fd = open_object();

	cr_expect_eq(modfile_read(fd, &site, &no_code, &file), -ENOENT);
	strcpy(site.function, "scan_decimal");
	site.offset = UINT64_MAX - 8;
	cr_expect_eq(modfile_read(fd, &site, &no_code, &file), -ENOENT);
	close(fd);
	fd = open(KWCHECK_BINARY, O_RDONLY | O_CLOEXEC);
	cr_expect_eq(modfile_read(fd, &site, &no_code, &file), -ENOEXEC);
	close(fd);
	fd = memfd_create("empty", MFD_CLOEXEC);
	cr_expect_eq(modfile_read(fd, &site, &no_code, &file), -ENOEXEC);
	close(fd);
}

/* Damaged files: no crash, no hang, no overread (with the sanitizers). */
Test(oops_modfile, random_damage)
{
	enum { ROOM_BYTES = 1 << 20 };
	unsigned char *bytes = room_take(ROOM_BYTES), *room = room_take(ROOM_BYTES);
	int fd = open_object(), copy;
	ssize_t n = read(fd, bytes, ROOM_BYTES);
	unsigned seed = 3;

	close(fd);
	cr_assert_gt(n, 0);
	for (int round = 0; round < 300; round++) {
		struct site site = {
			.function = "scan_decimal", .offset = 4, .size_bytes = 1};
		size_t size = round % 3 ? (size_t)n : (size_t)(seed % (unsigned)n);
		struct modfile file;

		memcpy(room, bytes, (size_t)n);
		for (int i = 0; i < 40; i++) {
			seed = seed * 1103515245 + 12345;
			/* Half of the damage in the headers. */
			room[(seed >> 4) % (i % 2 ? 64 : (unsigned)n)] =
				(unsigned char)(seed >> 24);
			if (round % 2)
				memcpy(room, bytes, 64);
		}
		copy = memfd_create("damaged", MFD_CLOEXEC);
		cr_assert_eq(write(copy, room, size), (ssize_t)size);
		modfile_read(copy, &site, &no_code, &file);
		close(copy);
	}
}
