// SPDX-License-Identifier: GPL-2.0-only
/* A constant passed to a function of another module, whose BTF says const.
 * preflight: clean - - load
 */
#include "corpus.h"
#include "exporter.h"

static int __init corpus_init(void)
{
	return corpus_takes_const(&uuid_null) ? -EIO : 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
