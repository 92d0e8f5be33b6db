// SPDX-License-Identifier: GPL-2.0-or-later
/* From 6.12: takes a security hook out of the kernel's text, past its key: the patched
 * call then returns 0 (key= with its table, start= to stop=), or the jump to it is gone
 * (active= with its table). The text is written through a second mapping for a moment.
 */
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

static unsigned long start, stop, key, active;
module_param(start, ulong, 0);
module_param(stop, ulong, 0);
module_param(key, ulong, 0);
module_param(active, ulong, 0);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
enum { CALL = 0xe8, JUMP = 0xe9, SHORT_JUMP = 0xeb };

static unsigned long at;
static u8 old[5];
static size_t nr;

static int write_text(const u8 *bytes)
{
	unsigned long pfn = __pa_symbol(at) >> PAGE_SHIFT;
	struct page *pages[] = {pfn_to_page(pfn), pfn_to_page(pfn + 1)};
	char *mapping = vmap(pages, 2, VM_MAP, PAGE_KERNEL);

	if (!mapping)
		return -ENOMEM;
	memcpy(mapping + offset_in_page(at), bytes, nr);
	vunmap(mapping);
	return 0;
}

static int patch(const u8 *bytes, size_t size)
{
	nr = size;
	memcpy(old, (void *)at, nr);
	return write_text(bytes);
}

static int patch_call(void)
{
	static const u8 return_0[] = {0x2e, 0x2e, 0x2e, 0x31, 0xc0};
	struct static_call_site *site = (void *)start;

	for (; (unsigned long)site < stop; site++) {
		unsigned long site_key = (unsigned long)&site->key + site->key;

		at = (unsigned long)&site->addr + site->addr;
		/* Neither a tail call nor one of init, which is gone. */
		if ((site_key & ~3UL) == key && !(site_key & 3) && *(u8 *)at == CALL)
			return patch(return_0, sizeof(return_0));
	}
	return -ENOENT;
}

static int patch_jump(void)
{
	static const u8 nops[] = {0x0f, 0x1f, 0x44, 0x00, 0x00}, nop2[] = {0x66, 0x90};
	struct jump_entry *entry = (void *)start;

	for (; (unsigned long)entry < stop; entry++) {
		at = jump_entry_code(entry);
		if ((unsigned long)jump_entry_key(entry) != active ||
		    jump_entry_is_init(entry))
			continue;
		if (*(u8 *)at == JUMP)
			return patch(nops, sizeof(nops));
		if (*(u8 *)at == SHORT_JUMP)
			return patch(nop2, sizeof(nop2));
	}
	return -ENOENT;
}

static int __init damage_init(void)
{
	return key ? patch_call() : patch_jump();
}

static void __exit damage_exit(void)
{
	write_text(old);
}
#else
static int __init damage_init(void)
{
	return -EOPNOTSUPP;
}

static void __exit damage_exit(void)
{
}
#endif

module_init(damage_init);
module_exit(damage_exit);
MODULE_LICENSE("GPL");
