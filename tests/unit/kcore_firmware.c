/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the firmware left and no core has. */
#include "kcore/firmware.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/pagecache.h"
#include "room.h"

static char sysroot[] = "/tmp/kwcheck-firmware.XXXXXX";
static struct firmware firmware;

static void make_file(const char *folder, const char *name, const void *bytes, size_t n)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s/%s", sysroot, folder, name);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, n, file), n);
	cr_assert_eq(fclose(file), 0);
}

static void make_folder(const char *folder)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", sysroot, folder);
	cr_assert_eq(mkdir(path, 0755), 0);
}

static void setup(void)
{
	static const char *const folders[] = {"/sys", "/sys/firmware",
					      "/sys/firmware/acpi",
					      "/sys/firmware/acpi/tables", "/dev"};

	cr_assert_not_null(mkdtemp(sysroot));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(folders[i]);
}

static void teardown(void)
{
	char command[64];

	firmware_close(&firmware);
	snprintf(command, sizeof(command), "rm -r %s", sysroot);
	cr_assert_eq(system(command), 0);
}

TestSuite(kcore_firmware, .init = setup, .fini = teardown);

/* A table of 40 bytes, all but its signature the same letter. */
static void make_table(const char *name, const char *signature, char letter)
{
	char bytes[40];

	memset(bytes, letter, sizeof(bytes));
	memcpy(bytes, signature, 4);
	make_file("/sys/firmware/acpi/tables", name, bytes, sizeof(bytes));
}

static char byte_at(uint64_t pa)
{
	char byte;

	return firmware_read(&firmware, pa, &byte, 1) == 0 ? byte : '?';
}

Test(kcore_firmware, tables_lie_where_the_kernel_says)
{
	make_table("DSDT", "DSDT", 'd');
	make_table("SSDT1", "SSDT", '1');
	make_table("SSDT2", "SSDT", '2');
	make_file("/sys/firmware/acpi/tables", "short", "DSDT", 4);
	cr_assert_eq(firmware_open(&firmware, sysroot), 0);
	cr_expect_eq(firmware.nr, 3u);
	cr_expect_eq(byte_at(0x1ffe0010), '?', "nobody has said where");
	cr_expect(!firmware_place(&firmware, "DSDT", 1, 0x1ffe0000, 41));
	cr_expect(!firmware_place(&firmware, "DSDT", 2, 0x1ffe0000, 40));
	cr_expect(firmware_place(&firmware, "DSDT", 1, 0x1ffe0000, 40));
	cr_expect(!firmware_place(&firmware, "DSDT", 1, 0x5000, 40), "there is but one");
	/* The second one goes over its page's end. */
	cr_expect(firmware_place(&firmware, "SSDT", 2, 0x1ffe0ff0, 40));
	cr_expect(firmware_place(&firmware, "SSDT", 1, 0x1ffe0028, 40));
	cr_expect_eq(byte_at(0x1ffe0001), 'S');
	cr_expect_eq(byte_at(0x1ffe0027), 'd');
	cr_expect_eq(byte_at(0x1ffe002c), '1');
	cr_expect_eq(byte_at(0x1ffe0100), '\0');
	cr_expect_eq(byte_at(0x1ffe0fff), '2');
	cr_expect_eq(byte_at(0x1ffe1017), '2');
	cr_expect_eq(byte_at(0x1ffe1018), '\0');
	cr_expect_eq(byte_at(0x1ffe2000), '?');
	cr_expect_eq(byte_at(0x1ffdffff), '?');
}

/* What stands where in the low megabyte tells its address. */
static void make_memory(void)
{
	enum { BYTES = 0x110000 };
	unsigned char *bytes = room_take(BYTES);

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (unsigned char)(i / PAGE_BYTES);
	make_file("/dev", "mem", bytes, BYTES);
}

Test(kcore_firmware, a_pc_has_a_rom)
{
	char two[2];

	make_memory();
	cr_assert_eq(firmware_open(&firmware, sysroot), 0);
	cr_expect_eq((unsigned char)byte_at(0xf0004), 0xf0);
	cr_expect_eq((unsigned char)byte_at(0xc0000), 0xc0);
	cr_expect_eq((unsigned char)byte_at(0xfffff), 0xff);
	cr_expect_eq(byte_at(0xbffff), '?', "a display's memory is no ROM");
	cr_expect_eq(byte_at(0x1000), '?');
	cr_expect_eq(byte_at(0x100000), '?');
	cr_expect_eq(firmware_read(&firmware, 0xf0fff, two, 2), -EFAULT);
}

Test(kcore_firmware, a_capture_has_the_same)
{
	void *note = NULL;
	size_t note_bytes = 0;
	struct firmware live;

	cr_assert_eq(firmware_open(&firmware, sysroot), 0);
	cr_expect_eq(firmware_note(&firmware, &note, &note_bytes), -ENODATA);
	make_memory();
	make_table("DSDT", "DSDT", 'd');
	make_table("FACP", "FACP", 'f');
	cr_assert_eq(firmware_open(&live, sysroot), 0);
	cr_expect(firmware_place(&live, "DSDT", 1, 0x1ffe0ff0, 40));
	cr_assert_eq(firmware_note(&live, &note, &note_bytes), 0);
	firmware_close(&live);
	cr_assert_eq(firmware_parse(&firmware, note, note_bytes), 0);
	cr_expect_eq(firmware.nr, 2u, "what has no place is left out");
	cr_expect_eq((unsigned char)byte_at(0xf0004), 0xf0);
	cr_expect_eq(byte_at(0x1ffe1000), 'd');
	cr_expect_eq(byte_at(0x1ffe2000), '?');
	firmware_close(&firmware);
	/* Damage: a length past the end, a head that is cut, an address that wraps. */
	cr_expect_eq(firmware_parse(&firmware, note, note_bytes - 1), -EINVAL);
	cr_expect_eq(firmware_parse(&firmware, note, 8), -EINVAL);
	memset(note, 0xff, 8);
	cr_expect_eq(firmware_parse(&firmware, note, note_bytes), -EINVAL);
	cr_expect_eq(firmware.nr, 0u);
	free(note);
}
