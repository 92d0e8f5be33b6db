/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits that containers, units and shells set for this process. */
#ifndef KWCHECK_KCORE_LIMITS_H
#define KWCHECK_KCORE_LIMITS_H

#include <stddef.h>

/* limits_learn - notes this process's limits, before the sandbox forbids to ask
 * From then on a file that may not grow is an error (EFBIG) and no signal.
 */
void limits_learn(void);

/* limits_words - which limit it was, where @errnum (negative) can come of one
 * Writes "; this process may have 16 open files (ulimit -n)", or "" where none is set.
 */
void limits_words(int errnum, char *ret, size_t ret_bytes);

#endif
