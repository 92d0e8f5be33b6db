/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU that runs kernel code in an overlay: opened, made new, closed. */
#include "machine/machine.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/exception.h"
#include "machine/exec.h"
#include "machine/unicorn.h"

/* CR0 as Linux has it: PE, MP, ET, NE, WP, AM, PG. What the emulator itself holds is its
 * own affair: its paging is off.
 */
static const uint64_t CR0_INITIAL = 0x80050033;

/* arch/x86/include/asm/e820/types.h: ISA_START_ADDRESS, up to the adapters' ROMs. */
static const uint64_t DISPLAY_PA = 0xa0000;
_Static_assert(OVERLAY_BLOCK_BYTES == 0x20000, "the display's memory is one block");

static const struct machine_exceptions exceptions = {
	.page_fault = exception_fixup,
	.invalid_opcode = exception_invalid,
};

static int prepare_cpu(struct machine *machine)
{
	/* Only what code may look at. */
	uc_x86_mmr idt = {.base = machine->landmarks->idt, .limit = 0xfff};

	if (kernel_per_cpu(machine->kernel, 0, machine->cpu, &machine->per_cpu) < 0)
		return -ENOENT;
	machine->gs_base = machine->per_cpu;
	/* CONFIG_SMP=n: variables are where they are called, but the stack protector's
	 * (arch/x86/kernel/head_64.S, up to 6.14).
	 */
	if (machine->per_cpu == 0)
		symbols_address(&machine->kernel->symbols, "fixed_percpu_data",
				&machine->gs_base);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->gs_base);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_IDTR, &idt);
	return 0;
}

static void begin_run(struct machine *machine)
{
	machine_forgive(machine);
	machine->run = (struct machine_run){
		.cr0 = CR0_INITIAL,
		.keeps_wp = machine->guards.keeps_wp,
		.page_va = 1,
		.started_ns = machine_cpu_ns(),
	};
}

/* Text and pixels of a PC's display. What is there is not known: memory, or nothing where
 * there is no display. One variant has each: bytes that stay as they are written, and
 * bytes of all ones that no store changes.
 */
static int fetch_display(struct machine *machine, uint64_t pa, void *buf,
			 size_t size_bytes)
{
	if (pa < machine->display_pa || pa - machine->display_pa >= OVERLAY_BLOCK_BYTES)
		return -EFAULT;
	machine->has_display = true;
	machine->overlay.lost_pa = machine->variant ? machine->display_pa : 0;
	memset(buf, (int)machine_invent(machine, 0, 0xff), size_bytes);
	return 0;
}

/* Of firmware's pages some in a block may be there. */
static int fetch(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	struct machine *machine = ctx;
	struct kernel *kernel = machine->kernel;
	int r = elfcore_read_pa(&kernel->core, pa, buf, size_bytes);

	if (r == -EFAULT)
		r = firmware_read(&kernel->firmware, pa, buf, size_bytes);
	return r == -EFAULT ? fetch_display(machine, pa, buf, size_bytes) : r;
}

int machine_open_memory(struct machine *ret, const struct unicorn *unicorn,
			struct kernel *kernel, overlay_fetch_fn fetch_page, void *ctx,
			const struct pagetable *pt, const struct machine_limits *limits)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	if (unicorn_no_room())
		return -ENOSPC;
	ret->unicorn = unicorn;
	ret->kernel = kernel;
	ret->exceptions = &exceptions;
	ret->limits = *limits;
	if (ret->limits.depth > MACHINE_MAX_DEPTH)
		ret->limits.depth = MACHINE_MAX_DEPTH;
	begin_run(ret);
	r = overlay_open(&ret->overlay, fetch_page, ctx, pt, limits->pages,
			 !kernel->is_live);
	if (r == 0 && unicorn->open(UC_ARCH_X86, UC_MODE_64, &ret->uc))
		r = -ENOMEM;
	if (r == 0)
		r = tlb_open(&ret->tlb, unicorn, ret->uc, &ret->overlay);
	if (r == 0)
		r = exec_add_hooks(ret);
	if (r < 0)
		machine_close(ret);
	return r;
}

