// SPDX-License-Identifier: GPL-2.0-only
/* A variable that may be written, looked up and written.
 * preflight: clean - - load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	int *at;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	at = (int *)corpus_lookup("panic_timeout");
	if (!at)
		return -ENOENT;
	WRITE_ONCE(*at, READ_ONCE(*at));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
