/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF file of the kernel that crashed, with its DWARF: is it the log's kernel, and
 * what source lines do its functions' places have.
 */
#ifndef KWCHECK_OOPS_VMLINUX_H
#define KWCHECK_OOPS_VMLINUX_H

#include "kcore/error.h"
#include "kcore/sourceline.h"
#include "oops/crash.h"

struct vmlinux;

/* What the file is to the log. */
enum vmlinux_match {
	VMLINUX_UNCHECKED = 0, /* the log does not name its build */
	VMLINUX_SAME,
	VMLINUX_OTHER, /* of another release or build: no line is given */
};

enum { VMLINUX_REASON_BYTES = 256 };

/* The functions that are inlined at a place, the innermost first. */
struct vmlinux_lines {
	struct sourceline array[SOURCELINE_MAX_FRAMES];
	size_t nr;
	const char *why_not; /* nr is 0 */
};

/* vmlinux_open - the kernel's ELF file
 *
 * @fds: of the file, then of files that may hold its DWARF; -1: not there. Borrowed until
 * vmlinux_close(). A debug file is used if its build id is the file's. No other file is
 * opened, no server asked.
 * @path: of the first, for messages.
 * Returns 0, or -errno with @err filled.
 */
int vmlinux_open(struct vmlinux **ret, const int fds[], size_t nr, const char *path,
		 struct error *err);
void vmlinux_close(struct vmlinux *vmlinux);

/* vmlinux_compare - is the file of the kernel that @crash of @log is of?
 * By the build id and the release where the log has them, and by the banner that the
 * kernel printed when it booted. @reason: one sentence.
 */
enum vmlinux_match vmlinux_compare(const struct vmlinux *vmlinux, const struct log *log,
				   const struct crash *crash,
				   char reason[VMLINUX_REASON_BYTES]);

/* vmlinux_find - the source lines of @site, a place in the kernel's own code
 * @is_return: it is where a call returns to: the line is the call's.
 * Of several functions of that name the one that has the log's size is taken; a function
 * of another size is one of another build.
 */
void vmlinux_find(const struct vmlinux *vmlinux, const struct site *site, bool is_return,
		  struct vmlinux_lines *ret);

/* "same", "other", "unchecked": stable, for machines. */
const char *vmlinux_match_name(enum vmlinux_match match);

#endif
