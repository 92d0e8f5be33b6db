// SPDX-License-Identifier: GPL-2.0-only
/* Through an address kept in allocated memory.
 * preflight: would-fault fill uuid_null load
 */
#include "corpus.h"

struct box {
	long pad;
	u8 *at;
};

static noinline void fill(struct box *box)
{
	WRITE_ONCE(box->at[6], 0);
}

static int __init corpus_init(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL);

	if (!box)
		return -ENOMEM;
	box->at = (u8 *)&uuid_null;
	barrier_data(box);
	fill(box);
	kfree(box);
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
