/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of memory against the bytes that were built. */
#include "unchanged/comparison.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/array.h"
#include "kcore/elf64.h"
#include "unchanged/alternatives.h"
#include "unchanged/siteforms.h"

enum {
	/* Where more places differ, that is rather something of the kernel's that is not
	 * known here than damage.
	 */
	MAX_PLACES = 50,
	/* Bytes that differ so near to each other are one place. */
	NEAR_BYTES = 8,
	TOLD_BYTES = 12,
	/* Notes are short. */
	MAX_BUILD_ID_BYTES = 64,
};

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
		   place->nr_bytes, "%s: %u byte%s differ%s from %s: %s in place of %s",
		   audit_place(audit, place->va, name, sizeof(name)), place->nr_bytes,
		   place->nr_bytes == 1 ? "" : "s", place->nr_bytes == 1 ? "s" : "",
		   comparison->than, is, was);
}

static void finish(struct comparison *comparison)
{
	struct audit *audit = comparison->audit;
	char place[AUDIT_PLACE_BYTES];

	if (comparison->nr > MAX_PLACES) {
		audit_undecided(
			audit, comparison->row,
			"more than %d places, %s the first, differ from %s: the kernel "
			"does here what is not known",
			MAX_PLACES,
			audit_place(audit, comparison->places[0].va, place,
				    sizeof(place)),
			comparison->than);
	} else {
		for (size_t i = 0; i < comparison->nr; i++)
			tell(comparison, &comparison->places[i]);
	}
	free(comparison->places);
}

size_t comparison_row(struct audit *audit, const char *name, enum audit_verdict verdict)
{
	struct audit_row row = {
		.group = AUDIT_UNCHANGED,
		.verdict = verdict,
		.why = "what runs is what was built",
	};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return audit_add_row(audit, &row);
}

/* The first byte from @at on that differs; @nr: none. Most do not. */
static uint64_t next_difference(const unsigned char *now, const unsigned char *built,
				uint64_t at, uint64_t nr)
{
	uint64_t x = 0, y = 0;

	for (; at + sizeof(x) <= nr; at += sizeof(x)) {
		memcpy(&x, now + at, sizeof(x));
		memcpy(&y, built + at, sizeof(y));
		if (x != y)
			return at + (uint64_t)__builtin_ctzll(x ^ y) / 8;
	}
	while (at < nr && now[at] == built[at])
		at++;
	return at;
}

int comparison_bytes(struct comparison *comparison, const unsigned char *now, uint64_t va,
		     uint64_t nr, const unsigned char *may)
{
	const unsigned char *built = image_at(comparison->image, va, nr);

	if (!built)
		return -ENOENT;
	for (uint64_t i = 0; (i = next_difference(now, built, i, nr)) < nr; i++) {
		if (may && may[i])
			comparison->nr_patched++;
		else if (!may && comparison->cuts_texts &&
			 is_text_cut(comparison, va + i, now[i]))
			comparison->nr_cut++;
		else
			note_difference(comparison, va + i);
	}
	comparison->nr_compared += nr;
	return 0;
}

void comparison_differs(struct comparison *comparison, uint64_t va, unsigned nr_bytes)
{
	for (unsigned at = 0; at < nr_bytes; at++)
		note_difference(comparison, va + at);
}

/* A call that the kernel does not patch differs byte by byte, as all code does. */
static void note_site(struct comparison *comparison, const struct sites *sites,
		      const struct site *site, const unsigned char *now)
{
	const unsigned char *built = image_at(comparison->image, site->va,
					      site->nr_bytes);

	if (site->kind != SITE_CALL || !built) {
		comparison_differs(comparison, site->va, site->nr_bytes);
		return;
	}
	for (unsigned at = 0; at < site->nr_bytes; at++)
		if (now[site->va - sites->va + at] != built[at])
			note_difference(comparison, site->va + at);
}

static void mark_judged(struct sites *sites, uint64_t va, unsigned nr_bytes)
{
	for (uint64_t at = va - sites->va; nr_bytes && at < sites->size_bytes;
	     at++, nr_bytes--)
		sites->may[at] |= SITES_JUDGED;
}

void comparison_sites(struct comparison *comparison, struct sites *sites,
		      const unsigned char *now)
{
	struct audit *audit = comparison->audit;
	const unsigned char *built = image_at(comparison->image, sites->va,
					      sites->size_bytes);

	for (size_t i = 0; i < sites->nr_judged; i++) {
		const struct site *site = &sites->array[i];
		enum siteform form = siteforms_of(sites, audit, comparison->image, site,
						  now);

		if (form == SITEFORM_OTHER)
			note_site(comparison, sites, site, now);
		if (form != SITEFORM_BEYOND)
			mark_judged(sites, site->va, site->nr_bytes);
	}
	for (size_t i = 0; i < sites->nr_alternatives; i++) {
		const struct site_alternative *site = &sites->alternatives[i];
		enum siteform form;

		if (site->va - sites->va >= sites->size_bytes)
			continue;
		form = alternatives_form(audit, sites, comparison->image, site, now);
		if (form == SITEFORM_OTHER)
			comparison_differs(comparison, site->va, site->nr_bytes);
		if (form != SITEFORM_BEYOND)
			mark_judged(sites, site->va, site->nr_bytes);
	}
	if (!built)
		return;
	for (uint64_t at = 0, nr = sites->size_bytes;
	     (at = next_difference(now, built, at, nr)) < nr; at++)
		comparison->nr_beyond += sites->may[at] &&
					 !(sites->may[at] & SITES_JUDGED);
}

static void count(const struct comparison *comparison)
{
	struct audit_row *row = &comparison->audit->rows[comparison->row];
	size_t n, room = sizeof(row->detail);

	if (row->verdict == AUDIT_UNKNOWN)
		return;
	if (comparison->nr_compared == 0)
		return;
	n = (size_t)snprintf(row->detail, room, "%" PRIu64 " bytes compared",
			     comparison->nr_compared);
	if (comparison->nr_sites)
		n += (size_t)snprintf(row->detail + n, room - n,
				      ", %zu patched at %zu sites of its tables",
				      comparison->nr_patched, comparison->nr_sites);
	if (comparison->nr_beyond)
		n += (size_t)snprintf(row->detail + n, room - n,
				      ", %zu of them not judged", comparison->nr_beyond);
	if (comparison->nr_cut)
		snprintf(row->detail + n, room - n,
			 ", %zu commas and blanks of texts are zero", comparison->nr_cut);
}

void comparison_end(struct comparison *comparison, int r, const char *why)
{
	if (r == -ENOMEM)
		comparison->audit->failed = r;
	else if (r < 0)
		audit_undecided(comparison->audit, comparison->row, "%s",
				why ? why : "there are no such bytes to compare with");
	finish(comparison);
	if (r == 0)
		count(comparison);
}

bool comparison_is_same_build(const struct audit *audit, const struct image *image,
			      const char *section)
{
	const struct image_section *notes = image_find(image, section);
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
