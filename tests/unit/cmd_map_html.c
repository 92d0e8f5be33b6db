/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/map_html.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "kcore/cleanup.h"

static void unpack(const char *packed, char *text, size_t *text_bytes)
{
	size_t nr = strlen(packed);
	_cleanup_free_ unsigned char *bytes = malloc(nr);
	struct base64_decode_ctx ctx;
	uLongf nr_text = *text_bytes;

	base64_decode_init(&ctx);
	cr_assert(base64_decode_update(&ctx, &nr, bytes, strlen(packed), packed));
	cr_assert(base64_decode_final(&ctx));
	cr_assert_eq(uncompress((unsigned char *)text, &nr_text, bytes, nr), Z_OK);
	*text_bytes = nr_text;
}

/* Names of modules and symbols are untrusted: none ends the script element. */
Test(cmd_map_html, nothing_leaves_the_data)
{
	static const char data[] = "id=\"data\">", evil[] = "</script><img src=x>&";
	_cleanup_free_ char *page = NULL;
	size_t bytes;
	struct map_html html = {.file = open_memstream(&page, &bytes)};
	struct kernelfacts facts = {.format.levels = 5};
	const struct range range = {.va = 0xffffffff81000000,
				    .size_bytes = 4096,
				    .mapped_bytes = 4096,
				    .region = region_of_kind(REGION_TEXT),
				    .symbol = evil};
	struct map_mark mark = {.name = evil,
				.address = 0xffffffff81300000,
				.size_bytes = 64,
				.symbol = "alpha_hooks",
				.verdict = "sealed",
				.nr_hooks = 2};
	const struct map_marks marks = {.array = &mark, .nr = 1, .nr_findings = 3};
	const struct map_sums sums = {.nr_ranges = 2};
	const char *name, *symbol, *place, *verdict;
	int findings, hooks, levels;
	json_error_t why;
	const char *start;
	json_t *root;

	strcpy(facts.release, evil);
	cr_assert_eq(map_html_begin(&html, &facts), 0);
	map_html_range(&html, &range);
	map_html_range(&html, &range);
	map_html_end(&html, &sums, &marks, "eJw=");
	fclose(html.file);
	cr_expect_null(strstr(page, evil));
	cr_expect_null(strstr(page, "<img"));
	start = strstr(page, data);
	cr_assert_not_null(start);
	root = json_loads(start + strlen(data), JSON_DISABLE_EOF_CHECK, &why);
	cr_assert_not_null(root, "%s", why.text);
	cr_expect_eq(json_array_size(json_object_get(root, "ranges")), 2);
	cr_assert_eq(
		json_unpack(root,
			    "{s:{s:i}, s:[{s:s}, {}], s:[{s:s, s:s, s:s, s:i}], s:{s:i}}",
			    "kernel", "levels", &levels, "ranges", "symbol", &symbol,
			    "marks", "name", &name, "symbol", &place, "verdict", &verdict,
			    "hooks", &hooks, "sums", "findings", &findings),
		0);
	cr_expect_eq(levels, 5);
	cr_expect_str_eq(symbol, evil);
	cr_expect_str_eq(name, evil);
	cr_expect_str_eq(place, "alpha_hooks");
	cr_expect_str_eq(verdict, "sealed");
	cr_expect_eq(hooks, 2);
	cr_expect_eq(findings, 3);
	json_decref(root);
}

/* A machine with a hundred thousand stacks: a page of some kilobytes for each thousand.
 */
Test(cmd_map_html, many_ranges_are_packed)
{
	enum { NR = 100000 };
	_cleanup_free_ char *page = NULL, *text = malloc(64 << 20);
	size_t bytes, text_bytes = 64 << 20;
	struct map_html html = {.file = open_memstream(&page, &bytes)};
	struct kernelfacts facts = {.format.levels = 4};
	const struct map_marks marks = {0};
	const struct map_sums sums = {.nr_ranges = NR};
	const char *packed, *address;
	json_error_t why;
	json_t *root;

	cr_assert_eq(map_html_begin(&html, &facts), 0);
	for (uint64_t i = 0; i < NR; i++) {
		const struct range range = {.va = 0xffffc90000000000 + i * 0x5000,
					    .size_bytes = 0x4000,
					    .region = region_of_kind(REGION_VMALLOC)};

		map_html_range(&html, &range);
	}
	map_html_end(&html, &sums, &marks, NULL);
	fclose(html.file);
	cr_expect_lt(bytes, 3000000u, "%zu", bytes);
	root = json_loads(strstr(page, "id=\"data\">") + strlen("id=\"data\">"),
			  JSON_DISABLE_EOF_CHECK, &why);
	cr_assert_not_null(root, "%s", why.text);
	cr_expect_eq(json_array_size(json_object_get(root, "ranges")), MAP_HTML_PLAIN);
	cr_assert_eq(json_unpack(root, "{s:s}", "more_ranges", &packed), 0);
	unpack(packed, text, &text_bytes);
	json_decref(root);
	root = json_loadb(text, text_bytes, 0, &why);
	cr_assert_not_null(root, "%s", why.text);
	cr_assert_eq(json_array_size(root), NR - MAP_HTML_PLAIN);
	cr_assert_eq(json_unpack(json_array_get(root, 0), "{s:s}", "address", &address),
		     0);
	cr_expect_str_eq(address, "0xffffc90004e20000");
	json_decref(root);
}
