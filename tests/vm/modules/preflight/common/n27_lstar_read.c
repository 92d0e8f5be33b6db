// SPDX-License-Identifier: GPL-2.0-only
/* The entry by syscall, only looked at.
 * preflight: clean - - load
 */
#include "corpus.h"
#include <asm/msr.h>

static u8 seen;

static int __init corpus_init(void)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_LSTAR));
	seen = READ_ONCE(*(u8 *)(low | (u64)high << 32));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
