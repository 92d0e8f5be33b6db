/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of memory against the bytes that were built: what differs, and is told. */
#ifndef KWCHECK_UNCHANGED_COMPARISON_H
#define KWCHECK_UNCHANGED_COMPARISON_H

#include "audit/report.h"
#include "unchanged/image.h"
#include "unchanged/outside.h"
#include "unchanged/probes.h"
#include "unchanged/sites.h"

/* Ranges that one row tells of. */
struct comparison {
	struct audit *audit;
	const struct image *image;
	const struct probes *probes; /* that the kernel's text is read without */
	const char *than; /* what they are held against, in words: "the image" */
	size_t row;
	bool cuts_texts; /* who has these constants may take texts apart in place */
	struct outside_place *places; /* of targets none; only where bytes differ */
	size_t nr, room;
	uint64_t nr_compared;
	size_t nr_sites, nr_patched; /* bytes at sites that differ */
	size_t nr_beyond;	     /* of them those that cannot be judged */
	size_t nr_cut;		     /* texts that were cut at a separator */
};

/* comparison_row - a row that is sealed until something is found */
size_t comparison_row(struct audit *audit, const char *name, enum audit_verdict verdict);

/* comparison_bytes - @nr bytes that now are at @va
 * @may: one for each: not 0 where it may differ; NULL: nowhere. -ENOENT: the image has no
 * such bytes.
 */
int comparison_bytes(struct comparison *comparison, const unsigned char *now, uint64_t va,
		     uint64_t nr, const unsigned char *may);

/* What is patched, is it patched to what it may be? @now: all of @sites' text. */
void comparison_sites(struct comparison *comparison, struct sites *sites,
		      const unsigned char *now);

/* All of @nr_bytes differ from what they may be. */
void comparison_differs(struct comparison *comparison, uint64_t va, unsigned nr_bytes);

/* comparison_end - tells the differences, and what was counted as the row's detail
 * @r: 0, or -errno that it ended with; then @why, static text, or NULL: there are no such
 * bytes. Of @comparison only the row is used after that.
 */
void comparison_end(struct comparison *comparison, int r, const char *why);

/* comparison_is_same_build - is the build-id in @section, notes of the image, that which
 * is in memory there?
 */
bool comparison_is_same_build(const struct audit *audit, const struct image *image,
			      const char *section);

#endif
