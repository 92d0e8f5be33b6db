// SPDX-License-Identifier: GPL-2.0-only
/* A constant passed where the prototype says const.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	uuid_t copy;

	uuid_copy(&copy, &uuid_null);
	return uuid_equal(&copy, &uuid_null) ? crc32(0, hex_asc, 16) == 1 : -EIO;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
