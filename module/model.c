/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does that cannot run outside the machine. */
#include "module/model.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "module/machine.h"

enum model_kind {
	MODEL_RETURN = 0,  /* value, or other in variant 1 */
	MODEL_CALL,	   /* the function in one argument with another; then value */
	MODEL_CALL_RESULT, /* the same; what it returned */
	MODEL_SPECIAL,
};

/* Why it does not run as it is. */
enum model_reason {
	WHY_CONSOLE = 0,
	WHY_SLEEP,
	WHY_RCU,
	WHY_OTHER_CPUS,
	WHY_LATER,
	WHY_LOCK,
	WHY_TLB,
	WHY_TEXT,
	WHY_THREAD,
	WHY_USER_SPACE,
	WHY_TIMER,
	WHY_FPU,
	WHY_PROBE,
	WHY_PANIC,
};

static const char *const reasons[] = {
	[WHY_CONSOLE] = "nothing is printed on the kernel's console",
	[WHY_SLEEP] = "there is nobody else to run: what was slept for is over",
	[WHY_RCU] = "no reader runs meanwhile; callbacks never come",
	[WHY_OTHER_CPUS] = "there is one CPU: it does what the others should",
	[WHY_LATER] = "deferred work runs when it is waited for, or not at all",
	[WHY_LOCK] = "a lock that was held when the memory was read is taken over",
	[WHY_TLB] = "the emulator's idea of the page tables is refreshed",
	[WHY_TEXT] = "the kernel patches its code through a mapping of its own",
	[WHY_THREAD] = "a thread is created and never runs",
	[WHY_USER_SPACE] = "user space is not asked",
	[WHY_TIMER] = "time stands still: no timer ever expires",
	[WHY_FPU] = "the emulator keeps no FPU state to save",
	[WHY_PROBE] = "the breakpoint is not set; the symbol is looked up",
	[WHY_PANIC] = "the machine stops here",
};

struct model {
	const char *name;
	uint8_t kind, reason;
	uint8_t function, data; /* MODEL_CALL: arguments' numbers */
	bool is_assumed;	/* another outcome is as likely */
	int64_t value, other;
	void (*run)(struct model_run *run, struct machine *machine);
};

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

static void do_schedule(struct model_run *run, struct machine *machine)
{
	enum { MAX_WAITS = 1000 };

	if (++run->nr_waits > MAX_WAITS)
		machine_stop(
			machine, MACHINE_WAITS,
			"it sleeps again and again for something that another task or "
			"a device would do");
	machine_leave(machine, 0);
}

static void do_flush(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_flush(machine);
	machine_leave(machine, 0);
}

static void poke(struct model_run *run, struct machine *machine, const char *means)
{
	uint64_t to = machine_argument(machine, 0), from = machine_argument(machine, 1);
	uint64_t size = machine_argument(machine, 2);
	unsigned char bytes[256];

	for (uint64_t done = 0; done < size && size <= 4096;) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		if (machine_read(machine, from + done, bytes, n) < 0 ||
		    machine_write(machine, to + done, bytes, n) < 0) {
			machine_stop(machine, MACHINE_UNREADABLE, "%s: 0x%016llx", means,
				     (unsigned long long)to);
			break;
		}
		done += n;
	}
	if (is_module(run, caller_of(machine)) && !is_module(run, to))
		machine_add_bypass(machine, to, (unsigned)size, means);
	machine_leave(machine, to);
}

static void do_text_poke(struct model_run *run, struct machine *machine)
{
	poke(run, machine, "text_poke");
}

static void do_text_poke_set(struct model_run *run, struct machine *machine)
{
	uint64_t to = machine_argument(machine, 0), size = machine_argument(machine, 2);
	unsigned char byte = (unsigned char)machine_argument(machine, 1);

	for (uint64_t i = 0; i < size && i < 65536; i++)
		machine_write(machine, to + i, &byte, 1);
	if (is_module(run, caller_of(machine)) && !is_module(run, to))
		machine_add_bypass(machine, to, (unsigned)size, "text_poke_set");
	machine_leave(machine, to);
}

