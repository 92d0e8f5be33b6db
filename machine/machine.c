/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU that runs kernel code in an overlay. */
#include "machine/machine.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "kcore/array.h"
#include "machine/unicorn.h"
#include "machine/exec.h"

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

static void set_registers(struct machine *machine,
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

void machine_stop(struct machine *machine, enum machine_reason reason, const char *format,
		  ...)
{
	va_list args;

	if (machine->has_ended)
		return;
	machine->has_ended = true;
	/* Whoever stops now does so for want of what was not fetched. */
	if (machine->overlay.exceeded_pages) {
		machine->reason = MACHINE_PAGES;
		snprintf(machine->why, sizeof(machine->why), "%zu pages were fetched",
			 machine->overlay.nr_pages);
		return;
	}
	machine->reason = reason;
	va_start(args, format);
	vsnprintf(machine->why, sizeof(machine->why), format, args);
	va_end(args);
}

uint64_t machine_invent(struct machine *machine, uint64_t a, uint64_t b)
{
	machine->nr_invented++;
	return machine->variant ? b : a;
}

void machine_add_bypass(struct machine *machine, uint64_t address, unsigned size_bytes,
			const char *means)
{
	if (machine->nr_bypasses == MACHINE_MAX_BYPASSES)
		return;
	machine->bypasses[machine->nr_bypasses++] = (struct machine_bypass){
		.rip = machine->rip,
		.address = address,
		.size_bytes = size_bytes,
		.means = means,
	};
}

int machine_read(struct machine *machine, uint64_t va, void *buf, size_t size_bytes)
{
	return overlay_read(&machine->overlay, va, buf, size_bytes);
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

/* --- memory --- */

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

/* As tlb_map(); a failure that is not the tables' ends the run. */
bool machine_map(struct machine *machine, uint64_t va, bool is_writable,
		 struct pt_walk *walk)
{
	int r = tlb_map(&machine->tlb, va, is_writable, walk);

	if (r < 0 && r != -EFAULT)
		cannot_fetch(machine, r, va, walk->pa);
	return r == 0;
}

void machine_drop(struct machine *machine, uint64_t va)
{
	machine->page_va = 1;
	if (tlb_drop(&machine->tlb, va) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

void machine_flush(struct machine *machine)
{
	machine->page_va = 1;
	if (tlb_flush(&machine->tlb) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

int machine_write(struct machine *machine, uint64_t va, const void *buf,
		  size_t size_bytes)
{
	tlb_forget_code(&machine->tlb, va, size_bytes);
	return overlay_write(&machine->overlay, va, buf, size_bytes);
}

static unsigned filter_bit(uint64_t address)
{
	return (unsigned)(address ^ address >> 13) & 0xffff;
}

const struct machine_watched *machine_find_watched(const struct machine *machine,
						   uint64_t address)
{
	unsigned bit = filter_bit(address);
	size_t i;

	if (!(machine->watched_filter[bit / 8] >> bit % 8 & 1))
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

/* No call and no jump is under way. */
static void forget_branch(struct machine *machine)
{
	machine->pending_back = 0;
	machine->jump_site = 0;
}

/* CR0 as Linux has it: PE, MP, ET, NE, WP, AM, PG. What the emulator itself holds is its
 * own affair: its paging is off.
 */
static const uint64_t CR0_INITIAL = 0x80050033;
void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret)
{
	bool is_nested = machine->nr_frames > 0;
	uint64_t saved[MACHINE_NR_REGISTERS], rsp, passed = machine->passed_watch;
	size_t nr_frames = machine->nr_frames;

	machine_get_registers(machine, saved);
	/* Clear of the red zone that kernel code does not have, and aligned for a call.
	 */
	rsp = ((is_nested ? saved[X86_RSP] : machine->stack_top) - 256) & ~(uint64_t)15;
	rsp -= 8;
	if (!machine->has_ended && machine_write(machine, rsp, &machine->return_marker,
						 sizeof(machine->return_marker)) < 0)
		machine_stop(machine, MACHINE_UNREADABLE, "there is no stack");
	for (size_t i = 0; i < nr_arguments && i < X86_NR_ARGUMENTS; i++)
		machine_set_register(machine, x86_arguments[i], arguments[i]);
	for (size_t i = X86_NR_ARGUMENTS; i < nr_arguments; i++)
		machine_write(machine, rsp + 8 * (i + 1 - X86_NR_ARGUMENTS),
			      &arguments[i], sizeof(arguments[i]));
	machine_set_register(machine, X86_RSP, rsp);
	machine_set_register(machine, MACHINE_RIP, function);
	machine_set_register(machine, MACHINE_RFLAGS, 0x202); /* interrupts on */
	if (machine->nr_frames < machine->limits.depth)
		machine->frames[machine->nr_frames++] = (struct machine_call_site){
			.callee = function, .back = machine->return_marker};
	machine->passed_watch = 0;
	forget_branch(machine);
	exec_until(machine, rsp + 8, ret);
	machine->nr_frames = nr_frames;
	machine->passed_watch = passed;
	forget_branch(machine);
	if (ret->end == MACHINE_RETURNED) {
		set_registers(machine, saved);
	} else if (is_nested && !machine->within) {
		machine->within = malloc(sizeof(*machine->within));
		if (machine->within)
			*machine->within = *ret;
	}
}

void machine_forgive(struct machine *machine)
{
	free(machine->within);
	machine->within = NULL;
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
		unsigned bit = filter_bit(addresses[i]);

		if (!addresses[i])
			continue;
		watched[machine->nr_watched++] = (struct machine_watched){
			.address = addresses[i], .id = first_id + (unsigned)i};
		machine->watched_filter[bit / 8] |= (uint8_t)(1 << bit % 8);
	}
	qsort(watched, machine->nr_watched, sizeof(*watched), compare_watched);
	return 0;
}

static int prepare_cpu(struct machine *machine)
{
	/* Only what code may look at. */
	uc_x86_mmr idt = {.base = machine->landmarks->idt, .limit = 0xfff};

	symbols_address(&machine->kernel->symbols, "jiffies", &machine->jiffies);
	if (kernel_per_cpu(machine->kernel, 0, machine->cpu, &machine->per_cpu) < 0)
		return -ENOENT;
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->per_cpu);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_IDTR, &idt);
	return 0;
}

/* What a run leaves behind in the machine itself. */
static void forget_run(struct machine *machine)
{
	machine_forgive(machine);
	machine->cr0 = CR0_INITIAL;
	machine->page_va = 1;
	forget_branch(machine);
	machine->passed_watch = 0;
	machine->nr_instructions = 0;
	machine->nr_ticks = 0;
	machine->next_clock = 0;
	machine->started_ns = machine_cpu_ns();
	machine->nr_frames = 0;
	machine->has_ended = false;
	machine->reason = MACHINE_OK;
	machine->why[0] = '\0';
	machine->nr_invented = 0;
	machine->assumed = NULL;
	machine->asked_for_module = false;
	machine->nr_warnings = 0;
	machine->nr_bypasses = 0;
}

static const char *no_room;

const char *machine_no_room(void)
{
	return no_room;
}

/* Unicorn ends the process if it does not get its gigabyte for translated code. */
static bool has_room(void)
{
	static const size_t CODE_BYTES = 1UL << 30;
	void *room = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED) {
		no_room = errno == ENOMEM
				  ? "the emulator wants 1 GiB of address space, which "
				    "this system does not give; vm.overcommit_memory=1 "
				    "does"
				  : "the emulator wants memory that can be written and "
				    "executed, which this system denies (SELinux: "
				    "execmem; systemd: MemoryDenyWriteExecute)";
		return false;
	}
	munmap(room, CODE_BYTES);
	return true;
}

static int fetch(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	struct kernel *kernel = ctx;

	return elfcore_read_pa(&kernel->core, pa, buf, size_bytes);
}

int machine_open_memory(struct machine *ret, const struct unicorn *unicorn,
			struct kernel *kernel, overlay_fetch_fn fetch_page, void *ctx,
			const struct pagetable *pt, const struct machine_limits *limits)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!has_room())
		return -ENOSPC;
	ret->unicorn = unicorn;
	ret->kernel = kernel;
	ret->limits = *limits;
	if (ret->limits.depth > MACHINE_MAX_DEPTH)
		ret->limits.depth = MACHINE_MAX_DEPTH;
	forget_run(ret);
	r = overlay_open(&ret->overlay, fetch_page, ctx, pt, limits->pages);
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
	r = machine_open_memory(ret, unicorn, kernel, fetch, kernel, &kernel->pt, limits);
	if (r < 0)
		return r;
	ret->landmarks = landmarks;
	ret->cpu = cpu;
	ret->variant = variant;
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

int machine_reset(struct machine *machine, unsigned variant)
{
	enum { MAX_KEPT_BLOCKS = 512 }; /* 64 MiB */
	static const uint64_t zeros[MACHINE_NR_REGISTERS];

	if (machine->overlay.nr_blocks > MAX_KEPT_BLOCKS)
		return -ENOSPC;
	if (overlay_refresh(&machine->overlay, block_changed, machine) < 0)
		return -ENOMEM;
	forget_run(machine);
	machine->variant = variant;
	set_registers(machine, zeros);
	machine->unicorn->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->per_cpu);
	machine_flush(machine);
	return machine->has_ended ? -ENOMEM : 0;
}

void machine_close(struct machine *machine)
{
	if (machine->uc)
		machine->unicorn->close(machine->uc);
	tlb_close(&machine->tlb);
	overlay_close(&machine->overlay);
	free(machine->watched);
	free(machine->within);
	machine->within = NULL;
	machine->uc = NULL;
	machine->watched = NULL;
}

#endif
