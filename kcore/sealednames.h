/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of sealed objects, and of the functions that unseal, which no module has business
 * with.
 */
#ifndef KWCHECK_KCORE_SEALEDNAMES_H
#define KWCHECK_KCORE_SEALEDNAMES_H

#include <stdbool.h>

/* The keys of the security hooks' static calls are called so, and "file_open_0" or the
 * like: security/security.c, 6.12.
 */
static const char sealednames_lsm_key[] = "__SCK__lsm_static_call_";

/* Is @symbol the key of a security hook's static call? */
bool sealednames_is_lsm_key(const char *symbol);

/* Is @symbol an object that nothing outside the kernel ought to hold the address of? */
bool sealednames_is_object(const char *symbol);

/* Does the string @name in a module tell that it is after sealed memory? */
bool sealednames_is_telling(const char *name);

#endif
