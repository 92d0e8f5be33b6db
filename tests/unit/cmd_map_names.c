/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/map_names.h"

#include <criterion/criterion.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fake.h"
#include "kcore/cleanup.h"

/* As the page does it. */
static void unpack(const char *packed, char *text, size_t text_bytes)
{
	struct base64_decode_ctx ctx;
	unsigned char bytes[4096];
	size_t nr_bytes = sizeof(bytes);
	uLongf nr_text = text_bytes - 1;

	base64_decode_init(&ctx);
	cr_assert(base64_decode_update(&ctx, &nr_bytes, bytes, strlen(packed), packed));
	cr_assert(base64_decode_final(&ctx));
	cr_assert_eq(uncompress((unsigned char *)text, &nr_text, bytes, nr_bytes), Z_OK);
	text[nr_text] = '\0';
}

Test(cmd_map_names, every_symbol_a_line)
{
	struct fake fake = {.kallsyms = "ffffffff81000000 T _stext\n"
					"0000000000000010 A below\n"
					"ffffffff81000000 T same\n"
					"ffffffffc0000000 t f\t[mod]\n"};
	_cleanup_free_ char *packed = NULL;
	struct error err = {0};
	struct kernel kernel;
	struct source source;
	char text[1024];

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	packed = map_names(&kernel.symbols);
	cr_assert_not_null(packed);
	unpack(packed, text, sizeof(text));
	cr_expect_str_eq(text, "ffffffff81000000 _stext\n7f000010 below\n"
			       "ffffffff80fffff0 same\n3f000000 f mod\n");
	kernel_close(&kernel);
	fake_close(&fake);
}
