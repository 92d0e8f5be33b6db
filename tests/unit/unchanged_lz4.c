/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of LZ4 as "lz4 -l" makes them. A whole kernel:
 * tests/vm/test-kernel.sh 6.1-cloud. */
#include "unchanged/lz4.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

static unsigned char frame[ROOM];
static size_t nr;

static void put_block(const unsigned char *bytes, uint32_t nr_bytes)
{
	if (nr == 0) {
		memcpy(frame, "\x02\x21\x4c\x18", 4);
		nr = 4;
	}
	memcpy(frame + nr, &nr_bytes, sizeof(nr_bytes));
	memcpy(frame + nr + sizeof(nr_bytes), bytes, nr_bytes);
	nr += sizeof(nr_bytes) + nr_bytes;
}

/* "abc", then "abcabcab" by a match that reaches into itself, then "xyz12". */
static const unsigned char overlap[] = {0x34, 'a', 'b', 'c', 3,	  0,
					0x50, 'x', 'y', 'z', '1', '2'};

Test(unchanged_lz4, sequences)
{
	unsigned char *bytes, literals[2 + 300] = {0xf0, 255};
	size_t nr_bytes;

	put_block(overlap, sizeof(overlap));
	cr_assert(lz4_is_frame(frame, nr));
	cr_assert_eq(lz4_unpack(frame, nr, &bytes, &nr_bytes), 0);
	cr_expect_eq(nr_bytes, 16);
	cr_expect_arr_eq(bytes, "abcabcabcabxyz12", 16);
	free(bytes);
	/* 15 + 255 + 29 literals, in a second block. */
	memset(literals + 3, 'q', 299);
	literals[2] = 29;
	put_block(literals, 3 + 299);
	cr_assert_eq(lz4_unpack(frame, nr, &bytes, &nr_bytes), 0);
	cr_expect_eq(nr_bytes, 16 + 299);
	cr_expect_eq(bytes[16], 'q');
	cr_expect_eq(bytes[16 + 298], 'q');
	free(bytes);
}

Test(unchanged_lz4, damaged)
{
	static const unsigned char far[] = {0x14, 'a', 2, 0, 0x10, 'b'},
				   itself[] = {0x14, 'a', 0, 0, 0x10, 'b'},
				   endless[] = {0x1f, 'a', 1, 0, 255, 255},
				   no_literals[] = {0x14, 'a', 1, 0};
	static const struct {
		const unsigned char *bytes;
		uint32_t nr;
	} blocks[] = {{far, sizeof(far)},
		      {itself, sizeof(itself)},
		      {endless, sizeof(endless)},
		      {no_literals, sizeof(no_literals)}};
	unsigned char *bytes = NULL;
	size_t nr_bytes;

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		nr = 0;
		put_block(blocks[i].bytes, blocks[i].nr);
		cr_expect_eq(lz4_unpack(frame, nr, &bytes, &nr_bytes), -EBADMSG,
			     "block %zu", i);
	}
	nr = 0;
	put_block(overlap, sizeof(overlap));
	for (size_t cut = 0; cut < nr; cut++)
		cr_expect_eq(lz4_unpack(frame, cut, &bytes, &nr_bytes), -EBADMSG,
			     "cut at %zu", cut);
	cr_expect_not(lz4_is_frame(overlap, sizeof(overlap)));
}

/* A match of 8 MiB is all that a block may have. */
Test(unchanged_lz4, too_long)
{
	enum { NR_MORE = 8 * 1024 * 1024 / 255 + 2 };
	unsigned char *block = malloc(NR_MORE + 16), *bytes = NULL, *all;
	size_t nr_bytes;
	uint32_t at = 4 + NR_MORE;

	memcpy(block, "\x1f\x61\x01\x00", 4);
	memset(block + 4, 255, NR_MORE);
	block[at++] = 0;
	block[at++] = 0x10;
	block[at++] = 'b';
	all = malloc(8 + at);
	memcpy(all, "\x02\x21\x4c\x18", 4);
	memcpy(all + 4, &at, 4);
	memcpy(all + 8, block, at);
	cr_expect_eq(lz4_unpack(all, 8 + at, &bytes, &nr_bytes), -EBADMSG);
	free(all);
	free(block);
}
