/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU that runs kernel code in an overlay: every access goes by the page tables, and
 * what would fault on the real one faults here. Nothing it does reaches outside.
 */
#ifndef KWCHECK_MACHINE_MACHINE_H
#define KWCHECK_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dryrun/freelist.h"
#include "kcore/landmarks.h"
#include "kcore/x86.h"
#include "machine/limits.h"
#include "machine/overlay.h"
#include "machine/tlb.h"

/* A new reason is a row in dryrun.c. */
enum machine_reason {
	MACHINE_OK = 0,
	MACHINE_INSTRUCTIONS, /* the bounds */
	MACHINE_TIME,
	MACHINE_PAGES,
	MACHINE_DEPTH,
	MACHINE_UNREADABLE,  /* memory that the core does not have */
	MACHINE_DEVICE,	     /* memory that is no RAM */
	MACHINE_USER_MEMORY, /* an address of the lower half, beyond the first page */
	MACHINE_UNSUPPORTED, /* an instruction that nobody emulates */
	MACHINE_TRAP,	     /* an exception that is no page fault */
	MACHINE_HALTED,
	MACHINE_WAITS,	  /* for something that does not happen here */
	MACHINE_INVENTED, /* what comes next depends on something that was made up */
	MACHINE_SETUP,	  /* the module could not be set up as the loader would */
	MACHINE_NEEDED,	  /* a module that it needs does not load */
	MACHINE_NO_MEMORY,
	MACHINE_NR_REASONS,
};

/* Registers: the general ones as in x86.h, and two more. */
enum {
	MACHINE_RIP = X86_NR_REGISTERS,
	MACHINE_RFLAGS,
	MACHINE_NR_REGISTERS,
};

enum machine_access { MACHINE_READ = 0, MACHINE_WRITE, MACHINE_FETCH };

enum machine_end {
	MACHINE_STOPPED = 0, /* by a bound, or by what cannot be known; see reason */
	MACHINE_RETURNED,
	MACHINE_FAULTED,
	MACHINE_BUG, /* a trap that the kernel does not come back from */
};

/* One call that has not returned. */
struct machine_call_site {
	uint64_t callee, site, back; /* entry, the call's address, where it returns to */
};

struct machine_fault {
	uint64_t address;
	enum machine_access access;
	unsigned size_bytes;
	unsigned error_code;   /* of the page fault; Intel SDM vol. 3A 4.7 */
	bool is_non_canonical; /* #GP, without an error code of a page fault */
	struct pt_walk walk;   /* of address */
};

enum { MACHINE_TEXT_BYTES = 256 };

struct machine_result {
	enum machine_end end;
	enum machine_reason reason; /* of MACHINE_STOPPED */
	char why[MACHINE_TEXT_BYTES];
	uint64_t value; /* rax */
	struct machine_fault fault;
	uint64_t registers[MACHINE_NR_REGISTERS];	    /* where it ended */
	struct machine_call_site frames[MACHINE_MAX_DEPTH]; /* innermost last */
	size_t nr_frames;
};

/* A store that went through although the page tables do not allow it. */
struct machine_bypass {
	uint64_t rip, address;
	unsigned size_bytes;
	const char *means; /* "CR0.WP", "text_poke", ... */
};

enum { MACHINE_MAX_BYPASSES = 16 };

/* What the last -ENOSPC of machine_open() meant, and what to do. */
const char *machine_no_room(void);

struct machine;

/* Code came to an address that machine_watch() named. Not from within the emulator: it
 * may read and change everything. To go on where the function's caller goes on:
 * machine_leave(); without it the code at the address itself runs.
 */
typedef void (*machine_watch_fn)(void *ctx, struct machine *machine, uint64_t address,
				 unsigned id);
/* A call, before it happens. */
typedef void (*machine_call_fn)(void *ctx, struct machine *machine, uint64_t site,
				uint64_t callee);

struct machine_watched {
	uint64_t address;
	unsigned id;
};

struct machine {
	const struct unicorn *unicorn;
	struct uc_struct *uc;
	struct kernel *kernel;
	struct overlay overlay;
	struct tlb tlb;
	struct freelist_layout freelists;
	struct machine_limits limits;
	unsigned variant; /* 0 or 1: which of two values is invented */
	const struct landmarks *landmarks;
	unsigned cpu;	  /* whose per-CPU area gs points to */
	uint64_t per_cpu; /* that area: what gs holds */
	uint64_t cr0, tsc, stack_top;
	uint64_t jiffies;	/* address of the kernel's count of ticks; 0: not known */
	uint64_t return_marker; /* where calls from outside return to: never mapped */

	machine_watch_fn watch;
	machine_call_fn called; /* may be NULL */
	machine_call_fn jumped; /* a direct jump; may be NULL */
	void *ctx;
	struct machine_watched *watched;
	size_t nr_watched;
	uint8_t watched_filter[8192]; /* one bit per hash of an address */

