/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for names that are made one by one and freed together. */
#ifndef KWCHECK_KCORE_STRINGS_H
#define KWCHECK_KCORE_STRINGS_H

/* Zero is empty. */
struct strings {
	struct strings_block *blocks;
};

/* A copy of @name that lives until strings_close(); NULL: no memory, or longer than
 * 64 KiB.
 */
char *strings_keep(struct strings *strings, const char *name);
void strings_close(struct strings *strings);

#endif
