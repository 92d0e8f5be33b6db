/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every symbol by name, small enough for a page. */
#include "cmd/map_names.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

static const char what[] = "the map's names";

/* Whatever a name holds, a line stays a line of so many words. */
static void put_word(FILE *file, const char *word)
{
	fputc(' ', file);
	for (const unsigned char *c = (const unsigned char *)word; *c; c++)
		fputc(*c > ' ' && *c < 0x7f ? *c : '?', file);
}

/* Malloc'ed; NULL: no memory. */
static char *write_lines(struct symbols *symbols, size_t *ret_bytes)
{
	const struct symbol *symbol;
	char *text = NULL;
	uint64_t last = 0;
	FILE *file = open_memstream(&text, ret_bytes);

	if (!file)
		return NULL;
	for (size_t i = 0; (symbol = symbols_nth(symbols, i)); i++) {
		fprintf(file, "%" PRIx64, symbol->address - last);
		put_word(file, symbol->name);
		if (symbol->module)
			put_word(file, symbol->module);
		fputc('\n', file);
		last = symbol->address;
	}
	if (loss_close(file) == 0)
		return text;
	free(text);
	return NULL;
}

char *map_names(struct symbols *symbols)
{
	size_t text_bytes;
	_cleanup_free_ char *text = write_lines(symbols, &text_bytes);
	uLongf packed_bytes = text ? compressBound(text_bytes) : 0;
	_cleanup_free_ unsigned char *packed = text ? malloc(packed_bytes) : NULL;
	char *ret = NULL;

	if (packed && compress(packed, &packed_bytes, (const unsigned char *)text,
			       text_bytes) == Z_OK)
		ret = malloc(BASE64_ENCODE_RAW_LENGTH(packed_bytes) + 1);
	if (!ret) {
		loss_note(what, ENOMEM);
		return NULL;
	}
	base64_encode_raw(ret, packed_bytes, packed);
	ret[BASE64_ENCODE_RAW_LENGTH(packed_bytes)] = '\0';
	return ret;
}
