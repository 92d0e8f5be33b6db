// SPDX-License-Identifier: GPL-2.0-only
/* A copy of a constant changed.
 * preflight: clean - - load
 */
#include "corpus.h"

static int at = 3;

static int __init corpus_init(void)
{
	uuid_t copy = uuid_null;

	copy.b[READ_ONCE(at) & 15] = 1;
	return copy.b[0] == 9;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
