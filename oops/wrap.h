/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a log as the kernel wrote them: the parts of a wrapped line joined, the lines
 * of a log that was listed from its end turned around.
 */
#ifndef KWCHECK_OOPS_WRAP_H
#define KWCHECK_OOPS_WRAP_H

#include "oops/log.h"

/* wrap_join - joins each line to the one before it whose end it is
 * By the grammar of a crash report, never by the look alone: what another program wrote
 * between two lines stays apart. The lines' text must lie one behind the other in the
 * log's text. Linear in its length.
 */
void wrap_join(struct log *log);

/* wrap_order - the lines turned around where "journalctl -r" has the last one first */
void wrap_order(struct log *log);

#endif
