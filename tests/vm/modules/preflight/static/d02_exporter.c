// SPDX-License-Identifier: GPL-2.0-only
/* Exports functions for s05 and n41, and writes no constant.
 * preflight: clean - - loaded
 */
#include "corpus.h"
#include "exporter.h"

noinline void corpus_takes_writable(uuid_t *uuid)
{
	if (READ_ONCE(uuid->b[0]))
		WRITE_ONCE(uuid->b[0], 0);
}
EXPORT_SYMBOL_GPL(corpus_takes_writable);

noinline int corpus_takes_const(const uuid_t *uuid)
{
	return READ_ONCE(uuid->b[0]);
}
EXPORT_SYMBOL_GPL(corpus_takes_const);

static int __init corpus_init(void)
{
	return 0;
}
module_init(corpus_init);

static void __exit corpus_exit(void)
{
}
module_exit(corpus_exit);
MODULE_LICENSE("GPL");
