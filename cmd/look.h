/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --kernel: a kernel that is not running, booted for a look. */
#ifndef KWCHECK_CMD_LOOK_H
#define KWCHECK_CMD_LOOK_H

#include "cmd/options.h"

/* look_run - the verb of @options over a capture of the kernel that --kernel names
 *
 * With --no-boot, or where check or preflight find no QEMU or a kernel that does not
 * boot in it, it is over a core of what the image tells by itself.
 * The capture is of all memory of a small virtual machine, at the moment when init
 * begins. It is kept, for its user alone, and is made again where the image, QEMU, the
 * CPU, the command line, the memory's size or kwcheck itself is another. Returns the exit
 * status.
 */
int look_run(const struct options *options);

#endif