	/* The code hook's: */
	uint64_t rip, pending_back, pending_site, jump_site;
	uint64_t page_va;
	const unsigned char *page_bytes;
	uint64_t nr_ticks, nr_instructions, next_clock, started_ns, passed_watch;
	struct machine_call_site frames[MACHINE_MAX_DEPTH];
	size_t nr_frames;
	int event; /* enum machine_event */
	unsigned event_id;
	struct machine_fault fault;

	struct machine_result *within; /* how a call from a watch function ended badly */
	bool has_ended;		       /* machine_stop() was called, and why: */
	enum machine_reason reason;
	char why[MACHINE_TEXT_BYTES];

	size_t nr_invented;    /* values made up so far */
	const char *assumed;   /* what outcome was made up last, or NULL */
	bool asked_for_module; /* request_module() */
	size_t nr_warnings;    /* WARN()s passed */
	struct machine_bypass bypasses[MACHINE_MAX_BYPASSES];
	size_t nr_bypasses;
};

/* machine_open - a CPU at rest: supervisor mode, interrupts off, gs at CPU @cpu's area
 * @kernel, @landmarks: borrowed. unicorn_load() has succeeded. @ret must not move.
 * Returns 0, -ENOSYS (no emulator), -ENOSPC (it does not get the memory that it
 * wants), -ENOENT (per-CPU areas unknown), or -errno.
 */
int machine_open(struct machine *ret, struct kernel *kernel,
		 const struct landmarks *landmarks, const struct machine_limits *limits,
		 unsigned cpu, unsigned variant);
void machine_close(struct machine *machine);

/* machine_open_memory - the same over any memory, without symbols or per-CPU areas
 * @kernel: one that has been zeroed. @fetch, @ctx, @pt: as overlay_open() takes them.
 * Returns 0, -ENOSPC, or -ENOMEM.
 */
int machine_open_memory(struct machine *ret, const struct unicorn *unicorn,
			struct kernel *kernel, overlay_fetch_fn fetch, void *ctx,
			const struct pagetable *pt, const struct machine_limits *limits);

/* machine_reset - the same CPU, at rest, over the kernel's memory read anew
 * What was translated of code that is unchanged stays, which saves most of a run's time.
 * Watches stay, too. Returns 0, -ENOSPC (too much was fetched: close and open it), or
 * -ENOMEM.
 */
int machine_reset(struct machine *machine, unsigned variant);

/* machine_watch_all - sets the addresses that @watch is called for
 * @addresses: @nr of them, 0 for none; @watch gets the index as id. May be called again
 * to add more: @first_id is added to the index.
 */
int machine_watch_all(struct machine *machine, const uint64_t addresses[], size_t nr,
		      unsigned first_id);

/* machine_call - calls @function with up to eight arguments and runs until it returns
 * Also from within a watch function: the registers are as before afterwards. If it does
 * not return there, neither does what the watch function interrupted.
 */
void machine_call(struct machine *machine, uint64_t function, size_t nr_arguments,
		  const uint64_t arguments[], struct machine_result *ret);

uint64_t machine_register(struct machine *machine, unsigned number);
void machine_set_register(struct machine *machine, unsigned number, uint64_t value);
/* The @i-th argument (0..5) of the function that was just entered. */
uint64_t machine_argument(struct machine *machine, unsigned i);
/* Return from the function that was just entered, with @value in rax. */
void machine_leave(struct machine *machine, uint64_t value);

/* Ends the run undecided. The first call counts. */
__attribute__((format(printf, 3, 4))) void machine_stop(struct machine *machine,
							enum machine_reason reason,
							const char *format, ...);

/* A value that nobody knows: @a in variant 0, @b in variant 1. */
uint64_t machine_invent(struct machine *machine, uint64_t a, uint64_t b);

/* Memory at a virtual address, rights ignored. Code that was translated already is
 * translated anew. Return 0 or -errno as overlay_read() does.
 */
int machine_read(struct machine *machine, uint64_t va, void *buf, size_t size_bytes);
int machine_write(struct machine *machine, uint64_t va, const void *buf,
		  size_t size_bytes);
/* A NUL-terminated string, cut at @size_bytes - 1. */
int machine_read_string(struct machine *machine, uint64_t va, char *buf,
			size_t size_bytes);

/* What was mapped is looked up anew: the TLB is flushed. */
void machine_flush(struct machine *machine);

/* As tlb_map(); a failure that is not the tables' ends the run. */
bool machine_map(struct machine *machine, uint64_t va, bool is_writable,
		 struct pt_walk *walk);
void machine_drop(struct machine *machine, uint64_t va);
void machine_get_registers(struct machine *machine,
			   uint64_t values[MACHINE_NR_REGISTERS]);
/* What machine_watch_all() named at @address, or NULL. */
const struct machine_watched *machine_find_watched(const struct machine *machine,
						   uint64_t address);
/* CPU time of this process. */
uint64_t machine_cpu_ns(void);

/* Forgets that a call from a watch function ended badly. */
void machine_forgive(struct machine *machine);

/* Records a store that @means let through. */
void machine_add_bypass(struct machine *machine, uint64_t address, unsigned size_bytes,
			const char *means);

#endif
