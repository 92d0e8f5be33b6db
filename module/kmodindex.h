/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The indices that depmod(8) makes of a folder of modules, looked through before libkmod
 * reads them: it trusts every byte, and runs with the user's privileges.
 */
#ifndef KWCHECK_MODULE_KMODINDEX_H
#define KWCHECK_MODULE_KMODINDEX_H

#include <stddef.h>

#include "kcore/error.h"

/* kmodindex_check - are the indices in the folder @tree whole?
 * One that is not there is. Returns 0, or -errno with @err filled.
 */
int kmodindex_check(const char *tree, struct error *err);

/* The same of one index's bytes. NULL, or what is wrong. */
const char *kmodindex_why_bad(const unsigned char *bytes, size_t nr_bytes);

#endif
