// SPDX-License-Identifier: GPL-2.0-only
/* Another MSR, with the address of something writable.
 * preflight: clean - - load
 */
#include "corpus.h"
#include <asm/msr.h>

static int __init corpus_init(void)
{
	u32 low, high;
	u8 *at;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_GS_BASE));
	at = (void *)(low | (u64)high << 32);
	WRITE_ONCE(*at, READ_ONCE(*at));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
