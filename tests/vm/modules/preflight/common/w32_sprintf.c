// SPDX-License-Identifier: GPL-2.0-only
/* sprintf() onto a constant.
 * preflight: would-fault corpus_init hex_asc load-in-callee
 */
#include "corpus.h"

static int number = 5;

static int __init corpus_init(void)
{
	sprintf((char *)hex_asc, "%d", READ_ONCE(number));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
