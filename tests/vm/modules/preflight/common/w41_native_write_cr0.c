// SPDX-License-Identifier: GPL-2.0-only
/* native_write_cr0() first, which refuses.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	void (*write_cr0_)(unsigned long value);

	if (corpus_find_lookup() < 0)
		return -ENOENT;
	write_cr0_ = (void *)corpus_lookup("native_write_cr0");
	if (!write_cr0_)
		return -ENOENT;
	write_cr0_(read_cr0() & ~0x10000UL);
	WRITE_ONCE(*(u8 *)&uuid_null, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
