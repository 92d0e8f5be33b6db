// SPDX-License-Identifier: GPL-2.0-only
/* In a function that stop_machine() calls.
 * preflight: would-fault with_all_stopped uuid_null load-stopped
 */
#include "corpus.h"

static int with_all_stopped(void *at)
{
	WRITE_ONCE(*(u8 *)at, 0);
	return 0;
}

static int __init corpus_init(void)
{
	return stop_machine(with_all_stopped, (void *)&uuid_null, NULL);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
