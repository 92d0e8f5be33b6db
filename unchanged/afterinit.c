/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data that is written while booting or loading, and sealed then. */
#include "unchanged/afterinit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/cleanup.h"

enum { WORD_BYTES = 8, MAX_DATA_BYTES = 64 << 20 };

/* Tables that begin with an offset to code, of entries with all else relative, too: one
 * after the other behind the data. Of the last field one bit is set at boot, where the
 * code is init's.
 */
static const struct {
	const char *start, *stop;
	unsigned entry_bytes;
} tables[] = {
	{"__start___jump_table", "__stop___jump_table", 16},
	{"__start_static_call_sites", "__stop_static_call_sites", 8},
	{"__start_static_call_tramp_key", "__stop_static_call_tramp_key", 8},
};
enum { NR_TABLES = sizeof(tables) / sizeof(tables[0]) };
static const uint64_t INIT_FLAG = 2;

/* An entry with what it is relative to put in. */
struct entry {
	uint64_t code, other, key;
	uint64_t va; /* of itself */
};

void afterinit_want(struct audit *audit)
{
	for (size_t i = 0; i < NR_TABLES; i++) {
		audit_want(audit, tables[i].start);
		audit_want(audit, tables[i].stop);
	}
}

/* --- words --- */

static bool is_code(const struct afterinit *afterinit, uint64_t va)
{
	return audit_is_kernel_text(afterinit->comparison->audit, va) ||
	       va - afterinit->text < afterinit->text_bytes;
}

/* Objects of which each pointer is what was built: LSMs' hooks. */
static bool is_fixed(const struct afterinit *afterinit, uint64_t va)
{
	static const char hooks[] = "_hooks";
	const struct symbol *symbol = symbols_at(
		&afterinit->comparison->audit->kernel->symbols, va);
	size_t nr = symbol ? strlen(symbol->name) : 0;

	return nr > strlen(hooks) &&
	       strcmp(symbol->name + nr - strlen(hooks), hooks) == 0;
}

/* May the word be @now where @built was built? */
static bool is_sound(struct afterinit *afterinit, uint64_t va, uint64_t built,
		     uint64_t now)
{
	const struct audit *audit = afterinit->comparison->audit;

	if (!is_code(afterinit, built))
		return !audit_is_constant(audit, built) || now == 0 ||
		       audit_is_constant(audit, now);
	if (now == 0)
		return true;
	if (!is_code(afterinit, now) || is_fixed(afterinit, va))
		return false;
	afterinit->nr_led++;
	return true;
}

int afterinit_words(struct afterinit *afterinit, const unsigned char *now, uint64_t va,
		    uint64_t nr_bytes)
{
	struct comparison *comparison = afterinit->comparison;
	const unsigned char *built = image_at(comparison->image, va, nr_bytes);

	if (!built)
		return -ENOENT;
	for (uint64_t at = -va % WORD_BYTES; at + WORD_BYTES <= nr_bytes;
	     at += WORD_BYTES) {
		uint64_t was, is;

		memcpy(&was, built + at, sizeof(was));
		memcpy(&is, now + at, sizeof(is));
		afterinit->nr_words++;
		if (was == is)
			continue;
		afterinit->nr_written++;
		if (!is_sound(afterinit, va + at, was, is))
			comparison_differs(comparison, va + at, WORD_BYTES);
	}
	return 0;
}

void afterinit_count(const struct afterinit *afterinit)
{
	struct audit_row *row =
		&afterinit->comparison->audit->rows[afterinit->comparison->row];
	size_t n = strlen(row->detail);

	if (row->verdict == AUDIT_UNKNOWN || afterinit->nr_words == 0)
		return;
	n += (size_t)snprintf(row->detail + n, sizeof(row->detail) - n,
			      "%s%zu words sealed after init, of which %zu were written",
			      n ? ", " : "", afterinit->nr_words, afterinit->nr_written);
	if (afterinit->nr_led && n < sizeof(row->detail))
		snprintf(row->detail + n, sizeof(row->detail) - n,
			 ", %zu lead to other functions", afterinit->nr_led);
}

/* --- tables --- */

static int compare_entries(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct entry, va));
}

