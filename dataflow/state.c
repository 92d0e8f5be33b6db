/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, memory and protection as they are when control comes to some place. */
#include "dataflow/state.h"

#include <string.h>

#include "kcore/array.h"

size_t state_bytes(size_t room)
{
	return sizeof(struct state) + room * sizeof(struct state_cell);
}

void state_copy(struct state *to, const struct state *from)
{
	uint16_t room = to->room;

	memcpy(to, from, state_bytes(from->nr_cells <= room ? from->nr_cells : room));
	to->room = room;
	if (to->nr_cells > room) {
		to->nr_cells = room;
		to->bits |= STATE_CELLS_LOST;
	}
}

/* @guess: the number that the cell most likely has, since states come from each other. */
static const struct state_cell *find_cell(const struct state *state, uint64_t va,
					  size_t guess)
{
	if (guess < state->nr_cells && state->cells[guess].va == va)
		return &state->cells[guess];
	for (size_t i = 0; i < state->nr_cells; i++)
		if (state->cells[i].va == va)
			return &state->cells[i];
	return NULL;
}

static bool overlaps(const struct state_cell *cell, uint64_t va, uint64_t size_bytes)
{
	return cell->va < va + size_bytes && va < cell->va + cell->bytes;
}

bool state_load(const struct state *state, uint64_t va, unsigned bytes, struct value *ret)
{
	for (size_t i = 0; i < state->nr_cells; i++) {
		const struct state_cell *cell = &state->cells[i];

		if (!overlaps(cell, va, bytes))
			continue;
		if (cell->va == va && bytes <= cell->bytes)
			*ret = value_truncate(cell->value,
					      cell->bytes == bytes ? 8 : bytes);
		else if (value_is_exact(cell->value) && va >= cell->va &&
			 va + bytes <= cell->va + cell->bytes)
			*ret = value_truncate(
				value_exact(cell->value.n >> 8 * (va - cell->va)), bytes);
		else
			*ret = value_top();
		return true;
	}
	return false;
}

void state_clobber(struct state *state)
{
	static const uint8_t clobbered[] = {X86_RAX, X86_RCX, X86_RDX, X86_RSI, X86_RDI,
					    X86_R8,  X86_R9,  X86_R10, X86_R11};

	for (size_t i = 0; i < sizeof(clobbered); i++)
		state->registers[clobbered[i]] = value_top();
	state->flags.is_known = false;
}

static bool is_stack_va(uint64_t va)
{
	return value_is_stack(value_exact(va));
}

void state_forget(struct state *state, uint64_t va, uint64_t size_bytes)
{
	for (size_t i = 0; i < state->nr_cells;) {
		struct state_cell *cell = &state->cells[i];

		if (!overlaps(cell, va, size_bytes)) {
			i++;
		} else if (is_stack_va(cell->va)) {
			*cell = state->cells[--state->nr_cells];
		} else {
			cell->value = value_top();
			i++;
		}
	}
}

void state_store(struct state *state, uint64_t va, unsigned bytes, struct value value)
{
	struct state_cell *same = NULL;

	for (size_t i = 0; i < state->nr_cells;) {
		struct state_cell *cell = &state->cells[i];

		if (cell->va == va && cell->bytes == bytes)
			same = cell;
		else if (overlaps(cell, va, bytes)) {
			*cell = state->cells[--state->nr_cells];
			if (same == &state->cells[state->nr_cells])
				same = cell;
			continue;
		}
		i++;
	}
	if (same) {
		same->value = value;
		return;
	}
	/* What lies on the stack is not known without a cell. */
	if (value.kind == VALUE_TOP && !value.flags && is_stack_va(va))
		return;
	if (state->nr_cells == state->room) {
		state->bits |= STATE_CELLS_LOST;
		if (state->room == 0)
			return;
		state->nr_cells--;
		memmove(&state->cells[0], &state->cells[1],
			state->nr_cells * sizeof(state->cells[0]));
	}
	state->cells[state->nr_cells++] = (struct state_cell){
		.va = va, .value = value, .bytes = (uint8_t)bytes};
}

