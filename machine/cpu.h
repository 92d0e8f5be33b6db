/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's CPU at rest: its registers, the memory it sees, the addresses that are
 * watched, and why a run was stopped. Nothing here runs code: exec.h and call.h do.
 */
#ifndef KWCHECK_MACHINE_CPU_H
#define KWCHECK_MACHINE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/landmarks.h"
#include "machine/clock.h"
#include "machine/limits.h"
#include "machine/overlay.h"
#include "machine/result.h"
#include "machine/tlb.h"

struct machine;

/* Code came to an address that machine_watch_all() named. The emulator is not running:
 * the function may read and change everything. To go on where the watched function's
 * caller goes on it calls machine_leave(); else the code at the address itself runs.
 */
typedef void (*machine_watch_fn)(void *ctx, struct machine *machine, uint64_t address,
				 unsigned id);
/* A call, before it happens. */
typedef void (*machine_call_fn)(void *ctx, struct machine *machine, uint64_t site,
				uint64_t callee);

/* What the user of a machine wants to be told. Each may be NULL; @watch only where no
 * address is watched.
 */
struct machine_hooks {
	machine_watch_fn watch;
	machine_call_fn called;
	machine_call_fn jumped; /* a direct jump */
	void *ctx;
};

/* What an exception leads to, as the interrupt descriptor table says on a real CPU. Both
 * return true where the run goes on.
 */
struct machine_exceptions {
	bool (*page_fault)(struct machine *machine, uint64_t rip);
	bool (*invalid_opcode)(struct machine *machine, uint64_t rip, bool *is_bug);
};

struct machine_watched {
	uint64_t address;
	unsigned id;
};

/* What a run leaves behind: machine_reset() makes a new one. First what is looked at for
 * every instruction.
 */
struct machine_run {
	int event; /* why the emulator was left: enum exec_event */
	unsigned event_id;
	uint64_t rip;	/* of the instruction that runs */
	uint64_t flags; /* before it, where the emulator loses them at a fault */
	/* A call or jump that was seen, and whose target was not; 0: none. */
	uint64_t pending_back, pending_site, jump_site;
	uint64_t nr_instructions;
	uint64_t next_clock; /* when nr_instructions is that, the bounds are looked at */
	uint64_t passed_watch; /* whose watch function was called already; 0: none */
	uint64_t only_rip;     /* no other instruction is to run; 0: any */
	/* The page of code that was looked at last. 1: none. */
	uint64_t page_va;
	const unsigned char *page_bytes;
	size_t nr_frames;
	uint64_t call_rsp; /* where the innermost machine_call() returns; 0: none */
	struct machine_call_site frames[MACHINE_MAX_DEPTH]; /* innermost last */

	uint64_t cr0;
	bool keeps_wp;	     /* CR4.CET is set */
	bool has_trapped;    /* fault is what an instruction done in software raised */
	bool has_branched;   /* the last instruction was an indirect branch */
	uint64_t started_ns; /* of CPU time */
	uint64_t passed_ns;  /* by delays and sleeps: clock.h */
	bool has_jiffies, is_slow;
	uint64_t first_jiffies; /* the count of ticks when the run began */
	bool has_cycles;
	uint64_t first_cycles, last_tsc;
	struct machine_fault fault;
	struct machine_result *within; /* how a call from a watch function ended badly */
	bool has_ended;		       /* machine_stop() was called, and why: */
	unsigned reason;
	char why[MACHINE_TEXT_BYTES];

	size_t nr_invented; /* values made up */
	size_t nr_warnings; /* WARN()s passed */
	/* A process's memory was touched: the kernel would page it in, here it faults. */
	bool met_user_memory;
	struct machine_bypass bypasses[MACHINE_MAX_BYPASSES];
	size_t nr_bypasses;
};

/* Other rooms read some of it and write to it through the functions below alone. */
struct machine {
	const struct unicorn *unicorn;
	struct uc_struct *uc;
	struct kernel *kernel;
	const struct landmarks *landmarks;
	struct guards guards; /* of the kernel */
	const struct machine_exceptions *exceptions;
	struct overlay overlay;
	struct tlb tlb;
	struct machine_limits limits;
	unsigned variant;    /* 0 or 1: which of two values is invented */
	uint64_t display_pa; /* where a display's memory begins, a block of the overlay */
	bool has_display;    /* it was touched */
	unsigned cpu;	     /* whose per-CPU area gs points to */
	uint64_t per_cpu;    /* that area, as what is added to a per-CPU variable */
	uint64_t gs_base;    /* the same, but with CONFIG_SMP=n */
	struct clock clock;
	uint64_t stack_top;	/* where the first call's stack begins */
	uint64_t return_marker; /* where calls from outside return to: never mapped */
	struct machine_hooks hooks;
	struct machine_watched *watched; /* nr_watched of them, by address */
	size_t nr_watched;
	uint8_t watched_filter[8192]; /* one bit per hash of an address */
	struct machine_run run;
};

