/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/keyring.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 D builtin_trusted_keys\n"
			       "ffffffff81400018 D secondary_trusted_keys\n"
			       "ffffffff81400020 D platform_trusted_keys\n"
			       "ffffffff81603000 B _end\n";

/* Where what lies in the small kernel's data; DESCRIPTION and behind are offsets in
 * struct key.
 */
enum {
	BUILTIN = 0x100,
	SECONDARY = 0x300,
	KEY = 0x500,
	OTHER = 0x700,
	NODE = 0x900,
	SHORTCUT = 0xa00,
	OUTER_NODE = 0xb00,
	PUBLIC = 0xd00,
	OTHER_PUBLIC = 0xd80,
	IDS = 0xe00,
	NAMES = 0x1000,
	ID = 0x1200,
	SKID = 0x1300,
	BYTES = 0x1400,
	DESCRIPTION = 0x98,
};

static uint32_t behind; /* the payload, behind the description */
static uint64_t nr_builtin;

static uint64_t at(uint32_t offset)
{
	return SMALL_DATA + offset;
}

static void put_key(uint32_t key, uint32_t name)
{
	small_put(at(key + DESCRIPTION), at(NAMES + name));
}

static void put_keyring(uint32_t key, uint32_t name, uint64_t root, uint64_t nr)
{
	put_key(key, name);
	small_put(at(key + DESCRIPTION + behind + 16), root);
	small_put(at(key + DESCRIPTION + behind + 24), nr);
}

/* .secondary_trusted_keys -> node -> {.builtin_trusted_keys -> shortcut -> node -> {a
 * certificate's key, another kind of key}}.
 */
static void fill(void)
{
	static const char names[] = ".builtin_trusted_keys\0.secondary_trusted_keys\0"
				    "a key\0X509\0rsa\0PGP";

	small_put(at(0x10), at(BUILTIN));
	small_put(at(0x18), at(SECONDARY));
	small_put(at(0x20), 0);
	small_put_bytes(at(NAMES), names, sizeof(names));
	put_keyring(BUILTIN, 0, at(SHORTCUT) | 3, nr_builtin);
	put_keyring(SECONDARY, 22, at(OUTER_NODE) | 1, 1);
	small_put(at(OUTER_NODE + 16 + 8 * 15), at(BUILTIN) | 2);
	small_put(at(SHORTCUT + 16), at(NODE) | 1);
	small_put(at(NODE + 16 + 8 * 3), at(KEY));
	small_put(at(NODE + 16 + 8 * 4), at(OTHER));
	put_key(KEY, 46);
	small_put(at(KEY + DESCRIPTION + behind), at(PUBLIC));
	small_put(at(KEY + DESCRIPTION + behind + 16), at(IDS));
	put_key(OTHER, 46);
	small_put(at(OTHER + DESCRIPTION + behind), at(OTHER_PUBLIC));
	small_put(at(PUBLIC), at(BYTES));
	small_put(at(PUBLIC + 8), 4);
	small_put(at(PUBLIC + 32), at(NAMES + 52));
	small_put(at(PUBLIC + 40), at(NAMES + 57));
	small_put(at(OTHER_PUBLIC + 32), at(NAMES + 61));
	small_put(at(IDS), at(ID));
	small_put(at(IDS + 8), at(SKID));
	small_put_bytes(at(ID),
			"\x03\x00"
			"abc",
			5);
	small_put_bytes(at(SKID),
			"\x02\x00"
			"de",
			4);
	small_put_bytes(at(BYTES), "1234", 4);
}

static int visited;

static int visit(void *ctx, uint64_t va, size_t size_bytes)
{
	(void)ctx;
	(void)size_bytes;
	visited += va >= SMALL_DATA && va < SMALL_DATA + 0x4000;
	return 0;
}

static int read_keys(struct keyring *ret, const char *variable)
{
	struct small small;
	int r;

	memset(ret, 0, sizeof(*ret));
	small_open(&small, kallsyms, fill, NULL);
	r = keyring_read(ret, &small.kernel, variable, visit, NULL);
	small_close(&small);
	return r;
}

/* There are no types: where the payload lies is found out. */
Test(kcore_keyring, a_key_of_a_keyring_of_a_keyring)
{
	static const uint32_t places[] = {8, 24};

	for (size_t i = 0; i < 2; i++) {
		struct keyring keys;
		const struct keyring_key *key;

		behind = places[i];
		nr_builtin = 2;
		visited = 0;
		cr_assert_eq(read_keys(&keys, "secondary_trusted_keys"), 0);
		cr_assert_eq(keys.nr, 1);
		cr_expect_gt(visited, 20);
		key = keyring_find(&keys, (const unsigned char *)"abc", 3);
		cr_assert_eq(key, &keys.array[0]);
		cr_expect_eq(keyring_find(&keys, (const unsigned char *)"de", 2), key);
		cr_expect_null(keyring_find(&keys, (const unsigned char *)"d", 1));
		cr_expect_null(keyring_find(&keys, (const unsigned char *)"", 0));
		cr_expect_str_eq(key->name, "a key");
		cr_expect_str_eq(key->keyring, ".builtin_trusted_keys");
		cr_expect_str_eq(key->algorithm, "rsa");
		cr_expect_eq(key->size_bytes, 4);
		cr_expect_eq(memcmp(key->bytes, "1234", 4), 0);
		keyring_close(&keys);
	}
}

Test(kcore_keyring, none)
{
	struct keyring keys;

	behind = 8;
	nr_builtin = 2;
	cr_expect_eq(read_keys(&keys, "platform_trusted_keys"), 0);
	cr_expect_eq(keys.nr, 0);
	cr_expect_eq(read_keys(&keys, "machine_trusted_keys"), -ENOENT);
	keyring_close(&keys);
}

/* More leaves than it is said to have, or fewer: it is not what it was taken for. */
Test(kcore_keyring, leaves_that_do_not_add_up)
{
	static const uint64_t counts[] = {0, 1, 3, 1ULL << 40};

	behind = 8;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct keyring keys;

		nr_builtin = counts[i];
		cr_expect_eq(read_keys(&keys, "secondary_trusted_keys"), -EFAULT, "%zu",
			     i);
		keyring_close(&keys);
	}
}
