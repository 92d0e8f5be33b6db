/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's variables: what its code stores there, in whichever function. */
#include "dataflow/globals.h"

#include "kcore/array.h"

/* The slot of the variable at @va, which may be free yet. NULL: the table is full. */
static const struct global *slot_of(const struct globals *globals, uint64_t va)
{
	size_t i = (size_t)(array_hash(va) >> 40);

	for (size_t n = 0; n < GLOBALS_ROOM; n++, i++) {
		const struct global *global = &globals->array[i % GLOBALS_ROOM];

		if (global->va == va || !global->va)
			return global;
	}
	return NULL;
}

const struct global *globals_find(const struct globals *globals, uint64_t va)
{
	const struct global *global = slot_of(globals, va);

	return global && global->va ? global : NULL;
}

bool globals_note(struct globals *globals, uint64_t va, struct value value)
{
	struct global *global = (struct global *)slot_of(globals, va);
	struct value joined;

	if (!global)
		return false;
	if (!value_is_precious(&value, false)) {
		/* NULL is stored when a variable is given up: that takes nothing away. */
		if (global->va && !(value_is_exact(value) && value.n == 0) &&
		    !global->has_other) {
			global->has_other = true;
			globals->has_changed = true;
		}
		return false;
	}
	if (!global->va) {
		*global = (struct global){.va = va, .value = value};
		globals->has_changed = true;
		return true;
	}
	joined = value_join(global->value, value);
	if (!value_equal(joined, global->value)) {
		global->value = joined;
		globals->has_changed = true;
	}
	return false;
}
