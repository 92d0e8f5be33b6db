// SPDX-License-Identifier: GPL-2.0-only
/* A string that only resembles a telling one.
 * preflight: clean - - load
 */
#include "corpus.h"

static const char *name = "security_hook_head";

static int __init corpus_init(void)
{
	return strcmp(READ_ONCE(name), "security_hook_head");
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
