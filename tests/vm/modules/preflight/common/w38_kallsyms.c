// SPDX-License-Identifier: GPL-2.0-only
/* An object that is not exported, by name.
 * preflight: would-fault corpus_init linux_proc_banner load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	u8 *at;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	at = (u8 *)corpus_lookup("linux_proc_banner");
	if (!at)
		return -ENOENT;
	WRITE_ONCE(*at, READ_ONCE(*at));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