static void do_key_update(struct model_run *run, struct machine *machine)
{
	/* The kernel's own branches are patched by its own code, which goes on. */
	if (run->key_changed)
		run->key_changed(run->ctx, machine, machine_argument(machine, 0));
}

/* A module that gives a security hook's static call another function: no sealed memory is
 * written by the module itself.
 */
static void do_static_call_update(struct model_run *run, struct machine *machine)
{
	static const char PREFIX[] = "__SCK__lsm_static_call_";
	uint64_t key = machine_argument(machine, 0);
	const struct symbol *symbol = symbols_at(&machine->kernel->symbols, key);

	if (is_module(run, caller_of(machine)) && symbol && symbol->address == key &&
	    strncmp(symbol->name, PREFIX, sizeof(PREFIX) - 1) == 0)
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
static void do_mutex_lock(struct model_run *run, struct machine *machine)
{
	uint64_t task = current_task(machine);

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &task, sizeof(task));
	machine_leave(machine, 0);
}

static void do_mutex_unlock(struct model_run *run, struct machine *machine)
{
	static const uint64_t nobody;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &nobody, sizeof(nobody));
	machine_leave(machine, 0);
}

/* include/asm-generic/qspinlock_types.h: 1 is locked, nobody waiting. */
static void do_spin_lock(struct model_run *run, struct machine *machine)
{
	static const uint32_t locked = 1;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* include/asm-generic/qrwlock_types.h: _QW_LOCKED */
static void do_write_lock(struct model_run *run, struct machine *machine)
{
	static const uint32_t locked = 0xff;

	(void)run;
	machine_write(machine, machine_argument(machine, 0), &locked, sizeof(locked));
	machine_leave(machine, 0);
}

/* kernel/locking/rwsem.c: RWSEM_WRITER_LOCKED; count is first. The reader's count is up
 * already.
 */
static void do_down_write(struct model_run *run, struct machine *machine)
{
	static const uint64_t locked = 1;
	uint64_t sem = machine_argument(machine, 0);

	(void)run;
	machine_write(machine, sem, &locked, sizeof(locked));
	machine_leave(machine, sem);
}

static void do_return_first(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_leave(machine, machine_argument(machine, 0));
}

/* A copy of kthreadd: a kernel thread in all that is looked at. */
static void do_create_thread(struct model_run *run, struct machine *machine)
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
	    !symbols_address(&kernel->symbols, "__get_free_pages", &va)) {
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
static void do_queue_work(struct model_run *run, struct machine *machine)
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

static void do_flush_work(struct model_run *run, struct machine *machine)
{
	uint64_t work = machine_argument(machine, 0);
	bool was_queued = false;

	for (size_t i = 0; i < run->nr_queued && !was_queued; i++)
		if (run->queued[i] == work)
			was_queued = run_work(run, machine, i);
	machine_leave(machine, was_queued);
}

static void do_flush_all(struct model_run *run, struct machine *machine)
{
	for (size_t i = 0; run->nr_queued && i < MODEL_MAX_QUEUED && !machine->has_ended;
	     i++)
		run_work(run, machine, 0);
	machine_leave(machine, 0);
}

static void do_cancel_work(struct model_run *run, struct machine *machine)
{
	uint64_t work = machine_argument(machine, 0), was_queued = 0;

	for (size_t i = 0; i < run->nr_queued; i++)
		if (run->queued[i] == work) {
			run->queued[i--] = run->queued[--run->nr_queued];
			was_queued = 1;
		}
	machine_leave(machine, was_queued);
}

static void do_firmware(struct model_run *run, struct machine *machine)
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

static void do_register_kprobe(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_leave(machine,
		      (uint64_t)register_probe(machine, machine_argument(machine, 0)));
}

/* struct kretprobe begins with its struct kprobe. */
static void do_register_kprobes(struct model_run *run, struct machine *machine)
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

static void do_panic(struct model_run *run, struct machine *machine)
{
	(void)run;
	machine_stop(machine, MACHINE_TRAP, "panic()");
}

/* smp_call_function_single_async(cpu, csd) */
static void do_call_csd(struct model_run *run, struct machine *machine)
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

#define RETURN(n, r, v)                                        \
	{                                                      \
		.name = n, .reason = r, .value = v, .other = v \
	}
#define ASSUME(n, r, a, b)                                                         \
	{                                                                          \
		.name = n, .reason = r, .value = a, .other = b, .is_assumed = true \
	}
#define CALL(n, f, d, v)                                                                \
	{                                                                               \
		.name = n, .kind = MODEL_CALL, .reason = WHY_OTHER_CPUS, .function = f, \
		.data = d, .value = v                                                   \
	}
#define CALL_RESULT(n, f, d)                                                    \
	{                                                                       \
		.name = n, .kind = MODEL_CALL_RESULT, .reason = WHY_OTHER_CPUS, \
		.function = f, .data = d                                        \
	}
#define SPECIAL(n, r, f)                                                \
	{                                                               \
		.name = n, .kind = MODEL_SPECIAL, .reason = r, .run = f \
	}

/* A name that this kernel does not have is no row here. Compilers add ".isra.0",
 * ".constprop.0": those are found, too.
 */
static const struct model table[] = {
	RETURN("vprintk_emit", WHY_CONSOLE, 0),
	RETURN("console_unlock", WHY_CONSOLE, 0),
	RETURN("defer_console_output", WHY_CONSOLE, 0),
	RETURN("__warn", WHY_CONSOLE, 0),
	RETURN("dump_stack_lvl", WHY_CONSOLE, 0),
	RETURN("dump_stack", WHY_CONSOLE, 0),

	SPECIAL("schedule", WHY_SLEEP, do_schedule),
	SPECIAL("schedule_timeout", WHY_SLEEP, do_schedule),
	SPECIAL("io_schedule", WHY_SLEEP, do_schedule),
	SPECIAL("io_schedule_timeout", WHY_SLEEP, do_schedule),
	SPECIAL("schedule_preempt_disabled", WHY_SLEEP, do_schedule),
	SPECIAL("schedule_hrtimeout_range", WHY_SLEEP, do_schedule),
	SPECIAL("schedule_hrtimeout_range_clock", WHY_SLEEP, do_schedule),
	SPECIAL("schedule_rtlock", WHY_SLEEP, do_schedule),
	SPECIAL("yield", WHY_SLEEP, do_schedule),
	RETURN("preempt_schedule", WHY_SLEEP, 0),
	RETURN("preempt_schedule_notrace", WHY_SLEEP, 0),
	RETURN("__cond_resched", WHY_SLEEP, 0),
	SPECIAL("msleep", WHY_SLEEP, do_schedule),
	SPECIAL("msleep_interruptible", WHY_SLEEP, do_schedule),
	SPECIAL("usleep_range_state", WHY_SLEEP, do_schedule),
	SPECIAL("usleep_range", WHY_SLEEP, do_schedule),
	RETURN("__udelay", WHY_SLEEP, 0),
	RETURN("__const_udelay", WHY_SLEEP, 0),
	RETURN("__ndelay", WHY_SLEEP, 0),
	RETURN("__delay", WHY_SLEEP, 0),
	RETURN("wait_for_completion", WHY_SLEEP, 0),
	RETURN("wait_for_completion_io", WHY_SLEEP, 0),
	RETURN("wait_for_completion_killable", WHY_SLEEP, 0),
	RETURN("wait_for_completion_interruptible", WHY_SLEEP, 0),
	RETURN("wait_for_completion_state", WHY_SLEEP, 0),
	ASSUME("wait_for_completion_timeout", WHY_SLEEP, 1, 0),
	ASSUME("wait_for_completion_io_timeout", WHY_SLEEP, 1, 0),
	ASSUME("wait_for_completion_interruptible_timeout", WHY_SLEEP, 1, 0),
	ASSUME("wait_for_completion_killable_timeout", WHY_SLEEP, 1, 0),
	RETURN("__wait_on_bit", WHY_SLEEP, 0),
	RETURN("__wait_on_bit_lock", WHY_SLEEP, 0),
	RETURN("out_of_line_wait_on_bit", WHY_SLEEP, 0),
	RETURN("out_of_line_wait_on_bit_lock", WHY_SLEEP, 0),
	RETURN("async_synchronize_full", WHY_LATER, 0),
	RETURN("async_synchronize_full_domain", WHY_LATER, 0),
	RETURN("async_synchronize_cookie", WHY_LATER, 0),
	RETURN("async_synchronize_cookie_domain", WHY_LATER, 0),
	RETURN("wait_for_device_probe", WHY_LATER, 0),

	RETURN("synchronize_rcu", WHY_RCU, 0),
	RETURN("synchronize_rcu_expedited", WHY_RCU, 0),
	RETURN("synchronize_rcu_tasks", WHY_RCU, 0),
	RETURN("synchronize_rcu_tasks_rude", WHY_RCU, 0),
	RETURN("synchronize_rcu_tasks_trace", WHY_RCU, 0),
	RETURN("synchronize_srcu", WHY_RCU, 0),
	RETURN("synchronize_srcu_expedited", WHY_RCU, 0),
	RETURN("synchronize_irq", WHY_RCU, 0),
	RETURN("__wait_rcu_gp", WHY_RCU, 0),
	RETURN("rcu_barrier", WHY_RCU, 0),
	RETURN("rcu_barrier_tasks", WHY_RCU, 0),
	RETURN("rcu_barrier_tasks_trace", WHY_RCU, 0),
	RETURN("srcu_barrier", WHY_RCU, 0),
	RETURN("kvfree_rcu_barrier", WHY_RCU, 0),
	RETURN("kvfree_rcu_barrier_on_cache", WHY_RCU, 0),
	RETURN("call_rcu", WHY_RCU, 0),
	RETURN("call_rcu_hurry", WHY_RCU, 0),
	RETURN("call_rcu_tasks", WHY_RCU, 0),
	RETURN("call_rcu_tasks_rude", WHY_RCU, 0),
	RETURN("call_rcu_tasks_trace", WHY_RCU, 0),
	RETURN("call_srcu", WHY_RCU, 0),
	RETURN("kvfree_call_rcu", WHY_RCU, 0),
	RETURN("kfree_call_rcu", WHY_RCU, 0),
	RETURN("cond_synchronize_rcu", WHY_RCU, 0),
	RETURN("rcu_read_unlock_special", WHY_RCU, 0),

	CALL_RESULT("stop_machine", 0, 1),
	CALL_RESULT("stop_machine_cpuslocked", 0, 1),
	CALL_RESULT("stop_core_cpuslocked", 1, 2),
	CALL_RESULT("stop_one_cpu", 1, 2),
	CALL("smp_call_function_single", 1, 2, 0),
	CALL("smp_call_function_any", 1, 2, 0),
	SPECIAL("smp_call_function_single_async", WHY_OTHER_CPUS, do_call_csd),
	RETURN("smp_call_function_many", WHY_OTHER_CPUS, 0),
	RETURN("smp_call_function", WHY_OTHER_CPUS, 0),
	CALL("on_each_cpu_cond_mask", 1, 2, 0),
	CALL("on_each_cpu_cond", 1, 2, 0),
	CALL("on_each_cpu_mask", 1, 2, 0),
	CALL("on_each_cpu", 0, 1, 0),
	CALL_RESULT("smp_call_on_cpu", 1, 2),
	CALL_RESULT("work_on_cpu", 1, 2),
	CALL_RESULT("work_on_cpu_safe", 1, 2),
	CALL_RESULT("work_on_cpu_key", 1, 2),
	CALL_RESULT("work_on_cpu_safe_key", 1, 2),
	RETURN("kick_all_cpus_sync", WHY_OTHER_CPUS, 0),
	RETURN("wake_up_all_idle_cpus", WHY_OTHER_CPUS, 0),
	RETURN("native_smp_send_reschedule", WHY_OTHER_CPUS, 0),
	RETURN("native_send_call_func_ipi", WHY_OTHER_CPUS, 0),
	RETURN("native_send_call_func_single_ipi", WHY_OTHER_CPUS, 0),
	RETURN("irq_work_queue", WHY_LATER, 1),
	RETURN("irq_work_queue_on", WHY_LATER, 1),
	RETURN("irq_work_sync", WHY_LATER, 0),

	SPECIAL("flush_tlb_all", WHY_TLB, do_flush),
	SPECIAL("flush_tlb_kernel_range", WHY_TLB, do_flush),
	SPECIAL("flush_tlb_one_kernel", WHY_TLB, do_flush),
	SPECIAL("flush_tlb_mm_range", WHY_TLB, do_flush),
	SPECIAL("__flush_tlb_all", WHY_TLB, do_flush),
	SPECIAL("native_flush_tlb_global", WHY_TLB, do_flush),
	SPECIAL("native_flush_tlb_local", WHY_TLB, do_flush),
	SPECIAL("native_flush_tlb_one_user", WHY_TLB, do_flush),
	SPECIAL("cpa_flush", WHY_TLB, do_flush),

	SPECIAL("text_poke", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_kgdb", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_copy", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_copy_locked", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_early", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_bp", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_queue", WHY_TEXT, do_text_poke),
	SPECIAL("smp_text_poke_single", WHY_TEXT, do_text_poke),
	SPECIAL("smp_text_poke_batch_add", WHY_TEXT, do_text_poke),
	SPECIAL("text_poke_set", WHY_TEXT, do_text_poke_set),
	RETURN("text_poke_finish", WHY_TEXT, 0),
	RETURN("smp_text_poke_batch_finish", WHY_TEXT, 0),
	RETURN("text_poke_sync", WHY_TEXT, 0),
	RETURN("smp_text_poke_sync_each_cpu", WHY_TEXT, 0),
	SPECIAL("jump_label_update", WHY_TEXT, do_key_update),
	SPECIAL("__static_call_update", WHY_TEXT, do_static_call_update),

	SPECIAL("native_queued_spin_lock_slowpath", WHY_LOCK, do_spin_lock),
	SPECIAL("queued_spin_lock_slowpath", WHY_LOCK, do_spin_lock),
	SPECIAL("__pv_queued_spin_lock_slowpath", WHY_LOCK, do_spin_lock),
	RETURN("queued_read_lock_slowpath", WHY_LOCK, 0),
	SPECIAL("queued_write_lock_slowpath", WHY_LOCK, do_write_lock),
	SPECIAL("__mutex_lock_slowpath", WHY_LOCK, do_mutex_lock),
	SPECIAL("__mutex_lock_killable_slowpath", WHY_LOCK, do_mutex_lock),
	SPECIAL("__mutex_lock_interruptible_slowpath", WHY_LOCK, do_mutex_lock),
	SPECIAL("__mutex_lock", WHY_LOCK, do_mutex_lock),
	SPECIAL("__mutex_unlock_slowpath", WHY_LOCK, do_mutex_unlock),
	SPECIAL("rwsem_down_read_slowpath", WHY_LOCK, do_return_first),
	SPECIAL("rwsem_down_write_slowpath", WHY_LOCK, do_down_write),
	SPECIAL("rwsem_wake", WHY_LOCK, do_return_first),
	SPECIAL("rwsem_downgrade_wake", WHY_LOCK, do_return_first),
	RETURN("__percpu_down_read", WHY_LOCK, 1),
	RETURN("percpu_down_write", WHY_LOCK, 0),
	RETURN("percpu_up_write", WHY_LOCK, 0),
	RETURN("__down", WHY_LOCK, 0),
	RETURN("__down_interruptible", WHY_LOCK, 0),
	RETURN("__down_killable", WHY_LOCK, 0),
	RETURN("__down_timeout", WHY_LOCK, 0),
	RETURN("__up", WHY_LOCK, 0),

	SPECIAL("kthread_create_on_node", WHY_THREAD, do_create_thread),
	SPECIAL("__kthread_create_on_node", WHY_THREAD, do_create_thread),
	SPECIAL("kthread_create_on_cpu", WHY_THREAD, do_create_thread),
	RETURN("kthread_bind", WHY_THREAD, 0),
	RETURN("kthread_bind_mask", WHY_THREAD, 0),
	RETURN("kthread_affine_preferred", WHY_THREAD, 0),
	RETURN("kthread_set_per_cpu", WHY_THREAD, 0),
	RETURN("kthread_stop", WHY_THREAD, -EINTR),
	RETURN("kthread_stop_put", WHY_THREAD, -EINTR),
	RETURN("kthread_park", WHY_THREAD, 0),
	RETURN("kthread_unpark", WHY_THREAD, 0),
	RETURN("set_cpus_allowed_ptr", WHY_THREAD, 0),
	RETURN("set_user_nice", WHY_THREAD, 0),
	RETURN("sched_set_fifo", WHY_THREAD, 0),
	RETURN("sched_set_fifo_low", WHY_THREAD, 0),
	RETURN("sched_set_normal", WHY_THREAD, 0),
	RETURN("sched_setscheduler", WHY_THREAD, 0),
	RETURN("sched_setscheduler_nocheck", WHY_THREAD, 0),
	RETURN("sched_setattr_nocheck", WHY_THREAD, 0),
	RETURN("try_to_wake_up", WHY_THREAD, 1),
	RETURN("wake_up_new_task", WHY_THREAD, 0),
	RETURN("wake_up_process", WHY_THREAD, 1),

	SPECIAL("queue_work_on", WHY_LATER, do_queue_work),
	SPECIAL("queue_work_node", WHY_LATER, do_queue_work),
	SPECIAL("queue_delayed_work_on", WHY_LATER, do_queue_work),
	SPECIAL("mod_delayed_work_on", WHY_LATER, do_queue_work),
	SPECIAL("__queue_work", WHY_LATER, do_queue_work),
	SPECIAL("__queue_delayed_work", WHY_LATER, do_queue_work),
	RETURN("queue_rcu_work", WHY_LATER, 1),
	SPECIAL("flush_work", WHY_LATER, do_flush_work),
	SPECIAL("flush_delayed_work", WHY_LATER, do_flush_work),
	SPECIAL("cancel_work", WHY_LATER, do_cancel_work),
	SPECIAL("cancel_work_sync", WHY_LATER, do_cancel_work),
	SPECIAL("cancel_delayed_work", WHY_LATER, do_cancel_work),
	SPECIAL("cancel_delayed_work_sync", WHY_LATER, do_cancel_work),
	SPECIAL("flush_workqueue", WHY_LATER, do_flush_all),
	SPECIAL("__flush_workqueue", WHY_LATER, do_flush_all),
	SPECIAL("drain_workqueue", WHY_LATER, do_flush_all),
	RETURN("destroy_workqueue", WHY_LATER, 0),
	RETURN("do_softirq", WHY_LATER, 0),
	RETURN("__do_softirq", WHY_LATER, 0),
	RETURN("handle_softirqs", WHY_LATER, 0),

	RETURN("add_timer", WHY_TIMER, 0),
	RETURN("add_timer_on", WHY_TIMER, 0),
	RETURN("add_timer_local", WHY_TIMER, 0),
	RETURN("add_timer_global", WHY_TIMER, 0),
	RETURN("mod_timer", WHY_TIMER, 0),
	RETURN("mod_timer_pending", WHY_TIMER, 0),
	RETURN("timer_reduce", WHY_TIMER, 0),
	RETURN("hrtimer_start_range_ns", WHY_TIMER, 0),

	SPECIAL("request_firmware", WHY_USER_SPACE, do_firmware),
	SPECIAL("request_firmware_direct", WHY_USER_SPACE, do_firmware),
	SPECIAL("firmware_request_nowarn", WHY_USER_SPACE, do_firmware),
	SPECIAL("firmware_request_platform", WHY_USER_SPACE, do_firmware),
	SPECIAL("request_firmware_into_buf", WHY_USER_SPACE, do_firmware),
	RETURN("request_firmware_nowait", WHY_LATER, 0),
	ASSUME("__request_module", WHY_USER_SPACE, 0, -ENOENT),
	RETURN("call_usermodehelper_exec", WHY_USER_SPACE, 0),
	RETURN("kobject_uevent_env", WHY_USER_SPACE, 0),
	RETURN("devtmpfs_create_node", WHY_USER_SPACE, 0),
	RETURN("devtmpfs_delete_node", WHY_USER_SPACE, 0),

	RETURN("kernel_fpu_begin", WHY_FPU, 0),
	RETURN("kernel_fpu_begin_mask", WHY_FPU, 0),
	RETURN("kernel_fpu_end", WHY_FPU, 0),

	SPECIAL("register_kprobe", WHY_PROBE, do_register_kprobe),
	SPECIAL("register_kretprobe", WHY_PROBE, do_register_kprobe),
	SPECIAL("register_kprobes", WHY_PROBE, do_register_kprobes),
	SPECIAL("register_kretprobes", WHY_PROBE, do_register_kprobes),
	RETURN("unregister_kprobe", WHY_PROBE, 0),
	RETURN("unregister_kretprobe", WHY_PROBE, 0),
	RETURN("unregister_kprobes", WHY_PROBE, 0),
	RETURN("unregister_kretprobes", WHY_PROBE, 0),

	SPECIAL("panic", WHY_PANIC, do_panic),
	SPECIAL("vpanic", WHY_PANIC, do_panic),
	SPECIAL("nmi_panic", WHY_PANIC, do_panic),
};

enum { NR_ROWS = sizeof(table) / sizeof(table[0]) };

static const char *const suffixes[] = {"", ".isra.0", ".constprop.0"};
enum { NR_SUFFIXES = 3, NAME_BYTES = 64 };
_Static_assert(NR_ROWS *NR_SUFFIXES <= MODEL_MAX_ROWS, "struct models has no room");

bool models_row(size_t i, const char **name, const char **reason)
{
	if (i >= NR_ROWS)
		return false;
	*name = table[i].name;
	*reason = reasons[table[i].reason];
	return true;
}

void models_find(struct models *ret, struct kernel *kernel)
{
	static char names[NR_ROWS * NR_SUFFIXES][NAME_BYTES];
	const char *pointers[NR_ROWS * NR_SUFFIXES];

	for (size_t i = 0; i < NR_ROWS * NR_SUFFIXES; i++) {
		snprintf(names[i], NAME_BYTES, "%s%s", table[i / NR_SUFFIXES].name,
			 suffixes[i % NR_SUFFIXES]);
		pointers[i] = names[i];
		ret->rows[i] = (uint16_t)(i / NR_SUFFIXES);
	}
	ret->nr = NR_ROWS * NR_SUFFIXES;
	symbols_addresses(&kernel->symbols, ret->nr, pointers, ret->addresses);
}

void models_enter(struct model_run *run, struct machine *machine, unsigned id)
{
	const struct model *model = &table[run->models->rows[id]];
	struct machine_result result;
	uint64_t data;

	switch ((enum model_kind)model->kind) {
	case MODEL_SPECIAL:
		model->run(run, machine);
		return;
	case MODEL_RETURN:
		if (model->is_assumed) {
			machine->nr_invented++;
			if (model->value == model->other)
				machine->assumed = model->name;
		}
		machine_leave(machine,
			      (uint64_t)(machine->variant ? model->other : model->value));
		return;
	case MODEL_CALL:
	case MODEL_CALL_RESULT:
		data = machine_argument(machine, model->data);
		machine_call(machine, machine_argument(machine, model->function), 1,
			     &data, &result);
		if (result.end == MACHINE_RETURNED)
			machine_leave(machine, model->kind == MODEL_CALL
						       ? (uint64_t)model->value
						       : result.value);
		return;
	}
}

#else

void models_find(struct models *ret, struct kernel *kernel)
{
	(void)kernel;
	ret->nr = 0;
}

#endif
