/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants against the image that was built. */
#include "unchanged/compare.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/elf64.h"
#include "unchanged/alternatives.h"
#include "unchanged/image.h"
#include "unchanged/outside.h"
#include "unchanged/probes.h"
#include "unchanged/sites.h"
#include "unchanged/text.h"

enum {
	/* Where more places differ, that is rather something of the kernel's that is not
	 * known here than damage.
	 */
	MAX_PLACES = 50,
	/* Bytes that differ so near to each other are one place. */
	NEAR_BYTES = 8,
	TOLD_BYTES = 12,
	/* Of a branch that was patched in. */
	SITE_BYTES = 5,
	/* .notes is short. */
	MAX_BUILD_ID_BYTES = 64,
};

/* One range of which what is told gathers. */
struct comparison {
	struct audit *audit;
	const struct image *image;
	size_t row;
	struct outside_place *places; /* of targets none; only where bytes differ */
	size_t nr, room;
	uint64_t nr_compared;
	size_t nr_sites, nr_patched; /* bytes at sites that differ */
	size_t nr_cut;		     /* texts that were cut at a separator */
};

void compare_want(struct audit *audit)
{
	sites_want(audit);
}

static void note_difference(struct comparison *comparison, uint64_t va)
{
	struct outside_place *last = comparison->nr
					     ? &comparison->places[comparison->nr - 1]
					     : NULL;

	if (last && va >= last->va && va - last->va < last->nr_bytes + NEAR_BYTES) {
		if (va - last->va >= last->nr_bytes)
			last->nr_bytes = (unsigned)(va - last->va) + 1;
		return;
	}
	if (comparison->nr > MAX_PLACES)
		return;
	if (array_reserve(&comparison->places, comparison->nr, &comparison->room,
			  sizeof(*last)) < 0) {
		comparison->audit->failed = -ENOMEM;
		return;
	}
	comparison->places[comparison->nr++] = (struct outside_place){.va = va,
								      .nr_bytes = 1};
}

/* Was a text cut at a comma or a blank? Before constants are sealed the kernel takes some
 * of its own texts apart in place, as resctrl does the options that it sets for some CPUs
 * (arch/x86/kernel/cpu/resctrl/core.c: check_quirks()).
 */
static bool is_text_cut(const struct comparison *comparison, uint64_t va,
			unsigned char now)
{
	const unsigned char *built = image_at(comparison->image, va - 1, 3);

	return built && now == '\0' && (built[1] == ',' || built[1] == ' ') &&
	       isprint(built[0]) && isprint(built[2]);
}

static void put_hex(char *ret, size_t room, const unsigned char *bytes, unsigned nr)
{
	size_t n = 0;

	ret[0] = '\0';
	for (unsigned i = 0; i < nr && i < TOLD_BYTES && n < room; i++)
		n += (size_t)snprintf(ret + n, room - n, "%s%02x", i ? " " : "",
				      bytes[i]);
	if (nr > TOLD_BYTES && n < room)
		snprintf(ret + n, room - n, " ...");
}

static void tell(struct comparison *comparison, const struct outside_place *place)
{
	struct audit *audit = comparison->audit;
	const unsigned char *built = image_at(comparison->image, place->va,
					      place->nr_bytes);
	unsigned char now[TOLD_BYTES + 1] = {0};
	char name[AUDIT_PLACE_BYTES], is[64], was[64];

	if (outside_is_told(audit, place) || !built)
		return;
	mappings_read(&audit->mappings, place->va, now,
		      place->nr_bytes < TOLD_BYTES ? place->nr_bytes : TOLD_BYTES);
	put_hex(is, sizeof(is), now, place->nr_bytes);
	put_hex(was, sizeof(was), built, place->nr_bytes);
	audit_find(audit, comparison->row, AUDIT_BYTES_CHANGED, place->va,
		   place->nr_bytes,
		   "%s: %u byte%s differ%s from the image: %s in place of %s",
		   audit_place(audit, place->va, name, sizeof(name)), place->nr_bytes,
		   place->nr_bytes == 1 ? "" : "s", place->nr_bytes == 1 ? "s" : "", is,
		   was);
}

