// SPDX-License-Identifier: GPL-2.0-only
/* Addresses of constants compared.
 * preflight: clean - - load
 */
#include "corpus.h"

static u8 *target = (u8 *)&uuid_null;

static int __init corpus_init(void)
{
	return READ_ONCE(target) == (u8 *)&uuid_null ? 0 : -EINVAL;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
