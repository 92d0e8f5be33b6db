/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways through a function that has been interpreted. */
#ifndef KWCHECK_DATAFLOW_PATH_H
#define KWCHECK_DATAFLOW_PATH_H

#include "dataflow/blocks.h"

/* path_can_avoid - is there a way from the entry to a return that leaves @site out, other
 * than by the failure of something that was called?
 *
 * A branch on what a call returned is taken to fail on the way that never comes to @site,
 * if another way does. This takes memory from the flow's arena. Without memory the answer
 * is yes.
 */
bool path_can_avoid(struct activation *activation, uint64_t site);

#endif
