/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where else a frame is mapped: every leaf of the kernel half, by physical address. */
#ifndef KWCHECK_KCORE_ALIASES_H
#define KWCHECK_KCORE_ALIASES_H

#include "kcore/kernel.h"

struct alias {
	uint64_t va;	     /* of the first byte asked about that is mapped there */
	uint64_t size_bytes; /* of the bytes asked about */
	enum pt_verdict verdict;
};

/* Leaves of one page size, ascending by pa. */
struct aliases_size {
	struct aliases_leaf *leaves;
	size_t nr, room;
};

/* An index over the kernel half, made once and good for any number of questions. */
struct aliases {
	struct aliases_size sizes[3]; /* 4 KiB, 2 MiB, 1 GiB */
	size_t nr_tables;	      /* table pages visited */
	bool is_complete;	      /* no table was unreadable or kept changing */
};

/* aliases_build - sweeps the kernel half
 * A table that is reached over and over with the same inherited rights (espfix) is
 * visited once: of its clones only the first is found. Returns 0 or -ENOMEM.
 */
int aliases_build(struct aliases *ret, struct kernel *kernel);
void aliases_close(struct aliases *aliases);

/* aliases_find - the mappings of [@pa, @pa + @size_bytes) other than the one at @va
 *
 * Neighbouring pages with one verdict are one alias. Each is walked again, so that what
 * is said of it is not older than the answer beside it.
 * @ret: heap array of @ret_nr; the caller frees it. Returns 0 or -ENOMEM.
 */
int aliases_find(const struct aliases *aliases, struct kernel *kernel, uint64_t pa,
		 uint64_t size_bytes, uint64_t va, struct alias **ret, size_t *ret_nr);

#endif
