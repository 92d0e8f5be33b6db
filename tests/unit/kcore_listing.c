/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/listing.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

static int read_text(const char *text, size_t bytes, struct listing *listing,
		     struct error *err)
{
	int fd = memfd_create("kallsyms", MFD_CLOEXEC), r;

	cr_assert_eq(write(fd, text, bytes), (ssize_t)bytes);
	lseek(fd, 0, SEEK_SET);
	r = listing_read(listing, &(struct listing_text){.fd = fd, .path = "kallsyms"},
			 true, err);
	close(fd);
	return r;
}

Test(kcore_listing, own_and_others)
{
	const struct listing_text text = {
		.fd = -1,
		.bytes = fake_kallsyms,
		.size_bytes = strlen(fake_kallsyms),
		.path = "bytes",
	};
	struct listing listing;
	struct error err = {0};

	cr_assert_eq(listing_read(&listing, &text, true, &err), 0, "%s", err.message);
	cr_expect_eq(listing.own.nr, 26);
	cr_assert_eq(listing.others.nr, 2);
	cr_expect_str_eq(listing.others.array[0].name, "init_it");
	cr_expect_str_eq(listing.others.array[0].module, "testmod");
	cr_expect_eq(listing.others.array[0].type, 't');
	listing_close(&listing);
	cr_assert_eq(listing_read(&listing, &text, false, &err), 0);
	cr_expect_eq(listing.own.nr, 0);
	cr_expect_eq(listing.others.nr, 2);
	listing_close(&listing);
}

static void expect_refused(const char *text, size_t bytes, enum error_code code)
{
	struct error err = {0};
	struct listing listing;

	cr_expect_lt(read_text(text, bytes, &listing, &err), 0, "%s", text);
	cr_expect_eq(err.code, code, "%s", err.message);
}

Test(kcore_listing, refuses_what_is_no_kallsyms)
{
	static const char *const texts[] = {
		"garbage\n",
		"ffffffff81000000 T\n",
		"ffffffff81000000 T \n",
		"ffffffff81000000 TT x\n",
		"fffffffff81000000 T x\n",
		"ffffffff81000000 T x",
		"ffffffff81000000 T x\t\n",
		"ffffffff81000000 T x\t[]\n",
		"ffffffff81000000 T x\t[y\n",
		"\n",
	};
	static const char zeros[] =
		"0000000000000000 T _text\n0000000000000000 D init_mm\n";

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_refused(texts[i], strlen(texts[i]), ERROR_NO_SYMBOLS);
	expect_refused("ffffffff81000000 T a\0b\n", 23, ERROR_NO_SYMBOLS);
	expect_refused("", 0, ERROR_NO_SYMBOLS);
	expect_refused(zeros, strlen(zeros), ERROR_KPTR_RESTRICT);
}

/* The text cut at any byte is either whole lines or refused. */
Test(kcore_listing, cut_anywhere)
{
	for (size_t bytes = 1; bytes < strlen(fake_kallsyms); bytes++) {
		struct error err = {0};
		struct listing listing;
		int r = read_text(fake_kallsyms, bytes, &listing, &err);

		if (fake_kallsyms[bytes - 1] != '\n')
			cr_expect_lt(r, 0, "%zu", bytes);
		if (r == 0)
			listing_close(&listing);
	}
}
