/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images as builds make them, relocated and packed; and damaged ones. */
#include "unchanged/image.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "builtimage.h"
#include "kcore/elf64.h"

static const uint64_t TEXT = 0xffffffff81000000, DATA = 0xffffffff81200000;
static const uint64_t words[] = {0xffffffff81000010, 0x1122334455667788};
static const uint32_t low[] = {0x81000020, 0x7000};

static struct builtimage built;

static void build(const uint32_t relocs[], size_t nr_relocs)
{
	const struct builtimage_section sections[] = {
		{".text", TEXT, low, sizeof(low)},
		{".data", DATA, words, sizeof(words)},
	};

	builtimage_make(&built, sections, 2, relocs, nr_relocs);
}

static void expect_refused(int error, const unsigned char *data, size_t nr_bytes,
			   uint64_t text, const char *words_of_it)
{
	struct image image = {0};
	const char *why = NULL;

	cr_expect_eq(image_open(&image, data, nr_bytes, text, &why), error);
	cr_expect(why && strstr(why, words_of_it), "%s", why ? why : "no reason");
	cr_expect_null(image.bytes);
}

Test(unchanged_image, where_it_was_linked)
{
	const struct image_section *section;
	struct image image;
	const char *why = NULL;

	build(NULL, 0);
	cr_assert_eq(image_open(&image, built.bytes, built.nr_bytes, TEXT, &why), 0);
	cr_expect_eq(image.delta, 0);
	cr_expect_arr_eq(image_at(&image, DATA, 16), words, 16);
	cr_expect_null(image_at(&image, DATA, 17));
	cr_expect_null(image_at(&image, DATA - 1, 1));
	section = image_find(&image, ".data");
	cr_assert_not_null(section);
	cr_expect_eq(section->va, DATA);
	cr_expect_null(image_find(&image, ".dat"));
	image_close(&image);
}

/* Linkers put an empty section anywhere in the file, and may put others in another order
 * than their headers have: what lies between two is not a gap then.
 */
static void expect_all(size_t first, size_t second, bool is_empty)
{
	enum { NR_BYTES = 12288 };
	static unsigned char bytes[3][NR_BYTES];
	const struct builtimage_section sections[] = {
		{".text", TEXT, bytes[0], NR_BYTES},
		{".rodata", TEXT + 0x100000, bytes[1], NR_BYTES},
		{".data", DATA, bytes[2], NR_BYTES},
	};
	Elf64_Shdr a, b;
	Elf64_Ehdr head;
	struct image image;
	const char *why = NULL;

	for (size_t i = 0; i < 3; i++)
		memset(bytes[i], 0x11 * (int)(i + 1), NR_BYTES);
	builtimage_make(&built, sections, 3, NULL, 0);
	memcpy(&head, built.bytes, sizeof(head));
	memcpy(&a, built.bytes + head.e_shoff + first * sizeof(a), sizeof(a));
	memcpy(&b, built.bytes + head.e_shoff + second * sizeof(b), sizeof(b));
	if (is_empty) {
		a.sh_offset = b.sh_offset + b.sh_size;
		a.sh_size = 0;
	}
	memcpy(built.bytes + head.e_shoff + (is_empty ? first : second) * sizeof(a), &a,
	       sizeof(a));
	if (!is_empty)
		memcpy(built.bytes + head.e_shoff + first * sizeof(b), &b, sizeof(b));
	cr_assert_eq(image_open(&image, built.bytes, built.nr_bytes, TEXT, &why), 0);
	for (size_t i = is_empty ? first : 0; i < 3; i++) {
		const unsigned char *at = image_at(&image, sections[i].va, NR_BYTES);

		cr_assert_not_null(at);
		cr_expect_arr_eq(at, bytes[i], NR_BYTES, "section %zu", i);
	}
	image_close(&image);
}

