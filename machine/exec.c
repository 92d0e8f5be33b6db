/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a machine's code: what the emulator calls back for, and what ends a stretch. */
#include "machine/exec.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>
#include <time.h>

#include "machine/unicorn.h"
#include "machine/clock.h"
#include "machine/emulate.h"
#include "pagetable/errorcode.h"

enum { MAX_INSN_BYTES = 15 };

/* Why the emulator was left. */
enum exec_event {
	EVENT_NONE = 0,
	EVENT_WATCH,	   /* a watched address */
	EVENT_STEP,	   /* the one instruction that was to run has run */
	EVENT_INSTRUCTION, /* one that is done in software */
	EVENT_INVALID,	   /* one that the CPU does not take, though the emulator does */
	EVENT_FAULT,
	EVENT_INTERRUPT,
	EVENT_STOP, /* machine_stop() */
};

static void leave(struct machine *machine, enum exec_event event, unsigned id)
{
	machine->run.event = event;
	machine->run.event_id = id;
	machine->unicorn->emu_stop(machine->uc);
}

static __attribute__((noinline)) void check_bounds(struct machine *machine)
{
	const struct machine_limits *limits = &machine->limits;

	if (machine->run.nr_instructions > limits->instructions) {
		machine_stop(
			machine, MACHINE_INSTRUCTIONS,
			"the bound of %llu instructions was reached (--limit=instructions)",
			(unsigned long long)limits->instructions);
	} else if (machine_cpu_ns() - machine->run.started_ns >
		   limits->milliseconds * 1000000) {
		machine_stop(machine, MACHINE_TIME,
			     "the bound of %llu ms was reached (--limit=milliseconds)",
			     (unsigned long long)limits->milliseconds);
	} else {
		uint64_t left = limits->instructions - machine->run.nr_instructions;

		clock_update(machine);
		machine->run.next_clock = machine->run.nr_instructions +
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

/* Keeps run.frames: what was called and has not returned when @address runs. Here: a call
 * or a jump was seen before.
 */
static __attribute__((noinline)) void follow_branch(struct machine *machine,
						    uint64_t address)
{
	if (machine->run.jump_site) {
		if (machine->hooks.jumped)
			machine->hooks.jumped(machine->hooks.ctx, machine,
					      machine->run.jump_site, address);
		machine->run.jump_site = 0;
	}
	if (machine->run.pending_back) {
		if (is_call_ahead(machine->run.pending_site, address)) {
			machine->run.pending_back = 0;
			return;
		}
		if (machine->run.nr_frames == machine->limits.depth) {
			machine_stop(
				machine, MACHINE_DEPTH,
				"the bound of %zu calls within each other was reached (--limit=depth)",
				machine->run.nr_frames);
			leave(machine, EVENT_STOP, 0);
		} else {
			machine->run.frames[machine->run.nr_frames++] =
				(struct machine_call_site){
					.callee = address,
					.site = machine->run.pending_site,
					.back = machine->run.pending_back,
				};
			if (machine->hooks.called)
				machine->hooks.called(machine->hooks.ctx, machine,
						      machine->run.pending_site, address);
		}
		machine->run.pending_back = 0;
	}
}

static void follow_calls(struct machine *machine, uint64_t address)
{
	bool was_called = machine->run.pending_back;

	if (was_called || machine->run.jump_site)
		follow_branch(machine, address);
	if (!was_called && machine->run.nr_frames &&
	    machine->run.frames[machine->run.nr_frames - 1].back == address)
		machine->run.nr_frames--;
}

/* A segment (0x3e before an indirect branch is notrack), a size, a repetition, REX. */
static bool is_prefix(unsigned char byte)
{
	return (byte & 0xe7) == 0x26 || (byte & 0xfc) == 0x64 || (byte & 0xfe) == 0xf2 ||
	       (byte & 0xf0) == 0x40;
}

/* Is it a call? call rel32; call r/m64, with or without a prefix. */
static bool is_call(const unsigned char *bytes, uint32_t size)
{
	if (bytes[0] == 0xe8)
		return true;
	for (uint32_t i = 0; i + 1 < size && i < 3; i++) {
		if (bytes[i] == 0xff)
			return (bytes[i + 1] >> 3 & 7) == 2;
		if (!is_prefix(bytes[i]))
			return false;
	}
	return false;
}

/* An indirect branch that IBT tracks: call r/m64, jmp r/m64 without notrack. */
static bool is_tracked(const unsigned char *bytes, uint32_t size)
{
	for (uint32_t i = 0; i + 1 < size && i < 3; i++) {
		if (bytes[i] == 0xff)
			return (bytes[i + 1] >> 3 & 7) == 2 ||
			       (bytes[i + 1] >> 3 & 7) == 4;
		if (!is_prefix(bytes[i]) || bytes[i] == 0x3e)
			return false;
	}
	return false;
}

/* A conditional jump with lock is #UD, as kernels with FineIBT mean it to be.
 * arch/x86/kernel/alternative.c:fineibt_paranoid_start, since 6.16.
 */
static bool is_locked_jump(const unsigned char *bytes, uint32_t size)
{
	return size > 1 && bytes[0] == 0xf0 && bytes[1] >> 4 == 7;
}

/* First bytes, behind a REX prefix, of what look_at() does something about, and all other
 * prefixes. Most instructions begin otherwise.
 */
static const bool is_of_interest[256] = {
	[0x0f] = true,		[0x26] = true,
	[0x2e] = true,		[0x36] = true,
	[0x3e] = true,		[0x40 ... 0x4f] = true, /* a second REX */
	[0x64 ... 0x67] = true, [0x6c ... 0x6f] = true,
	[0xe4 ... 0xe9] = true, [0xec ... 0xf4] = true,
	[0xff] = true,
};

static inline bool is_plain(const unsigned char *bytes, uint32_t size)
{
	bool has_rex = size > 1 && (bytes[0] & 0xf0) == 0x40;

	return !is_of_interest[bytes[has_rex]];
}

/* Remembers a call or a jump until its target is seen; leaves the emulator for what is
 * done in software.
 */
static __attribute__((noinline)) void look_at(struct machine *machine, uint64_t address,
					      uint32_t size, const unsigned char *bytes)
{
	if (machine->guards.wants_endbr && !machine->guards.only_warns)
		machine->run.has_branched = is_tracked(bytes, size);
	if (is_call(bytes, size)) {
		machine->run.pending_back = address + size;
		machine->run.pending_site = address;
	} else if (bytes[0] == 0xe9) {
		machine->run.jump_site = address;
	} else if (is_locked_jump(bytes, size)) {
		leave(machine, EVENT_INVALID, 0);
	} else if (emulate_wants(bytes, size)) {
		leave(machine, EVENT_INSTRUCTION, 0);
	}
}

/* The same for an instruction that goes over its page's end. */
static __attribute__((noinline)) void look_over_end(struct machine *machine,
						    uint64_t address, uint32_t size)
{
	unsigned char bytes[MAX_INSN_BYTES];

	if (machine_read(machine, address, bytes, size) == 0)
		look_at(machine, address, size, bytes);
}

/* What is translated of a page may end with an instruction that ends on the next. */
static void note_code(struct machine *machine, uint64_t page_va,
		      const unsigned char *page)
{
	const unsigned char *next;

	if (overlay_code(&machine->overlay, page) == OVERLAY_CODE_BOTH)
		return;
	next = tlb_page(&machine->tlb, page_va + PAGE_BYTES);
	overlay_note_code(&machine->overlay, page,
			  next ? OVERLAY_CODE_BOTH : OVERLAY_CODE);
	if (next)
		overlay_note_code(&machine->overlay, next, OVERLAY_CODE);
}

static __attribute__((noinline)) bool turn_page(struct machine *machine, uint64_t address,
						uint64_t page_va)
{
	const unsigned char *page;

	page = tlb_page(&machine->tlb, address);
	if (!page)
		return false;
	machine->run.page_va = page_va;
	machine->run.page_bytes = page;
	note_code(machine, page_va, page);
	return true;
}

/* Has the emulator the page of code at @address? Then run.page_bytes is it. */
static inline bool has_page(struct machine *machine, uint64_t address)
{
	uint64_t page_va = address & ~(uint64_t)(PAGE_BYTES - 1);

	return page_va == machine->run.page_va || turn_page(machine, address, page_va);
}

/* After an indirect branch to @address: does an endbr64 stand there? Else the CPU raises
 * #CP, with the branch done. Intel SDM vol. 1 17.3.
 */
static __attribute__((noinline)) bool may_land(struct machine *machine, uint64_t address)
{
	static const unsigned char endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
	unsigned char bytes[sizeof(endbr64)];

	if (machine_read(machine, address, bytes, sizeof(bytes)) == 0 &&
	    memcmp(bytes, endbr64, sizeof(bytes)) == 0)
		return true;
	machine->run.fault = (struct machine_fault){
		.exception = MACHINE_NO_ENDBR,
		.address = address,
		.access = MACHINE_FETCH,
	};
	leave(machine, EVENT_FAULT, 0);
	return false;
}

static void on_code(struct uc_struct *uc, uint64_t address, uint32_t size, void *ctx)
{
	struct machine *machine = ctx;
	const struct machine_watched *watched;
	const unsigned char *bytes;

	(void)uc;
	if (machine->run.event)
		return; /* leaving already */
	machine->run.rip = address;
	if (machine->run.only_rip && machine->run.only_rip != address) {
		leave(machine, EVENT_STEP, 0);
		return;
	}
	follow_calls(machine, address);
	if (machine->run.has_branched) {
		machine->run.has_branched = false;
		if (!may_land(machine, address))
			return;
	}
	if (++machine->run.nr_instructions >= machine->run.next_clock)
		check_bounds(machine);
	watched = machine->run.passed_watch == address ||
				  !machine_may_be_watched(machine, address)
			  ? NULL
			  : machine_find_watched(machine, address);
	if (watched) {
		leave(machine, EVENT_WATCH, watched->id);
		return;
	}
	machine->run.passed_watch = 0;
	if (machine->unicorn->loses_flags)
		machine->run.flags = machine_register(machine, MACHINE_RFLAGS);
	if (size == 0 || size > MAX_INSN_BYTES)
		return; /* the emulator's way to say that it is none */
	if (address % PAGE_BYTES + size > PAGE_BYTES) {
		look_over_end(machine, address, size);
	} else if (has_page(machine, address)) {
		bytes = machine->run.page_bytes + address % PAGE_BYTES;
		if (!is_plain(bytes, size))
			look_at(machine, address, size, bytes);
	}
}

static bool on_bad_access(struct uc_struct *uc, uc_mem_type type, uint64_t address,
			  int size, int64_t value, void *ctx)
{
	struct machine *machine = ctx;
	struct machine_fault fault = {.address = address, .size_bytes = (unsigned)size};
	bool is_unmapped = type == UC_MEM_READ_UNMAPPED ||
			   type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_FETCH_UNMAPPED;

	(void)uc;
	(void)value;
	/* The emulator goes on with the further stores of an instruction. */
	if (machine->run.event == EVENT_FAULT || machine->run.event == EVENT_STOP)
		return false;
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
	/* An access that spans two pages comes here for the second one alone. Where the
	 * emulator itself asked the tables, filling the TLB tells why there is no memory.
	 */
	if (is_unmapped && address >> 63 && !tlb_page(&machine->tlb, address) &&
	    machine_fill_tlb(machine, address, false, &fault.walk) &&
	    !machine->tlb.is_asked)
		return true;
	if (fault.access == MACHINE_FETCH)
		machine->run.rip = address;
	machine->run.fault = fault;
	machine->run.event = machine->run.has_ended ? EVENT_STOP : EVENT_FAULT;
	return false;
}

static void on_interrupt(struct uc_struct *uc, uint32_t number, void *ctx)
{
	struct machine *machine = ctx;

	(void)uc;
	leave(machine, EVENT_INTERRUPT, number);
}

int exec_add_hooks(struct machine *machine)
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
		if (machine->unicorn->hook_add(machine->uc, &hook, hooks[i].type,
					       hooks[i].function, machine, (uint64_t)1,
					       (uint64_t)0))
			return -ENOMEM;
	}
	return 0;
}

