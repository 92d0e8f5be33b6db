/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel does that cannot run outside the machine. */
#include "dryrun/models.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dryrun/handlers.h"
#include "machine/call.h"

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
	WHY_NAMES,
	WHY_UNWIND,
	WHY_THUNK,
	WHY_RANDOM,
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
	[WHY_NAMES] = "what is known of the kernel's names is not searched for again",
	[WHY_UNWIND] = "nobody unwinds the stack: the table stays unsorted",
	[WHY_THUNK] = "a thunk that is not patched away leads to the same place",
	[WHY_RANDOM] = "the generator goes on with the seed that it has",
	[WHY_PANIC] = "the machine stops here",
};

struct model {
	const char *name;
	uint8_t kind, reason;
	uint8_t function, data; /* MODEL_CALL: arguments' numbers */
	bool is_assumed;	/* another outcome is as likely */
	int64_t value, other;
	void (*run)(struct handler_state *state, struct machine *machine);
};

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

	SPECIAL("schedule", WHY_SLEEP, handle_schedule),
	SPECIAL("schedule_timeout", WHY_SLEEP, handle_schedule),
	SPECIAL("io_schedule", WHY_SLEEP, handle_schedule),
	SPECIAL("io_schedule_timeout", WHY_SLEEP, handle_schedule),
	SPECIAL("schedule_preempt_disabled", WHY_SLEEP, handle_schedule),
	SPECIAL("schedule_hrtimeout_range", WHY_SLEEP, handle_schedule),
	SPECIAL("schedule_hrtimeout_range_clock", WHY_SLEEP, handle_schedule),
	SPECIAL("schedule_rtlock", WHY_SLEEP, handle_schedule),
	SPECIAL("yield", WHY_SLEEP, handle_schedule),
	RETURN("preempt_schedule", WHY_SLEEP, 0),
	RETURN("preempt_schedule_notrace", WHY_SLEEP, 0),
	RETURN("__cond_resched", WHY_SLEEP, 0),
	SPECIAL("msleep", WHY_SLEEP, handle_schedule),
	SPECIAL("msleep_interruptible", WHY_SLEEP, handle_schedule),
	SPECIAL("usleep_range_state", WHY_SLEEP, handle_schedule),
	SPECIAL("usleep_range", WHY_SLEEP, handle_schedule),
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
	SPECIAL("smp_call_function_single_async", WHY_OTHER_CPUS, handle_call_csd),
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

	SPECIAL("flush_tlb_all", WHY_TLB, handle_flush),
	SPECIAL("flush_tlb_kernel_range", WHY_TLB, handle_flush),
	SPECIAL("flush_tlb_one_kernel", WHY_TLB, handle_flush),
	SPECIAL("flush_tlb_mm_range", WHY_TLB, handle_flush),
	SPECIAL("__flush_tlb_all", WHY_TLB, handle_flush),
	SPECIAL("native_flush_tlb_global", WHY_TLB, handle_flush),
	SPECIAL("native_flush_tlb_local", WHY_TLB, handle_flush),
	SPECIAL("native_flush_tlb_one_user", WHY_TLB, handle_flush),
	SPECIAL("cpa_flush", WHY_TLB, handle_flush),

	SPECIAL("text_poke", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_kgdb", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_copy", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_copy_locked", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_early", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_bp", WHY_TEXT, handle_text_poke),
	SPECIAL("text_poke_queue", WHY_TEXT, handle_text_poke),
	SPECIAL("smp_text_poke_single", WHY_TEXT, handle_text_poke),
	SPECIAL("smp_text_poke_batch_add", WHY_TEXT, handle_text_poke),
	SPECIAL("__text_poke", WHY_TEXT, handle_text_poke_by),
	SPECIAL("text_poke_set", WHY_TEXT, handle_text_poke_set),
	RETURN("text_poke_finish", WHY_TEXT, 0),
	RETURN("smp_text_poke_batch_finish", WHY_TEXT, 0),
	RETURN("text_poke_sync", WHY_TEXT, 0),
	RETURN("smp_text_poke_sync_each_cpu", WHY_TEXT, 0),
	SPECIAL("jump_label_update", WHY_TEXT, handle_key_update),
	SPECIAL("__static_call_update", WHY_TEXT, handle_static_call_update),

	SPECIAL("native_queued_spin_lock_slowpath", WHY_LOCK, handle_spin_lock),
	SPECIAL("queued_spin_lock_slowpath", WHY_LOCK, handle_spin_lock),
	SPECIAL("__pv_queued_spin_lock_slowpath", WHY_LOCK, handle_spin_lock),
	RETURN("queued_read_lock_slowpath", WHY_LOCK, 0),
	SPECIAL("queued_write_lock_slowpath", WHY_LOCK, handle_write_lock),
	SPECIAL("__mutex_lock_slowpath", WHY_LOCK, handle_mutex_lock),
	SPECIAL("__mutex_lock_killable_slowpath", WHY_LOCK, handle_mutex_lock),
	SPECIAL("__mutex_lock_interruptible_slowpath", WHY_LOCK, handle_mutex_lock),
	SPECIAL("__mutex_lock", WHY_LOCK, handle_mutex_lock),
	SPECIAL("__mutex_unlock_slowpath", WHY_LOCK, handle_mutex_unlock),
	SPECIAL("rwsem_down_read_slowpath", WHY_LOCK, handle_return_first),
	SPECIAL("rwsem_down_write_slowpath", WHY_LOCK, handle_down_write),
	SPECIAL("rwsem_wake", WHY_LOCK, handle_return_first),
	SPECIAL("rwsem_downgrade_wake", WHY_LOCK, handle_return_first),
	RETURN("__percpu_down_read", WHY_LOCK, 1),
	RETURN("percpu_down_write", WHY_LOCK, 0),
	RETURN("percpu_up_write", WHY_LOCK, 0),
	RETURN("__down", WHY_LOCK, 0),
	RETURN("__down_interruptible", WHY_LOCK, 0),
	RETURN("__down_killable", WHY_LOCK, 0),
	RETURN("__down_timeout", WHY_LOCK, 0),
	RETURN("__up", WHY_LOCK, 0),

	SPECIAL("kthread_create_on_node", WHY_THREAD, handle_create_thread),
	SPECIAL("__kthread_create_on_node", WHY_THREAD, handle_create_thread),
	SPECIAL("kthread_create_on_cpu", WHY_THREAD, handle_create_thread),
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

	SPECIAL("queue_work_on", WHY_LATER, handle_queue_work),
	SPECIAL("queue_work_node", WHY_LATER, handle_queue_work),
	SPECIAL("queue_delayed_work_on", WHY_LATER, handle_queue_work),
	SPECIAL("mod_delayed_work_on", WHY_LATER, handle_queue_work),
	SPECIAL("__queue_work", WHY_LATER, handle_queue_work),
	SPECIAL("__queue_delayed_work", WHY_LATER, handle_queue_work),
	RETURN("queue_rcu_work", WHY_LATER, 1),
	SPECIAL("flush_work", WHY_LATER, handle_flush_work),
	SPECIAL("flush_delayed_work", WHY_LATER, handle_flush_work),
	SPECIAL("cancel_work", WHY_LATER, handle_cancel_work),
	SPECIAL("cancel_work_sync", WHY_LATER, handle_cancel_work),
	SPECIAL("cancel_delayed_work", WHY_LATER, handle_cancel_work),
	SPECIAL("cancel_delayed_work_sync", WHY_LATER, handle_cancel_work),
	SPECIAL("flush_workqueue", WHY_LATER, handle_flush_all),
	SPECIAL("__flush_workqueue", WHY_LATER, handle_flush_all),
	SPECIAL("drain_workqueue", WHY_LATER, handle_flush_all),
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

	SPECIAL("request_firmware", WHY_USER_SPACE, handle_firmware),
	SPECIAL("request_firmware_direct", WHY_USER_SPACE, handle_firmware),
	SPECIAL("firmware_request_nowarn", WHY_USER_SPACE, handle_firmware),
	SPECIAL("firmware_request_platform", WHY_USER_SPACE, handle_firmware),
	SPECIAL("request_firmware_into_buf", WHY_USER_SPACE, handle_firmware),
	RETURN("request_firmware_nowait", WHY_LATER, 0),
	SPECIAL("__request_module", WHY_USER_SPACE, handle_request_module),
	RETURN("call_usermodehelper_exec", WHY_USER_SPACE, 0),
	RETURN("kobject_uevent_env", WHY_USER_SPACE, 0),
	RETURN("devtmpfs_create_node", WHY_USER_SPACE, 0),
	RETURN("devtmpfs_delete_node", WHY_USER_SPACE, 0),

	RETURN("unwind_module_init", WHY_UNWIND, 0),
	RETURN("apply_retpolines", WHY_THUNK, 0),
	RETURN("apply_returns", WHY_THUNK, 0),
	RETURN("crng_reseed", WHY_RANDOM, 0),

	RETURN("kernel_fpu_begin", WHY_FPU, 0),
	RETURN("kernel_fpu_begin_mask", WHY_FPU, 0),
	RETURN("kernel_fpu_end", WHY_FPU, 0),

	SPECIAL("kallsyms_lookup_name", WHY_NAMES, handle_look_up),
	SPECIAL("register_kprobe", WHY_PROBE, handle_register_kprobe),
	SPECIAL("register_kretprobe", WHY_PROBE, handle_register_kprobe),
	SPECIAL("register_kprobes", WHY_PROBE, handle_register_kprobes),
	SPECIAL("register_kretprobes", WHY_PROBE, handle_register_kprobes),
	RETURN("unregister_kprobe", WHY_PROBE, 0),
	RETURN("unregister_kretprobe", WHY_PROBE, 0),
	RETURN("unregister_kprobes", WHY_PROBE, 0),
	RETURN("unregister_kretprobes", WHY_PROBE, 0),

	SPECIAL("panic", WHY_PANIC, handle_panic),
	SPECIAL("vpanic", WHY_PANIC, handle_panic),
	SPECIAL("nmi_panic", WHY_PANIC, handle_panic),
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

void models_enter(const struct models *models, unsigned id, struct handler_state *state,
		  struct machine *machine)
{
	const struct model *model = &table[models->rows[id]];
	struct machine_result result;
	uint64_t data;

	switch ((enum model_kind)model->kind) {
	case MODEL_SPECIAL:
		model->run(state, machine);
		return;
	case MODEL_RETURN:
		machine_leave(machine,
			      model->is_assumed
				      ? machine_invent(machine, (uint64_t)model->value,
						       (uint64_t)model->other)
				      : (uint64_t)model->value);
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
