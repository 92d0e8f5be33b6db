/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two reports of one crash: a console's and a journal's, a log and its rotated copy, a
 * block pasted twice.
 */
#ifndef KWCHECK_OOPS_DUPLICATE_H
#define KWCHECK_OOPS_DUPLICATE_H

#include "oops/crash.h"

/* What tells a crash from others. */
struct duplicate_traits {
	enum crash_kind kind;
	bool has_time, has_error_code, has_address, has_site, has_offset, has_cpu;
	unsigned number, cpu, pid;
	uint64_t time_us, error_code, address, offset;
	/* Strings are "" where nothing is known. */
	const char *headline, *bug_at, *function, *module, *comm, *release, *hardware;
	const struct registers *registers;
};

/* duplicate_have_traits - whether @one and @two are of the same crash
 * Nothing that both say may differ, and enough of it must be the same to be no accident:
 * registers, or the time.
 */
bool duplicate_have_traits(const struct duplicate_traits *one,
			   const struct duplicate_traits *two);

/* The same of two crashes at hand. */
bool duplicate_is(const struct crash *one, const struct crash *two);

/* duplicate_score - how much @crash says: of two copies the one with more is explained */
size_t duplicate_score(const struct crash *crash);

#endif
