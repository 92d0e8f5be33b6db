// SPDX-License-Identifier: GPL-2.0-only
/* Per-CPU variables written.
 * preflight: clean - - load
 */
#include "corpus.h"

static DEFINE_PER_CPU(long, counter);

static int __init corpus_init(void)
{
	this_cpu_inc(counter);
	per_cpu(counter, raw_smp_processor_id()) += 2;
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
