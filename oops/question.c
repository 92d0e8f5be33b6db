/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of oops/cause.c note. */
#include "oops/question.h"

#include <inttypes.h>
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

void cause_note_site(struct cause *cause, const char *before, const struct site *site,
		     const char *after)
{
	cause_note(cause, "%s %s+0x%" PRIx64 "%s%s%s", before, site->function,
		   site->offset, site->module[0] ? " of module " : "", site->module,
		   after);
}
