// SPDX-License-Identifier: GPL-2.0-only
/* Through an address that a helper returns.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static noinline u8 *where(int i)
{
	return (u8 *)&uuid_null + i;
}

static int __init corpus_init(void)
{
	u8 *at = where(5);

	WRITE_ONCE(*at, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
