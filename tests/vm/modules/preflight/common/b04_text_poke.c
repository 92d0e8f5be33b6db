// SPDX-License-Identifier: GPL-2.0-only
/* text_poke() of a constant.
 * preflight: bypass corpus_init uuid_null survives
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	void *(*poke)(void *at, const void *bytes, size_t nr);
	struct mutex *lock;

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	poke = (void *)corpus_lookup("text_poke");
	lock = (void *)corpus_lookup("text_mutex");
	if (!poke || !lock)
		return -ENOENT;
	mutex_lock(lock);
	poke((void *)&uuid_null, "", 1);
	mutex_unlock(lock);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
