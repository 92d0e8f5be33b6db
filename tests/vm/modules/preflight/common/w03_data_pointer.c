// SPDX-License-Identifier: GPL-2.0-only
/* Through a pointer that .data holds.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static u8 *target = (u8 *)&uuid_null;

static int __init corpus_init(void)
{
	WRITE_ONCE(*READ_ONCE(target), 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
