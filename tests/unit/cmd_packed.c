/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/packed.h"

#include <criterion/criterion.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"

/* More than fits the first buffer, of what cannot be made smaller. */
Test(cmd_packed, comes_back_whole)
{
	enum { BYTES = 300000 };
	static unsigned char bytes[2 * BYTES], back[BYTES];
	static char text[BYTES];
	_cleanup_free_ char *page = NULL;
	struct base64_decode_ctx ctx;
	uLongf nr_back = sizeof(back);
	struct packed packed;
	size_t nr;

	srand(1);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(rand() >> 8);
	packed_open(&packed);
	packed_put(&packed, text, 1);
	packed_put(&packed, text + 1, 0);
	packed_put(&packed, text + 1, 99999);
	packed_put(&packed, text + 100000, sizeof(text) - 100000);
	page = packed_close(&packed);
	cr_assert_not_null(page);
	nr = strlen(page);
	cr_assert_lt(nr, sizeof(bytes));
	base64_decode_init(&ctx);
	cr_assert(base64_decode_update(&ctx, &nr, bytes, strlen(page), page));
	cr_assert(base64_decode_final(&ctx));
	cr_assert_eq(uncompress(back, &nr_back, bytes, nr), Z_OK);
	cr_assert_eq(nr_back, sizeof(text));
	cr_expect_eq(memcmp(text, back, sizeof(text)), 0);
}

Test(cmd_packed, nothing_is_text_too)
{
	_cleanup_free_ char *page = NULL;
	struct packed packed;

	packed_open(&packed);
	page = packed_close(&packed);
	cr_assert_str_eq(page, "eJwDAAAAAAE=");
}