/* Only a present entry is checked for reserved bits: RSVD comes with P. */
static unsigned error_code_of(const struct machine_fault *fault)
{
	bool is_reserved = fault->walk.reason == PT_RESERVED_BIT;

	return (fault->walk.reason == PT_OK || is_reserved) << ERRORCODE_P |
	       (fault->access == MACHINE_WRITE) << ERRORCODE_W |
	       (fault->access == MACHINE_FETCH) << ERRORCODE_I |
	       is_reserved << ERRORCODE_RSVD;
}

static bool is_allowed(const struct machine_fault *fault)
{
	if (fault->walk.reason != PT_OK)
		return false;
	return fault->access == MACHINE_READ ||
	       (fault->access == MACHINE_WRITE && fault->walk.writable) ||
	       (fault->access == MACHINE_FETCH && !fault->walk.nx);
}

/* Has the one instruction at @rip run, or a repeated one (@count: its RCX) up to where it
 * came to a further page? Else it cannot.
 */
static bool has_run(struct machine *machine, uint64_t rip, uint64_t count, uc_err err)
{
	const struct machine_fault *fault = &machine->run.fault;

	if (machine->run.event != EVENT_FAULT)
		return err == UC_ERR_OK;
	return fault->access == MACHINE_FETCH
		       ? machine->run.rip != rip
		       : machine_register(machine, X86_RCX) != count;
}

