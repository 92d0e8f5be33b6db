/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether raw memory lies in its file as it lay in the machine. */
#ifndef KWCHECK_KCORE_RAWLAYOUT_H
#define KWCHECK_KCORE_RAWLAYOUT_H

#include "kcore/kernel.h"

/* rawlayout_check - refuses raw memory in which a hole below 4 GiB may be left out
 * The kernel knows where its RAM ends. A file that ends before has either lost its end or
 * the hole, as VMware's .vmem and the file of QEMU's memory-backend-file have: then all
 * above the hole would be taken for other memory. Returns 0, or -errno with @err filled.
 */
int rawlayout_check(struct kernel *kernel, const char *path, struct error *err);

#endif
