/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text and constants against the image that was built. */
#include "unchanged/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/elf64.h"
#include "unchanged/afterinit.h"
#include "unchanged/comparison.h"
#include "unchanged/image.h"
#include "unchanged/siteforms.h"
#include "unchanged/sites.h"
#include "unchanged/text.h"

enum { CHUNK_BYTES = 16 * PAGE_BYTES }; /* that are read at once */

void compare_want(struct audit *audit)
{
	sites_want(audit);
	siteforms_want(audit);
	afterinit_want(audit);
}

static int compare_text(struct comparison *comparison, const char **why)
{
	struct audit *audit = comparison->audit;
	const uint64_t *labels = audit->kernel->labels;
	uint64_t va = labels[LABEL_TEXT], nr = labels[LABEL_ETEXT] - va;
	_cleanup_free_ unsigned char *now = malloc(nr);
	struct sites sites = {0};
	int r = now ? text_read(audit, va, nr, now) : -ENOMEM;

	if (r == -EFAULT)
		*why = "it cannot be read, or is not in this file";
	if (r == 0) {
		probes_lift(comparison->probes, va, now, nr);
		r = sites_take(&sites, audit, comparison->image, va, nr, now, why);
	}
	if (r == 0) {
		siteforms_lift_thunks(&sites, audit, comparison->image, now);
		r = comparison_bytes(comparison, now, va, nr, sites.may);
		comparison->nr_sites = sites.nr;
		comparison_sites(comparison, &sites, now);
	}
	sites_free(&sites);
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
			unsigned char now[CHUNK_BYTES];

			stop = audit_page_of(va) + CHUNK_BYTES;
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
			if (text_read(audit, va, stop - va, now) < 0) {
				*why = "they cannot be read, or are not in this file";
				return -EFAULT;
			}
			comparison_bytes(comparison, now, va, stop - va, NULL);
		}
	}
	return 0;
}

static void run(struct audit *audit, const struct image *image,
		const struct owner_records *records, const char *name,
		int (*compare)(struct comparison *, const char **))
{
	struct comparison comparison = {
		.audit = audit,
		.image = image,
		.probes = &records->probes,
		.than = "the image",
		.cuts_texts = true,
		.row = comparison_row(audit, name, AUDIT_SEALED),
	};
	const char *why = NULL;
	int r;

	if (comparison.row >= audit->nr_rows)
		return;
	r = compare(&comparison, &why);
	comparison_end(&comparison, r, why);
}

static void refuse(struct audit *audit, const char *file, const char *why)
{
	size_t row = comparison_row(audit, "text against its image", AUDIT_SEALED);

	audit_undecided(audit, row, "%.80s: %s", file, why);
}

/* A Xen PV domain's kernel leads its exceptions, its page tables and its APIC to Xen's
 * own, and patches itself for it: which bytes that may be is not known here.
 */
static void compare_all(struct audit *audit, const struct image *image,
			const struct owner_records *records, const char *file)
{
	bool is_xen_pv = audit->kernel->p2m.nr > 0;

	if (is_xen_pv)
		refuse(audit, file,
		       "a Xen PV domain patches its text for Xen, and leads what is sealed "
		       "to it; constants alone are compared");
	else
		run(audit, image, records, "text against its image", compare_text);
	run(audit, image, records, "constants against their image", compare_constants);
	if (!is_xen_pv)
		afterinit_check(audit, image);
}

void compare_check(struct audit *audit, const struct owner_records *records,
		   const struct compare_file *file)
{
	_cleanup_free_ unsigned char *data = NULL;
	struct image image;
	const char *why = NULL;
	size_t nr_bytes, row;
	int r;

	if (file->fd < 0) {
		row = comparison_row(audit, "text against its image", AUDIT_INFO);
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
	} else if (!comparison_is_same_build(audit, &image, ".notes")) {
		refuse(audit, file->name, "it is of another build than the kernel");
		image_close(&image);
	} else {
		free(TAKE_PTR(data));
		compare_all(audit, &image, records, file->name);
		image_close(&image);
	}
}
