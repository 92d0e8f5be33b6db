// SPDX-License-Identifier: GPL-2.0-only
/* memcpy() from a constant.
 * preflight: clean - - load
 */
#include "corpus.h"

static u8 buffer[16];
static size_t size = 16;

static int __init corpus_init(void)
{
	memcpy(buffer, &uuid_null, READ_ONCE(size));
	return buffer[0];
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
