/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of an overlay the emulator may touch. */
#include "machine/tlb.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "machine/unicorn.h"

/* The emulator's physical addresses. Both windows are no canonical addresses: nothing
 * else that code can name without a fault lies there.
 */
static const uint64_t ARENA_PA = 1ULL << 60;
/* Virtual addresses by which the emulator finds what it translated of the arena. */
static const uint64_t CODE_VA = 1ULL << 61;

enum { NOWHERE = 1 }; /* no page's address */

static uint64_t page_of(uint64_t va)
{
	return va & ~(uint64_t)(PAGE_BYTES - 1);
}

static bool is_within(const struct tlb *tlb, uint64_t base, uint64_t address)
{
	return address - base < tlb->overlay->arena_bytes;
}

static uint32_t rights_of(const struct tlb *tlb, uint64_t va, const struct pt_walk *walk)
{
	return UC_PROT_READ |
	       ((walk->writable && !overlay_is_lost(tlb->overlay, walk->pa)) ||
				va == tlb->writable_va
			? UC_PROT_WRITE
			: 0) |
	       (walk->nx ? 0 : UC_PROT_EXEC);
}

static uint32_t right_for(int type)
{
	return type == UC_MEM_WRITE   ? UC_PROT_WRITE
	       : type == UC_MEM_FETCH ? UC_PROT_EXEC
				      : UC_PROT_READ;
}

/* What an access of @type to the kernel's page at @va meets, if it is allowed. */
static bool find(struct tlb *tlb, uint64_t va, int type, struct unicorn_tlb_entry *ret)
{
	struct pt_walk walk;
	unsigned char *bytes;
	uint32_t rights;

	overlay_walk(tlb->overlay, va, &walk);
	if (walk.reason != PT_OK)
		return false;
	/* Whether stores to it are lost is known once it is there. */
	if (overlay_frame(tlb->overlay, walk.pa, &bytes) < 0)
		return false;
	rights = rights_of(tlb, va, &walk);
	if (!(rights & right_for(type)))
		return false;
	*ret = (struct unicorn_tlb_entry){
		.paddr = ARENA_PA + (uint64_t)(bytes - tlb->overlay->arena),
		.perms = rights};
	return true;
}

/* A page that must not be touched is mapped to itself, where the emulator has no memory:
 * it reports the access by the hook for those, with address and size.
 */
static bool on_miss(struct uc_struct *uc, uint64_t va, int type,
		    struct unicorn_tlb_entry *ret, void *ctx)
{
	struct tlb *tlb = ctx;

	(void)uc;
	va = page_of(va);
	if (is_within(tlb, CODE_VA, va)) {
		*ret = (struct unicorn_tlb_entry){.paddr = va - CODE_VA + ARENA_PA,
						  .perms = UC_PROT_EXEC};
		return type == UC_MEM_FETCH;
	}
	if (va >> 63 && find(tlb, va, type, ret))
		return true;
	*ret = (struct unicorn_tlb_entry){.paddr = va, .perms = right_for(type)};
	return !is_within(tlb, ARENA_PA, va);
}

const unsigned char *tlb_page(struct tlb *tlb, uint64_t va)
{
	struct unicorn_tlb_entry entry;

	if (!tlb->is_asked)
		return tlbmap_page(&tlb->maps, va);
	return va >> 63 && find(tlb, page_of(va), UC_MEM_FETCH, &entry)
		       ? tlb->overlay->arena + (entry.paddr - ARENA_PA)
		       : NULL;
}

int tlb_map(struct tlb *tlb, uint64_t va, bool is_writable, struct pt_walk *walk)
{
	unsigned char *bytes;
	int r;

	va = page_of(va);
	overlay_walk(tlb->overlay, va, walk);
	if (walk->reason != PT_OK)
		return -EFAULT;
	r = overlay_frame(tlb->overlay, walk->pa, &bytes);
	if (r < 0)
		return r == -EFAULT ? -ENXIO : r;
	if (!tlb->is_asked)
		return tlbmap_add(&tlb->maps, va, is_writable, walk, bytes);
	if (is_writable)
		tlb->writable_va = va;
	return 0;
}