static bool are_compatible(const struct value *a, const struct value *b, bool is_exact)
{
	return value_is_same(a, b) ||
	       !(value_is_precious(a, is_exact) || value_is_precious(b, is_exact));
}

/* Are the cells of @a compatible with what @b has there? Where only @a has a cell, @b has
 * what was there before.
 */
static bool cells_are_compatible(const struct state *a, const struct state *b,
				 bool is_exact)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct state_cell *cell = &a->cells[i];
		const struct state_cell *other = find_cell(b, cell->va, i);

		if (other && !are_compatible(&cell->value, &other->value, is_exact))
			return false;
		if (!other && is_exact && !is_stack_va(cell->va) &&
		    value_is_precious(&cell->value, true))
			return false;
	}
	return true;
}

uint32_t state_fingerprint(const struct state *state, bool is_exact)
{
	uint64_t fingerprint = 0;

	for (unsigned i = 0; i < X86_NR_REGISTERS; i++) {
		const struct value *value = &state->registers[i];

		if (value_is_precious(value, is_exact))
			fingerprint = array_hash(fingerprint ^ (value->n + i));
	}
	return (uint32_t)(fingerprint >> 32);
}

bool state_is_compatible(const struct state *a, const struct state *b, bool is_exact)
{
	if ((a->bits ^ b->bits) & ~(STATE_CELLS_LOST | STATE_FORKED))
		return false;
	for (int i = 0; i < X86_NR_REGISTERS; i++)
		if (!are_compatible(&a->registers[i], &b->registers[i], is_exact))
			return false;
	return cells_are_compatible(a, b, is_exact) &&
	       cells_are_compatible(b, a, is_exact);
}

static bool join_value(struct value *to, const struct value *from)
{
	struct value joined;

	if (value_is_same(to, from))
		return false;
	joined = value_join(*to, *from);
	if (value_equal(joined, *to))
		return false;
	*to = joined;
	return true;
}

/* Joins the cells. A cell of the stack that only one side has goes. Elsewhere the other
 * side has what was there before, so that nothing is known.
 */
static bool join_cells(struct state *to, const struct state *from)
{
	bool changed = false;

	for (size_t i = 0; i < to->nr_cells;) {
		struct state_cell *cell = &to->cells[i];
		const struct state_cell *other = find_cell(from, cell->va, i);

		if (other && other->bytes == cell->bytes) {
			changed |= join_value(&cell->value, &other->value);
		} else if (is_stack_va(cell->va)) {
			*cell = to->cells[--to->nr_cells];
			changed = true;
			continue;
		} else {
			changed |= join_value(&cell->value, &(struct value){0});
		}
		i++;
	}
	for (size_t i = 0; i < from->nr_cells; i++) {
		const struct state_cell *cell = &from->cells[i];
		struct value joined;

		if (is_stack_va(cell->va) || find_cell(to, cell->va, i))
			continue;
		changed |= !(to->bits & STATE_CELLS_LOST);
		if (to->nr_cells == to->room) {
			to->bits |= STATE_CELLS_LOST;
			continue;
		}
		joined = value_join(value_top(), cell->value);
		to->cells[to->nr_cells++] = (struct state_cell){
			.va = cell->va, .value = joined, .bytes = cell->bytes};
		changed = true;
	}
	return changed;
}

bool state_join(struct state *to, const struct state *from)
{
	bool changed = false;

	for (int i = 0; i < X86_NR_REGISTERS; i++)
		changed |= join_value(&to->registers[i], &from->registers[i]);
	if (to->flags.is_known &&
	    (!from->flags.is_known || from->flags.of != to->flags.of ||
	     from->flags.width != to->flags.width)) {
		to->flags.is_known = false;
		changed = true;
	} else if (to->flags.is_known) {
		changed |= join_value(&to->flags.a, &from->flags.a);
		changed |= join_value(&to->flags.b, &from->flags.b);
	}
	if ((to->bits | from->bits) != to->bits) {
		to->bits |= from->bits;
		changed = true;
	}
	changed |= join_cells(to, from);
	return changed;
}