/* --- before code runs --- */

/* machine_set_stack - where calls begin and where they return to
 * @return_marker: an address that is never mapped.
 */
void machine_set_stack(struct machine *machine, uint64_t stack_top,
		       uint64_t return_marker);
void machine_set_hooks(struct machine *machine, const struct machine_hooks *hooks);

/* machine_watch_all - sets the addresses that hooks.watch is called for
 * @addresses: @nr of them, 0 for none; the function gets the index as id. May be called
 * again to add more: @first_id is added to the index.
 */
int machine_watch_all(struct machine *machine, const uint64_t addresses[], size_t nr,
		      unsigned first_id);

/* --- registers --- */

/* @number: enum x86_register, MACHINE_RIP or MACHINE_RFLAGS. */
uint64_t machine_register(struct machine *machine, unsigned number);
void machine_set_register(struct machine *machine, unsigned number, uint64_t value);
/* The @i-th argument (0..5) of the function that was just entered. */
uint64_t machine_argument(struct machine *machine, unsigned i);
/* Return from the function that was just entered, with @value in rax. */
void machine_leave(struct machine *machine, uint64_t value);

/* --- how the run goes on --- */

/* machine_stop - ends the run undecided; the first call counts
 * @reason: enum machine_reason, or the user's own.
 */
__attribute__((format(printf, 3, 4))) void
machine_stop(struct machine *machine, unsigned reason, const char *format, ...);

/* A value that nobody knows: @a in variant 0, @b in variant 1. */
uint64_t machine_invent(struct machine *machine, uint64_t a, uint64_t b);

/* Records a store that @means let through. */
void machine_add_bypass(struct machine *machine, uint64_t address, unsigned size_bytes,
			const char *means);

/* CPU time of this process. */
uint64_t machine_cpu_ns(void);

/* --- memory --- */

/* Memory at a virtual address, rights ignored. Code that was translated already is
 * translated anew. Return 0 or -errno as overlay_read() does.
 */
int machine_read(struct machine *machine, uint64_t va, void *buf, size_t size_bytes);
int machine_write(struct machine *machine, uint64_t va, const void *buf,
		  size_t size_bytes);
/* A NUL-terminated string, cut at @size_bytes - 1. */
int machine_read_string(struct machine *machine, uint64_t va, char *buf,
			size_t size_bytes);
/* 8 bytes. false: they cannot be read. */
bool machine_read_pointer(struct machine *machine, uint64_t va, uint64_t *ret);

/* As overlay_walk(), overlay_frame() and overlay_map(), of the machine's memory. What was
 * mapped differently before needs machine_flush().
 */
void machine_walk(struct machine *machine, uint64_t va, struct pt_walk *ret);
int machine_frame(struct machine *machine, uint64_t pa, unsigned char **ret);
int machine_map(struct machine *machine, uint64_t va, uint64_t pa, uint64_t flags,
		overlay_allocate_fn allocate, void *ctx);

/* What is mapped is looked up anew: the TLB is flushed. */
void machine_flush(struct machine *machine);

/* --- for the files of this room --- */

/* As tlb_map(); a failure that is not the tables' ends the run. */
bool machine_fill_tlb(struct machine *machine, uint64_t va, bool is_writable,
		      struct pt_walk *walk);
void machine_drop(struct machine *machine, uint64_t va);
void machine_get_registers(struct machine *machine,
			   uint64_t values[MACHINE_NR_REGISTERS]);
void machine_set_registers(struct machine *machine,
			   const uint64_t values[MACHINE_NR_REGISTERS]);
/* The bit of watched_filter that stands for @address. */
static inline unsigned machine_filter_bit(uint64_t address)
{
	return (unsigned)(address ^ address >> 13) & 0xffff;
}
/* false: machine_find_watched() finds nothing there. */
static inline bool machine_may_be_watched(const struct machine *machine, uint64_t address)
{
	unsigned bit = machine_filter_bit(address);

	return machine->watched_filter[bit / 8] >> bit % 8 & 1;
}
/* What machine_watch_all() named at @address, or NULL. */
const struct machine_watched *machine_find_watched(const struct machine *machine,
						   uint64_t address);
/* No call and no jump is under way. */
void machine_forget_branch(struct machine *machine);
/* Forgets that a call from a watch function ended badly. */
void machine_forgive(struct machine *machine);

#endif
