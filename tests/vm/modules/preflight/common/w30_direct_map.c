// SPDX-License-Identifier: GPL-2.0-only
/* Through the direct map of a constant.
 * preflight: would-fault corpus_init uuid_null load
 */
#include "corpus.h"

static int __init corpus_init(void)
{
	u8 *alias = __va(__pa_symbol(&uuid_null));

	WRITE_ONCE(*alias, 0);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
