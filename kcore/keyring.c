/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Public keys in the kernel's keyrings. */
#include "kcore/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

enum { MAX_DEPTH = 4, MAX_KEYS = 4096, FAN_OUT = 16, MAX_LEVELS = 64 };

/* include/linux/assoc_array_priv.h, security/keys/keyring.c: tags of a pointer. */
enum { IS_META = 1, IS_SHORTCUT = 2, IS_KEYRING = 2, TAGS = 3 };

/* include/linux/assoc_array_priv.h: struct assoc_array_node {back_pointer, u8, slots[16],
 * ...}; struct assoc_array_shortcut {back_pointer, int, int, next_node, ...}
 */
enum { NODE_SLOTS = 16, SHORTCUT_NEXT = 16 };

/* Offsets in struct key. Its keyring part lies over the payload. */
struct layout {
	uint32_t description, payload;
};

/* The keyring's own part: struct list_head name_link; struct assoc_array {root, nr}. */
enum { KEYS_ROOT = 16, KEYS_NR = 24 };

/* struct asymmetric_key_ids {void *id[]} and enum asymmetric_payload_bits, since 4.3. */
enum { PAYLOAD_KEY = 0, PAYLOAD_IDS = 16 };

/* include/crypto/public_key.h: struct public_key, since 5.2. */
struct public_key {
	uint64_t key;
	uint32_t size_bytes, algorithm;
	uint64_t params;
	uint32_t params_bytes;
	uint8_t is_private;
	uint64_t id_type, algorithm_name;
};

struct reading {
	struct keyring *keyring;
	struct kernel *kernel;
	keyring_visit_fn visit;
	void *ctx;
	struct layout layout;
	uint64_t nr_left; /* leaves of the keyring that is gone through */
	unsigned depth;
};

static int get(struct reading *reading, uint64_t va, void *buf, size_t size_bytes)
{
	int r = reading->visit ? reading->visit(reading->ctx, va, size_bytes) : 0;

	if (r == 0)
		r = kernel_read(reading->kernel, va, buf, size_bytes);
	return r < 0 && r != -ENOMEM ? -EFAULT : r;
}

static int get_string(struct reading *reading, uint64_t va, char *buf, size_t size_bytes)
{
	int r = kernel_read_string(reading->kernel, kernel_read, va, buf, size_bytes);

	if (r == 0 && reading->visit)
		r = reading->visit(reading->ctx, va, strlen(buf) + 1);
	return r < 0 && r != -ENOMEM ? -EFAULT : r;
}

static int get_id(struct reading *reading, uint64_t ids, unsigned i,
		  struct keyring_key *key)
{
	uint64_t id;
	uint16_t size_bytes;
	int r = get(reading, ids + 8 * i, &id, sizeof(id));

	if (r < 0 || !id)
		return r;
	/* struct asymmetric_key_id {unsigned short len; unsigned char data[]} */
	r = get(reading, id, &size_bytes, sizeof(size_bytes));
	if (r == 0 && size_bytes > sizeof(key->ids[i].bytes))
		r = -EFAULT;
	if (r == 0)
		r = get(reading, id + sizeof(size_bytes), key->ids[i].bytes, size_bytes);
	if (r == 0)
		key->ids[i].size_bytes = size_bytes;
	return r;
}

/* 1: it is no public key of a certificate. */
static int get_public(struct reading *reading, uint64_t va, struct keyring_key *key)
{
	struct public_key public;
	char id_type[8];
	int r = get(reading, va, &public, sizeof(public));

	if (r == 0 && get_string(reading, public.id_type, id_type, sizeof(id_type)) < 0)
		return 1;
	if (r < 0)
		return r;
	if (strcmp(id_type, "X509") != 0)
		return 1;
	if (public.size_bytes > sizeof(key->bytes))
		return -EFAULT;
	key->size_bytes = public.size_bytes;
	r = get(reading, public.key, key->bytes, key->size_bytes);
	return r < 0 ? r
		     : get_string(reading, public.algorithm_name, key->algorithm,
				  sizeof(key->algorithm));
}

/* The key at @va, of a type that is not known yet. */
static int add_key(struct reading *reading, uint64_t va, const char *keyring)
{
	struct keyring *ret = reading->keyring;
	uint64_t pointers[3], description;
	struct keyring_key *key;
	int r = get(reading, va + reading->layout.payload, pointers, sizeof(pointers));

	if (r == 0)
		r = get(reading, va + reading->layout.description, &description,
			sizeof(description));
	if (r == 0 && ret->nr == MAX_KEYS)
		r = -EFAULT;
	if (r == 0)
		r = array_reserve(&ret->array, ret->nr, &ret->room, sizeof(*ret->array));
	if (r < 0)
		return r;
	key = &ret->array[ret->nr];
	memset(key, 0, sizeof(*key));
	snprintf(key->keyring, sizeof(key->keyring), "%s", keyring);
	if (get_string(reading, description, key->name, sizeof(key->name)) == -ENOMEM)
		return -ENOMEM;
	r = get_public(reading, pointers[PAYLOAD_KEY / 8], key);
	if (r != 0)
		return r < 0 ? r : 0;
	for (unsigned i = 0; r == 0 && i < KEYRING_NR_IDS; i++)
		r = get_id(reading, pointers[PAYLOAD_IDS / 8], i, key);
	if (r == 0)
		ret->nr++;
	return r;
}

