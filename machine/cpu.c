/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's CPU at rest. */
#include "machine/cpu.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kcore/array.h"
#include "machine/unicorn.h"

void machine_set_stack(struct machine *machine, uint64_t stack_top,
		       uint64_t return_marker)
{
	machine->stack_top = stack_top;
	machine->return_marker = return_marker;
}

void machine_set_hooks(struct machine *machine, const struct machine_hooks *hooks)
{
	machine->hooks = *hooks;
}

static const int register_ids[MACHINE_NR_REGISTERS] = {
	UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX,	   UC_X86_REG_RBX, UC_X86_REG_RSP,
	UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,	   UC_X86_REG_R8,  UC_X86_REG_R9,
	UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12,	   UC_X86_REG_R13, UC_X86_REG_R14,
	UC_X86_REG_R15, UC_X86_REG_RIP, UC_X86_REG_EFLAGS,
};

uint64_t machine_register(struct machine *machine, unsigned number)
{
	uint64_t value = 0;

	machine->unicorn->reg_read(machine->uc, register_ids[number], &value);
	return value;
}

void machine_set_register(struct machine *machine, unsigned number, uint64_t value)
{
	machine->unicorn->reg_write(machine->uc, register_ids[number], &value);
}

void machine_get_registers(struct machine *machine, uint64_t values[MACHINE_NR_REGISTERS])
{
	for (unsigned i = 0; i < MACHINE_NR_REGISTERS; i++)
		values[i] = machine_register(machine, i);
}

void machine_set_registers(struct machine *machine,
			   const uint64_t values[MACHINE_NR_REGISTERS])
{
	for (unsigned i = 0; i < MACHINE_NR_REGISTERS; i++)
		machine_set_register(machine, i, values[i]);
}

uint64_t machine_argument(struct machine *machine, unsigned i)
{
	return machine_register(machine, x86_arguments[i]);
}

void machine_leave(struct machine *machine, uint64_t value)
{
	uint64_t rsp = machine_register(machine, X86_RSP), back = 0;

	if (machine_read(machine, rsp, &back, sizeof(back)) < 0) {
		machine_stop(machine, MACHINE_UNREADABLE, "the stack is gone");
		return;
	}
	machine_set_register(machine, X86_RSP, rsp + 8);
	machine_set_register(machine, MACHINE_RIP, back);
	machine_set_register(machine, X86_RAX, value);
}

void machine_stop(struct machine *machine, unsigned reason, const char *format, ...)
{
	va_list args;

	if (machine->run.has_ended)
		return;
	machine->run.has_ended = true;
	/* A page that was not fetched is the reason for whatever comes after it. */
	if (machine->overlay.exceeded_pages) {
		machine->run.reason = MACHINE_PAGES;
		snprintf(machine->run.why, sizeof(machine->run.why),
			 "the bound of %zu pages was reached (--limit=pages)",
			 machine->overlay.nr_pages);
		return;
	}
	machine->run.reason = reason;
	va_start(args, format);
	vsnprintf(machine->run.why, sizeof(machine->run.why), format, args);
	va_end(args);
}

uint64_t machine_invent(struct machine *machine, uint64_t a, uint64_t b)
{
	machine->run.nr_invented++;
	return machine->variant ? b : a;
}

void machine_add_bypass(struct machine *machine, uint64_t address, unsigned size_bytes,
			const char *means)
{
	if (machine->run.nr_bypasses == MACHINE_MAX_BYPASSES)
		return;
	machine->run.bypasses[machine->run.nr_bypasses++] = (struct machine_bypass){
		.rip = machine->run.rip,
		.address = address,
		.size_bytes = size_bytes,
		.means = means,
	};
}

int machine_read(struct machine *machine, uint64_t va, void *buf, size_t size_bytes)
{
	return overlay_read(&machine->overlay, va, buf, size_bytes);
}

bool machine_read_pointer(struct machine *machine, uint64_t va, uint64_t *ret)
{
	return machine_read(machine, va, ret, sizeof(*ret)) == 0;
}

int machine_read_string(struct machine *machine, uint64_t va, char *buf,
			size_t size_bytes)
{
	size_t i;

	for (i = 0; i + 1 < size_bytes; i++) {
		int r = machine_read(machine, va + i, &buf[i], 1);

		if (r < 0)
			return r;
		if (!buf[i])
			return 0;
	}
	buf[i] = '\0';
	return 0;
}

