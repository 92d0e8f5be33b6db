/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the model table that do more than return a value. */
#include "dryrun/handlers.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <string.h>

#include "kcore/sealednames.h"

static bool is_module(const struct model_run *run, uint64_t va)
{
	return va - run->module_va < run->module_bytes;
}

/* The address that called the function just entered. */
static uint64_t caller_of(struct machine *machine)
{
	uint64_t back = 0;

	machine_read(machine, machine_register(machine, MACHINE_RSP), &back,
		     sizeof(back));
	return back;
}

void handle_schedule(struct model_run *run, struct machine *machine)
{
	enum { MAX_WAITS = 1000 };

	if (++run->nr_waits > MAX_WAITS)
		machine_stop(
			machine, MACHINE_WAITS,
			"it sleeps again and again for something that another task or "
			"a device would do");
	machine_leave(machine, 0);
}

void handle_flush(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_flush(machine);
	machine_leave(machine, 0);
}

static void copy(struct machine *machine, uint64_t to, uint64_t from, uint64_t size)
{
	unsigned char bytes[256];

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

static void note_poke(struct model_run *run, struct machine *machine, uint64_t to,
		      uint64_t size, const char *means)
{
	if (is_module(run, caller_of(machine)) && !is_module(run, to))
		machine_add_bypass(machine, to, (unsigned)size, means);
}

/* text_poke(addr, opcode, len) and its like */
void handle_text_poke(struct model_run *run, struct machine *machine)
{
	uint64_t to = machine_argument(machine, 0), size = machine_argument(machine, 2);

	if (size <= PAGE_BYTES)
		copy(machine, to, machine_argument(machine, 1), size);
	note_poke(run, machine, to, size, "text_poke");
	machine_leave(machine, to);
}

/* Up to 5.x __text_poke(addr, opcode, len), then __text_poke(func, addr, src, len), where
 * func copies or sets.
 */
void handle_text_poke_by(struct model_run *run, struct machine *machine)
{
	uint64_t function = machine_argument(machine, 0), to, size, set = 0, value = 0;

	if (machine_argument(machine, 2) <= PAGE_BYTES) {
		handle_text_poke(run, machine);
		return;
	}
	to = machine_argument(machine, 1);
	size = machine_argument(machine, 3);
	symbols_address(&machine->kernel->symbols, "text_poke_memset", &set);
	if (function != set && size <= PAGE_BYTES) {
		copy(machine, to, machine_argument(machine, 2), size);
	} else if (machine_read(machine, machine_argument(machine, 2), &value, 1) == 0) {
		for (uint64_t i = 0; i < size && i < PAGE_BYTES; i++)
			machine_write(machine, to + i, &value, 1);
	}
	note_poke(run, machine, to, size, "text_poke");
	machine_leave(machine, to);
}

void handle_text_poke_set(struct model_run *run, struct machine *machine)
{
	uint64_t to = machine_argument(machine, 0), size = machine_argument(machine, 2);
	unsigned char byte = (unsigned char)machine_argument(machine, 1);

	for (uint64_t i = 0; i < size && i < 65536; i++)
		machine_write(machine, to + i, &byte, 1);
	note_poke(run, machine, to, size, "text_poke_set");
	machine_leave(machine, to);
}

void handle_key_update(struct model_run *run, struct machine *machine)
{
	/* The kernel's own branches are patched by its own code, which goes on. */
	if (run->key_changed)
		run->key_changed(run->ctx, machine, machine_argument(machine, 0));
}

/* A module that gives a security hook's static call another function: no sealed memory is
 * written by the module itself.
 */
void handle_static_call_update(struct model_run *run, struct machine *machine)
{
	uint64_t key = machine_argument(machine, 0);
	const struct symbol *symbol = symbols_at(&machine->kernel->symbols, key);

	if (is_module(run, caller_of(machine)) && symbol && symbol->address == key &&
	    sealednames_is_lsm_key(symbol->name))
		machine_add_bypass(machine, key, 8, "__static_call_update");
}

static uint64_t current_task(struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint32_t offset = 0;
	uint64_t va, task = 0;

	if (!symbols_address(&kernel->symbols, "current_task", &va) &&
	    (!symbols_address(&kernel->symbols, "pcpu_hot", &va) ||
	     types_offset(&kernel->types, "pcpu_hot", "current_task", &offset) < 0))
		return 0;
	machine_read(machine, va + offset + machine->per_cpu, &task, sizeof(task));
	return task;
}

/* include/linux/mutex.h: owner is first. */
void handle_mutex_lock(struct model_run *run, struct machine *machine)
{
	uint64_t task = current_task(machine);

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &task, sizeof(task));
	machine_leave(machine, 0);
}

