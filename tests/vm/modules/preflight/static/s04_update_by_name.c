// SPDX-License-Identifier: GPL-2.0-only
/* The same, key and trampoline by name.
 * preflight: bypass corpus_init __SCK__lsm_static_call_file_open_0 survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	struct static_call_key *key;
	void *trampoline;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	key = (void *)corpus_lookup("__SCK__lsm_static_call_file_open_0");
	trampoline = (void *)corpus_lookup("__SCT__lsm_static_call_file_open_0");
	if (!key || !trampoline)
		return -ENOENT;
	__static_call_update(key, trampoline, READ_ONCE(key->func));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
