/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares the rights of pages with what their rows expect, and turns violations into
 * findings.
 */
#ifndef KWCHECK_AUDIT_PAGES_H
#define KWCHECK_AUDIT_PAGES_H

#include "audit/report.h"

/* pages_check - do the pages of [@va, @va + @size_bytes) have the rights that @row
 * expects?
 *
 * Adds to the row's found and nr_pages, notes each page that has W or X too much, and
 * seals the range where no W is expected: no other mapping of its frames may be writable.
 * The row's verdict follows in pages_finish(), since a page may be in transition.
 */
void pages_check(struct audit *audit, size_t row, uint64_t va, uint64_t size_bytes);

/* pages_finish - turns the violations that all checks noted into findings
 *
 * Looks for writable mappings of the sealed frames, merges what overlaps, waits 50 ms and
 * looks again at what is left: text_poke() and module loading open pages for moments. One
 * page gives one finding, in the smallest row that it concerns; all rows that it concerns
 * become unsealed.
 */
void pages_finish(struct audit *audit);

#endif
