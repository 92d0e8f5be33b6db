/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's page tables, names and sealed data in a sparse ELF core. */
#ifndef KWCHECK_KCORE_CAPTURE_H
#define KWCHECK_KCORE_CAPTURE_H

#include "kcore/kernel.h"
#include "kcore/steady.h"

/* Our notes in it, beside VMCOREINFO. */
#define CAPTURE_NOTE "KWCHECK"
enum capture_note {
	CAPTURE_ABOUT = 1, /* KEY=value lines: RELEASE, VERSION, CMDLINE, DATE, ... */
	CAPTURE_KALLSYMS =
		2, /* lines of /proc/kallsyms: all, or those that memory lacks */
	CAPTURE_MODULES = 3, /* /proc/modules, and "MODULE SECTION ADDRESS" lines */
	CAPTURE_LOADER = 4,  /* "MODULE_BYTES=size of struct module" */
	CAPTURE_STEADY =
		5, /* steady_text(); behind the pages, since 0.1.0 of November 2026 */
	CAPTURE_MADE =
		6,	 /* "FORM=CAPTURE_FORM" and "TOOL=kwcheck 0.1.0"; not in form 1 */
	CAPTURE_P2M = 7, /* struct p2m_run[], of a Xen PV domain */
	CAPTURE_FIRMWARE = 8, /* firmware_note(); of a capture of all memory */
};

/* Of the captures that are written, and the newest that is read. It grows where an older
 * kwcheck would take a capture for something that it is not.
 */
enum { CAPTURE_FORM = 2 };

enum capture_contents {
	CAPTURE_SMALL = 0, /* page tables, names, ro_after_init */
	CAPTURE_DATA,	   /* and the image and the modules but for their code */
	CAPTURE_TEXT,	   /* and their code */
	CAPTURE_MEMORY,	   /* all of RAM: what a dry run needs */
};

struct capture {
	enum capture_contents contents;
	const char *about;		   /* text of the notes, without a final NUL */
	const char *modules;		   /* likewise */
	const struct footprint *footprint; /* frames that go in beside; NULL: none */
	/* Told now and then: bytes written of about @total. May be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/* capture_write - writes the capture to @fd, zstd-compressed where @is_compressed
 *
 * Every table page of the kernel half is in it, as the sweep read it, also the empty
 * ones. The core's own segments are kept without contents, so that regions are told apart
 * as before. At the end the tables and the list of modules are read once more: what of
 * them had changed is in @ret, and in the capture. Returns 0, or -errno with @err filled;
 * the file is incomplete then.
 */
int capture_write(struct kernel *kernel, const struct capture *capture, int fd,
		  bool is_compressed, struct steady *ret, struct error *err);

/* capture_words - what a note of a core says, for a copy of it
 * A dump has no CAPTURE_ABOUT: its release, host and time are put together. Heap, ""
 * where there is nothing; NULL: no memory.
 */
char *capture_words(struct kernel *kernel, enum capture_note note);

/* Refuses a capture of a form that this kwcheck does not know. */
int capture_check_form(const struct elfcore *core, const char *path, struct error *err);

#endif
