/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel that the dry run itself calls. */
#include "dryrun/kernelcall.h"

#ifdef KWCHECK_UNICORN

#include "dryrun/reason.h"
#include "machine/call.h"

bool kernelcall_fail(struct machine *machine, const char *what)
{
	machine_stop(machine, DRYRUN_UNPREPARED, "%s", what);
	return false;
}

bool kernelcall_run(struct machine *machine, uint64_t function, size_t nr,
		    const uint64_t arguments[], uint64_t *ret)
{
	struct machine_result result;

	machine_call(machine, function, nr, arguments, &result);
	if (result.end == MACHINE_RETURNED) {
		*ret = result.value;
		return true;
	}
	if (result.end == MACHINE_FAULTED)
		machine_stop(
			machine, DRYRUN_UNPREPARED,
			"the loader's own code faulted at 0x%016llx (address 0x%016llx)",
			(unsigned long long)result.registers[MACHINE_RIP],
			(unsigned long long)result.fault.address);
	return kernelcall_fail(machine, "the loader's own code did not return");
}

bool kernelcall_if_there(struct machine *machine, const char *name, size_t nr,
			 const uint64_t arguments[])
{
	uint64_t function, ignored;

	return !symbols_address(&machine->kernel->symbols, name, &function) ||
	       kernelcall_run(machine, function, nr, arguments, &ignored);
}

#endif
