// SPDX-License-Identifier: GPL-2.0-only
/* kallsyms_lookup_name() by a parameter.
 * preflight: would-fault corpus_init linux_proc_banner load at=@kallsyms_lookup_name
 */
#include "corpus.h"

static unsigned long at;
module_param(at, ulong, 0);

static int __init corpus_init(void)
{
	unsigned long (*lookup)(const char *name) = (void *)at;
	u8 *target;

	if (!at)
		return -EINVAL;
	target = (u8 *)lookup("linux_proc_banner");
	WRITE_ONCE(*target, READ_ONCE(*target));
	return 0;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
