/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a present page of user space without copy_from_user(). */
#include "oops.h"

#include <linux/mman.h>
#include <linux/uaccess.h>

noinline static int oops_user(void)
{
	unsigned long address = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					MAP_ANONYMOUS | MAP_PRIVATE, 0);

	if (IS_ERR_VALUE(address) || clear_user((void __user *)address, 8))
		return -ENOMEM;
	oops_store((void *)address, 1);
	return -EALREADY;
}

module_init(oops_user);
