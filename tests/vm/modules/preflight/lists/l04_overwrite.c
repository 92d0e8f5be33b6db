// SPDX-License-Identifier: GPL-2.0-only
/* The hook of a live entry overwritten.
 * preflight: suspect|would-fault corpus_init apparmor_hooks load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	struct security_hook_heads *heads;
	struct security_hook_list *entry;
	int nr = 0;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	heads = (void *)corpus_lookup("security_hook_heads");
	if (!heads)
		return -ENOENT;
	hlist_for_each_entry(entry, &heads->file_open, list)
		if (!strcmp(entry->lsm, "apparmor")) {
			WRITE_ONCE(*(void **)&entry->hook, *(void **)&entry->hook);
			nr++;
		}
	return nr ? 0 : -ENOENT;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