/* Runs the one instruction that faulted, with its page writable. The emulator is not told
 * to count: that costs it all that it has translated, half a second each time.
 */
static bool run_writable(struct machine *machine)
{
	uint64_t address = machine->run.fault.address, rip = machine->run.rip;
	uint64_t count = machine_register(machine, X86_RCX);
	struct pt_walk walk;
	uc_err err;
	bool is_done;

	machine_drop(machine, address);
	if (!machine_fill_tlb(machine, address, true, &walk))
		return false;
	machine->run.event = EVENT_NONE;
	machine->run.passed_watch = rip;
	machine->run.only_rip = rip;
	err = machine->unicorn->emu_start(machine->uc, rip, machine->return_marker, 0, 0);
	machine->run.only_rip = 0;
	is_done = has_run(machine, rip, count, err);
	if (machine->run.event != EVENT_NONE)
		machine_set_register(machine, MACHINE_RIP, machine->run.rip);
	machine_drop(machine, address);
	return is_done;
}

/* With CR0.WP clear a supervisor may write to a read-only page. */
static bool write_despite(struct machine *machine)
{
	const struct machine_fault *fault = &machine->run.fault;

	machine_add_bypass(machine, fault->address, fault->size_bytes, "CR0.WP");
	return run_writable(machine);
}

