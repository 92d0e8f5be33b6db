// SPDX-License-Identifier: GPL-2.0-only
/* A gate of the IDT, where the CPU says it is: that is a read-only alias.
 * preflight: would-fault corpus_init - load
 */
#include "corpus.h"
#include <asm/desc.h>

static int __init corpus_init(void)
{
	struct desc_ptr idtr;
	gate_desc *gates;

	store_idt(&idtr);
	gates = (void *)idtr.address;
	WRITE_ONCE(gates[14].offset_low, READ_ONCE(gates[14].offset_low));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
