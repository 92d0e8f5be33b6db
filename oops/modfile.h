/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of the module that crashed: does it hold the code that ran, and what does it
 * tell of the place: bytes, relocations, source lines.
 */
#ifndef KWCHECK_OOPS_MODFILE_H
#define KWCHECK_OOPS_MODFILE_H

#include "kcore/sourceline.h"
#include "oops/crash.h"

enum { MODFILE_TEXT_BYTES = 192 };

/* What the file is to the log. */
enum modfile_match {
	MODFILE_UNCHECKED = 0, /* the log has no bytes to compare */
	MODFILE_SAME,	       /* every byte that loading leaves alone is the log's */
	MODFILE_PATCHED,   /* the instruction is; others differ, as live patching makes
			    * them (ftrace, alternatives) */
	MODFILE_DIFFERENT, /* the instruction is not: another build */
};

struct modfile {
	char section[64]; /* the function's: ".text" */
	size_t section_number;
	uint64_t function_start; /* in the section */
	uint64_t function_bytes; /* st_size */
	enum modfile_match match;
	unsigned nr_compared, nr_different; /* bytes */
	/* What the instruction's relocation names: where a RIP-relative or absolute
	 * operand points.
	 */
	char target[MODFILE_TEXT_BYTES]; /* "value+0x10", ".rodata+0x8"; "" */
	char target_section[64];
	/* The bytes around the place, from the file, where the log has none; relocated
	 * fields are 0 in them.
	 */
	struct crash_code code;
	/* The functions inlined there, the innermost first. */
	struct sourceline frames[SOURCELINE_MAX_FRAMES];
	size_t nr_frames; /* 0: no DWARF */
};

/* modfile_read - what the ELF file @fd tells of @site
 *
 * @fd: borrowed; a relocatable ELF file, not compressed. Nothing else is opened, no
 * debug file, no server is asked.
 * @code: the log's bytes.
 * Returns 0; -ENOEXEC: no such ELF file; -ENOENT: no such function in it.
 */
int modfile_read(int fd, const struct site *site, const struct crash_code *code,
		 struct modfile *ret);

/* "same", "patched", "different", "unchecked". */
const char *modfile_match_name(enum modfile_match match);

#endif
