/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is on this machine of the modules that a log's crashes name: their files and
 * their sections' addresses, fetched while the privileges are there.
 */
#ifndef KWCHECK_CMD_OOPS_MODULES_H
#define KWCHECK_CMD_OOPS_MODULES_H

#include "cmd/logfiles.h"
#include "cmd/options.h"
#include "oops/explanation.h"

enum { OOPS_MAX_MODULES = 16 };

struct oops_modules {
	struct explanation_module array[OOPS_MAX_MODULES];
	size_t nr;
	struct hit_section_at *sections;
	size_t nr_sections, sections_room;
};

/* oops_modules_open - opens the files of the modules that logs name
 *
 * The privileges are still there: a process without them reads @files and @own, the
 * kernel's own log, and tells the names on their RIP lines that consist of letters,
 * digits and underscores. Without such a process no module is found. --module's file is
 * opened, too. Only the running system (no --sysroot) is asked for modules. Returns 0, or
 * -errno with @err filled where --module's file cannot be opened.
 */
int oops_modules_open(struct oops_modules *ret, const struct options *options,
		      struct logfiles *files, const struct kernellog *own,
		      struct error *err);
void oops_modules_close(struct oops_modules *modules);

#endif
