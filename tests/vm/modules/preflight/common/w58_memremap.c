// SPDX-License-Identifier: GPL-2.0-only
/* memremap() of RAM is the direct map, where constants are read-only, too.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"
#include <linux/io.h>

static int __init corpus_init(void)
{
	u8 *at = memremap(__pa((void *)&uuid_null), sizeof(uuid_null), MEMREMAP_WB);

	if (!at)
		return -ENOMEM;
	WRITE_ONCE(*at, READ_ONCE(*at));
	memunmap(at);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
