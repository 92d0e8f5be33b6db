/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage to files, the same for the same seed. */
#include "tests/fuzz/mutate.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

struct mutator {
	unsigned char *bytes;
	size_t size_bytes;
	uint64_t state;
};

/* splitmix64 */
static uint64_t next(struct mutator *mutator)
{
	uint64_t z = mutator->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t below(struct mutator *mutator, uint64_t n)
{
	return n ? next(mutator) % n : 0;
}

/* Values at which checks go wrong, or one near @old. */
static uint64_t value_near(struct mutator *mutator, uint64_t old)
{
	switch (below(mutator, 9)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return old + 1;
	case 3:
		return old - 1;
	case 4:
		return 1ULL << below(mutator, 64);
	case 5:
		return mutator->size_bytes - below(mutator, 16);
	case 6:
		return old * 2;
	case 7:
		return next(mutator);
	default:
		return below(mutator, 64);
	}
}

static void change_field(struct mutator *mutator, uint64_t at, unsigned bytes)
{
	uint64_t value = 0;

	if (at > mutator->size_bytes || bytes > mutator->size_bytes - at)
		return;
	memcpy(&value, mutator->bytes + at, bytes);
	value = value_near(mutator, value);
	memcpy(mutator->bytes + at, &value, bytes);
}

static void change_bytes(struct mutator *mutator)
{
	uint64_t nr = 1 + below(mutator, 16);

	for (uint64_t i = 0; i < nr; i++)
		mutator->bytes[below(mutator, mutator->size_bytes)] = (unsigned char)next(
			mutator);
}

static void copy_block(struct mutator *mutator)
{
	uint64_t nr = 1 + below(mutator, 256), size = mutator->size_bytes;

	if (nr < size)
		memmove(mutator->bytes + below(mutator, size - nr),
			mutator->bytes + below(mutator, size - nr), nr);
}

static bool get_section(const struct mutator *mutator, uint64_t *at, Elf64_Shdr *ret,
			uint64_t number)
{
	Elf64_Ehdr header;

	memcpy(&header, mutator->bytes, sizeof(header));
	*at = header.e_shoff + number * sizeof(*ret);
	if (number >= header.e_shnum || header.e_shoff > mutator->size_bytes ||
	    *at + sizeof(*ret) > mutator->size_bytes)
		return false;
	memcpy(ret, mutator->bytes + *at, sizeof(*ret));
	return ret->sh_offset < mutator->size_bytes &&
	       ret->sh_size <= mutator->size_bytes - ret->sh_offset;
}

/* A field of a section's header, of a symbol or of a relocation; bytes of another. */
static void change_section(struct mutator *mutator)
{
	static const struct {
		unsigned at, bytes;
	} header_fields[] = {{0, 4},  {4, 4},  {8, 8},	{16, 8}, {24, 8},
			     {32, 8}, {40, 4}, {44, 4}, {48, 8}, {56, 8}},
	  symbol_fields[] = {{0, 4}, {4, 1}, {5, 1}, {6, 2}, {8, 8}, {16, 8}},
	  rela_fields[] = {{0, 8}, {8, 4}, {12, 4}, {16, 8}};
	Elf64_Shdr section;
	Elf64_Ehdr header;
	uint64_t at, entry, field;

	memcpy(&header, mutator->bytes, sizeof(header));
	if (!get_section(mutator, &at, &section, below(mutator, header.e_shnum)))
		return;
	if (below(mutator, 3) == 0) {
		field = below(mutator, sizeof(header_fields) / sizeof(header_fields[0]));
		change_field(mutator, at + header_fields[field].at,
			     header_fields[field].bytes);
		return;
	}
	entry = section.sh_offset + below(mutator, section.sh_size / 24) * 24;
	if (section.sh_type == SHT_SYMTAB) {
		field = below(mutator, sizeof(symbol_fields) / sizeof(symbol_fields[0]));
		change_field(mutator, entry + symbol_fields[field].at,
			     symbol_fields[field].bytes);
	} else if (section.sh_type == SHT_RELA) {
		field = below(mutator, sizeof(rela_fields) / sizeof(rela_fields[0]));
		change_field(mutator, entry + rela_fields[field].at,
			     rela_fields[field].bytes);
	} else {
		change_field(mutator, section.sh_offset + below(mutator, section.sh_size),
			     1U << below(mutator, 4));
	}
}

size_t mutate(unsigned char *bytes, size_t size_bytes, uint64_t seed)
{
	struct mutator mutator = {
		.bytes = bytes, .size_bytes = size_bytes, .state = seed * 2 + 1};
	bool is_elf = size_bytes > sizeof(Elf64_Ehdr) && memcmp(bytes, ELFMAG, 4) == 0;
	uint64_t nr = 1 + below(&mutator, 6);

	if (size_bytes == 0)
		return 0;
	for (uint64_t i = 0; i < nr; i++)
		switch (below(&mutator, is_elf ? 16 : 4)) {
		case 0:
			change_bytes(&mutator);
			break;
		case 1:
			copy_block(&mutator);
			break;
		case 2:
			change_field(&mutator, below(&mutator, 64),
				     1U << below(&mutator, 4));
			break;
		case 3:
			if (below(&mutator, 4) == 0)
				mutator.size_bytes = 1 + below(&mutator, size_bytes);
			is_elf &= mutator.size_bytes > sizeof(Elf64_Ehdr);
			break;
		default:
			change_section(&mutator);
		}
	return mutator.size_bytes;
}
