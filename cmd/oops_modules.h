/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is on this machine of the modules that a log's crashes name: their files and
 * their sections' addresses, fetched while the privileges are there.
 */
#ifndef KWCHECK_CMD_OOPS_MODULES_H
#define KWCHECK_CMD_OOPS_MODULES_H

#include "oops/explanation.h"

enum { OOPS_MAX_MODULES = 16 };

struct oops_modules {
	struct explanation_module array[OOPS_MAX_MODULES];
	size_t nr;
	struct hit_section_at *sections;
	size_t nr_sections, sections_room;
};

/* oops_modules_open - opens the files of the modules that @log names
 *
 * The log is not parsed yet, because the privileges are still there. Names are taken from
 * its RIP lines if they consist of letters, digits and underscores. @file: the file that
 * --module names, or NULL. @is_live: libkmod and /sys are asked for the modules. Returns
 * 0, or -errno with @err filled where @file cannot be opened.
 */
int oops_modules_open(struct oops_modules *ret, const char *log, size_t log_bytes,
		      const char *file, bool is_live, struct error *err);
void oops_modules_close(struct oops_modules *modules);

#endif
