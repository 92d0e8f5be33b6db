// SPDX-License-Identifier: GPL-2.0-only
/* An array indexed from one.
 * preflight: clean - - load
 */
#include "corpus.h"

static int numbers[8];
static int nr = 8;

static int __init corpus_init(void)
{
	int i;

	for (i = 1; i <= READ_ONCE(nr); i++)
		WRITE_ONCE(numbers[i - 1], i);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
