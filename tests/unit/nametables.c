/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of symbols as scripts/kallsyms.c writes them into an image. */
#include "nametables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MARKED = 256, MAX_MARKERS = 16 };

struct writer {
	unsigned char *ram;
	size_t at;
	uint64_t ram_va;
	const struct nametables_shape *shape;
};

static void put(struct writer *writer, const void *bytes, size_t nr)
{
	memcpy(writer->ram + writer->at, bytes, nr);
	writer->at += nr;
}

static void put_number(struct writer *writer, uint64_t number, size_t nr)
{
	put(writer, &number, nr);
}

static size_t align(struct writer *writer)
{
	size_t mask = writer->shape->alignment - 1;

	writer->at = (writer->at + mask) & ~mask;
	return writer->at;
}

static void put_offsets(struct writer *writer, const struct nametables_symbol symbols[],
			size_t nr, uint64_t base)
{
	align(writer);
	for (size_t i = 0; i < nr; i++)
		put_number(writer,
			   symbols[i].va - (writer->shape->has_base
						    ? base
						    : writer->ram_va + writer->at),
			   4);
	if (!writer->shape->has_base)
		return;
	writer->at = (writer->at + 7) & ~(size_t)7;
	put_number(writer, base, 8);
}

/* Names letter by letter: each that occurs is a token of its own number. */
static void put_names(struct writer *writer, const struct nametables_symbol symbols[],
		      size_t nr, struct nametables *ret)
{
	size_t markers[MAX_MARKERS], nr_markers = 0;

	ret->names = writer->at;
	for (size_t i = 0; i < nr; i++) {
		size_t length = strlen(symbols[i].name);

		if (i % MARKED == 0)
			markers[nr_markers++] = writer->at - ret->names;
		put_number(writer,
			   length < 0x80 ? length
					 : (length & 0x7f) | 0x80 | (length >> 7) << 8,
			   length < 0x80 ? 1 : 2);
		put(writer, symbols[i].name, length);
	}
	ret->markers = align(writer);
	for (size_t i = 0; i < nr_markers; i++)
		put_number(writer, markers[i], writer->shape->marker_bytes);
}

static int compare_names(const void *a, const void *b, void *symbols_ptr)
{
	const struct nametables_symbol *symbols = symbols_ptr;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int order = strcmp(symbols[i].name + 1, symbols[j].name + 1);

	return order ? order : (i > j) - (i < j);
}

/* The symbols' indices in the order of names, the highest byte first. */
static void put_seqs(struct writer *writer, const struct nametables_symbol symbols[],
		     size_t nr, struct nametables *ret)
{
	size_t *order = calloc(nr, sizeof(*order));

	for (size_t i = 0; i < nr; i++)
		order[i] = i;
	qsort_r(order, nr, sizeof(*order), compare_names, (void *)symbols);
	ret->seqs = align(writer);
	for (size_t i = 0; i < nr; i++) {
		put_number(writer, order[i] >> 16, 1);
		put_number(writer, order[i] >> 8, 1);
		put_number(writer, order[i], 1);
	}
	free(order);
}

static void put_tokens(struct writer *writer, struct nametables *ret)
{
	size_t at[256];

	ret->tokens = align(writer);
	for (int i = 0; i < 256; i++) {
		bool is_used = isalnum(i) || i == '_' || i == '.' || i > 250;

		at[i] = writer->at - ret->tokens;
		put(writer, &(char){(char)i}, is_used);
		put_number(writer, 0, 1);
	}
	ret->index = align(writer);
	for (int i = 0; i < 256; i++)
		put_number(writer, at[i], 2);
}

void nametables_put(struct nametables *ret, unsigned char *ram, size_t at,
		    uint64_t ram_va, const struct nametables_shape *shape,
		    const struct nametables_symbol symbols[], size_t nr, uint64_t base)
{
	struct writer writer = {ram, at, ram_va, shape};

	if (!shape->is_late)
		put_offsets(&writer, symbols, nr, base);
	ret->nr = align(&writer);
	put_number(&writer, nr, 4);
	align(&writer);
	put_names(&writer, symbols, nr, ret);
	if (shape->has_seqs && !shape->is_late)
		put_seqs(&writer, symbols, nr, ret);
	put_tokens(&writer, ret);
	if (shape->is_late)
		put_offsets(&writer, symbols, nr, base);
	if (shape->has_seqs && shape->is_late)
		put_seqs(&writer, symbols, nr, ret);
	ret->end = writer.at;
}
