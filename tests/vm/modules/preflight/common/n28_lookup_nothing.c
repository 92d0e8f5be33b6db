// SPDX-License-Identifier: GPL-2.0-only
/* A name that nobody has.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	if (corpus_find_lookup() < 0)
		return -ENOENT;
	return corpus_lookup("no_such_name_at_all") ? -EINVAL : 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
