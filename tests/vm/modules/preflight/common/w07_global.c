// SPDX-License-Identifier: GPL-2.0-only
/* Through a variable that another function set.
 * preflight: would-fault use uuid_null load
 */
#include "corpus.h"

static u8 *kept;

static noinline void find(void)
{
	WRITE_ONCE(kept, (u8 *)&uuid_null);
}

static noinline void use(void)
{
	WRITE_ONCE(READ_ONCE(kept)[7], 0);
}

static int __init corpus_init(void)
{
	find();
	use();
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
