/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a long run is, in one line of a terminal that is wiped before anything else. */
#ifndef KWCHECK_CMD_PROGRESS_H
#define KWCHECK_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/options.h"

struct progress {
	bool is_shown; /* standard error is a terminal that can go back in a line */
	bool is_on_screen;
	uint64_t last_ns; /* when it was told last; 0: never */
};

/* Before the privileges are dropped: afterwards no call tells a terminal from a file. */
void progress_open(struct progress *ret, const struct options *options);
/* At most ten times a second; what comes sooner is left out. */
__attribute__((format(printf, 2, 3))) void progress_tell(struct progress *progress,
							 const char *format, ...);
/* Before whatever else is printed, on either stream. */
void progress_wipe(struct progress *progress);

#endif
