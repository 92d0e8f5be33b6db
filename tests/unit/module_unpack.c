/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/unpack.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { PLAIN_BYTES = 300 * 1000, ROOM = 400 * 1000 };

static unsigned char plain[PLAIN_BYTES], packed[ROOM];

static size_t pack(const char *kind)
{
	for (size_t i = 0; i < PLAIN_BYTES; i++)
		plain[i] = (unsigned char)(i * i >> 7);
	if (strcmp(kind, "zstd") == 0)
		return ZSTD_compress(packed, ROOM, plain, PLAIN_BYTES, 3);
	if (strcmp(kind, "xz") == 0) {
		size_t nr = 0;

		cr_assert_eq(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, plain,
						     PLAIN_BYTES, packed, &nr, ROOM),
			     LZMA_OK);
		return nr;
	}
	z_stream stream = {.next_in = plain,
			   .avail_in = PLAIN_BYTES,
			   .next_out = packed,
			   .avail_out = ROOM};

	cr_assert_eq(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return stream.total_out;
}

static const char *const kinds[] = {"gzip", "xz", "zstd"};

Test(module_unpack, every_kind_comes_out_whole)
{
	for (size_t i = 0; i < 3; i++) {
		size_t nr = pack(kinds[i]), got_bytes = 0;
		unsigned char *got = NULL;

		cr_expect_str_eq(unpack_kind(packed, nr), kinds[i]);
		cr_assert_eq(unpack_open(packed, nr, &got, &got_bytes), 0);
		cr_assert_eq(got_bytes, PLAIN_BYTES);
		cr_expect_eq(memcmp(got, plain, PLAIN_BYTES), 0);
		free(got);
	}
}

Test(module_unpack, of_a_size_that_is_known)
{
	for (size_t i = 0; i < 3; i++) {
		size_t nr = pack(kinds[i]);
		unsigned char *got = NULL;

		cr_expect_eq(unpack_of_size(packed, nr, PLAIN_BYTES - 1, &got), -EBADMSG);
		cr_expect_eq(unpack_of_size(packed, nr, PLAIN_BYTES + 1, &got), -EBADMSG);
		cr_expect_eq(unpack_of_size(packed, nr / 2, PLAIN_BYTES, &got), -EBADMSG);
		cr_expect_eq(unpack_of_size(packed, nr, UNPACK_MAX_BYTES + 1UL, &got),
			     -EFBIG);
		cr_expect_null(got);
		cr_assert_eq(unpack_of_size(packed, nr, PLAIN_BYTES, &got), 0);
		cr_expect_eq(memcmp(got, plain, PLAIN_BYTES), 0);
		free(got);
	}
}

Test(module_unpack, cut_or_followed_by_more_is_refused)
{
	for (size_t i = 0; i < 3; i++) {
		size_t nr = pack(kinds[i]), got_bytes = 99;
		unsigned char *got = NULL;

		cr_expect_eq(unpack_open(packed, nr - 1, &got, &got_bytes), -EBADMSG);
		cr_expect_eq(unpack_open(packed, nr / 2, &got, &got_bytes), -EBADMSG);
		memset(packed + nr, 0x5a, 4);
		cr_expect_eq(unpack_open(packed, nr + 4, &got, &got_bytes), -EBADMSG,
			     "%s", kinds[i]);
		cr_expect_null(got);
		cr_expect_eq(got_bytes, 99);
	}
}

Test(module_unpack, a_flipped_byte_never_crashes)
{
	for (size_t i = 0; i < 3; i++) {
		size_t nr = pack(kinds[i]);

		for (size_t at = 0; at < nr; at += nr / 40 + 1) {
			unsigned char *got = NULL;
			size_t got_bytes;

			packed[at] ^= 0xff;
			if (unpack_open(packed, nr, &got, &got_bytes) == 0)
				free(got);
			packed[at] ^= 0xff;
		}
	}
}

Test(module_unpack, what_is_not_packed_is_copied)
{
	unsigned char *got = NULL;
	size_t got_bytes = 0;

	cr_expect_str_eq(unpack_kind((const unsigned char *)"\x7f"
							    "ELF",
				     4),
			 "none");
	cr_assert_eq(unpack_open((const unsigned char *)"abc", 3, &got, &got_bytes), 0);
	cr_expect_eq(got_bytes, 3);
	cr_expect_eq(memcmp(got, "abc", 3), 0);
	free(got);
}

/* As pstore has it: any header of zlib's or none, and a note of the backend's behind. */
Test(module_unpack, records_of_pstore)
{
	static const int windows[] = {-12, -15, 12, 15};

	pack("gzip");
	for (size_t i = 0; i < 4; i++) {
		z_stream stream = {.next_in = plain,
				   .avail_in = PLAIN_BYTES,
				   .next_out = packed,
				   .avail_out = ROOM};
		size_t got_bytes = 0;
		unsigned char *got = NULL;

		cr_assert_eq(deflateInit2(&stream, 1, Z_DEFLATED, windows[i], 4, 0),
			     Z_OK);
		cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
		deflateEnd(&stream);
		memcpy(packed + stream.total_out, "\nECC: No errors\n", 16);
		cr_assert_eq(
			unpack_deflate(packed, stream.total_out + 16, &got, &got_bytes),
			0);
		cr_assert_eq(got_bytes, PLAIN_BYTES);
		cr_expect_eq(memcmp(got, plain, PLAIN_BYTES), 0);
		free(got);
		cr_expect_eq(
			unpack_deflate(packed, stream.total_out / 2, &got, &got_bytes),
			-EBADMSG);
	}
}
