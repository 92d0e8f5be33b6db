/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running kernel changes while it is read: two looks at it, and what both saw. */
#include "audit/looks.h"

#include <string.h>

static bool is_same_row(const struct audit_row *a, const struct audit_row *b)
{
	return a->group == b->group && strcmp(a->name, b->name) == 0 &&
	       a->address == b->address;
}

static const struct audit_row *row_of(const struct audit *audit, size_t row)
{
	return row < audit->nr_rows ? &audit->rows[row] : NULL;
}

/* The sentences may differ in names and counts; what they are about may not. */
static bool is_same_finding(const struct audit *a, size_t i, const struct audit *b,
			    size_t j)
{
	const struct audit_row *row = row_of(a, a->findings[i].row),
			       *other = row_of(b, b->findings[j].row);

	return a->findings[i].kind == b->findings[j].kind &&
	       a->findings[i].address == b->findings[j].address &&
	       a->findings[i].target == b->findings[j].target && !row == !other &&
	       (!row || is_same_row(row, other));
}

static bool has_finding(const struct audit *audit, const struct audit *of, size_t i)
{
	for (size_t j = 0; j < audit->nr_findings; j++)
		if (is_same_finding(of, i, audit, j))
			return true;
	return false;
}

/* Was @row of that verdict then? The number of pages in an unknown row's detail may
 * differ.
 */
static bool has_row(const struct audit *audit, const struct audit_row *row)
{
	for (size_t i = 0; i < audit->nr_rows; i++)
		if (is_same_row(&audit->rows[i], row) &&
		    audit->rows[i].verdict == row->verdict)
			return true;
	return false;
}

bool looks_agree(const struct audit *now, const struct audit *before)
{
	for (size_t i = 0; i < now->nr_findings; i++)
		if (!before || !has_finding(before, now, i))
			return false;
	for (size_t i = 0; i < now->nr_rows; i++)
		if (now->rows[i].verdict >= AUDIT_UNKNOWN &&
		    (!before || !has_row(before, &now->rows[i])))
			return false;
	return true;
}

void looks_merge(struct audit *now, const struct audit *before)
{
	now->nr_vanished += before->nr_vanished;
	for (size_t i = 0; i < before->nr_findings; i++)
		now->nr_vanished += !has_finding(now, before, i);
}

static void drop_unconfirmed(struct audit *now, const struct audit *before)
{
	size_t nr_kept = 0;

	for (size_t i = 0; i < now->nr_findings; i++) {
		if (before && has_finding(before, now, i))
			now->findings[nr_kept++] = now->findings[i];
		else if (now->findings[i].row < now->nr_rows)
			/* Unless another finding unseals it: see mark_changing(). */
			now->rows[now->findings[i].row].is_changing = true;
	}
	now->nr_findings = nr_kept;
}

/* A row that lost its findings, or that is unsealed only now, is not known. */
static void mark_changing(struct audit *now, const struct audit *before)
{
	for (size_t i = 0; i < now->nr_findings; i++)
		if (now->findings[i].row < now->nr_rows)
			now->rows[now->findings[i].row].is_changing = false;
	for (size_t i = 0; i < now->nr_rows; i++) {
		struct audit_row *row = &now->rows[i];

		if (row->verdict != AUDIT_UNSEALED ||
		    (!row->is_changing && before && has_row(before, row)))
			continue;
		row->verdict = AUDIT_UNKNOWN;
		audit_undecided(now, i, "%s", AUDIT_CHANGING);
	}
}

void looks_finish(struct audit *now, const struct audit *before)
{
	if (!looks_agree(now, before)) {
		drop_unconfirmed(now, before);
		mark_changing(now, before);
	}
	if (now->nr_vanished)
		audit_notice(now, now->nr_rows ? 0 : AUDIT_NO_ROW, 0,
			     "%zu finding%s vanished on a second look and %s left out: "
			     "the kernel was changing",
			     now->nr_vanished, now->nr_vanished == 1 ? "" : "s",
			     now->nr_vanished == 1 ? "is" : "are");
}

void looks_distrust(struct audit *now)
{
	size_t nr_kept = 0;

	for (size_t i = 0; i < now->nr_findings; i++) {
		size_t row = now->findings[i].row;

		if (row >= now->nr_rows || now->rows[row].group != AUDIT_MODULES)
			now->findings[nr_kept++] = now->findings[i];
	}
	now->nr_findings = nr_kept;
	for (size_t i = 0; i < now->nr_rows; i++) {
		struct audit_row *row = &now->rows[i];

		if (row->group != AUDIT_MODULES || row->verdict != AUDIT_UNSEALED)
			continue;
		row->verdict = AUDIT_UNKNOWN;
		audit_undecided(now, i,
				"changing while it was captured: ask the running kernel, "
				"or capture it while its VM is paused");
	}
}
