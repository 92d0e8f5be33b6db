/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel that are done here. */
#include "dryrun/handlers.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "dryrun/calltype.h"
#include "dryrun/loader.h"
#include "dryrun/pagealloc.h"
#include "dryrun/reason.h"
#include "dryrun/task.h"
#include "kcore/sealednames.h"
#include "machine/call.h"
#include "module/modsym.h"

static bool is_module(const struct handler_state *state, uint64_t va)
{
	return va - state->module_va < state->module_bytes;
}

/* The address that called the function just entered. */
static uint64_t caller_of(struct machine *machine)
{
	uint64_t back = 0;

	machine_read(machine, machine_register(machine, X86_RSP), &back, sizeof(back));
	return back;
}

void handle_flush(struct handler_state *state, struct machine *machine)
{
	(void)state;
	machine_flush(machine);
	machine_leave(machine, 0);
}

/* Programs of BPF come in one piece, of many pages. */
static const uint64_t MAX_PATCH_BYTES = 16 * 1024 * 1024;

static bool is_too_large(struct machine *machine, uint64_t to, uint64_t size)
{
	if (size <= MAX_PATCH_BYTES)
		return false;
	machine_stop(machine, MACHINE_UNSUPPORTED,
		     "the code at 0x%016llx is patched with %llu bytes",
		     (unsigned long long)to, (unsigned long long)size);
	return true;
}

static void set(struct machine *machine, uint64_t to, unsigned char byte, uint64_t size)
{
	if (is_too_large(machine, to, size))
		return;
	for (uint64_t i = 0; i < size; i++)
		machine_write(machine, to + i, &byte, 1);
}

static void copy(struct machine *machine, uint64_t to, uint64_t from, uint64_t size)
{
	unsigned char bytes[256];

	if (is_too_large(machine, to, size))
		return;
	for (uint64_t done = 0; done < size;) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		if (machine_read(machine, from + done, bytes, n) < 0 ||
		    machine_write(machine, to + done, bytes, n) < 0) {
			machine_stop(machine, MACHINE_UNREADABLE,
				     "the code at 0x%016llx cannot be patched",
				     (unsigned long long)to);
			return;
		}
		done += n;
	}
}

static void note_poke(struct handler_state *state, struct machine *machine, uint64_t to,
		      uint64_t size, const char *means)
{
	if (is_module(state, caller_of(machine)) && !is_module(state, to))
		machine_add_bypass(machine, to, (unsigned)size, means);
}

/* text_poke(addr, opcode, len) and its like */
void handle_text_poke(struct handler_state *state, struct machine *machine)
{
	uint64_t to = machine_argument(machine, 0), size = machine_argument(machine, 2);

	copy(machine, to, machine_argument(machine, 1), size);
	note_poke(state, machine, to, size, "text_poke");
	machine_leave(machine, to);
}

/* Up to 5.x __text_poke(addr, opcode, len), then __text_poke(func, addr, src, len), where
 * func copies or sets.
 */
void handle_text_poke_by(struct handler_state *state, struct machine *machine)
{
	uint64_t function = machine_argument(machine, 0), to, size, memset_va = 0;
	unsigned char value = 0;

	if (machine_argument(machine, 2) <= PAGE_BYTES) {
		handle_text_poke(state, machine);
		return;
	}
	to = machine_argument(machine, 1);
	size = machine_argument(machine, 3);
	symbols_address(&machine->kernel->symbols, "text_poke_memset", &memset_va);
	if (function != memset_va)
		copy(machine, to, machine_argument(machine, 2), size);
	else if (machine_read(machine, machine_argument(machine, 2), &value, 1) == 0)
		set(machine, to, value, size);
	note_poke(state, machine, to, size, "text_poke");
	machine_leave(machine, to);
}

void handle_text_poke_set(struct handler_state *state, struct machine *machine)
{
	uint64_t to = machine_argument(machine, 0), size = machine_argument(machine, 2);

	set(machine, to, (unsigned char)machine_argument(machine, 1), size);
	note_poke(state, machine, to, size, "text_poke_set");
	machine_leave(machine, to);
}

void handle_key_update(struct handler_state *state, struct machine *machine)
{
	/* The kernel's own branches are patched by its own code, which goes on. */
	if (state->key_changed)
		state->key_changed(state->ctx, machine, machine_argument(machine, 0));
}

/* A module that gives a security hook's static call another function changes sealed
 * memory without a store of its own.
 */
void handle_static_call_update(struct handler_state *state, struct machine *machine)
{
	uint64_t key = machine_argument(machine, 0);
	const struct symbol *symbol = symbols_at(&machine->kernel->symbols, key);

	if (is_module(state, caller_of(machine)) && symbol && symbol->address == key &&
	    sealednames_is_lsm_key(symbol->name))
		machine_add_bypass(machine, key, 8, "__static_call_update");
}

