// SPDX-License-Identifier: GPL-2.0-only
/* A search upwards from a constant, then a store.
 * preflight: would-fault corpus_init hex_asc load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	volatile u8 *at = (volatile u8 *)hex_asc;

	while (*at != 'f')
		at++;
	*at = 'f';
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
