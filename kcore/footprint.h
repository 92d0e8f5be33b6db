/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames of a kernel's memory somebody reads. */
#ifndef KWCHECK_KCORE_FOOTPRINT_H
#define KWCHECK_KCORE_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct footprint {
	uint64_t *pas; /* of whole frames; one may be there more than once */
	size_t nr, room;
	bool is_lost; /* there was no memory for all of them */
};

void footprint_add(struct footprint *footprint, uint64_t pa, size_t size_bytes);
void footprint_close(struct footprint *footprint);

#endif
