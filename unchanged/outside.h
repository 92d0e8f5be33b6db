/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code that is not the image's, and how what leads to it is told. */
#ifndef KWCHECK_UNCHANGED_OUTSIDE_H
#define KWCHECK_UNCHANGED_OUTSIDE_H

#include "audit/report.h"

/* More places than these that lead to memory without a name are rather something of the
 * kernel that is not known here than damage.
 */
enum { OUTSIDE_HANDFUL = 8 };

/* A place in text or constants that leads out of the image. */
struct outside_place {
	uint64_t va, target;
	unsigned nr_bytes;
	unsigned char bytes[16]; /* what stands there */
	const char *does;	 /* "jumps to" */
};

/* What one row has found. */
struct outside {
	struct audit *audit;
	size_t row;
	enum audit_kind kind;
	struct outside_place nameless[OUTSIDE_HANDFUL]; /* their targets have no name */
	size_t nr_nameless;
};

/* Is it the end of the text, which constants name as a bound, and cannot be read? A
 * capture without the text has not got what lies there.
 */
bool outside_is_unread_end(const struct audit *audit, uint64_t va);

/* Can code run at @va, and is it no code of the image? The image's init text, which its
 * code names, is not counted, nor is anything of an image that is executable as a whole
 * (rodata=off).
 */
bool outside_is_code(const struct audit *audit, uint64_t va);

/* Has another check told a finding of these bytes? It may have the function's address
 * where the instruction comes behind its endbr64.
 */
bool outside_is_told(const struct audit *audit, const struct outside_place *place);

/* outside_find - tells a place, unless another check has told of it */
void outside_find(struct outside *outside, const struct outside_place *place);

/* Tells the places whose targets have no name; where they are many, one unknown. */
void outside_finish(struct outside *outside);

#endif