static void finish(struct comparison *comparison)
{
	struct audit *audit = comparison->audit;
	char place[AUDIT_PLACE_BYTES];

	if (comparison->nr > MAX_PLACES) {
		audit_undecided(
			audit, comparison->row,
			"more than %d places, %s the first, differ from the image: "
			"the kernel does here what is not known",
			MAX_PLACES,
			audit_place(audit, comparison->places[0].va, place,
				    sizeof(place)));
	} else {
		for (size_t i = 0; i < comparison->nr; i++)
			tell(comparison, &comparison->places[i]);
	}
	free(comparison->places);
}

static size_t add_row(struct audit *audit, const char *name, enum audit_verdict verdict)
{
	struct audit_row row = {
		.group = AUDIT_UNCHANGED,
		.verdict = verdict,
		.why = "what runs is what was built",
	};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return audit_add_row(audit, &row);
}

static int compare_bytes(struct comparison *comparison, const unsigned char *now,
			 uint64_t va, uint64_t nr, const unsigned char *may)
{
	const unsigned char *built = image_at(comparison->image, va, nr);

	if (!built)
		return -ENOENT;
	for (uint64_t i = 0; i < nr; i++) {
		if (now[i] == built[i])
			continue;
		if (may && may[i])
			comparison->nr_patched++;
		else if (!may && is_text_cut(comparison, va + i, now[i]))
			comparison->nr_cut++;
		else
			note_difference(comparison, va + i);
	}
	comparison->nr_compared += nr;
	return 0;
}

/* What is patched, is it patched to what it may be? */
static void judge_sites(struct comparison *comparison, const struct sites *sites,
			const unsigned char *now)
{
	struct audit *audit = comparison->audit;

	for (size_t i = 0; i < sites->nr_judged; i++) {
		const struct site *site = &sites->array[i];

		if (sites_is_sound(sites, audit, comparison->image, site, now))
			continue;
		for (unsigned at = 0; at < SITE_BYTES; at++)
			note_difference(comparison, site->va + at);
	}
	for (size_t i = 0; i < sites->nr_alternatives; i++) {
		const struct site_alternative *site = &sites->alternatives[i];

		if (site->va - sites->va >= sites->size_bytes ||
		    alternatives_is_sound(audit, sites, comparison->image, site, now))
			continue;
		for (unsigned at = 0; at < site->nr_bytes; at++)
			note_difference(comparison, site->va + at);
	}
}

static int compare_text(struct comparison *comparison, const char **why)
{
	struct audit *audit = comparison->audit;
	const uint64_t *labels = audit->kernel->labels;
	uint64_t va = labels[LABEL_TEXT], nr = labels[LABEL_ETEXT] - va;
	_cleanup_free_ unsigned char *now = malloc(nr);
	struct probes probes = {0};
	struct sites sites = {0};
	int r = now ? text_read(audit, va, nr, now) : -ENOMEM;

	if (r == -EFAULT)
		*why = "it cannot be read, or is not in this file";
	if (r == 0)
		r = probes_take(&probes, audit);
	if (r == 0) {
		probes_lift(&probes, va, now, nr);
		r = sites_take(&sites, audit, comparison->image, va, nr, why);
	}
	if (r == 0) {
		r = compare_bytes(comparison, now, va, nr, sites.may);
		comparison->nr_sites = sites.nr;
		judge_sites(comparison, &sites, now);
	}
	sites_free(&sites);
	probes_free(&probes);
	return r;
}

/* Sections among the constants, but for what is written while booting. */
static int compare_constants(struct comparison *comparison, const char **why)
{
	struct audit *audit = comparison->audit;
	const uint64_t *labels = audit->kernel->labels;

	for (size_t i = 0; i < comparison->image->nr_sections; i++) {
		const struct image_section *section = &comparison->image->sections[i];
		uint64_t va = section->va, end = va + section->size_bytes, stop;

		if (!section->has_bytes || va < labels[LABEL_START_RODATA] ||
		    end > labels[LABEL_END_RODATA])
			continue;
		for (; va < end; va = stop) {
			unsigned char now[PAGE_BYTES];

			stop = audit_page_of(va) + PAGE_BYTES;
			if (va >= labels[LABEL_START_RO_AFTER_INIT] &&
			    va < labels[LABEL_END_RO_AFTER_INIT]) {
				stop = labels[LABEL_END_RO_AFTER_INIT];
				continue;
			}
			if (va < labels[LABEL_START_RO_AFTER_INIT] &&
			    stop > labels[LABEL_START_RO_AFTER_INIT])
				stop = labels[LABEL_START_RO_AFTER_INIT];
			if (stop > end)
				stop = end;
			if (mappings_read(&audit->mappings, va, now, stop - va) < 0) {
				*why = "they cannot be read, or are not in this file";
				return -EFAULT;
			}
			compare_bytes(comparison, now, va, stop - va, NULL);
		}
	}
	return 0;
}

