// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracle: asks the CPU itself whether a kernel address can be loaded from and stored
 * to, so that a tool which reads page tables has something to be wrong against.
 *
 * /proc/kwcheck_oracle, root only: write() an array of native-endian u64 addresses (at
 * most MAX_BATCH), then read() one byte for each, in order:
 *
 *	'w'	a load and a store went through
 *	'r'	the load went through, the store faulted
 *	'n'	the load faulted
 *	'm'	not tried: the frame is no RAM, and a device register may act on any
 *access
 *
 * The page tables are looked at for 'm' only; all else is what the CPU did. An answer is
 * true of the moment it was found, under the page tables of the writing process.
 *
 * It writes into live kernel memory. The store is an atomic OR with zero of one byte,
 * which leaves the byte as it is whoever else writes there. For throw-away VMs all the
 * same.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/asm.h>
#include <asm/pgtable.h>
#include <asm/smap.h>

#define MAX_BATCH 65536

struct batch {
	struct mutex lock;
	size_t nr;
	size_t nr_read;
	u8 *answers;
};

/*
 * _ASM_EXTABLE's default handler takes any fault: #PF for what is mapped wrongly or not
 * at all, #GP for what is not canonical. The answer is set before the access and
 * corrected after, as a fault skips the correction.
 */
static __always_inline bool can_load(unsigned long address)
{
	bool ok = false;
	u8 byte;

	asm volatile("1:	movb (%[address]), %[byte]\n"
		     "	movb $1, %[ok]\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : [byte] "=&q"(byte), [ok] "+q"(ok)
		     : [address] "r"(address)
		     : "memory");
	return ok;
}

static __always_inline bool can_store(unsigned long address)
{
	bool ok = false;

	asm volatile("1:	lock orb $0, (%[address])\n"
		     "	movb $1, %[ok]\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : [ok] "+q"(ok)
		     : [address] "r"(address)
		     : "memory", "cc");
	return ok;
}

static bool is_user_half(unsigned long address)
{
	return address < (1UL << __VIRTUAL_MASK_SHIFT);
}

static bool is_kernel_half(unsigned long address)
{
	return address >= ~__VIRTUAL_MASK;
}

/*
 * Whether the address is mapped, and to something other than RAM. Interrupts are off
 * during the walk: page tables are freed after an IPI to all CPUs.
 */
static bool is_mmio(unsigned long address)
{
	unsigned long flags, pfn = 0, size = PAGE_SIZE;
	bool is_present = false;
	unsigned int level;
	pte_t *pte, entry;

	local_irq_save(flags);
	pte = lookup_address(address, &level);
	if (pte) {
		entry = READ_ONCE(*pte);
		if (level == PG_LEVEL_1G)
			size = PUD_SIZE;
		else if (level == PG_LEVEL_2M)
			size = PMD_SIZE;
		is_present = pte_val(entry) & _PAGE_PRESENT;
		/* Masked by the size: bit 12 of a large page's entry is PAT. */
		pfn = (pte_val(entry) & PTE_PFN_MASK & ~(size - 1)) |
		      (address & (size - 1));
		pfn >>= PAGE_SHIFT;
	}
	local_irq_restore(flags);
	return is_present && !(pfn_valid(pfn) && page_is_ram(pfn));
}

static u8 ask(unsigned long address)
{
	bool loads, stores;

	/*
	 * With SMAP the fault handler oopses on the user half without a look at the
	 * extable. The question is of kernel addresses anyway.
	 */
	if (is_user_half(address))
		return 'n';
	if (is_kernel_half(address) && is_mmio(address))
		return 'm';

	/*
	 * pagefault_disable() and AC are for the vsyscall page, which the fault handler
	 * takes for a user address, though it lies in the kernel half.
	 */
	preempt_disable();
	pagefault_disable();
	stac();
	loads = can_load(address);
	stores = loads && can_store(address);
	clac();
	pagefault_enable();
	preempt_enable();
	return stores ? 'w' : loads ? 'r' : 'n';
}

static int oracle_open(struct inode *inode, struct file *file)
{
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);

	if (!batch)
		return -ENOMEM;
	mutex_init(&batch->lock);
	file->private_data = batch;
	return nonseekable_open(inode, file);
}

static int oracle_release(struct inode *inode, struct file *file)
{
	struct batch *batch = file->private_data;

	kvfree(batch->answers);
	kfree(batch);
	return 0;
}

static ssize_t oracle_write(struct file *file, const char __user *buf, size_t size,
			    loff_t *pos)
{
	struct batch *batch = file->private_data;
	size_t i, nr = size / sizeof(u64);
	u64 *addresses;
	u8 *answers;

	if (!nr || size % sizeof(u64) || nr > MAX_BATCH)
		return -EINVAL;
	addresses = kvmalloc(size, GFP_KERNEL);
	answers = kvmalloc(nr, GFP_KERNEL);
	if (!addresses || !answers || copy_from_user(addresses, buf, size)) {
		kvfree(addresses);
		kvfree(answers);
		return -EFAULT;
	}
	for (i = 0; i < nr; i++) {
		answers[i] = ask(addresses[i]);
		cond_resched();
	}
	kvfree(addresses);

	mutex_lock(&batch->lock);
	swap(batch->answers, answers);
	batch->nr = nr;
	batch->nr_read = 0;
	mutex_unlock(&batch->lock);
	kvfree(answers);
	return size;
}

static ssize_t oracle_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct batch *batch = file->private_data;
	ssize_t ret;

	mutex_lock(&batch->lock);
	ret = min(size, batch->nr - batch->nr_read);
	if (ret && copy_to_user(buf, batch->answers + batch->nr_read, ret))
		ret = -EFAULT;
	else
		batch->nr_read += ret;
	mutex_unlock(&batch->lock);
	return ret;
}

static const struct proc_ops oracle_ops = {
	.proc_open = oracle_open,
	.proc_release = oracle_release,
	.proc_read = oracle_read,
	.proc_write = oracle_write,
};

static int __init oracle_init(void)
{
	return proc_create("kwcheck_oracle", 0600, NULL, &oracle_ops) ? 0 : -ENOMEM;
}

static void __exit oracle_exit(void)
{
	remove_proc_entry("kwcheck_oracle", NULL);
}

module_init(oracle_init);
module_exit(oracle_exit);
MODULE_DESCRIPTION("asks the CPU whether kernel addresses are writable (test VMs only)");
MODULE_LICENSE("GPL");
