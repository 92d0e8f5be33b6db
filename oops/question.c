/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of oops/cause.c note. */
#include "oops/question.h"

#include <stdarg.h>
#include <stdio.h>

void cause_note(struct cause *cause, const char *format, ...)
{
	va_list args;

	if (cause->nr_notes == CAUSE_MAX_NOTES)
		return;
	va_start(args, format);
	vsnprintf(cause->notes[cause->nr_notes++], CAUSE_NOTE_BYTES, format, args);
	va_end(args);
}
