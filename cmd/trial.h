/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trial: each module is loaded and unloaded in a virtual machine of its own. */
#ifndef KWCHECK_CMD_TRIAL_H
#define KWCHECK_CMD_TRIAL_H

#include "cmd/options.h"
#include "module/kofile.h"
#include "module/lookup.h"

/* What the machine of one module left. Zeroed: none was wanted. */
struct trial {
	char *console; /* owned; untrusted; NULL: see error */
	bool has_ended;
	/* What modprobe would do for what was asked is not known: the machine is not
	 * asked the same as the dry run. "": it is known.
	 */
	char unlike[256];
	struct error error; /* why there was none */
};

/* trial_make - boots options->kernel_wish with the module @number of @names in it
 *
 * Before the privileges go; files are unpacked by processes that have none. What the
 * module needs is loaded before it. A name that the kernel then asks modprobe for is
 * looked up as modprobe would, and the machine is booted once more with what that loads.
 * @files: one for each of @names, open.
 */
void trial_make(struct trial *ret, const struct options *options, struct lookup *names,
		const struct kofile *files, size_t number);
void trial_close(struct trial *trial);

#endif
