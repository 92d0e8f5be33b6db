/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of a Xen HVM or PVH domain, as 'xl dump-core' writes them. */
#ifndef KWCHECK_KCORE_XENCORE_H
#define KWCHECK_KCORE_XENCORE_H

#include "kcore/elfcore.h"

/* xencore_open - an ELF core of sections: .xen_pages, and .xen_pfn that says whose they
 * are (xen/docs/misc/dump-core-format.txt)
 * @fd: stays the caller's and must outlive @ret. Returns 0; -ENOENT: it is none, and @err
 * is not filled; or -errno with @err filled.
 */
int xencore_open(struct elfcore *ret, int fd, const char *path, struct error *err);

#endif
