/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map as one HTML page: map.html with the data in it. */
#include "cmd/map_html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/map_json.h"
#include "kcore/cleanup.h"

/* The page up to and after its data; cmd/map.html has a line "@DATA@" between. */
__asm__(".pushsection .rodata\n"
	".global map_page, map_page_end\n"
	"map_page: .incbin \"cmd/map.html\"\n"
	"map_page_end: .byte 0\n"
	".popsection\n");
extern const char map_page[], map_page_end[];

static const char data_mark[] = "@DATA@";

static char *dump(json_t *value)
{
	char *text = json_dumps(value,
				JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);

	json_decref(value);
	return text;
}

/* JSON inside a script element: what could end the element is written as an escape. All
 * of it stands inside JSON strings.
 */
static void put_json(FILE *file, json_t *value)
{
	_cleanup_free_ char *text = dump(value);

	for (const char *c = text; c && *c; c++) {
		if (*c == '<' || *c == '>' || *c == '&')
			fprintf(file, "\\u%04x", *c);
		else
			fputc(*c, file);
	}
}

static const char *data_in_page(void)
{
	return strstr(map_page, data_mark);
}

int map_html_begin(struct map_html *html, const struct kernelfacts *facts)
{
	const char *mark = data_in_page();

	if (!mark)
		return -EINVAL;
	fwrite(map_page, 1, (size_t)(mark - map_page), html->file);
	fputs("{\"kernel\":", html->file);
	put_json(html->file,
		 json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:i, s:s}", "release",
			   json_text(facts->release), "build_id",
			   json_text(facts->build_id), "file", json_text(facts->path),
			   "host", json_text(facts->host), "time", json_text(facts->time),
			   "tool", "kwcheck " KWCHECK_VERSION, "levels",
			   (int)facts->format.levels, "source",
			   facts->is_live ? "live" : "core"));
	fputs(",\"ranges\":[", html->file);
	return 0;
}

/* Packed, the ranges are one array, too. */
static void pack_range(struct map_html *html, const struct range *range)
{
	_cleanup_free_ char *text = dump(map_json_range(range));

	if (html->nr_ranges == MAP_HTML_PLAIN)
		packed_open(&html->more);
	packed_put(&html->more, html->nr_ranges == MAP_HTML_PLAIN ? "[" : ",", 1);
	packed_put(&html->more, text ? text : "", text ? strlen(text) : 0);
}

void map_html_range(struct map_html *html, const struct range *range)
{
	if (html->nr_ranges >= MAP_HTML_PLAIN) {
		pack_range(html, range);
	} else {
		if (html->nr_ranges)
			fputs(",\n", html->file);
		put_json(html->file, map_json_range(range));
	}
	html->nr_ranges++;
}

/* NULL: there are no more ranges, or no memory, which is noted. */
static char *end_more(struct map_html *html)
{
	if (html->nr_ranges <= MAP_HTML_PLAIN)
		return NULL;
	packed_put(&html->more, "]", 1);
	return packed_close(&html->more);
}

static void put_marks(struct map_html *html, const struct map_marks *marks)
{
	for (size_t i = 0; i < marks->nr; i++) {
		const struct map_mark *mark = &marks->array[i];

		if (i)
			fputc(',', html->file);
		put_json(html->file,
			 json_pack("{s:o, s:o, s:I, s:o, s:s, s:i}", "name",
				   json_text(mark->name), "address",
				   json_address(mark->address), "size_bytes",
				   (json_int_t)mark->size_bytes, "symbol",
				   json_text(mark->symbol), "verdict", mark->verdict,
				   "hooks", (int)mark->nr_hooks));
	}
}

void map_html_end(struct map_html *html, const struct map_sums *sums,
		  const struct map_marks *marks, const char *names)
{
	_cleanup_free_ char *more = end_more(html);

	fputs("]", html->file);
	if (more)
		fprintf(html->file, ",\"more_ranges\":\"%s\"", more);
	fputs(",\"marks\":[", html->file);
	put_marks(html, marks);
	fputs("],\"sums\":", html->file);
	put_json(html->file, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ranges",
				       (json_int_t)sums->nr_ranges, "undecided",
				       (json_int_t)sums->nr_undecided, "r--",
				       (json_int_t)sums->mapped_bytes[0][0], "r-x",
				       (json_int_t)sums->mapped_bytes[0][1], "rw-",
				       (json_int_t)sums->mapped_bytes[1][0], "rwx",
				       (json_int_t)sums->mapped_bytes[1][1], "findings",
				       (json_int_t)marks->nr_findings));
	if (names)
		fprintf(html->file, ",\"names\":\"%s\"}", names);
	else
		fputs(",\"names\":null}", html->file);
	fputs(data_in_page() + strlen(data_mark), html->file);
}
