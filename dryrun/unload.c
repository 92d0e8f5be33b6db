/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes a module out of a machine's kernel. */
#include "dryrun/unload.h"

#ifdef KWCHECK_UNICORN

#include <string.h>

#include "dryrun/kernelcall.h"
#include "dryrun/modstruct.h"
#include "dryrun/reason.h"
#include "machine/call.h"

enum { MODULE_NAME_BYTES = 56, MAX_MODULES = 4096 };

static bool read_member(struct machine *machine, uint64_t va, const char *member,
			void *ret, size_t size_bytes)
{
	uint32_t offset;

	return types_offset(&machine->kernel->types, "module", member, &offset) == 0 &&
	       machine_read(machine, va + offset, ret, size_bytes) == 0;
}

/* kernel/module/main.c:find_module(). 0: there is none, or the list is not to be had. */
static uint64_t find_module(struct machine *machine, const char *name)
{
	struct kernel *kernel = machine->kernel;
	char found[MODULE_NAME_BYTES + 1] = "";
	uint32_t at_list, at_name;
	uint64_t head, va;

	if (types_offset(&kernel->types, "module", "list", &at_list) < 0 ||
	    types_offset(&kernel->types, "module", "name", &at_name) < 0 ||
	    !symbols_address(&kernel->symbols, "modules", &head) ||
	    !machine_read_pointer(machine, head, &va))
		return 0;
	for (size_t i = 0; va != head && i < MAX_MODULES; i++) {
		if (machine_read(machine, va - at_list + at_name, found,
				 MODULE_NAME_BYTES) < 0)
			return 0;
		if (strcmp(found, name) == 0)
			return va - at_list;
		if (!machine_read_pointer(machine, va, &va))
			return 0;
	}
	return 0;
}

static bool unlink_module(struct machine *machine, uint64_t va)
{
	uint64_t around[2]; /* next and previous */

	if (!read_member(machine, va, "list", around, sizeof(around)))
		return kernelcall_fail(machine, "the list of modules cannot be read");
	machine_write(machine, around[1], &around[0], sizeof(around[0]));
	machine_write(machine, around[0] + 8, &around[1], sizeof(around[1]));
	return true;
}

bool unload_forget(struct machine *machine, uint64_t va)
{
	/* kernel/module/main.c:free_module(), but for the memory. */
	static const char *const functions[] = {
		"mod_sysfs_teardown", "module_arch_cleanup", "module_unload_free",
		"mod_tree_remove",    "module_bug_cleanup",
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (!kernelcall_if_there(machine, functions[i], 1, &va))
			return false;
	return unlink_module(machine, va);
}

static bool refuse(struct machine *machine, const char *name, const char *why)
{
	machine_stop(machine, DRYRUN_LOADED,
		     "a module %.56s is loaded, and rmmod would not unload it: %s", name,
		     why);
	return false;
}

/* kernel/module/main.c:delete_module(), up to the call of its exit. */
static bool may_go(struct machine *machine, const char *name, uint64_t va)
{
	uint64_t users[2] = {0}, init = 0, exit = 0;
	uint32_t refcnt = 0, state = 0, at_users;

	if (!read_member(machine, va, "state", &state, sizeof(state)) ||
	    !read_member(machine, va, "refcnt", &refcnt, sizeof(refcnt)) ||
	    !read_member(machine, va, "source_list", users, sizeof(users)) ||
	    !read_member(machine, va, "init", &init, sizeof(init)) ||
	    !read_member(machine, va, "exit", &exit, sizeof(exit)) ||
	    types_offset(&machine->kernel->types, "module", "source_list", &at_users) < 0)
		return refuse(machine, name, "its struct module cannot be read");
	if (users[0] != va + at_users)
		return refuse(machine, name, "other modules use it");
	if (state != MODSTRUCT_LIVE)
		return refuse(machine, name, "it is being loaded or unloaded");
	if (init && !exit)
		return refuse(machine, name, "it has no exit function");
	if (refcnt != MODSTRUCT_REFERENCES - 1)
		return refuse(machine, name, "it is in use");
	return true;
}

/* Those who were told that it came: tracepoints, kprobes, BTF. */
static bool tell_going(struct machine *machine, uint64_t va)
{
	uint64_t list;

	return !symbols_address(&machine->kernel->symbols, "module_notify_list", &list) ||
	       kernelcall_if_there(machine, "blocking_notifier_call_chain", 3,
				   (const uint64_t[]){list, MODSTRUCT_GOING, va});
}

static bool run_exit(struct machine *machine, const char *name, uint64_t va)
{
	struct machine_result result;
	uint64_t exit = 0;

	read_member(machine, va, "exit", &exit, sizeof(exit));
	if (!exit)
		return true;
	machine_call(machine, exit, 0, NULL, &result);
	if (result.end == MACHINE_RETURNED)
		return true;
	machine_stop(
		machine, DRYRUN_UNPREPARED,
		"a module %.56s is loaded, and its exit function does not come to an "
		"end",
		name);
	return false;
}

bool unload_module(struct machine *machine, const char *name)
{
	uint64_t va = find_module(machine, name);

	if (!va)
		return true;
	if (!may_go(machine, name, va))
		return false;
	modstruct_set(machine, va, "state", MODSTRUCT_GOING, 4);
	return run_exit(machine, name, va) && tell_going(machine, va) &&
	       unload_forget(machine, va);
}

#endif
