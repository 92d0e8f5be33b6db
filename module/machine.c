/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU that runs kernel code in an overlay. */
#include "module/machine.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "module/emulator.h"
#include "module/software.h"
#include "module/trap.h"

/* Why the emulator was left. */
enum machine_event {
	EVENT_NONE = 0,
	EVENT_WATCH,	   /* a watched address */
	EVENT_INSTRUCTION, /* one that is done in software */
	EVENT_FAULT,
	EVENT_INTERRUPT,
	EVENT_STOP, /* machine_stop() */
};

/* What is mapped in the emulator: 1 or OVERLAY_BLOCK_PAGES pages. */
struct machine_mapping {
	uint64_t va, pa;
	size_t size_bytes;
	uint32_t rights; /* UC_PROT_* */
};

struct machine_page {
	uint64_t va; /* 0: a free slot */
	unsigned char *bytes;
	uint32_t mapping;
};

struct machine_watched {
	uint64_t address;
	unsigned id;
};

static const char *const reason_names[MACHINE_NR_REASONS] = {
	[MACHINE_OK] = "ok",
	[MACHINE_INSTRUCTIONS] = "instructions",
	[MACHINE_TIME] = "time",
	[MACHINE_PAGES] = "pages",
	[MACHINE_DEPTH] = "depth",
	[MACHINE_UNREADABLE] = "unreadable",
	[MACHINE_DEVICE] = "device",
	[MACHINE_USER_MEMORY] = "user-memory",
	[MACHINE_UNSUPPORTED] = "unsupported-instruction",
	[MACHINE_TRAP] = "trap",
	[MACHINE_HALTED] = "halted",
	[MACHINE_WAITS] = "waits",
	[MACHINE_INVENTED] = "invented",
	[MACHINE_SETUP] = "setup",
	[MACHINE_NEEDED] = "needed-module",
	[MACHINE_NO_MEMORY] = "no-memory",
};

const char *machine_reason_name(enum machine_reason reason)
{
	return reason_names[reason];
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

	machine->emulator->reg_read(machine->uc, register_ids[number], &value);
	return value;
}

void machine_set_register(struct machine *machine, unsigned number, uint64_t value)
{
	machine->emulator->reg_write(machine->uc, register_ids[number], &value);
}

static void get_registers(struct machine *machine, uint64_t values[MACHINE_NR_REGISTERS])
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
	static const unsigned numbers[] = {MACHINE_RDI, MACHINE_RSI, MACHINE_RDX,
					   MACHINE_RCX, MACHINE_R8,  MACHINE_R8 + 1};

	return machine_register(machine, numbers[i]);
}

void machine_leave(struct machine *machine, uint64_t value)
{
	uint64_t rsp = machine_register(machine, MACHINE_RSP), back = 0;

	if (machine_read(machine, rsp, &back, sizeof(back)) < 0) {
		machine_stop(machine, MACHINE_UNREADABLE, "the stack is gone");
		return;
	}
	machine_set_register(machine, MACHINE_RSP, rsp + 8);
	machine_set_register(machine, MACHINE_RIP, back);
	machine_set_register(machine, MACHINE_RAX, value);
}

