/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of pstore: a crash's log in parts, the newest lines in the first part.
 * fs/pstore/platform.c:pstore_dump(), fs/pstore/inode.c:pstore_mkfile().
 */
#ifndef KWCHECK_OOPS_PSTORE_H
#define KWCHECK_OOPS_PSTORE_H

#include "oops/log.h"

/* pstore_name - whether @name is that of a part, "dmesg-efi-165467891901004.enc.z"
 * *@ret_stem: the length of what the parts of one backend have in common, "dmesg-efi-".
 */
bool pstore_name(const char *name, size_t *ret_stem);

/* pstore_is_head - whether a line is a part's first one, "Panic#1 Part3" */
bool pstore_is_head(const char *text);

/* pstore_order - the lines of each crash's parts in the order in which they were written
 * A part begins with "Panic#1 Part3"; parts of one reason and number whose own number
 * goes on in one direction are of one crash, and only its first head stays. Linear in the
 * number of lines, but for sorting the parts. Returns 0 or -ENOMEM.
 */
int pstore_order(struct log *log);

#endif
