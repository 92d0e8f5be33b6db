/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that a page carries deflated (zlib's format), in base64. */
#ifndef KWCHECK_CMD_PACKED_H
#define KWCHECK_CMD_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

struct packed {
	z_stream stream;
	unsigned char *bytes;
	size_t nr, room;
	bool has_failed; /* -ENOMEM */
};

void packed_open(struct packed *ret);
void packed_put(struct packed *packed, const char *text, size_t text_bytes);

/* packed_close - ends the text and gives it
 * Malloc'ed; NULL: no memory.
 */
char *packed_close(struct packed *packed);

#endif
