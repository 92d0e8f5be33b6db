/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls into memory of boot code, by a name that kallsyms still lists. With page-table
 * isolation it is not mapped.
 */
#include "oops.h"

noinline static int oops_init(void)
{
	void *begin = oops_lookup("__init_begin");

	if (!begin)
		return -ENOENT;
	oops_store(begin + PAGE_SIZE + 64, 1);
	return -EALREADY;
}

module_init(oops_init);