void machine_walk(struct machine *machine, uint64_t va, struct pt_walk *ret)
{
	overlay_walk(&machine->overlay, va, ret);
}

int machine_frame(struct machine *machine, uint64_t pa, unsigned char **ret)
{
	return overlay_frame(&machine->overlay, pa, ret);
}

int machine_map(struct machine *machine, uint64_t va, uint64_t pa, uint64_t flags,
		overlay_allocate_fn allocate, void *ctx)
{
	return overlay_map(&machine->overlay, va, pa, flags, allocate, ctx);
}

static void cannot_fetch(struct machine *machine, int r, uint64_t va, uint64_t pa)
{
	switch (r) {
	case -EDQUOT:
		machine_stop(machine, MACHINE_PAGES, "too many pages");
		return;
	case -ENXIO:
		if (elfcore_is_ram(&machine->kernel->core, pa))
			machine_stop(machine, MACHINE_UNREADABLE,
				     "the core does not have the memory at 0x%016llx",
				     (unsigned long long)va);
		else
			machine_stop(machine, MACHINE_DEVICE,
				     "0x%016llx is device memory (physical 0x%llx)",
				     (unsigned long long)va, (unsigned long long)pa);
		return;
	}
	machine_stop(machine, MACHINE_NO_MEMORY, "the emulator cannot map 0x%016llx",
		     (unsigned long long)va);
}

bool machine_fill_tlb(struct machine *machine, uint64_t va, bool is_writable,
		      struct pt_walk *walk)
{
	int r = tlb_map(&machine->tlb, va, is_writable, walk);

	if (r < 0 && r != -EFAULT)
		cannot_fetch(machine, r, va, walk->pa);
	return r == 0;
}

void machine_drop(struct machine *machine, uint64_t va)
{
	machine->run.page_va = 1;
	if (tlb_drop(&machine->tlb, va) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

void machine_flush(struct machine *machine)
{
	machine->run.page_va = 1;
	if (tlb_flush(&machine->tlb) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

int machine_write(struct machine *machine, uint64_t va, const void *buf,
		  size_t size_bytes)
{
	tlb_forget_code(&machine->tlb, va, size_bytes);
	return overlay_write(&machine->overlay, va, buf, size_bytes);
}

const struct machine_watched *machine_find_watched(const struct machine *machine,
						   uint64_t address)
{
	size_t i;

	if (!machine_may_be_watched(machine, address))
		return NULL;
	i = array_below(machine->watched, machine->nr_watched,
			sizeof(machine->watched[0]),
			offsetof(struct machine_watched, address), address);
	return i < machine->nr_watched && machine->watched[i].address == address
		       ? &machine->watched[i]
		       : NULL;
}

uint64_t machine_cpu_ns(void)
{
	struct timespec now = {0};

	/* Where nobody counts it, time that passes is an upper bound. */
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
		clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void machine_forget_branch(struct machine *machine)
{
	machine->run.pending_back = 0;
	machine->run.jump_site = 0;
	machine->run.has_branched = false;
}

void machine_forgive(struct machine *machine)
{
	free(machine->run.within);
	machine->run.within = NULL;
}

static int compare_watched(const void *a, const void *b)
{
	const struct machine_watched *left = a, *right = b;

	return (left->address > right->address) - (left->address < right->address);
}

int machine_watch_all(struct machine *machine, const uint64_t addresses[], size_t nr,
		      unsigned first_id)
{
	struct machine_watched *watched = reallocarray(
		machine->watched, machine->nr_watched + nr, sizeof(*watched));

	if (!watched)
		return -ENOMEM;
	machine->watched = watched;
	for (size_t i = 0; i < nr; i++) {
		unsigned bit = machine_filter_bit(addresses[i]);

		if (!addresses[i])
			continue;
		watched[machine->nr_watched++] = (struct machine_watched){
			.address = addresses[i], .id = first_id + (unsigned)i};
		machine->watched_filter[bit / 8] |= (uint8_t)(1 << bit % 8);
	}
	qsort(watched, machine->nr_watched, sizeof(*watched), compare_watched);
	return 0;
}

#endif
