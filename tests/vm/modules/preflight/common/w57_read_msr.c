// SPDX-License-Identifier: GPL-2.0-only
/* The same by the kernel's own function, or a pointer to it.
 * preflight: would-fault corpus_init entry_SYSCALL_64 load
 */
#include "corpus.h"
#include <asm/msr.h>

static int __init corpus_init(void)
{
	u8 *at;

#ifdef rdmsrq
	rdmsrq(MSR_LSTAR, *(u64 *)&at);
#else
	rdmsrl(MSR_LSTAR, *(u64 *)&at);
#endif
	WRITE_ONCE(*at, READ_ONCE(*at));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
