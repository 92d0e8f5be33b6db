// SPDX-License-Identifier: GPL-2.0-only
/* The IDT's address and a gate of it, only looked at.
 * preflight: clean - - load
 */
#include "corpus.h"
#include <asm/desc.h>

static u16 seen;

static int __init corpus_init(void)
{
	struct desc_ptr idtr;

	store_idt(&idtr);
	seen = READ_ONCE(((gate_desc *)idtr.address)[14].offset_low);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
