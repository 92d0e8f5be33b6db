// SPDX-License-Identifier: GPL-2.0-only
/* Names that are the module's own, which the kernel knows before init runs.
 * preflight: clean - - load
 */
#include <linux/kprobes.h>

#include "corpus.h"

static noinline int corpus_probed(int number)
{
	return number + 1;
}

static int before(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

static struct kprobe probe = { .symbol_name = "corpus_probed", .pre_handler = before };

static int __init corpus_init(void)
{
	int r = corpus_find_lookup() ?: register_kprobe(&probe);

	if (r)
		return r;
	if (corpus_lookup("corpus_probed") != (unsigned long)corpus_probed)
		r = -EINVAL;
	unregister_kprobe(&probe);
	return r ?: corpus_probed(-1);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
