/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every symbol by name, small enough for a page. */
#include "cmd/map_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/packed.h"

/* Whatever a name holds, a line stays a line of so many words. */
static void put_word(struct packed *packed, const char *word)
{
	char text[256] = " ";
	size_t used = 1;

	for (const unsigned char *c = (const unsigned char *)word; *c; c++) {
		if (used == sizeof(text)) {
			packed_put(packed, text, used);
			used = 0;
		}
		text[used++] = *c > ' ' && *c < 0x7f ? (char)*c : '?';
	}
	packed_put(packed, text, used);
}

char *map_names(struct symbols *symbols)
{
	const struct symbol *symbol;
	struct packed packed;
	uint64_t last = 0;

	packed_open(&packed);
	for (size_t i = 0; (symbol = symbols_nth(symbols, i)); i++) {
		char above[24];

		packed_put(&packed, above,
			   (size_t)snprintf(above, sizeof(above), "%" PRIx64,
					    symbol->address - last));
		put_word(&packed, symbol->name);
		if (symbol->module)
			put_word(&packed, symbol->module);
		packed_put(&packed, "\n", 1);
		last = symbol->address;
	}
	return packed_close(&packed);
}
