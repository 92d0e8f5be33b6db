/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of AVML, version 2: ranges as LiME's, each a stream of snappy frames. */
#ifndef KWCHECK_KCORE_AVML_H
#define KWCHECK_KCORE_AVML_H

#include "kcore/elfcore.h"

/* avml_load - gets the library that unpacks them, while files can be opened
 * Returns NULL, or why there is none and what to do.
 */
const char *avml_load(void);

/* avml_open - the dump at @fd, as lime_open(). -ENOTSUP: avml_load() found no library. */
int avml_open(struct elfcore *ret, int fd, const char *path, struct error *err);

#endif
