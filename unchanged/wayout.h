/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes of a text could lead out of it, whatever instruction they belong to. */
#ifndef KWCHECK_UNCHANGED_WAYOUT_H
#define KWCHECK_UNCHANGED_WAYOUT_H

#include "audit/report.h"

/* Addresses that hold all code in a part of the address space. */
struct wayout_window {
	uint64_t va, size_bytes; /* 0: there is none */
};

/* A text, and the executable memory outside it. */
struct wayout {
	const struct audit *audit;
	const unsigned char *text;
	uint64_t va, size_bytes; /* of text */
	/* In the image behind the text, and above the image. */
	struct wayout_window windows[2];
};

void wayout_open(struct wayout *ret, const struct audit *audit, const unsigned char *text,
		 uint64_t va, uint64_t size_bytes);

/* wayout_next - the first offset from @at on where a displacement or an immediate may
 * begin whose instruction leads out of the text, or names what does
 * No other instruction does. size_bytes: none.
 */
uint64_t wayout_next(const struct wayout *wayout, uint64_t at);

#endif