static void read_entries(struct entry *ret, const unsigned char *bytes, uint64_t va,
			 size_t nr, unsigned entry_bytes)
{
	for (size_t i = 0; i < nr; i++, va += entry_bytes, bytes += entry_bytes) {
		int32_t first, second;
		int64_t third = 0;

		memcpy(&first, bytes, sizeof(first));
		memcpy(&second, bytes + 4, sizeof(second));
		ret[i] = (struct entry){
			.code = va + (uint64_t)(int64_t)first,
			.other = va + 4 + (uint64_t)(int64_t)second,
			.va = va,
		};
		if (entry_bytes == 8) {
			ret[i].other &= ~INIT_FLAG;
			continue;
		}
		memcpy(&third, bytes + 8, sizeof(third));
		ret[i].key = (va + 8 + (uint64_t)third) & ~INIT_FLAG;
	}
	qsort(ret, nr, sizeof(*ret), compare_entries);
}

/* Each entry that is there now was built. */
static int compare_table(struct comparison *comparison, const unsigned char *now,
			 uint64_t va, uint64_t nr_bytes, unsigned entry_bytes)
{
	const unsigned char *built = image_at(comparison->image, va, nr_bytes);
	size_t nr = nr_bytes / entry_bytes;
	_cleanup_free_ struct entry *was = NULL;
	_cleanup_free_ struct entry *is = NULL;

	if (!built)
		return -ENOENT;
	was = calloc(nr + 1, sizeof(*was));
	is = calloc(nr + 1, sizeof(*is));
	if (!was || !is)
		return -ENOMEM;
	read_entries(was, built, va, nr, entry_bytes);
	read_entries(is, now, va, nr, entry_bytes);
	for (size_t i = 0, j = 0; i < nr; i++) {
		while (j < nr && compare_entries(&was[j], &is[i]) < 0)
			j++;
		if (j < nr && compare_entries(&was[j], &is[i]) == 0)
			j++;
		else
			comparison_differs(comparison, is[i].va, entry_bytes);
	}
	comparison->nr_compared += nr_bytes;
	return 0;
}

/* --- the kernel's --- */

/* Where the data ends and the tables begin. */
static uint64_t end_of_data(const struct audit *audit, uint64_t start, uint64_t end)
{
	uint64_t va;

	for (size_t i = 0; i < NR_TABLES; i++)
		if (audit_symbol(audit, tables[i].start, &va) && va >= start && va < end)
			end = va;
	return end;
}

static int compare(struct afterinit *afterinit, const char **why)
{
	struct audit *audit = afterinit->comparison->audit;
	uint64_t start = audit->kernel->labels[LABEL_START_RO_AFTER_INIT],
		 end = audit->kernel->labels[LABEL_END_RO_AFTER_INIT], va, stop;
	_cleanup_free_ unsigned char *now = NULL;
	int r;

	*why = "its bounds are not known";
	if (!start || end <= start || end - start > MAX_DATA_BYTES)
		return -ENOTSUP;
	now = malloc(end - start);
	if (!now)
		return -ENOMEM;
	*why = "it cannot be read, or is not in this file";
	if (mappings_read(&audit->mappings, start, now, end - start) < 0)
		return -EFAULT;
	*why = NULL;
	r = afterinit_words(afterinit, now, start,
			    end_of_data(audit, start, end) - start);
	for (size_t i = 0; r == 0 && i < NR_TABLES; i++)
		if (audit_symbol(audit, tables[i].start, &va) &&
		    audit_symbol(audit, tables[i].stop, &stop) && va >= start &&
		    stop <= end && va < stop)
			r = compare_table(afterinit->comparison, now + (va - start), va,
					  stop - va, tables[i].entry_bytes);
	return r;
}

void afterinit_check(struct audit *audit, const struct image *image)
{
	struct comparison comparison = {
		.audit = audit,
		.image = image,
		.than = "the image",
		.row = comparison_row(audit, "data sealed after boot against its image",
				      AUDIT_SEALED),
	};
	struct afterinit afterinit = {.comparison = &comparison};
	const char *why = NULL;
	int r;

	if (comparison.row >= audit->nr_rows)
		return;
	r = compare(&afterinit, &why);
	comparison_end(&comparison, r, why);
	if (r == 0)
		afterinit_count(&afterinit);
}
