// SPDX-License-Identifier: GPL-2.0-only
/* A store to code of the kernel.
 * preflight: would-fault corpus_init simple_read_from_buffer load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	WRITE_ONCE(*((u8 *)simple_read_from_buffer + 1), 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