static int walk_keyring(struct reading *reading, uint64_t va);

static int walk(struct reading *reading, uint64_t pointer, const char *keyring,
		unsigned level)
{
	uint64_t at = pointer & ~(uint64_t)TAGS, slots[FAN_OUT], next;
	int r;

	if (!pointer)
		return 0;
	if (level == MAX_LEVELS)
		return -EFAULT;
	if (!(pointer & IS_META)) {
		if (reading->nr_left-- == 0)
			return -EFAULT;
		return pointer & IS_KEYRING ? walk_keyring(reading, at)
					    : add_key(reading, at, keyring);
	}
	if (pointer & IS_SHORTCUT) {
		r = get(reading, at + SHORTCUT_NEXT, &next, sizeof(next));
		return r < 0 ? r : walk(reading, next, keyring, level + 1);
	}
	r = get(reading, at + NODE_SLOTS, slots, sizeof(slots));
	for (unsigned i = 0; r == 0 && i < FAN_OUT; i++)
		r = walk(reading, slots[i], keyring, level + 1);
	return r;
}

/* All of a keyring's leaves have to be met, which proves the layout. */
static int walk_keyring(struct reading *reading, uint64_t va)
{
	uint64_t keys[2], description, outer = reading->nr_left;
	char name[KEYRING_NAME_BYTES];
	int r = get(reading, va + reading->layout.payload + KEYS_ROOT, keys,
		    sizeof(keys));

	if (r == 0)
		r = get(reading, va + reading->layout.description, &description,
			sizeof(description));
	if (r == 0)
		r = get_string(reading, description, name, sizeof(name));
	if (r < 0)
		return r;
	if (keys[1] > MAX_KEYS || reading->depth == MAX_DEPTH || name[0] != '.')
		return -EFAULT;
	reading->depth++;
	reading->nr_left = keys[1];
	r = walk(reading, keys[0], name, 0);
	if (r == 0 && reading->nr_left)
		r = -EFAULT;
	reading->depth--;
	reading->nr_left = outer;
	return r;
}

/* Which of the pointers in struct key at @va leads to @name? 0: none. */
static uint32_t find_description(struct reading *reading, uint64_t va, const char *name)
{
	enum { MAX_KEY_BYTES = 320 };
	char found[KEYRING_NAME_BYTES];
	uint64_t pointer;

	for (uint32_t at = 8; at < MAX_KEY_BYTES; at += 8)
		if (get(reading, va + at, &pointer, sizeof(pointer)) == 0 &&
		    get_string(reading, pointer, found, sizeof(found)) == 0 &&
		    strcmp(found, name) == 0)
			return at;
	return 0;
}

/* Without types: the payload comes behind the description, or behind some words more
 * (kernels of 2026 keep type_id and domain_id there). Which it is tells the one keyring
 * whose name is known and that is never empty.
 */
static int guess(struct reading *reading)
{
	static const char variable[] = "builtin_trusted_keys";
	enum { MAX_BEHIND = 40 };
	size_t nr = reading->keyring->nr;
	uint32_t description;
	uint64_t va;
	int r = -EFAULT;

	if (kernel_read_variable(reading->kernel, variable, &va, sizeof(va)) < 0)
		return -EFAULT;
	description = find_description(reading, va, ".builtin_trusted_keys");
	reading->layout.description = description;
	for (uint32_t behind = 8; description && r == -EFAULT && behind <= MAX_BEHIND;
	     behind += 8) {
		reading->layout.payload = description + behind;
		r = walk_keyring(reading, va);
		if (r == 0 && reading->keyring->nr == nr)
			r = -EFAULT;
		if (r != -ENOMEM)
			reading->keyring->nr = nr;
	}
	return r;
}

int keyring_read(struct keyring *ret, struct kernel *kernel, const char *variable,
		 keyring_visit_fn visit, void *ctx)
{
	struct reading reading = {
		.keyring = ret, .kernel = kernel, .visit = visit, .ctx = ctx};
	const struct types *types = &kernel->types;
	uint64_t keyring;
	int r = kernel_read_variable(kernel, variable, &keyring, sizeof(keyring));

	if (r < 0)
		return r == -ENOENT ? r : -EFAULT;
	if (!keyring)
		return 0;
	if (types_offset(types, "key", "description", &reading.layout.description) < 0 ||
	    types_offset(types, "key", "payload", &reading.layout.payload) < 0)
		r = guess(&reading);
	return r < 0 ? r : walk_keyring(&reading, keyring);
}

void keyring_close(struct keyring *keyring)
{
	free(keyring->array);
	memset(keyring, 0, sizeof(*keyring));
}

const struct keyring_key *keyring_find(const struct keyring *keyring,
				       const unsigned char *id, size_t size_bytes)
{
	for (size_t i = 0; size_bytes && i < keyring->nr; i++)
		for (unsigned j = 0; j < KEYRING_NR_IDS; j++)
			if (keyring->array[i].ids[j].size_bytes == size_bytes &&
			    memcmp(keyring->array[i].ids[j].bytes, id, size_bytes) == 0)
				return &keyring->array[i];
	return NULL;
}
