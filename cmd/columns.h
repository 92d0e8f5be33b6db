/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a table laid out in columns: by libsmartcols, and in a build without it the
 * same by hand.
 */
#ifndef KWCHECK_CMD_COLUMNS_H
#define KWCHECK_CMD_COLUMNS_H

#include <stddef.h>

#include "cmd/table.h"

struct columns;

/* columns_make - the shown columns of all rows, but for a last one that stands below
 * @table: borrowed, as long as they live.
 * @total: characters of the terminal; 0: as wide as need be. A newline in the last column
 * breaks its line.
 * Returns NULL where there is no memory.
 */
struct columns *columns_make(const struct table *table, size_t total);
void columns_free(struct columns *columns);

/* columns_row, columns_all - the lines of row @row, or of all
 * The headings are in the first text that is asked for. Returns NULL where there is no
 * memory; the caller frees.
 */
char *columns_row(struct columns *columns, size_t row);
char *columns_all(struct columns *columns);

#endif
