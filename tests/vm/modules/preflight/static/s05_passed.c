// SPDX-License-Identifier: GPL-2.0-only
/* A constant passed to a function of another module, whose BTF does not say const.
 * preflight: suspect corpus_init uuid_null never
 */
#include "corpus.h"
#include "exporter.h"

static int __init corpus_init(void)
{
	corpus_takes_writable((uuid_t *)&uuid_null);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
