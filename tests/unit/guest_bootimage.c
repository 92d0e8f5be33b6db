/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest/bootimage.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned char image[4096];
static char release[BOOTIMAGE_RELEASE_BYTES];

/* The header of a bzImage of protocol 2.15. */
static void make(void)
{
	memset(image, 0, sizeof(image));
	memcpy(image, "MZ", 2);
	memcpy(image + 0x1fe, "\x55\xaa", 2);
	memcpy(image + 0x202, "HdrS", 4);
	memcpy(image + 0x206, "\x0f\x02", 2);
	memcpy(image + 0x20e, "\x00\x04", 2);
	image[0x236] = 1;
	strcpy((char *)image + 0x600, "6.1.0-51-amd64 (builder@host) #1 SMP");
}

Test(guest_bootimage, says_the_release, .init = make)
{
	cr_expect_null(bootimage_read(image, sizeof(image), release));
	cr_expect_str_eq(release, "6.1.0-51-amd64");
}

/* It names a folder of modules. */
Test(guest_bootimage, a_release_is_no_path, .init = make)
{
	strcpy((char *)image + 0x600, "../../tmp x");
	cr_expect_null(bootimage_read(image, sizeof(image), release));
	cr_expect_str_eq(release, "");
	memset(image + 0x600, 'a', sizeof(image) - 0x600);
	cr_expect_null(bootimage_read(image, sizeof(image), release));
	cr_expect_eq(strlen(release), BOOTIMAGE_RELEASE_BYTES - 1);
	/* Beyond the file. */
	memcpy(image + 0x20e, "\xff\xff", 2);
	cr_expect_null(bootimage_read(image, sizeof(image), release));
	cr_expect_str_eq(release, "");
}

static void expect_other(size_t nr, const char *part)
{
	const char *words = bootimage_read(image, nr, release);

	cr_assert_not_null(words, "%s", part);
	cr_expect_not_null(strstr(words, part), "%s", words);
}

Test(guest_bootimage, says_what_else_it_is, .init = make)
{
	image[0x236] = 0;
	expect_other(sizeof(image), "32-bit x86");
	make();
	memcpy(image + 0x206, "\x0a\x02", 2);
	expect_other(sizeof(image), "before Linux 3.8");
	make();
	expect_other(0x240, "EFI program");
	memset(image, 0, sizeof(image));
	expect_other(sizeof(image), "not a kernel");
	expect_other(0, "empty");
	memcpy(image + 0x38, "ARM\x64", 4);
	expect_other(sizeof(image), "arm64");
	memcpy(image, "\x1f\x8b", 2);
	memset(image + 0x38, 0, 4);
	expect_other(sizeof(image), "gzip");
	memcpy(image, "\177ELF", 4);
	expect_other(sizeof(image), "ELF");
	expect_other(3, "not a kernel");
}
