/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every symbol by name, small enough for a page. */
#ifndef KWCHECK_CMD_MAP_NAMES_H
#define KWCHECK_CMD_MAP_NAMES_H

#include "kcore/symbols.h"

/* map_names - the names, as base64 of zlib's format of text
 *
 * A line a symbol: what its address is above the last line's (modulo 2^64, in
 * hexadecimal; the first line's above 0), a blank, the name, and a blank and the module
 * where it has one. Malloc'ed; NULL: there is no memory, which is noted.
 */
char *map_names(struct symbols *symbols);

#endif