/* CR0.WP written anew flushes the emulator's TLB, as it does a CPU's, and keeps what was
 * translated; Unicorn's own call would clear a gigabyte of that.
 */
static void flush(struct tlb *tlb)
{
	uint64_t cr0 = 0, other;

	tlb->unicorn->reg_read(tlb->uc, UC_X86_REG_CR0, &cr0);
	other = cr0 ^ 1U << 16;
	tlb->unicorn->reg_write(tlb->uc, UC_X86_REG_CR0, &other);
	tlb->unicorn->reg_write(tlb->uc, UC_X86_REG_CR0, &cr0);
	tlb->writable_va = NOWHERE;
}

int tlb_drop(struct tlb *tlb, uint64_t va)
{
	if (!tlb->is_asked)
		return tlbmap_drop(&tlb->maps, va);
	flush(tlb);
	return 0;
}

int tlb_flush(struct tlb *tlb)
{
	if (!tlb->is_asked)
		return tlbmap_flush(&tlb->maps);
	flush(tlb);
	return 0;
}

/* Code is forgotten by the arena's bytes, whatever the address it ran at; the emulator
 * takes no more than a page at once.
 */
static void forget(struct tlb *tlb, const unsigned char *bytes, uint64_t size_bytes)
{
	uint64_t va = CODE_VA + (uint64_t)(bytes - tlb->overlay->arena);

	tlb->unicorn->ctl(tlb->uc, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), va,
			  va + size_bytes);
}

void tlb_forget_code(struct tlb *tlb, uint64_t va, uint64_t size_bytes)
{
	if (!tlb->is_asked) {
		tlbmap_forget_code(&tlb->maps, va, size_bytes);
		return;
	}
	for (uint64_t done = 0; done < size_bytes;) {
		uint64_t at = (va + done) % PAGE_BYTES, n = PAGE_BYTES - at;
		const unsigned char *page = tlb_page(tlb, va + done);

		if (n > size_bytes - done)
			n = size_bytes - done;
		if (page)
			forget(tlb, page + at, n);
		done += n;
	}
}

void tlb_forget_block(struct tlb *tlb, uint64_t pa)
{
	unsigned char *bytes;

	if (!tlb->is_asked)
		tlbmap_forget_block(&tlb->maps, pa);
	else if (overlay_frame(tlb->overlay, pa, &bytes) == 0)
		for (unsigned i = 0; i < OVERLAY_BLOCK_PAGES; i++)
			forget(tlb, bytes + i * PAGE_BYTES, PAGE_BYTES);
}

void tlb_forget_page(struct tlb *tlb, uint64_t pa)
{
	unsigned char *bytes;

	if (!tlb->is_asked)
		tlbmap_forget_page(&tlb->maps, pa);
	else if (overlay_frame(tlb->overlay, pa, &bytes) == 0)
		forget(tlb, bytes, PAGE_BYTES);
}

int tlb_open(struct tlb *ret, const struct unicorn *unicorn, struct uc_struct *uc,
	     struct overlay *overlay)
{
	uc_hook hook;

	*ret = (struct tlb){
		.unicorn = unicorn, .uc = uc, .overlay = overlay, .writable_va = NOWHERE};
	ret->is_asked = unicorn->ctl(uc, UC_CTL_WRITE(UNICORN_CTL_TLB_TYPE, 1),
				     UNICORN_TLB_VIRTUAL) == UC_ERR_OK;
	if (!ret->is_asked)
		return tlbmap_open(&ret->maps, unicorn, uc, overlay);
	if (unicorn->mem_map_ptr(uc, ARENA_PA, overlay->arena_bytes, UC_PROT_ALL,
				 overlay->arena) ||
	    unicorn->hook_add(uc, &hook, UNICORN_HOOK_TLB_FILL, (void *)on_miss, ret,
			      (uint64_t)1, (uint64_t)0))
		return -ENOMEM;
	return 0;
}

void tlb_close(struct tlb *tlb)
{
	tlbmap_close(&tlb->maps);
	memset(tlb, 0, sizeof(*tlb));
}

#endif
