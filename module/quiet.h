/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a function has nothing left to tell: no seed is reached from there. With nothing
 * special in the state, interpretation may stop.
 */
#ifndef KWCHECK_MODULE_QUIET_H
#define KWCHECK_MODULE_QUIET_H

#include <stdbool.h>

struct flow;
struct seed_range;
struct state;

/* quiet_mark - sets is_quiet of the range's instructions
 * For what flow->hot_sections is now; does nothing if that has been done.
 */
void quiet_mark(struct flow *flow, struct seed_range *range);

/* Does @state hold nothing that an address of something special could be made of? */
bool quiet_is_plain(const struct flow *flow, const struct state *state);

#endif
