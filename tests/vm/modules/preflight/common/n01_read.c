// SPDX-License-Identifier: GPL-2.0-only
/* Constants read.
 * preflight: clean - - load
 */
#include "corpus.h"

static int at = 3;

static int __init corpus_init(void)
{
	return READ_ONCE(*(u8 *)&uuid_null) + hex_asc[READ_ONCE(at) & 15] == 1;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
