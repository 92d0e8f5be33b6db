/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/strings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Over more than one block: what was given stays where it is. */
Test(kcore_strings, kept_until_closed)
{
	enum { NR = 20000 };
	struct strings strings = {0};
	char **kept = calloc(NR, sizeof(*kept)), text[32];

	for (int i = 0; i < NR; i++) {
		snprintf(text, sizeof(text), "symbol_%d", i);
		kept[i] = strings_keep(&strings, text);
		cr_assert_not_null(kept[i]);
	}
	for (int i = 0; i < NR; i++) {
		snprintf(text, sizeof(text), "symbol_%d", i);
		cr_assert_str_eq(kept[i], text);
	}
	strings_close(&strings);
	cr_expect_null(strings.blocks);
	free(kept);
}

Test(kcore_strings, too_long)
{
	struct strings strings = {0};
	char *text = malloc(70000);

	memset(text, 'a', 69999);
	text[69999] = '\0';
	cr_expect_null(strings_keep(&strings, text));
	free(text);
}