Test(unchanged_image, sections_in_any_order)
{
	expect_all(1, 1, false);
	expect_all(1, 2, false);
	expect_all(1, 3, false);
	expect_all(2, 3, false);
	expect_all(1, 3, true);
	expect_all(1, 2, true);
}

static void expect_relocated(const uint32_t relocs[], size_t nr, uint32_t second)
{
	static const uint64_t DELTA = 0x13400000;
	struct image image;
	const char *why = NULL;
	const unsigned char *at;
	uint64_t word;
	uint32_t half;

	build(relocs, nr);
	cr_assert_eq(image_open(&image, built.bytes, built.nr_bytes, TEXT + DELTA, &why),
		     0, "%s", why);
	at = image_at(&image, DATA + DELTA, 16);
	memcpy(&word, at, sizeof(word));
	cr_expect_eq(word, words[0] + DELTA);
	memcpy(&word, at + 8, sizeof(word));
	cr_expect_eq(word, words[1]);
	at = image_at(&image, TEXT + DELTA, 8);
	memcpy(&half, at, sizeof(half));
	cr_expect_eq(half, low[0] + (uint32_t)DELTA);
	memcpy(&half, at + 4, sizeof(half));
	cr_expect_eq(half, second);
	image_close(&image);
}

Test(unchanged_image, relocated)
{
	static const uint32_t two[] = {0, 0x81200000, 0, 0x81000000},
			      three[] = {0, 0x81200000, 0, 0x81000004, 0, 0x81000000},
			      outside[] = {0, 0x81300000, 0, 0x81000000};

	expect_relocated(two, 4, low[1]);
	expect_relocated(three, 6, low[1] - 0x13400000);
	build(outside, 4);
	expect_refused(-ENOTSUP, built.bytes, built.nr_bytes, TEXT + 0x200000,
		       "no table of relocations");
	build(NULL, 0);
	expect_refused(-ENOTSUP, built.bytes, built.nr_bytes, TEXT + 0x200000,
		       "no table of relocations");
}

static unsigned char packed[BUILTIMAGE_ROOM];

/* A bzImage with one sector of set-up. */
static size_t pack(void)
{
	z_stream stream = {.next_in = built.bytes,
			   .avail_in = (unsigned)built.nr_bytes,
			   .next_out = packed + 1024 + 16,
			   .avail_out = sizeof(packed) - 2048};
	uint32_t offset = 16, length;
	uint16_t version = 0x20f;

	memset(packed, 0, 1024 + 16);
	packed[0x1f1] = 1;
	memcpy(packed + 0x202, "HdrS", 4);
	memcpy(packed + 0x206, &version, sizeof(version));
	memcpy(packed + 0x248, &offset, sizeof(offset));
	cr_assert_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	length = (uint32_t)stream.total_out;
	deflateEnd(&stream);
	memcpy(packed + 0x24c, &length, sizeof(length));
	return 1024 + 16 + length;
}

Test(unchanged_image, packed)
{
	struct image image;
	const char *why = NULL;
	size_t nr;

	build(NULL, 0);
	nr = pack();
	cr_assert_eq(image_open(&image, packed, nr, TEXT, &why), 0, "%s", why);
	cr_expect_arr_eq(image_at(&image, DATA, 16), words, 16);
	image_close(&image);
	expect_refused(-EBADMSG, packed, nr - 20, TEXT, "where the kernel is");
	packed[nr - 12] ^= 0xff;
	expect_refused(-EBADMSG, packed, nr, TEXT, "damaged");
	memcpy(packed + 1040, "\x02\x21\x4c\x18", 4); /* LZ4, which it is not */
	expect_refused(-EBADMSG, packed, nr, TEXT, "damaged");
	memcpy(packed + 1040, "\x89LZO", 4);
	expect_refused(-ENOTSUP, packed, nr, TEXT, "neither by gzip");
	expect_refused(-EBADMSG, (const unsigned char *)"no kernel", 9, TEXT,
		       "no kernel for x86-64");
}
