/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's other mappings for people. */
#include "cmd/alias_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kcore/cleanup.h"

enum { MAX_LINES = 16 };

struct run {
	uint64_t va, size_bytes;
	enum pt_verdict verdict;
	const struct region *region;
};

static bool continues(const struct run *run, const struct run *next)
{
	return run->va + run->size_bytes == next->va && run->verdict == next->verdict &&
	       run->region == next->region;
}

/* Adds @next to the run that it continues, or as a run of its own. The mappings of two
 * neighbouring pages may come in different orders: so all runs from @first_open on are
 * tried. Returns how many runs there are.
 */
static size_t add(struct run *runs, size_t nr, size_t first_open, const struct run *next)
{
	for (size_t i = nr; i > first_open; i--)
		if (continues(&runs[i - 1], next)) {
			runs[i - 1].size_bytes += next->size_bytes;
			return nr;
		}
	runs[nr] = *next;
	return nr + 1;
}

/* @runs: room for every alias. Returns how many runs there are. */
static size_t find_runs(const struct result *result, struct run *runs)
{
	size_t nr = 0, first_open = 0;

	for (size_t i = 0; i < result->nr_pages; i++) {
		const struct result_page *page = &result->pages[i];

		for (size_t j = 0; j < page->nr_aliases; j++) {
			const struct result_alias *alias = &page->aliases[j];
			const struct run next = {
				.va = alias->va,
				.size_bytes = alias->size_bytes,
				.verdict = alias->verdict,
				.region = alias->region,
			};

			nr = add(runs, nr, first_open, &next);
		}
		/* Bounds the work: only that many of the last runs are tried. */
		first_open = nr > 4 * MAX_LINES ? nr - 4 * MAX_LINES : 0;
	}
	return nr;
}

static void print_run(const struct run *run, const struct result *result)
{
	printf("  also mapped at %016" PRIx64 " %s (%s)", run->va,
	       pt_verdict_name(run->verdict), run->region->name);
	if (run->size_bytes != result->size_bytes)
		printf(", %" PRIu64 " bytes of it", run->size_bytes);
	putchar('\n');
}

void alias_text_print(const struct result *result)
{
	_cleanup_free_ struct run *runs = NULL;
	size_t nr = 0, nr_printed = 0;

	for (size_t i = 0; i < result->nr_pages; i++)
		nr += result->pages[i].nr_aliases;
	runs = calloc(nr + 1, sizeof(*runs));
	if (!runs)
		return;
	nr = find_runs(result, runs);
	for (int is_writable = 1; is_writable >= 0; is_writable--)
		for (size_t i = 0; i < nr && nr_printed < MAX_LINES; i++)
			if ((runs[i].verdict == PT_WRITABLE) == is_writable) {
				print_run(&runs[i], result);
				nr_printed++;
			}
	if (nr > nr_printed)
		printf("  and %zu more mappings; --json has them all\n", nr - nr_printed);
}
