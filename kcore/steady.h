/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a capture one moment of its kernel? What the kernel changed while it was written. */
#ifndef KWCHECK_KCORE_STEADY_H
#define KWCHECK_KCORE_STEADY_H

#include "kcore/kernel.h"

enum {
	STEADY_NAMES_BYTES = 80,
	STEADY_TEXT_BYTES = 512,
	STEADY_MODULE_BYTES = 64,
};

/* The list of modules at one moment. */
struct steady_list {
	struct steady_module {
		uint64_t at; /* struct module */
		char name[STEADY_MODULE_BYTES];
	} * array;
	size_t nr;
	bool is_known; /* it could be followed to its end */
};

struct steady {
	/* Page tables read twice, and what of them differed. What the CPU sets by itself
	 * (accessed, dirty) is no change.
	 */
	uint64_t nr_tables, nr_tables_changed, nr_entries_changed;
	bool has_modules; /* both lists are known */
	uint64_t nr_modules, nr_modules_changed;
	char names[STEADY_NAMES_BYTES]; /* of those that came or went, as many as fit */
};

/* The list as it is now; not known without types of struct module. @ret is to be freed
 * even so. 0 or -ENOMEM.
 */
int steady_read_list(struct kernel *kernel, struct steady_list *ret);
void steady_free_list(struct steady_list *list);

/* Adds a page table to what was compared. */
void steady_add_table(struct steady *steady, const uint64_t before[],
		      const uint64_t after[], size_t nr_entries);
void steady_add_lists(struct steady *steady, const struct steady_list *before,
		      const struct steady_list *after);

/* KEY=value lines for the capture's note, filled with NULs. */
void steady_text(const struct steady *steady, char ret[STEADY_TEXT_BYTES]);
/* @text: of a note, untrusted. -EINVAL: it is no such text. */
int steady_parse(struct steady *ret, const char *text, size_t size_bytes);

bool steady_is_one_moment(const struct steady *steady);

/* What changed, in words, without a full stop: at most KERNEL_NOTE_BYTES. */
void steady_words(const struct steady *steady, char *ret, size_t room);

#endif
