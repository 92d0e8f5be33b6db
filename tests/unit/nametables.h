/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of symbols as scripts/kallsyms.c writes them into an image. */
#ifndef KWCHECK_TESTS_NAMETABLES_H
#define KWCHECK_TESTS_NAMETABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nametables_symbol {
	const char *name; /* behind the letter of its type: "T_stext" */
	uint64_t va;
};

/* In what kernels differ. */
struct nametables_shape {
	unsigned alignment, marker_bytes;
	bool has_seqs; /* between markers and tokens: 6.2 to 6.4; is_late: last of all */
	bool is_late;  /* the offsets come last: since 6.5 */
	bool has_base; /* else each offset is from its own place: 7.x */
};

/* Offsets in the memory. */
struct nametables {
	size_t nr, names, markers, seqs, tokens, index, end;
};

/* nametables_put - the tables from @at on in @ram, which lies at @ram_va
 * @base: the lowest address. What was there has to be zeros.
 */
void nametables_put(struct nametables *ret, unsigned char *ram, size_t at,
		    uint64_t ram_va, const struct nametables_shape *shape,
		    const struct nametables_symbol symbols[], size_t nr, uint64_t base);

#endif
