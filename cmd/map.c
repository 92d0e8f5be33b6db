/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck map: the kernel half as ranges, with effective rights and names. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/map_html.h"
#include "cmd/map_json.h"
#include "cmd/session.h"
#include "cmd/target.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"

struct map {
	const struct options *options;
	struct kernelfacts facts;
	struct json json;
	struct map_html html;
	struct map_sums sums;
};

/* "16K", "2M", "1.5G"; exact where it can be. */
static void print_size(uint64_t bytes)
{
	static const char units[] = "KMGTP";
	uint64_t kib = bytes / 1024;
	size_t unit = 0;

	while (unit + 2 < sizeof(units) && kib >= 1024 && kib % 1024 == 0) {
		kib /= 1024;
		unit++;
	}
	printf("%7" PRIu64 "%c", kib, units[unit]);
}

static void print_page_sizes(const struct range *range)
{
	static const char *const names[RANGE_NR_SIZES] = {"4K", "2M", "1G"};
	char text[16] = "";

	for (size_t i = 0; i < RANGE_NR_SIZES; i++)
		if (range->bytes_by_size[i]) {
			strcat(text, text[0] ? "+" : "");
			strcat(text, names[i]);
		}
	printf("%-9s", text[0] ? text : "-");
}

static void print_range(const struct range *range)
{
	printf("%016" PRIx64 "-%016" PRIx64 " ", range->va,
	       range->va + (range->size_bytes - 1));
	print_size(range->size_bytes);
	printf("  %s%c  ", range_rights(range),
	       range->user && range->reason == PT_OK ? 'u' : ' ');
	print_page_sizes(range);
	printf("%s", range->region->name);
	if (range->symbol) {
		fputs("  ", stdout);
		if (range->module) {
			text_safe(stdout, range->module);
			putchar(':');
		}
		text_safe(stdout, range->symbol);
		if (range->symbol_offset)
			printf("+0x%" PRIx64, range->symbol_offset);
	}
	if (range->reason != PT_OK)
		printf("  (%s)", pt_reason_name(range->reason));
	else if (range->mapped_bytes < range->size_bytes)
		printf("  (%" PRIu64 "K of it mapped)", range->mapped_bytes / 1024);
	putchar('\n');
}

static int show(void *ctx, const struct range *range)
{
	struct map *map = ctx;

	map->sums.nr_ranges++;
	if (range->reason == PT_OK)
		map->sums.mapped_bytes[range->writable][!range->nx] +=
			range->mapped_bytes;
	else
		map->sums.nr_undecided++;
	if (map->html.file)
		map_html_range(&map->html, range);
	if (map->options->quiet)
		return 0;
	if (map->options->json) {
		json_result(&map->json, map_json_range(range));
	} else if (map->options->json_lines) {
		json_line(map_json_range(range));
	} else if (!map->html.file) {
		print_range(range);
	}
	return ferror(stdout) ? -EIO : 0;
}

static int parse_region(const char *word, struct range_filter *filter, struct error *err)
{
	char list[400] = "";

	filter->region = region_find(word);
	if (filter->region)
		return 0;
	for (int kind = REGION_UNKNOWN + 1; kind < REGION_NR_KINDS; kind++) {
		const struct region *region = region_of_kind((enum region_kind)kind);
		size_t used = strlen(list);

		if (kind != REGION_USER && kind != REGION_NON_CANONICAL)
			snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", region->name);
	}
	return error_set(err, ERROR_USAGE, -EINVAL, "--region=%.60s: not one of %s", word,
			 list);
}

static int parse_filter(const struct options *options, struct range_filter *filter,
			struct error *err)
{
	struct target target;
	int r = 0;

	*filter = (struct range_filter){
		.writable = options->writable || options->wx,
		.executable = options->executable || options->wx,
		.user = options->user,
	};
	if (options->region)
		r = parse_region(options->region, filter, err);
	if (r == 0 && options->range) {
		r = target_parse(options->range, &target, err);
		if (r == 0 && (target.is_symbol || target.address >> 63 == 0))
			r = error_set(err, ERROR_USAGE, -EINVAL,
				      "--range=%.100s: not a range of kernel addresses; "
				      "write 0xA-0xB or 0xA+LENGTH",
				      options->range);
		if (r == 0) {
			filter->first = target.address;
			filter->last = target.address + (target.size_bytes - 1);
		}
	}
	return r;
}

static void begin(struct map *map)
{
	const struct options *options = map->options;
	const struct text text = {.facts = &map->facts};

	if (options->quiet)
		return;
	if (options->json)
		json_begin(&map->json, options->verb->name, &map->facts);
	else if (options->json_lines)
		json_line(json_head(options->verb->name, &map->facts));
	else if (options->verbose)
		text_kernel(&text);
}

static void end(struct map *map)
{
	const struct map_sums *sums = &map->sums;

	if (map->options->quiet || map->options->json_lines)
		return;
	if (map->options->json) {
		json_end(&map->json, NULL, 0);
		return;
	}
	printf("%" PRIu64 " ranges: %" PRIu64 "K r--, %" PRIu64 "K rw-, %" PRIu64
	       "K r-x, %" PRIu64 "K rwx",
	       sums->nr_ranges, sums->mapped_bytes[0][0] / 1024,
	       sums->mapped_bytes[1][0] / 1024, sums->mapped_bytes[0][1] / 1024,
	       sums->mapped_bytes[1][1] / 1024);
	if (sums->nr_undecided)
		printf(", %" PRIu64 " undecided", sums->nr_undecided);
	putchar('\n');
}

/* The page also marks the arrays of security modules, sealed or not. */
static int finish_html(struct map *map, struct kernel *kernel)
{
	const struct audit_words words = {0};
	struct audit audit;
	int r;

	if (!map->html.file)
		return 0;
	r = audit_run(&audit, kernel, 1u << AUDIT_LSM, &words);
	if (r < 0)
		return r;
	map_html_end(&map->html, &map->sums, &audit);
	audit_free(&audit);
	return fflush(map->html.file) || ferror(map->html.file) ? -EIO : 0;
}

static int draw(struct map *map, struct kernel *kernel, const struct range_filter *filter,
		struct error *err)
{
	const char *path = map->options->html;
	int r = 0;

	kernelfacts_of(kernel, &map->facts);
	begin(map);
	if (map->html.file)
		r = map_html_begin(&map->html, &map->facts);
	if (r == 0)
		r = ranges_each(kernel, filter, show, map);
	if (r == 0)
		r = finish_html(map, kernel);
	if (r < 0) {
		error_set(err, map->html.file ? ERROR_FILE : ERROR_INTERNAL, r, "%s: %s",
			  map->html.file ? path : "map", strerror(-r));
		return r;
	}
	end(map);
	return 0;
}

int map_run(const struct options *options)
{
	struct map map = {.options = options};
	struct range_filter filter;
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	int status;

	if (parse_filter(options, &filter, &err) < 0)
		return session_fail(options, &err);
	if (options->html) {
		map.html.file = fopen(options->html, "we");
		if (!map.html.file) {
			error_set(&err, ERROR_FILE, -errno, "%.200s: %m", options->html);
			return session_fail(options, &err);
		}
	}
	if (session_open(options, &source, &kernel, &err) < 0) {
		status = session_fail(options, &err);
	} else {
		status = draw(&map, &kernel, &filter, &err) < 0
				 ? session_fail(options, &err)
			 : map.sums.nr_undecided ? EXIT_UNDECIDED
						 : EXIT_YES;
		session_close(&source, &kernel);
	}
	if (map.html.file)
		fclose(map.html.file);
	return status;
}
