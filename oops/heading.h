/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that begin a report. */
#ifndef KWCHECK_OOPS_HEADING_H
#define KWCHECK_OOPS_HEADING_H

#include "oops/crash.h"

/* The address follows where is_null or kind PAGE_FAULT. */
struct heading {
	const char *word;
	enum crash_kind kind;
	bool is_null;
	bool has_detail;  /* the line itself is worth keeping */
	bool is_report;	  /* no die line follows: the body does, and the kernel goes on */
	const char *also; /* stands in the line, too; or NULL */
};

/* Of two that a line begins with the first one is meant. */
extern const struct heading headings[];
extern const size_t nr_headings;

#endif