/* The build-id, a note of the image, is in memory at the same place. */
static bool is_same_build(const struct audit *audit, const struct image *image)
{
	const struct image_section *notes = image_find(image, ".notes");
	const unsigned char *built = notes ? image_at(image, notes->va, notes->size_bytes)
					   : NULL;
	Elf64_Nhdr note;

	for (uint64_t at = 0; built && at + sizeof(note) <= notes->size_bytes;) {
		unsigned char now[MAX_BUILD_ID_BYTES];
		uint64_t start, end;

		memcpy(&note, built + at, sizeof(note));
		start = at + sizeof(note) + ((note.n_namesz + 3ULL) & ~3ULL);
		end = start + ((note.n_descsz + 3ULL) & ~3ULL);
		if (end > notes->size_bytes)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(built + at + sizeof(note), "GNU", 4) == 0)
			return note.n_descsz <= sizeof(now) &&
			       mappings_read(&audit->mappings, notes->va + start, now,
					     note.n_descsz) == 0 &&
			       memcmp(now, built + start, note.n_descsz) == 0;
		at = end;
	}
	return false;
}

static void tell_counts(const struct comparison *comparison)
{
	struct audit_row *row = &comparison->audit->rows[comparison->row];
	size_t n, room = sizeof(row->detail);

	if (row->verdict == AUDIT_UNKNOWN)
		return;
	n = (size_t)snprintf(row->detail, room, "%" PRIu64 " bytes compared",
			     comparison->nr_compared);
	if (comparison->nr_sites)
		n += (size_t)snprintf(row->detail + n, room - n,
				      ", %zu patched at %zu sites of its tables",
				      comparison->nr_patched, comparison->nr_sites);
	if (comparison->nr_cut)
		snprintf(row->detail + n, room - n,
			 ", %zu commas and blanks of texts are zero", comparison->nr_cut);
}

static void run(struct audit *audit, const struct image *image, const char *name,
		int (*compare)(struct comparison *, const char **))
{
	struct comparison comparison = {
		.audit = audit,
		.image = image,
		.row = add_row(audit, name, AUDIT_SEALED),
	};
	const char *why = NULL;
	int r;

	if (comparison.row >= audit->nr_rows)
		return;
	r = compare(&comparison, &why);
	if (r == -ENOMEM)
		audit->failed = r;
	else if (r < 0)
		audit_undecided(audit, comparison.row, "%s",
				why ? why : "the image has no such bytes");
	finish(&comparison);
	if (r == 0)
		tell_counts(&comparison);
}

static void refuse(struct audit *audit, const char *file, const char *why)
{
	size_t row = add_row(audit, "text against its image", AUDIT_SEALED);

	audit_undecided(audit, row, "%.80s: %s", file, why);
}

void compare_check(struct audit *audit, const struct compare_file *file)
{
	_cleanup_free_ unsigned char *data = NULL;
	struct image image;
	const char *why = NULL;
	size_t nr_bytes, row;
	int r;

	if (file->fd < 0) {
		row = add_row(audit, "text against its image", AUDIT_INFO);
		if (row < audit->nr_rows)
			snprintf(audit->rows[row].detail, sizeof(audit->rows[row].detail),
				 "not compared: %.120s; --image names it", file->name);
		return;
	}
	r = types_load(file->fd, &data, &nr_bytes);
	if (r == 0)
		r = image_open(&image, data, nr_bytes, audit->kernel->labels[LABEL_TEXT],
			       &why);
	if (r == -ENOMEM) {
		audit->failed = r;
	} else if (r < 0) {
		refuse(audit, file->name, why ? why : "it cannot be read");
	} else if (!is_same_build(audit, &image)) {
		refuse(audit, file->name, "it is of another build than the kernel");
		image_close(&image);
	} else {
		free(TAKE_PTR(data));
		run(audit, &image, "text against its image", compare_text);
		run(audit, &image, "constants against their image", compare_constants);
		image_close(&image);
	}
}
