/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/preflight_fold.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct findings findings;

static void add(const char *kind, const char *symbol)
{
	struct finding *finding = finding_add(&findings, FINDING_REFUSED, kind);

	cr_assert_not_null(finding);
	finding->symbol = symbol;
	finding->is_absent = !symbol && strcmp(kind, "missing-module") == 0;
}

static void expect(size_t head, size_t nr, const char *line)
{
	struct preflight_fold fold;
	char *bytes = NULL;
	size_t nr_bytes;
	FILE *out = open_memstream(&bytes, &nr_bytes);

	preflight_fold_open(&fold, &findings);
	cr_expect_eq(preflight_fold_count(&fold, &findings.array[head]), nr);
	preflight_fold_print(out, &fold, &findings.array[head]);
	fclose(out);
	cr_expect_str_eq(bytes, line);
	free(bytes);
}

Test(cmd_preflight_fold, missing_symbols_belong_to_the_module_that_is_missing)
{
	add("missing-module", NULL);
	add("missing-module", NULL);
	add("unknown-symbol", "crc32c");
	expect(0, 0, "");
	expect(1, 1, "    1 symbol is missing: crc32c\n");
	add("unknown-symbol", "crc32c\x1b_impl");
	expect(1, 2, "    2 symbols are missing: crc32c, crc32c\\x1b_impl\n");
	expect(2, 0, "");
	finding_free(&findings);
}

Test(cmd_preflight_fold, others_go_with_the_first_of_their_kind)
{
	static const char *const names[] = {"a", "b", "c", "d", "e",
					    "f", "g", "h", "i", "j"};

	add("vermagic", NULL);
	add("unknown-symbol", "first");
	for (size_t i = 0; i < 10; i++)
		add("symbol-crc", names[i]);
	add("unknown-symbol", "second");
	/* One that is there, and that the kernel would refuse. */
	add("missing-module", "third");
	expect(0, 0, "");
	expect(1, 1, "    the same of 1 more symbol: second\n");
	expect(2, 9,
	       "    the same of 9 more symbols: b, c, d, e, f, g, h, i and 1 more; -v "
	       "shows them\n");
	expect(13, 0, "");
	finding_free(&findings);
}
