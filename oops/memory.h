/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a log without a crash says of memory that ran out. */
#ifndef KWCHECK_OOPS_MEMORY_H
#define KWCHECK_OOPS_MEMORY_H

#include "oops/log.h"

/* memory_tell - that a process was killed for its memory, or an allocation failed, as a
 * sentence without its full stop; false: the log says neither
 */
bool memory_tell(const struct log *log, char *ret, size_t ret_bytes);

#endif
