/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report whose lines a web page, a search index or a vulnerability database ran
 * together into one, or filled like a paragraph.
 */
#ifndef KWCHECK_OOPS_FLAT_H
#define KWCHECK_OOPS_FLAT_H

#include <stddef.h>

/* flat_split - makes of each blank that was the end of a report's line one again, in
 * place Only in lines, or paragraphs, that hold the starts of several lines of a report.
 * Returns the new length, at most @nr. Linear in @nr.
 */
size_t flat_split(char *bytes, size_t nr);

#endif
