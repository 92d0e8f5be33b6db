// SPDX-License-Identifier: GPL-2.0-only
/* __ro_after_init written by init.
 * preflight: clean - - load
 */
#include "corpus.h"

static int limit __ro_after_init;
static int wanted = 3;

static int __init corpus_init(void)
{
	limit = READ_ONCE(wanted) & 7;
	return limit == 9;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
