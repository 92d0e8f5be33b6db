/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, memory and protection as they are when control comes to some place. */
#ifndef KWCHECK_DATAFLOW_STATE_H
#define KWCHECK_DATAFLOW_STATE_H

#include "insn/code.h"
#include "dataflow/value.h"

/* How protection has been lifted on the way. */
enum state_bit {
	STATE_WP_CLEARED = 1 << 0,   /* CR0.WP */
	STATE_PTE_EDITED = 1 << 1,   /* some page-table entry was written */
	STATE_RO_DISARMED = 1 << 2,  /* kernel_set_to_readonly was cleared */
	STATE_OWN_UNSEALED = 1 << 3, /* set_memory_rw() on a module's pages */
	STATE_ASKED_RW = 1 << 4,     /* set_memory_rw() on the kernel's: no effect */
	STATE_CELLS_LOST = 1 << 5,   /* memory without a cell is not as it was at first */
	STATE_FORKED = 1 << 6, /* some branch could have gone the other way, other than by
				  a call's failure */
};

/* A piece of memory whose content is known, or known to have changed. */
struct state_cell {
	uint64_t va;
	struct value value;
	uint8_t bytes;
};

enum { STATE_MAX_CELLS = 160 };

/* What the last compare or arithmetic was about. */
struct state_flags {
	struct value a, b;
	uint8_t width, of; /* enum value_flags_of */
	bool is_known;
};

struct state {
	struct value registers[X86_NR_REGISTERS];
	struct state_flags flags;
	uint16_t bits;
	uint16_t nr_cells, room; /* room: of cells */
	uint32_t fingerprint;	 /* of a kept state: state_fingerprint() */
	struct state_cell cells[];
};

/* The size of a state with room for @room cells. A working state has room for
 * STATE_MAX_CELLS, a kept one for what it needs.
 */
size_t state_bytes(size_t room);
void state_copy(struct state *to, const struct state *from);

/* What @bytes at @va hold. false: no cell overlaps them. Part of a wider cell is cut out
 * of it; if they reach beyond a cell, *@ret is unknown.
 */
bool state_load(const struct state *state, uint64_t va, unsigned bytes,
		struct value *ret);
void state_store(struct state *state, uint64_t va, unsigned bytes, struct value value);

/* A function has been called: the registers that it need not keep, and the flags, are no
 * longer known.
 */
void state_clobber(struct state *state);

/* Memory from @va to @va + @size_bytes is no longer known. */
void state_forget(struct state *state, uint64_t va, uint64_t size_bytes);

/* States with different fingerprints are not compatible. */
uint32_t state_fingerprint(const struct state *state, bool is_exact);

/* Would a join of the two states lose nothing precious? */
bool state_is_compatible(const struct state *a, const struct state *b, bool is_exact);

/* Joins @from into @to. Returns whether @to changed. */
bool state_join(struct state *to, const struct state *from);

#endif