void machine_stop(struct machine *machine, enum machine_reason reason, const char *format,
		  ...)
{
	va_list args;

	if (machine->has_ended)
		return;
	machine->has_ended = true;
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

/* Translated code of a mapped, executable range is dropped. (To drop all of it, Unicorn
 * clears a gigabyte.)
 */
static void forget_code(struct machine *machine, uint64_t va, uint64_t size_bytes)
{
	machine->emulator->ctl(machine->uc, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), va,
			       va + size_bytes);
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

/* --- what is mapped in the emulator --- */

static struct machine_page *page_slot(struct machine_page *pages, size_t nr_slots,
				      uint64_t va)
{
	size_t i = (size_t)((va / PAGE_BYTES) * 0x9e3779b97f4a7c15ULL >> 40) &
		   (nr_slots - 1);

	while (pages[i].va && pages[i].va != va)
		i = (i + 1) & (nr_slots - 1);
	return &pages[i];
}

static const struct machine_page *page_at(const struct machine *machine, uint64_t va)
{
	const struct machine_page *page = page_slot(
		machine->pages, machine->nr_page_slots, va & ~(uint64_t)(PAGE_BYTES - 1));

	return page->va ? page : NULL;
}

static int rehash(struct machine *machine, size_t nr_slots)
{
	struct machine_page *pages = calloc(nr_slots, sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	for (size_t i = 0; i < machine->nr_page_slots; i++) {
		const struct machine_page *page = &machine->pages[i];

		/* A page of a mapping that is gone is left out. */
		if (page->va && machine->mappings[page->mapping].size_bytes)
			*page_slot(pages, nr_slots, page->va) = *page;
		else if (page->va)
			machine->nr_pages--;
	}
	free(machine->pages);
	machine->pages = pages;
	machine->nr_page_slots = nr_slots;
	return 0;
}

static int add_mapping(struct machine *machine, uint64_t va, uint64_t pa,
		       size_t size_bytes, uint32_t rights, unsigned char *bytes)
{
	if (machine->nr_mappings == machine->room_mappings) {
		size_t room = machine->room_mappings ? machine->room_mappings * 2 : 256;
		void *mappings = reallocarray(machine->mappings, room,
					      sizeof(*machine->mappings));

		if (!mappings)
			return -ENOMEM;
		machine->mappings = mappings;
		machine->room_mappings = room;
	}
	if ((machine->nr_pages + size_bytes / PAGE_BYTES) * 2 > machine->nr_page_slots &&
	    rehash(machine, machine->nr_page_slots * 2) < 0)
		return -ENOMEM;
	if (machine->emulator->mem_map_ptr(machine->uc, va, size_bytes, rights, bytes))
		return -EBUSY;
	machine->mappings[machine->nr_mappings] = (struct machine_mapping){
		.va = va, .pa = pa, .size_bytes = size_bytes, .rights = rights};
	for (size_t i = 0; i < size_bytes; i += PAGE_BYTES) {
		*page_slot(machine->pages, machine->nr_page_slots, va + i) =
			(struct machine_page){.va = va + i,
					      .bytes = bytes + i,
					      .mapping = (uint32_t)machine->nr_mappings};
		machine->nr_pages++;
	}
	machine->nr_mappings++;
	return 0;
}

static void remove_mapping(struct machine *machine, struct machine_mapping *mapping)
{
	if (mapping->rights & UC_PROT_EXEC)
		forget_code(machine, mapping->va, mapping->size_bytes);
	machine->emulator->mem_unmap(machine->uc, mapping->va, mapping->size_bytes);
	mapping->size_bytes = 0;
	machine->page_va = 1;
}

static uint32_t rights_of(const struct pt_walk *walk)
{
	return UC_PROT_READ | (walk->writable ? UC_PROT_WRITE : 0) |
	       (walk->nx ? 0 : UC_PROT_EXEC);
}

static void cannot_fetch(struct machine *machine, int r, uint64_t va, uint64_t pa)
{
	if (r == -EDQUOT)
		machine_stop(machine, MACHINE_PAGES, "%zu pages were fetched",
			     machine->overlay.nr_pages);
	else if (r == -ENOMEM)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
	else if (elfcore_segment_of(&machine->kernel->core, va))
		machine_stop(machine, MACHINE_UNREADABLE,
			     "the core does not have the memory at 0x%016llx",
			     (unsigned long long)va);
	else
		machine_stop(machine, MACHINE_DEVICE,
			     "0x%016llx is device memory (physical 0x%llx)",
			     (unsigned long long)va, (unsigned long long)pa);
}

/* Maps what the tables map at @va. @rights: more than they give, for a store with CR0.WP
 * clear; then that page alone.
 */
static bool map_page(struct machine *machine, uint64_t va, uint32_t rights,
		     struct pt_walk *walk)
{
	uint64_t in_block;
	unsigned char *bytes;
	int r;

	va &= ~(uint64_t)(PAGE_BYTES - 1);
	overlay_walk(&machine->overlay, va, walk);
	if (walk->reason != PT_OK)
		return false;
	r = overlay_frame(&machine->overlay, walk->pa, &bytes);
	if (r < 0) {
		cannot_fetch(machine, r, va, walk->pa);
		return false;
	}
	rights |= rights_of(walk);
	in_block = walk->pa % OVERLAY_BLOCK_BYTES;
	if (walk->span >= OVERLAY_BLOCK_BYTES && rights == rights_of(walk) &&
	    overlay_is_whole(&machine->overlay, walk->pa) &&
	    add_mapping(machine, va - in_block, walk->pa - in_block, OVERLAY_BLOCK_BYTES,
			rights, bytes - in_block) == 0)
		return true;
	r = add_mapping(machine, va, walk->pa, PAGE_BYTES, rights, bytes);
	if (r < 0)
		machine_stop(machine, MACHINE_NO_MEMORY,
			     "the emulator cannot map 0x%016llx", (unsigned long long)va);
	return r == 0;
}

/* Does the mapping still say what the tables say? */
static bool is_current(struct machine *machine, const struct machine_mapping *mapping)
{
	struct pt_walk walk;

	overlay_walk(&machine->overlay, mapping->va, &walk);
	return walk.reason == PT_OK && walk.pa == mapping->pa &&
	       walk.span >= mapping->size_bytes && rights_of(&walk) == mapping->rights;
}

void machine_flush(struct machine *machine)
{
	bool has_changed = false;

	for (size_t i = 0; i < machine->nr_mappings; i++) {
		struct machine_mapping *mapping = &machine->mappings[i];

		if (!mapping->size_bytes || is_current(machine, mapping))
			continue;
		remove_mapping(machine, mapping);
		has_changed = true;
	}
	if (has_changed && rehash(machine, machine->nr_page_slots) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

/* Takes the page at @va out, to be mapped anew. */
static void drop_page(struct machine *machine, uint64_t va)
{
	const struct machine_page *page = page_at(machine, va);

	if (!page)
		return;
	remove_mapping(machine, &machine->mappings[page->mapping]);
	if (rehash(machine, machine->nr_page_slots) < 0)
		machine_stop(machine, MACHINE_NO_MEMORY, "no memory");
}

int machine_write(struct machine *machine, uint64_t va, const void *buf,
		  size_t size_bytes)
{
	const struct machine_page *page = page_at(machine, va);

	if (page && machine->mappings[page->mapping].rights & UC_PROT_EXEC)
		forget_code(machine, va, size_bytes);
	return overlay_write(&machine->overlay, va, buf, size_bytes);
}

/* --- the emulator's hooks --- */

static void leave(struct machine *machine, enum machine_event event, unsigned id)
{
	machine->event = event;
	machine->event_id = id;
	machine->emulator->emu_stop(machine->uc);
}

static unsigned filter_bit(uint64_t address)
{
	return (unsigned)(address ^ address >> 13) & 0xffff;
}

static const struct machine_watched *find_watched(const struct machine *machine,
						  uint64_t address)
{
	size_t low = 0, high = machine->nr_watched;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (machine->watched[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < machine->nr_watched && machine->watched[low].address == address
		       ? &machine->watched[low]
		       : NULL;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void check_bounds(struct machine *machine)
{
	const struct machine_limits *limits = &machine->limits;

	if (machine->nr_instructions > limits->instructions) {
		machine_stop(machine, MACHINE_INSTRUCTIONS, "%llu instructions ran",
			     (unsigned long long)limits->instructions);
	} else if (now_ns() - machine->started_ns > limits->milliseconds * 1000000) {
		machine_stop(machine, MACHINE_TIME, "%llu ms passed",
			     (unsigned long long)limits->milliseconds);
	} else {
		uint64_t left = limits->instructions - machine->nr_instructions;

		machine->next_clock = machine->nr_instructions +
				      (left < 65536 ? left + 1 : 65536);
		return;
	}
	leave(machine, EVENT_STOP, 0);
}

/* A call a few bytes ahead is no call: retpolines and return-stack stuffing do that. */
static bool is_call_ahead(uint64_t site, uint64_t callee)
{
	return callee - site < 32;
}

/* Follows calls and returns. */
static void follow_calls(struct machine *machine, uint64_t address)
{
	if (machine->pending_back) {
		if (is_call_ahead(machine->pending_site, address)) {
			machine->pending_back = 0;
			return;
		}
		if (machine->nr_frames == machine->limits.depth) {
			machine_stop(machine, MACHINE_DEPTH, "%zu calls deep",
				     machine->nr_frames);
			leave(machine, EVENT_STOP, 0);
		} else {
			machine->frames[machine->nr_frames++] = (struct machine_frame){
				.callee = address,
				.site = machine->pending_site,
				.back = machine->pending_back,
			};
			if (machine->called)
				machine->called(machine->ctx, machine,
						machine->pending_site, address);
		}
		machine->pending_back = 0;
	} else if (machine->nr_frames &&
		   machine->frames[machine->nr_frames - 1].back == address) {
		machine->nr_frames--;
	}
}

/* Is it a call? call rel32; call r/m64, with or without a prefix. */
static bool is_call(const unsigned char *bytes, uint32_t size)
{
	if (bytes[0] == 0xe8)
		return true;
	for (uint32_t i = 0; i + 1 < size && i < 3; i++) {
		if (bytes[i] == 0xff)
			return (bytes[i + 1] >> 3 & 7) == 2;
		if (bytes[i] != 0x2e && bytes[i] != 0x3e && bytes[i] != 0x36 &&
		    (bytes[i] & 0xf0) != 0x40)
			return false;
	}
	return false;
}

static void on_code(struct uc_struct *uc, uint64_t address, uint32_t size, void *ctx)
{
	struct machine *machine = ctx;
	const struct machine_watched *watched;
	const unsigned char *bytes;
	unsigned bit = filter_bit(address);

	(void)uc;
	machine->rip = address;
	if (machine->event)
		return; /* leaving already */
	follow_calls(machine, address);
	if (++machine->nr_instructions >= machine->next_clock)
		check_bounds(machine);
	if (machine->watched_filter[bit / 8] >> bit % 8 & 1 &&
	    machine->passed_watch != address) {
		watched = find_watched(machine, address);
		if (watched) {
			leave(machine, EVENT_WATCH, watched->id);
			return;
		}
	}
	machine->passed_watch = 0;
	if ((address & ~(uint64_t)(PAGE_BYTES - 1)) != machine->page_va) {
		const struct machine_page *page = page_at(machine, address);

		if (!page)
			return;
		machine->page_va = page->va;
		machine->page_bytes = page->bytes;
	}
	/* An instruction over the page's end is none of those below. */
	if (address % PAGE_BYTES + size > PAGE_BYTES || size == 0 || size > 15) {
		if (size <= 15 && size == 5 &&
		    machine->page_bytes[address % PAGE_BYTES] == 0xe8) {
			machine->pending_back = address + size;
			machine->pending_site = address;
		}
		return;
	}
	bytes = machine->page_bytes + address % PAGE_BYTES;
	if (is_call(bytes, size)) {
		machine->pending_back = address + size;
		machine->pending_site = address;
	} else if (software_wants(bytes, size)) {
		leave(machine, EVENT_INSTRUCTION, 0);
	}
}

static bool on_bad_access(struct uc_struct *uc, uc_mem_type type, uint64_t address,
			  int size, int64_t value, void *ctx)
{
	struct machine *machine = ctx;
	struct machine_fault fault = {.address = address, .size_bytes = (unsigned)size};
	bool is_mapped = false;

	(void)uc;
	(void)value;
	switch (type) {
	case UC_MEM_WRITE_UNMAPPED:
	case UC_MEM_WRITE_PROT:
		fault.access = MACHINE_WRITE;
		break;
	case UC_MEM_FETCH_UNMAPPED:
	case UC_MEM_FETCH_PROT:
		fault.access = MACHINE_FETCH;
		break;
	default:
		fault.access = MACHINE_READ;
	}
	if (type == UC_MEM_READ_UNMAPPED || type == UC_MEM_WRITE_UNMAPPED ||
	    type == UC_MEM_FETCH_UNMAPPED) {
		is_mapped = address >> 63 && !page_at(machine, address) &&
			    map_page(machine, address, 0, &fault.walk);
		/* The second page of an access that spans two is asked for alone. */
	}
	if (is_mapped)
		return true;
	if (fault.access == MACHINE_FETCH)
		machine->rip = address;
	machine->fault = fault;
	machine->event = machine->has_ended ? EVENT_STOP : EVENT_FAULT;
	return false;
}

static void on_interrupt(struct uc_struct *uc, uint32_t number, void *ctx)
{
	struct machine *machine = ctx;

	(void)uc;
	leave(machine, EVENT_INTERRUPT, number);
}

static int add_hooks(struct machine *machine)
{
	static const struct {
		int type;
		void *function;
	} hooks[] = {
		{UC_HOOK_CODE, (void *)on_code},
		{UC_HOOK_MEM_INVALID, (void *)on_bad_access},
		{UC_HOOK_INTR, (void *)on_interrupt},
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		uc_hook hook;

		/* begin above end: every address. */
		if (machine->emulator->hook_add(machine->uc, &hook, hooks[i].type,
						hooks[i].function, machine, (uint64_t)1,
						(uint64_t)0))
			return -ENOMEM;
	}
	return 0;
}

/* --- running --- */

/* The page fault's error code: present, write, instruction fetch. */
static unsigned error_code_of(const struct machine_fault *fault)
{
	return (fault->walk.reason == PT_OK ? 1 : 0) |
	       (fault->access == MACHINE_WRITE ? 2 : 0) |
	       (fault->access == MACHINE_FETCH ? 16 : 0) |
	       (fault->walk.reason == PT_RESERVED_BIT ? 8 : 0);
}

static bool is_allowed(const struct machine_fault *fault)
{
	if (fault->walk.reason != PT_OK)
		return false;
	return fault->access == MACHINE_READ ||
	       (fault->access == MACHINE_WRITE && fault->walk.writable) ||
	       (fault->access == MACHINE_FETCH && !fault->walk.nx);
}

static const uint64_t CR0_WP = 1 << 16;

/* With CR0.WP clear a supervisor may write to a page that is read-only: one instruction
 * with the page writable.
 */
static bool write_despite(struct machine *machine)
{
	struct machine_fault *fault = &machine->fault;
	struct pt_walk walk;
	uint64_t rip = machine->rip;
	uc_err err;

	drop_page(machine, fault->address);
	if (!map_page(machine, fault->address, UC_PROT_WRITE, &walk))
		return false;
	machine_add_bypass(machine, fault->address, fault->size_bytes, "CR0.WP");
	machine->event = EVENT_NONE;
	machine->passed_watch = rip;
	err = machine->emulator->emu_start(machine->uc, rip, machine->magic, 0, 1);
	drop_page(machine, fault->address);
	return err == UC_ERR_OK;
}

/* After EVENT_FAULT: can it go on? Else machine->fault is what the CPU would raise. */
static bool resolve_fault(struct machine *machine)
{
	struct machine_fault *fault = &machine->fault;

	overlay_walk(&machine->overlay, fault->address, &fault->walk);
	fault->is_non_canonical = fault->walk.reason == PT_NON_CANONICAL;
	fault->error_code = error_code_of(fault);
	if (is_allowed(fault)) {
		drop_page(machine, fault->address);
		return true;
	}
	if (fault->access == MACHINE_WRITE && fault->walk.reason == PT_OK &&
	    !(machine->cr0 & CR0_WP))
		return write_despite(machine);
	return trap_fixup(machine, machine->rip, fault->access == MACHINE_WRITE);
}

/* EVENT_NONE: the emulator stopped by itself. */
static bool resolve_error(struct machine *machine, uc_err err, bool *is_bug)
{
	if (err == UC_ERR_OK)
		return true; /* it came to where it was to stop, or was told to */
	if (err == UC_ERR_INSN_INVALID)
		return trap_invalid(machine, machine->rip, is_bug);
	machine_stop(machine, MACHINE_TRAP, "the emulator gave up: %s",
		     machine->emulator->strerror(err));
	return false;
}

/* One stretch in the emulator, and what ended it. false: the run is over. */
static bool step(struct machine *machine, bool *is_bug)
{
	uc_err err;

	machine->event = EVENT_NONE;
	machine->rip = machine_register(machine, MACHINE_RIP);
	err = machine->emulator->emu_start(machine->uc, machine->rip, machine->magic, 0,
					   0);
	switch ((enum machine_event)machine->event) {
	case EVENT_NONE:
		return resolve_error(machine, err, is_bug);
	case EVENT_WATCH:
		machine_set_register(machine, MACHINE_RIP, machine->rip);
		machine->passed_watch = machine->rip;
		machine->watch(machine->ctx, machine, machine->rip, machine->event_id);
		return !machine->has_ended;
	case EVENT_INSTRUCTION:
		machine_set_register(machine, MACHINE_RIP, machine->rip);
		software_run(machine, machine->rip);
		return !machine->has_ended;
	case EVENT_FAULT:
		machine_set_register(machine, MACHINE_RIP, machine->rip);
		return resolve_fault(machine) && !machine->has_ended;
	case EVENT_INTERRUPT:
		machine_stop(machine, MACHINE_TRAP, "exception %u", machine->event_id);
		return false;
	case EVENT_STOP:
		break;
	}
	return false;
}

static void run(struct machine *machine, uint64_t final_rsp, struct machine_result *ret)
{
	bool is_bug = false;

	*ret = (struct machine_result){0};
	for (;;) {
		uint64_t rip = machine_register(machine, MACHINE_RIP);

		if (rip == machine->magic &&
		    machine_register(machine, MACHINE_RSP) == final_rsp) {
			ret->end = MACHINE_RETURNED;
			break;
		}
		if (machine->has_ended)
			break;
		if (step(machine, &is_bug) && !machine->within)
			continue;
		if (machine->has_ended)
			break;
		if (machine->within) {
			*ret = *machine->within;
			return;
		}
		ret->end = is_bug ? MACHINE_BUG : MACHINE_FAULTED;
		ret->fault = machine->fault;
		break;
	}
	get_registers(machine, ret->registers);
	ret->value = ret->registers[MACHINE_RAX];
	ret->reason = machine->reason;
	memcpy(ret->why, machine->why, sizeof(ret->why));
	memcpy(ret->frames, machine->frames,
	       machine->nr_frames * sizeof(machine->frames[0]));
	ret->nr_frames = machine->nr_frames;
}

void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret)
{
	static const unsigned numbers[] = {MACHINE_RDI, MACHINE_RSI, MACHINE_RDX,
					   MACHINE_RCX, MACHINE_R8,  MACHINE_R8 + 1};
	bool is_nested = machine->nr_frames > 0;
	uint64_t saved[MACHINE_NR_REGISTERS], rsp, passed = machine->passed_watch;
	size_t nr_frames = machine->nr_frames;

	get_registers(machine, saved);
	/* Clear of the red zone that kernel code does not have, and aligned for a call.
	 */
	rsp = ((is_nested ? saved[MACHINE_RSP] : machine->stack_top) - 256) &
	      ~(uint64_t)15;
	rsp -= 8;
	if (!machine->has_ended &&
	    machine_write(machine, rsp, &machine->magic, sizeof(machine->magic)) < 0)
		machine_stop(machine, MACHINE_UNREADABLE, "there is no stack");
	for (size_t i = 0; i < nr_arguments && i < 6; i++)
		machine_set_register(machine, numbers[i], arguments[i]);
	for (size_t i = 6; i < nr_arguments; i++)
		machine_write(machine, rsp + 8 * (i - 5), &arguments[i],
			      sizeof(arguments[i]));
	machine_set_register(machine, MACHINE_RSP, rsp);
	machine_set_register(machine, MACHINE_RIP, function);
	machine_set_register(machine, MACHINE_RFLAGS, 2);
	if (machine->nr_frames < machine->limits.depth)
		machine->frames[machine->nr_frames++] = (struct machine_frame){
			.callee = function, .back = machine->magic};
	machine->passed_watch = 0;
	machine->pending_back = 0;
	run(machine, rsp + 8, ret);
	machine->nr_frames = nr_frames;
	machine->passed_watch = passed;
	machine->pending_back = 0;
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

/* CR0 as Linux has it: PE, MP, ET, NE, WP, AM, PG. What the emulator itself holds is its
 * own affair: its paging is off.
 */
static const uint64_t CR0_INITIAL = 0x80050033;

static int prepare_cpu(struct machine *machine)
{
	/* Only what code may look at: the IDT's read-only alias in the CPU entry area. */
	static const uint64_t CPU_ENTRY_AREA = 0xfffffe0000000000;
	uc_x86_mmr idt = {.base = CPU_ENTRY_AREA, .limit = 0xfff};

	if (kernel_per_cpu(machine->kernel, 0, machine->cpu, &machine->per_cpu) < 0)
		return -ENOENT;
	machine->emulator->reg_write(machine->uc, UC_X86_REG_GS_BASE, &machine->per_cpu);
	machine->emulator->reg_write(machine->uc, UC_X86_REG_IDTR, &idt);
	return add_hooks(machine);
}

int machine_open(struct machine *ret, struct kernel *kernel,
		 const struct machine_limits *limits, unsigned cpu, unsigned variant)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->emulator = emulator_get();
	if (!ret->emulator)
		return -ENOSYS;
	ret->kernel = kernel;
	ret->limits = *limits;
	if (ret->limits.depth > MACHINE_MAX_DEPTH)
		ret->limits.depth = MACHINE_MAX_DEPTH;
	ret->cpu = cpu;
	ret->variant = variant;
	ret->cr0 = CR0_INITIAL;
	ret->page_va = 1;
	ret->started_ns = now_ns();
	ret->nr_page_slots = 2048;
	ret->pages = calloc(ret->nr_page_slots, sizeof(*ret->pages));
	r = ret->pages ? overlay_open(&ret->overlay, kernel, limits->pages) : -ENOMEM;
	if (r == 0 && ret->emulator->open(UC_ARCH_X86, UC_MODE_64, &ret->uc))
		r = -ENOMEM;
	if (r == 0)
		r = prepare_cpu(ret);
	if (r < 0)
		machine_close(ret);
	return r;
}

void machine_close(struct machine *machine)
{
	if (machine->uc)
		machine->emulator->close(machine->uc);
	overlay_close(&machine->overlay);
	free(machine->mappings);
	free(machine->pages);
	free(machine->watched);
	free(machine->within);
	machine->within = NULL;
	machine->uc = NULL;
	machine->mappings = NULL;
	machine->pages = NULL;
	machine->watched = NULL;
}

#endif
