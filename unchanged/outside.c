/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code that is not the image's, and how what leads to it is told. */
#include "unchanged/outside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/x86.h"

enum { MAX_NAMED_BYTES = 1 << 20 };

/* The image is mapped by pages of 2 MiB, beyond its end. */
static const uint64_t IMAGE_PAGE_MASK = (1 << 21) - 1;

static bool is_executable(const struct audit *audit, uint64_t va)
{
	const struct mapping *mapping = mappings_at(&audit->mappings, va);

	return mapping && mapping->reason == PT_OK && !mapping->nx;
}

/* The end of the text is named as a bound. Nothing but padding is there. */
static bool is_end_of_text(const struct audit *audit, uint64_t va)
{
	unsigned char bytes[16];

	if (va != audit->kernel->labels[LABEL_ETEXT] ||
	    mappings_read(&audit->mappings, va, bytes, sizeof(bytes)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0 && bytes[i] != 0xcc)
			return false;
	return true;
}

bool outside_is_unread_end(const struct audit *audit, uint64_t va)
{
	unsigned char byte;

	return va && va == audit->kernel->labels[LABEL_ETEXT] &&
	       mappings_read(&audit->mappings, va, &byte, sizeof(byte)) < 0;
}

bool outside_is_code(const struct audit *audit, uint64_t va)
{
	const uint64_t *labels = audit->kernel->labels;

	if (audit_is_kernel_text(audit, va) || !is_executable(audit, va) ||
	    is_end_of_text(audit, va))
		return false;
	if (va >= labels[LABEL_TEXT] && va <= (labels[LABEL_END] | IMAGE_PAGE_MASK))
		return region_of(audit->kernel, va)->kind != REGION_FREED_INIT &&
		       !is_executable(audit, labels[LABEL_SDATA]);
	return region_of(audit->kernel, va)->kind != REGION_VSYSCALL;
}

bool outside_is_told(const struct audit *audit, const struct outside_place *place)
{
	enum { ENDBR_BYTES = 4 };

	for (size_t i = 0; i < audit->nr_findings; i++) {
		uint64_t at = audit->findings[i].address;
		uint64_t nr = audit->findings[i].size_bytes;

		if (audit->findings[i].kind > AUDIT_DIRTY && at &&
		    at + (nr > ENDBR_BYTES ? nr : ENDBR_BYTES) >= place->va &&
		    at < place->va + place->nr_bytes)
			return true;
	}
	return false;
}

static void tell(struct outside *outside, const struct outside_place *place)
{
	struct audit *audit = outside->audit;
	char name[AUDIT_PLACE_BYTES], target[AUDIT_PLACE_BYTES], bytes[64] = "";
	size_t nr = audit->nr_findings;

	for (size_t i = 0; i < place->nr_bytes && i < sizeof(place->bytes); i++)
		snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, "%02x ", place->bytes[i]);
	if (place->nr_bytes)
		bytes[strlen(bytes) - 1] = '\0';
	audit_find(audit, outside->row, outside->kind, place->va, place->nr_bytes,
		   "%s (%s) %s %s (0x%016" PRIx64 ", %s), which is not the kernel's",
		   audit_place(audit, place->va, name, sizeof(name)), bytes, place->does,
		   audit_place(audit, place->target, target, sizeof(target)),
		   place->target, region_of(audit->kernel, place->target)->name);
	if (audit->nr_findings > nr)
		audit->findings[nr].target = place->target;
}

/* Is the target's symbol one of a module's or of generated code, with code all the way
 * from there? Areas of code have a page between them that is not mapped.
 */
static bool has_name(const struct audit *audit, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	if (!symbol || !symbol->module || va - symbol->address >= MAX_NAMED_BYTES)
		return false;
	for (uint64_t at = symbol->address; at < va; at += PAGE_BYTES)
		if (!is_executable(audit, at))
			return false;
	return true;
}

void outside_find(struct outside *outside, const struct outside_place *place)
{
	if (outside_is_told(outside->audit, place))
		return;
	if (has_name(outside->audit, place->target)) {
		tell(outside, place);
		return;
	}
	if (outside->nr_nameless < OUTSIDE_HANDFUL)
		outside->nameless[outside->nr_nameless] = *place;
	outside->nr_nameless++;
}

void outside_finish(struct outside *outside)
{
	char place[AUDIT_PLACE_BYTES];

	if (outside->nr_nameless > OUTSIDE_HANDFUL) {
		audit_undecided(
			outside->audit, outside->row,
			"%zu places, %s among them, lead to executable memory that "
			"has no name: whose it is is not known",
			outside->nr_nameless,
			audit_place(outside->audit, outside->nameless[0].va, place,
				    sizeof(place)));
		return;
	}
	for (size_t i = 0; i < outside->nr_nameless; i++)
		tell(outside, &outside->nameless[i]);
}