/* A store that goes nowhere: what it changed is put back. */
static bool write_nowhere(struct machine *machine)
{
	unsigned char before[PAGE_BYTES], *page;
	uint64_t pa = machine->run.fault.walk.pa & ~(uint64_t)(PAGE_BYTES - 1);
	bool is_done;

	if (machine_frame(machine, pa, &page) < 0)
		return false;
	memcpy(before, page, PAGE_BYTES);
	is_done = run_writable(machine);
	memcpy(page, before, PAGE_BYTES);
	return is_done;
}

/* After EVENT_FAULT: can the run go on? Else run.fault is what the CPU would raise.
 */
static bool resolve_fault(struct machine *machine)
{
	struct machine_fault *fault = &machine->run.fault;

	if (fault->exception == MACHINE_NO_ENDBR)
		return false; /* arch/x86/kernel/cet.c: BUG(), no fixup is looked for */
	machine->run.has_branched = false;
	overlay_walk(&machine->overlay, fault->address, &fault->walk);
	fault->is_non_canonical = fault->walk.reason == PT_NON_CANONICAL;
	fault->error_code = error_code_of(fault);
	if (is_allowed(fault) && fault->access == MACHINE_WRITE &&
	    overlay_is_lost(&machine->overlay, fault->walk.pa))
		return write_nowhere(machine);
	if (is_allowed(fault)) {
		machine_drop(machine, fault->address);
		return true;
	}
	if (fault->access == MACHINE_WRITE && fault->walk.reason == PT_OK &&
	    !(machine->run.cr0 & X86_CR0_WP))
		return write_despite(machine);
	return machine->exceptions->page_fault(machine, machine->run.rip);
}