void handle_mutex_unlock(struct model_run *run, struct machine *machine)
{
	static const uint64_t nobody;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &nobody, sizeof(nobody));
	machine_leave(machine, 0);
}

/* include/asm-generic/qspinlock_types.h: 1 is locked, nobody waiting. */
void handle_spin_lock(struct model_run *run, struct machine *machine)
{
	static const uint32_t locked = 1;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* include/asm-generic/qrwlock_types.h: _QW_LOCKED */
void handle_write_lock(struct model_run *run, struct machine *machine)
{
	static const uint32_t locked = 0xff;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* kernel/locking/rwsem.c: RWSEM_WRITER_LOCKED; count is first. The reader's count is up
 * already.
 */
void handle_down_write(struct model_run *run, struct machine *machine)
{
	static const uint64_t locked = 1;
	uint64_t sem = machine_argument(machine, 0);

	(void)run;
	machine_write(machine, sem, &locked, sizeof(locked));
	machine_leave(machine, sem);
}

void handle_return_first(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_leave(machine, machine_argument(machine, 0));
}

/* A copy of kthreadd: a kernel thread in all that is looked at. */
void handle_create_thread(struct model_run *run, struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	unsigned char bytes[512];
	struct machine_result result;
	uint64_t va, arguments[2] = {0, 0};
	uint32_t size, done;

	run->nr_deferred++;
	/* The slab that task_structs come from is of one size; kmalloc() does as well. */
	if (!symbols_address(&kernel->symbols, "kthreadd_task", &va) ||
	    machine_read(machine, va, &run->template_task, sizeof(run->template_task)) <
		    0 ||
	    types_size(&kernel->types, "task_struct", &size) < 0 || size > 32768 ||
	    (!symbols_address(&kernel->symbols, "__get_free_pages", &va) &&
	     !symbols_address(&kernel->symbols, "get_free_pages_noprof", &va))) {
		machine_stop(machine, MACHINE_INVENTED, "it creates a thread");
		return;
	}
	arguments[0] = 0xcc0; /* GFP_KERNEL */
	arguments[1] = 3;     /* 32 KiB */
	machine_call(machine, va, 2, arguments, &result);
	if (result.end != MACHINE_RETURNED || !result.value) {
		machine_stop(machine, MACHINE_INVENTED, "it creates a thread");
		return;
	}
	for (done = 0; done < size; done += sizeof(bytes)) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		if (machine_read(machine, run->template_task + done, bytes, n) < 0)
			break;
		machine_write(machine, result.value + done, bytes, n);
	}
	machine_leave(machine, result.value);
}

static void queue(struct model_run *run, uint64_t work)
{
	run->nr_deferred++;
	for (size_t i = 0; i < run->nr_queued; i++)
		if (run->queued[i] == work)
			return;
	if (run->nr_queued < MODEL_MAX_QUEUED)
		run->queued[run->nr_queued++] = work;
}

/* queue_work_on(cpu, wq, work), queue_delayed_work_on(cpu, wq, dwork, delay): the work is
 * first in a delayed one.
 */
void handle_queue_work(struct model_run *run, struct machine *machine)
{
	queue(run, machine_argument(machine, 2));
	machine_leave(machine, 1);
}

static bool run_work(struct model_run *run, struct machine *machine, size_t i)
{
	uint64_t work = run->queued[i], function = 0;
	struct machine_result result;
	uint32_t offset;

	run->queued[i] = run->queued[--run->nr_queued];
	if (types_offset(&machine->kernel->types, "work_struct", "func", &offset) < 0 ||
	    machine_read(machine, work + offset, &function, sizeof(function)) < 0)
		return false;
	machine_call(machine, function, 1, &work, &result);
	if (result.end != MACHINE_RETURNED && !machine->has_ended)
		machine_stop(machine, MACHINE_INVENTED, "deferred work did not end well");
	return true;
}

void handle_flush_work(struct model_run *run, struct machine *machine)
{
	uint64_t work = machine_argument(machine, 0);
	bool was_queued = false;

	for (size_t i = 0; i < run->nr_queued && !was_queued; i++)
		if (run->queued[i] == work)
			was_queued = run_work(run, machine, i);
	machine_leave(machine, was_queued);
}

void handle_flush_all(struct model_run *run, struct machine *machine)
{
	for (size_t i = 0; run->nr_queued && i < MODEL_MAX_QUEUED && !machine->has_ended;
	     i++)
		run_work(run, machine, 0);
	machine_leave(machine, 0);
}

void handle_cancel_work(struct model_run *run, struct machine *machine)
{
	uint64_t work = machine_argument(machine, 0), was_queued = 0;

	for (size_t i = 0; i < run->nr_queued; i++)
		if (run->queued[i] == work) {
			run->queued[i--] = run->queued[--run->nr_queued];
			was_queued = 1;
		}
	machine_leave(machine, was_queued);
}

void handle_request_module(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine->asked_for_module = true;
	machine_leave(machine, machine_invent(machine, 0, (uint64_t)-ENOENT));
}

void handle_firmware(struct model_run *run, struct machine *machine)
{
	static const uint64_t none;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &none, sizeof(none));
	machine->assumed = "request_firmware";
	machine_leave(machine, (uint64_t)-ENOENT);
}

