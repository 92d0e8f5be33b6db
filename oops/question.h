/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of oops/cause.c ask: the crash, and what was read of it. */
#ifndef KWCHECK_OOPS_QUESTION_H
#define KWCHECK_OOPS_QUESTION_H

#include "oops/cause.h"
#include "pagetable/errorcode.h"

struct cause_question {
	const struct crash *crash;
	const struct tables *tables;
	const struct instruction *instruction;
	const struct hit *target;
	enum errorcode_access access;
	bool was_present, is_user_mode;
	unsigned version;
};

/* More than a structure's size behind a NULL pointer is another thing. */
enum { QUESTION_NULL_BYTES = 4096 };

/* cause_note - one more thing that led to @cause; dropped where there is no place left */
__attribute__((format(printf, 2, 3))) void cause_note(struct cause *cause,
						      const char *format, ...);

/* cause_note_site - the same: "@before f+0x10 of module x@after" */
void cause_note_site(struct cause *cause, const char *before, const struct site *site,
		     const char *after);

#endif
