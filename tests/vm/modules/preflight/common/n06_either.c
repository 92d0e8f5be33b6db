// SPDX-License-Identifier: GPL-2.0-only
/* Own data or a constant, and it is own data.
 * preflight: clean - - load
 */
#include "corpus.h"

static u8 scratch[16];
static int which = 1;

static int __init corpus_init(void)
{
	u8 *at = READ_ONCE(which) ? scratch : (u8 *)&uuid_null;

	WRITE_ONCE(*scratch, READ_ONCE(*at));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