/* include/linux/mutex.h: owner is first, with flags in its low bits. A thread that sleeps
 * may hold it; nobody else gives it back.
 */
void handle_mutex_lock(struct handler_state *state, struct machine *machine)
{
	enum { MAX_RUNS = 100 };
	uint64_t task = task_current(machine), mutex = machine_argument(machine, 0),
		 owner;

	for (unsigned i = 0;
	     i < MAX_RUNS && machine_read_pointer(machine, mutex, &owner) &&
	     deferred_thread(&state->deferred, owner & ~(uint64_t)7) &&
	     deferred_run_one(&state->deferred, machine);
	     i++)
		;
	machine_write(machine, machine_argument(machine, 0), &task, sizeof(task));
	machine_leave(machine, 0);
}

void handle_mutex_unlock(struct handler_state *state, struct machine *machine)
{
	static const uint64_t nobody;

	(void)state;
	machine_write(machine, machine_argument(machine, 0), &nobody, sizeof(nobody));
	machine_leave(machine, 0);
}

/* include/asm-generic/qspinlock_types.h: 1 is locked, nobody waiting. */
void handle_spin_lock(struct handler_state *state, struct machine *machine)
{
	static const uint32_t locked = 1;

	(void)state;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* include/asm-generic/qrwlock_types.h: _QW_LOCKED */
void handle_write_lock(struct handler_state *state, struct machine *machine)
{
	static const uint32_t locked = 0xff;

	(void)state;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* kernel/locking/rwsem.c: RWSEM_WRITER_LOCKED; count is first. The reader's count is up
 * already.
 */
void handle_down_write(struct handler_state *state, struct machine *machine)
{
	static const uint64_t locked = 1;
	uint64_t sem = machine_argument(machine, 0);

	(void)state;
	machine_write(machine, sem, &locked, sizeof(locked));
	machine_leave(machine, sem);
}

void handle_return_first(struct handler_state *state, struct machine *machine)
{
	(void)state;
	machine_leave(machine, machine_argument(machine, 0));
}

/* The kernel's own code goes on, up to where it starts modprobe. */
void handle_request_module(struct handler_state *state, struct machine *machine)
{
	if (state->requests)
		return;
	state->asked_for_module = true;
	machine_leave(machine, machine_invent(machine, 0, (uint64_t)-ENOENT));
}

/* The name in a call of modprobe: kernel/module/kmod.c:call_modprobe(). */
static bool read_request(struct machine *machine, uint64_t info, char *ret, size_t room)
{
	static const char *const words[] = {"-q", "--"};
	const struct types *types = &machine->kernel->types;
	uint64_t argv, va;
	uint32_t offset;

	if (types_offset(types, "subprocess_info", "argv", &offset) < 0 ||
	    !machine_read_pointer(machine, info + offset, &argv))
		return false;
	for (unsigned i = 1; i <= 3; i++) {
		if (!machine_read_pointer(machine, argv + 8 * (uint64_t)i, &va) ||
		    machine_read_string(machine, va, ret, room) < 0 ||
		    (i < 3 && strcmp(ret, words[i - 1]) != 0))
			return false;
	}
	return true;
}

/* call_usermodehelper_exec(info, wait) */
void handle_run_helper(struct handler_state *state, struct machine *machine)
{
	static const uint64_t WAIT_FOR_END = 2; /* UMH_WAIT_PROC */
	char name[REQUEST_NAME_BYTES];
	int status = 0;

	if (!state->requests ||
	    !read_request(machine, machine_argument(machine, 0), name, sizeof(name))) {
		machine_leave(machine, 0);
		return;
	}
	if (machine_argument(machine, 1) & WAIT_FOR_END) {
		status = request_run(state->requests, machine, name);
		state->asked_for_module |= !state->requests->modprobe->is_missing;
	} else if (!request_late(state->requests, machine, name)) {
		state->asked_for_module = true;
	}
	machine_leave(machine, (uint64_t)(int64_t)status);
}

void handle_firmware(struct handler_state *state, struct machine *machine)
{
	static const uint64_t none;

	(void)state;
	machine_write(machine, machine_argument(machine, 0), &none, sizeof(none));
	state->assumed = "request_firmware";
	machine_leave(machine, (uint64_t)-ENOENT);
}

/* The machine's own modules, the newest first, which is the order of the kernel's list.
 * @module: NULL for any.
 */
static bool find_among_loaded(const struct loader *loader, const char *name,
			      const char *module, uint64_t *ret)
{
	for (size_t i = loader ? loader->nr : 0; i-- > 0;) {
		const struct loaded *loaded = &loader->loaded[i];

		if (loaded->module && loaded->mod.file &&
		    (!module || strcmp(module, loaded->mod.file->module_name) == 0) &&
		    modsym_find(&loaded->mod, name, ret))
			return true;
	}
	return false;
}

/* kernel/kallsyms.c:kallsyms_lookup_name(): the kernel's own names, then those of
 * modules, or of the one that "module:name" says. What is not found has the address 0.
 * false: the run is over, since nobody knows.
 */
static bool find_name(const struct handler_state *state, struct machine *machine,
		      uint64_t name_va, uint64_t *ret)
{
	struct symbols *symbols = &machine->kernel->symbols;
	char text[512], *name = text, *colon; /* KSYM_NAME_LEN */
	const char *module = NULL;
	const struct symbol *symbol;

	*ret = 0;
	if (machine_read_string(machine, name_va, text, sizeof(text)) < 0) {
		machine_stop(machine, DRYRUN_INVENTED,
			     "a name that cannot be read is looked up");
		return false;
	}
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		module = text;
		name = colon + 1;
	}
	symbol = symbols_find(symbols, name, module, NULL);
	if ((!symbol || symbol->module) &&
	    find_among_loaded(state->loader, name, module, ret))
		return true;
	/* One that the machine has loaded anew is not where it was. */
	while (symbol && symbol->module && state->loader &&
	       loader_find(state->loader, symbol->module))
		symbol = symbols_find(symbols, name, module, symbol);
	if (symbol) {
		*ret = symbol->address;
	} else if (symbols->text_error.code != ERROR_NONE) {
		machine_stop(
			machine, DRYRUN_INVENTED,
			"a name is looked up, and the symbols of modules are not known");
		return false;
	}
	return true;
}

/* kernel/kprobes.c:register_kprobe(): finds the address, and here that is all. */
static int64_t register_probe(const struct handler_state *state, struct machine *machine,
			      uint64_t probe)
{
	struct kernel *kernel = machine->kernel;
	uint32_t at_name, at_address, at_offset;
	uint64_t name_va = 0, address = 0;
	uint32_t offset = 0;

	if (types_offset(&kernel->types, "kprobe", "symbol_name", &at_name) < 0 ||
	    types_offset(&kernel->types, "kprobe", "addr", &at_address) < 0 ||
	    types_offset(&kernel->types, "kprobe", "offset", &at_offset) < 0 ||
	    machine_read(machine, probe + at_name, &name_va, sizeof(name_va)) < 0 ||
	    machine_read(machine, probe + at_address, &address, sizeof(address)) < 0 ||
	    machine_read(machine, probe + at_offset, &offset, sizeof(offset)) < 0) {
		machine_stop(machine, DRYRUN_INVENTED, "a kprobe that cannot be read");
		return 0;
	}
	if (!name_va == !address)
		return -EINVAL;
	if (name_va && !find_name(state, machine, name_va, &address))
		return 0;
	if (!address)
		return -ENOENT;
	address += offset;
	machine_write(machine, probe + at_address, &address, sizeof(address));
	return 0;
}

void handle_register_kprobe(struct handler_state *state, struct machine *machine)
{
	uint64_t probe = machine_argument(machine, 0);

	machine_leave(machine, (uint64_t)register_probe(state, machine, probe));
}

void handle_look_up(struct handler_state *state, struct machine *machine)
{
	uint64_t address;

	if (find_name(state, machine, machine_argument(machine, 0), &address))
		machine_leave(machine, address);
}

/* struct kretprobe begins with its struct kprobe. */
void handle_register_kprobes(struct handler_state *state, struct machine *machine)
{
	uint64_t array = machine_argument(machine, 0), probe = 0;
	uint32_t nr = (uint32_t)machine_argument(machine, 1);
	int64_t r = nr ? 0 : -EINVAL;

	for (uint32_t i = 0; r == 0 && i < nr && i < 4096; i++) {
		if (machine_read(machine, array + 8 * (uint64_t)i, &probe, 8) < 0)
			break;
		r = register_probe(state, machine, probe);
	}
	machine_leave(machine, (uint64_t)r);
}

void handle_panic(struct handler_state *state, struct machine *machine)
{
	(void)state;
	machine_stop(machine, MACHINE_TRAP, "panic()");
}

/* smp_call_function_single_async(cpu, csd) */
void handle_call_csd(struct handler_state *state, struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint64_t csd = machine_argument(machine, 1), function = 0, info = 0;
	uint32_t at_function, at_info;
	struct machine_result result;

	(void)state;
	if (types_offset(&kernel->types, "__call_single_data", "func", &at_function) <
		    0 ||
	    types_offset(&kernel->types, "__call_single_data", "info", &at_info) < 0 ||
	    machine_read(machine, csd + at_function, &function, 8) < 0 ||
	    machine_read(machine, csd + at_info, &info, 8) < 0)
		machine_stop(machine, DRYRUN_INVENTED, "a call on another CPU");
	else if (calltype_check(machine, function, CALLTYPE_VOID, "another CPU"))
		machine_call(machine, function, 1, &info, &result);
	machine_leave(machine, 0);
}

#endif
