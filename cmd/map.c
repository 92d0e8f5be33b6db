/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck map: the kernel half as ranges, with effective rights and names. */
#include "cmd/map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/audit.h"
#include "audit/names.h"
#include "audit/ranges.h"
#include "cmd/atomicfile.h"
#include "cmd/json.h"
#include "cmd/map_html.h"
#include "cmd/map_json.h"
#include "cmd/map_names.h"
#include "cmd/map_text.h"
#include "cmd/session.h"
#include "cmd/target.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/nearest.h"

struct map {
	const struct options *options;
	struct kernelfacts facts;
	struct json json;
	struct map_html html;
	/* The page appears whole or not at all. What is no regular file is written to. */
	struct atomicfile page;
	char *bytes;
	size_t nr_bytes;
	struct map_sums sums;
	struct table table;
};

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
		map_text_range(&map->table, range);
		table_relieve(&map->table);
	}
	return ferror(stdout) ? -EIO : 0;
}

static int parse_region(const char *word, struct range_filter *filter, struct error *err)
{
	struct nearest nearest = {.name = word};
	char list[400] = "", guess[NEAREST_GUESS_BYTES];

	filter->region = region_find(word);
	if (filter->region)
		return 0;
	for (int kind = REGION_UNKNOWN + 1; kind < REGION_NR_KINDS; kind++) {
		const struct region *region = region_of_kind((enum region_kind)kind);
		size_t used = strlen(list);

		if (kind == REGION_USER || kind == REGION_NON_CANONICAL)
			continue;
		nearest_offer(&nearest, region->name);
		snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
			 region->name);
	}
	nearest_guess(&nearest, guess);
	return error_set(err, ERROR_USAGE, -EINVAL, "--region=%.40s: not one of %s%s",
			 word, list, guess);
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
		struct error why = {0};

		r = target_parse(options->range, &target, &why);
		if (r < 0)
			return error_set(err, ERROR_USAGE, r, "--range=%s", why.message);
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
	else if (options->verbose && !table_is_alone(options))
		text_kernel(&text);
}

static bool is_part(const struct options *options)
{
	return options->writable || options->executable || options->wx || options->user ||
	       options->region || options->range;
}

static void end(struct map *map)
{
	if (map->options->quiet || map->options->json_lines)
		return;
	if (map->options->json) {
		json_end(&map->json, NULL, 0);
		return;
	}
	table_print(&map->table, NULL, NULL);
	if (!table_is_alone(map->options))
		map_text_sums(&map->sums);
	if (!is_part(map->options) && !table_is_alone(map->options))
		text_origin(&map->facts);
}

/* The arrays of security modules, sealed or not. @ret's array is the caller's to free. */
static int find_marks(const struct audit *audit, struct map_marks *ret)
{
	*ret = (struct map_marks){.nr_findings = audit->nr_findings};
	ret->array = calloc(audit->nr_ranges + 1, sizeof(*ret->array));
	if (!ret->array)
		return -ENOMEM;
	for (size_t i = 0; i < audit->nr_ranges; i++) {
		const struct audit_range *range = &audit->ranges[i];
		struct map_mark *mark = &ret->array[ret->nr];
		const struct audit_row *row;

		if (range->row >= audit->nr_rows)
			continue;
		row = &audit->rows[range->row];
		if (!row->expected || strcmp(row->expected, "r--") != 0)
			continue;
		*mark = (struct map_mark){
			.name = row->name,
			.address = range->va,
			.size_bytes = range->size_bytes,
			.verdict = audit_verdict_name(row->verdict),
			.nr_hooks = row->nr_hooks,
		};
		audit_place(audit, range->va, mark->symbol, sizeof(mark->symbol));
		ret->nr++;
	}
	return 0;
}

/* The page also marks the arrays of security modules. */
static int finish_html(struct map *map, struct kernel *kernel)
{
	const struct audit_words words = {0};
	struct map_marks marks;
	struct audit audit;
	int r;

	if (!map->html.file)
		return 0;
	r = audit_run(&audit, kernel, 1u << AUDIT_LSM, &words, NULL);
	if (r < 0)
		return r;
	r = find_marks(&audit, &marks);
	if (r == 0) {
		_cleanup_free_ char *names = kernel->has_symbols
						     ? map_names(&kernel->symbols)
						     : NULL;

		map_html_end(&map->html, &map->sums, &marks, names);
		r = fflush(map->html.file) || ferror(map->html.file) ? -EIO : 0;
	}
	free(marks.array);
	audit_free(&audit);
	return r;
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
	if (r == 0)
		r = loss_check(err);
	if (r == 0 && map->page.path)
		r = atomicfile_commit(&map->page, map->bytes, map->nr_bytes, err);
	if (r < 0) {
		error_set(err, map->html.file ? ERROR_FILE : ERROR_INTERNAL, r, "%s: %s",
			  map->html.file ? path : "map", strerror(-r));
		return r;
	}
	end(map);
	return 0;
}

static int open_html(struct map *map, struct error *err)
{
	const char *path = map->options->html;
	mode_t mask = umask(0);
	struct stat st;
	int r = 0;

	umask(mask);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		map->html.file = fopen(path, "we");
	} else {
		r = atomicfile_open(&map->page, path, 0666 & ~mask, err);
		map->html.file = r < 0 ? NULL
				       : open_memstream(&map->bytes, &map->nr_bytes);
	}
	if (map->html.file)
		return 0;
	r = error_set(err, ERROR_FILE, r < 0 ? r : -errno, "%.200s: %m", path);
	atomicfile_close(&map->page);
	return r;
}

int map_run(const struct options *options)
{
	struct map map = {.options = options};
	struct range_filter filter;
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	int status;

	if (parse_filter(options, &filter, &err) < 0 ||
	    map_text_open(&map.table, options, &err) < 0)
		return session_fail(options, &err);
	if (options->html && open_html(&map, &err) < 0)
		return session_fail(options, &err);
	if (session_open(options, &source, &kernel, &err) < 0) {
		status = session_fail(options, &err);
	} else {
		/* Of standard output main() tells. */
		status = draw(&map, &kernel, &filter, &err) < 0
				 ? ferror(stdout) ? EXIT_UNDECIDED
						  : session_fail(options, &err)
			 : map.sums.nr_undecided ? EXIT_UNDECIDED
						 : EXIT_YES;
		session_close(&source, &kernel);
	}
	if (map.html.file)
		fclose(map.html.file);
	atomicfile_close(&map.page);
	table_close(&map.table);
	free(map.bytes);
	return status;
}
