// SPDX-License-Identifier: GPL-2.0-only
/* In exit only.
 * preflight: suspect corpus_exit uuid_null unload
 */
#include "corpus.h"

static void __exit corpus_exit(void)
{
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
}
module_exit(corpus_exit);

static int __init corpus_init(void)
{
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