/* kernel/kprobes.c:register_kprobe(): finds the address, and here that is all. */
static int64_t register_probe(struct machine *machine, uint64_t probe)
{
	struct kernel *kernel = machine->kernel;
	uint32_t at_name, at_address, at_offset;
	uint64_t name_va = 0, address = 0, va;
	uint32_t offset = 0;
	char name[256];

	if (types_offset(&kernel->types, "kprobe", "symbol_name", &at_name) < 0 ||
	    types_offset(&kernel->types, "kprobe", "addr", &at_address) < 0 ||
	    types_offset(&kernel->types, "kprobe", "offset", &at_offset) < 0 ||
	    machine_read(machine, probe + at_name, &name_va, sizeof(name_va)) < 0 ||
	    machine_read(machine, probe + at_address, &address, sizeof(address)) < 0 ||
	    machine_read(machine, probe + at_offset, &offset, sizeof(offset)) < 0) {
		machine_stop(machine, MACHINE_INVENTED, "a kprobe that cannot be read");
		return 0;
	}
	if (!name_va == !address)
		return -EINVAL;
	if (name_va) {
		if (machine_read_string(machine, name_va, name, sizeof(name)) < 0 ||
		    !symbols_address(&kernel->symbols, name, &va))
			return -ENOENT;
		address = va;
	}
	address += offset;
	machine_write(machine, probe + at_address, &address, sizeof(address));
	return 0;
}

void handle_register_kprobe(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_leave(machine,
		      (uint64_t)register_probe(machine, machine_argument(machine, 0)));
}

/* A name that neither the kernel nor a loaded module has may be one of the module's own:
 * the loader has not told the kernel of them here.
 */
void handle_look_up(struct model_run *run, struct machine *machine)
{
	char name[512]; /* KSYM_NAME_LEN */
	const struct symbol *symbol = NULL;

	(void)run;
	if (machine_read_string(machine, machine_argument(machine, 0), name,
				sizeof(name)) == 0)
		symbol = symbols_find(&machine->kernel->symbols, name, NULL, NULL);
	if (symbol)
		machine_leave(machine, symbol->address);
	else
		machine_stop(machine, MACHINE_INVENTED,
			     "a name is looked up that the kernel does not have");
}

/* struct kretprobe begins with its struct kprobe. */
void handle_register_kprobes(struct model_run *run, struct machine *machine)
{
	uint64_t array = machine_argument(machine, 0), probe = 0;
	uint32_t nr = (uint32_t)machine_argument(machine, 1);
	int64_t r = nr ? 0 : -EINVAL;

	(void)run;
	for (uint32_t i = 0; r == 0 && i < nr && i < 4096; i++) {
		if (machine_read(machine, array + 8 * (uint64_t)i, &probe, 8) < 0)
			break;
		r = register_probe(machine, probe);
	}
	machine_leave(machine, (uint64_t)r);
}

void handle_panic(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_stop(machine, MACHINE_TRAP, "panic()");
}

/* smp_call_function_single_async(cpu, csd) */
void handle_call_csd(struct model_run *run, struct machine *machine)
{
	struct kernel *kernel = machine->kernel;
	uint64_t csd = machine_argument(machine, 1), function = 0, info = 0;
	uint32_t at_function, at_info;
	struct machine_result result;

	(void)run;
	if (types_offset(&kernel->types, "__call_single_data", "func", &at_function) <
		    0 ||
	    types_offset(&kernel->types, "__call_single_data", "info", &at_info) < 0 ||
	    machine_read(machine, csd + at_function, &function, 8) < 0 ||
	    machine_read(machine, csd + at_info, &info, 8) < 0)
		machine_stop(machine, MACHINE_INVENTED, "a call on another CPU");
	else
		machine_call(machine, function, 1, &info, &result);
	machine_leave(machine, 0);
}

#endif
