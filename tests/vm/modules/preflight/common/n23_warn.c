// SPDX-License-Identifier: GPL-2.0-only
/* A warning that is not given, then own data written.
 * preflight: clean - - load
 */
#include "corpus.h"

static int bad;

static int __init corpus_init(void)
{
	if (WARN_ON_ONCE(READ_ONCE(bad)))
		return -EINVAL;
	WRITE_ONCE(bad, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