/* EVENT_NONE: the emulator stopped by itself. */
static bool resolve_error(struct machine *machine, uc_err err, bool *is_bug)
{
	if (err == UC_ERR_OK)
		return true; /* it came to the marker, or was told to stop */
	if (err == UC_ERR_INSN_INVALID)
		return machine->exceptions->invalid_opcode(machine, machine->run.rip,
							   is_bug);
	machine_stop(machine, MACHINE_TRAP, "the emulator gave up: %s",
		     machine->unicorn->strerror(err));
	return false;
}

/* One stretch in the emulator, and what ended it. false: the run is over. */
static bool step(struct machine *machine, bool *is_bug)
{
	uc_err err;

	machine->run.event = EVENT_NONE;
	machine->run.rip = machine_register(machine, MACHINE_RIP);
	err = machine->unicorn->emu_start(machine->uc, machine->run.rip,
					  machine->return_marker, 0, 0);
	switch ((enum exec_event)machine->run.event) {
	case EVENT_NONE:
		return resolve_error(machine, err, is_bug);
	case EVENT_WATCH:
		machine_set_register(machine, MACHINE_RIP, machine->run.rip);
		machine->run.passed_watch = machine->run.rip;
		machine->hooks.watch(machine->hooks.ctx, machine, machine->run.rip,
				     machine->run.event_id);
		return !machine->run.has_ended;
	case EVENT_INSTRUCTION:
		machine_set_register(machine, MACHINE_RIP, machine->run.rip);
		emulate_insn(machine, machine->run.rip);
		if (machine->run.has_trapped) {
			machine->run.has_trapped = false;
			return machine->exceptions->page_fault(machine, machine->run.rip);
		}
		return !machine->run.has_ended;
	case EVENT_INVALID:
		machine_set_register(machine, MACHINE_RIP, machine->run.rip);
		return machine->exceptions->invalid_opcode(machine, machine->run.rip,
							   is_bug);
	case EVENT_FAULT:
		machine_set_register(machine, MACHINE_RIP, machine->run.rip);
		if (machine->unicorn->loses_flags &&
		    machine->run.fault.access != MACHINE_FETCH)
			machine_set_register(machine, MACHINE_RFLAGS, machine->run.flags);
		return resolve_fault(machine) && !machine->run.has_ended;
	case EVENT_INTERRUPT:
		machine_stop(machine, MACHINE_TRAP, "exception %u at 0x%016llx",
			     machine->run.event_id, (unsigned long long)machine->run.rip);
		return false;
	case EVENT_STEP:
	case EVENT_STOP:
		break;
	}
	return false;
}

void exec_until(struct machine *machine, uint64_t final_rsp, struct machine_result *ret)
{
	bool is_bug = false;

	*ret = (struct machine_result){0};
	for (;;) {
		uint64_t rip = machine_register(machine, MACHINE_RIP);

		if (rip == machine->return_marker &&
		    machine_register(machine, X86_RSP) == final_rsp) {
			ret->end = MACHINE_RETURNED;
			break;
		}
		if (machine->run.has_ended)
			break;
		if (step(machine, &is_bug) && !machine->run.within)
			continue;
		if (machine->run.has_ended)
			break;
		if (machine->run.within) {
			*ret = *machine->run.within;
			return;
		}
		ret->end = is_bug ? MACHINE_BUG : MACHINE_FAULTED;
		ret->fault = machine->run.fault;
		break;
	}
	machine_get_registers(machine, ret->registers);
	ret->value = ret->registers[X86_RAX];
	ret->reason = machine->run.reason;
	memcpy(ret->why, machine->run.why, sizeof(ret->why));
	memcpy(ret->frames, machine->run.frames,
	       machine->run.nr_frames * sizeof(machine->run.frames[0]));
	ret->nr_frames = machine->run.nr_frames;
}

#endif
