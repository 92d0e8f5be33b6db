/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kCFI of calls that the dry run makes in the place of the kernel's own code. */
#include "dryrun/calltype.h"

#ifdef KWCHECK_UNICORN

#include "dryrun/reason.h"
#include "machine/machine.h"

/* The type stands before the function. */
static bool read_type(struct machine *machine, uint64_t function, uint32_t *ret)
{
	uint64_t at = (uint64_t)(int64_t)(machine->guards.type_at ?: -4);

	return machine_read(machine, function + at, ret, sizeof(*ret)) == 0;
}

/* Does the kernel die of a wrong type? */
static bool is_enforced(const struct guards *guards)
{
	return guards->checks_types && !guards->only_reports;
}

/* The kernel's own pointers to functions of its image have the types they should. */
static bool is_of_image(const struct machine *machine, uint64_t function)
{
	const uint64_t *labels = machine->kernel->labels;

	return labels[LABEL_TEXT] && function >= labels[LABEL_TEXT] &&
	       function < labels[LABEL_ETEXT];
}

bool calltype_check(struct machine *machine, uint64_t function, const char *like,
		    const char *what)
{
	uint32_t type, wanted;
	uint64_t va;

	if (!is_enforced(&machine->guards) || is_of_image(machine, function))
		return true;
	if (!like || !symbols_address(&machine->kernel->symbols, like, &va) ||
	    !read_type(machine, va, &wanted) || !read_type(machine, function, &type)) {
		machine_stop(machine, DRYRUN_INVENTED,
			     "%s calls a function by a pointer, and whether kCFI lets "
			     "that through is not known: no function of the kernel's of "
			     "that type is listed",
			     what);
		return false;
	}
	if (type == wanted)
		return true;
	machine_stop(machine, DRYRUN_INVENTED,
		     "%s calls a function of another type: a CFI failure in the kernel's "
		     "code that does that",
		     what);
	return false;
}

bool calltype_check_init(struct machine *machine, uint64_t init)
{
	const struct guards *guards = &machine->guards;
	uint32_t type;

	if (!is_enforced(guards) || !guards->init_type ||
	    (read_type(machine, init, &type) && type == guards->init_type))
		return true;
	machine_stop(machine, DRYRUN_INVENTED,
		     "init is of another type than the kernel calls: a CFI failure in "
		     "do_one_initcall()");
	return false;
}

#endif