int machine_open(struct machine *ret, struct kernel *kernel,
		 const struct landmarks *landmarks, const struct machine_limits *limits,
		 unsigned cpu, unsigned variant)
{
	const struct unicorn *unicorn = unicorn_get();
	int r;

	if (!unicorn)
		return -ENOSYS;
	r = machine_open_memory(ret, unicorn, kernel, fetch, ret, &kernel->pt, limits);
	if (r < 0)
		return r;
	ret->display_pa = DISPLAY_PA;
	ret->landmarks = landmarks;
	ret->guards = landmarks->guards;
	ret->run.keeps_wp = ret->guards.keeps_wp;
	ret->cpu = cpu;
	ret->variant = variant;
	clock_find(ret);
	r = prepare_cpu(ret);
	if (r < 0)
		machine_close(ret);
	return r;
}

static void block_changed(void *ctx, uint64_t pa)
{
	struct machine *machine = ctx;

	tlb_forget_block(&machine->tlb, pa);
}

static void page_changed(void *ctx, uint64_t pa)
{
	struct machine *machine = ctx;

	tlb_forget_page(&machine->tlb, pa);
}

/* The memory of @image, or the kernel's. */
static int bring_back(struct machine *machine, const struct overlay_image *image)
{
	enum { MAX_KEPT_BLOCKS = 512 }; /* 64 MiB */
	struct overlay *overlay = &machine->overlay;

	/* What a display's memory was made up to be belongs to the variant. */
	if (overlay->nr_blocks > MAX_KEPT_BLOCKS || machine->has_display)
		return -ENOSPC;
	if (image || overlay_has_origin(overlay))
		return overlay_restore(overlay, image, page_changed, machine);
	return overlay_refresh(overlay, block_changed, machine) < 0 ? -ENOMEM : 0;
}

int machine_reset(struct machine *machine, unsigned variant)
{
	static const uint64_t zeros[MACHINE_NR_REGISTERS];
	int r = bring_back(machine, NULL);

	if (r < 0)
		return r;
	begin_run(machine);
	machine->variant = variant;
	machine_set_registers(machine, zeros);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->gs_base);
	machine_flush(machine);
	return machine->run.has_ended ? -ENOMEM : 0;
}

bool machine_can_take(const struct machine *machine)
{
	return overlay_has_origin(&machine->overlay) && !machine->run.has_ended &&
	       !machine->run.within && !machine->run.nr_frames;
}

int machine_take(struct machine *machine, size_t max_pages, struct machine_image *ret)
{
	struct overlay_image memory;
	int r = overlay_take(&machine->overlay, max_pages, &memory);

	if (r < 0)
		return r;
	*ret = (struct machine_image){
		.memory = memory,
		.run = machine->run,
		.variant = machine->variant,
		.stack_top = machine->stack_top,
		.return_marker = machine->return_marker,
		.took_ns = machine_cpu_ns() - machine->run.started_ns,
	};
	machine_get_registers(machine, ret->registers);
	return 0;
}

int machine_restore(struct machine *machine, const struct machine_image *image)
{
	int r = bring_back(machine, &image->memory);

	if (r < 0)
		return r;
	machine_forgive(machine);
	machine->run = image->run;
	machine->run.page_va = 1;
	machine->run.started_ns = machine_cpu_ns() - image->took_ns;
	machine->variant = image->variant;
	machine_set_stack(machine, image->stack_top, image->return_marker);
	machine_set_registers(machine, image->registers);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->gs_base);
	machine_flush(machine);
	return machine->run.has_ended ? -ENOMEM : 0;
}

void machine_image_close(struct machine_image *image)
{
	overlay_image_close(&image->memory);
}

void machine_close(struct machine *machine)
{
	if (machine->uc)
		machine->unicorn->close(machine->uc);
	tlb_close(&machine->tlb);
	overlay_close(&machine->overlay);
	free(machine->watched);
	machine_forgive(machine);
	machine->uc = NULL;
	machine->watched = NULL;
}

#endif
