/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What preflight knows of functions by their names. */
#include "dataflow/callee.h"

#include <stdlib.h>
#include <string.h>

#define NAMED(function, ...)                   \
	{                                      \
		.name = #function, __VA_ARGS__ \
	}
#define ENDS(function) NAMED(function, .kind = CALLEE_NO_RETURN)
#define WRITES(function, arguments) NAMED(function, .writes = (arguments))
#define PURE(function) NAMED(function, .is_pure = true)
#define IS(function, what) NAMED(function, .kind = CALLEE_##what)

/* Ascending by name (strcmp): it is searched by halving. */
static const struct callee callees[] = {
	WRITES(__bitmap_and, 1 << 0),
	WRITES(__bitmap_andnot, 1 << 0),
	WRITES(__bitmap_complement, 1 << 0),
	WRITES(__bitmap_or, 1 << 0),
	WRITES(__bitmap_set, 1 << 0),
	WRITES(__bitmap_xor, 1 << 0),
	IS(__cfi_slowpath, NO_ARGUMENTS),
	WRITES(__copy_user_nocache, 1 << 0),
	IS(__fentry__, NO_ARGUMENTS),
	ENDS(__fortify_panic),
	WRITES(__get_random_bytes, 1 << 0),
	ENDS(__invalid_creds),
	WRITES(__memcpy, 1 << 0),
	WRITES(__memmove, 1 << 0),
	WRITES(__memset, 1 << 0),
	ENDS(__module_put_and_exit),
	ENDS(__module_put_and_kthread_exit),
	WRITES(__mutex_init, 1 << 0),
	WRITES(__raw_spin_lock_init, 1 << 0),
	ENDS(__reiserfs_panic),
	IS(__set_fixmap, MAP_PHYSICAL),
	ENDS(__stack_chk_fail),
	IS(__static_call_update, STATIC_CALL),
	ENDS(__ubsan_handle_builtin_unreachable),
	WRITES(_copy_from_user, 1 << 0),
	PURE(_printk),
	WRITES(_raw_spin_lock, 1 << 0),
	WRITES(_raw_spin_lock_bh, 1 << 0),
	WRITES(_raw_spin_lock_irq, 1 << 0),
	WRITES(_raw_spin_lock_irqsave, 1 << 0),
	WRITES(_raw_write_lock, 1 << 0),
	IS(apply_to_existing_page_range, APPLY_RANGE),
	IS(apply_to_page_range, APPLY_RANGE),
	ENDS(arch_call_rest_init),
	IS(change_page_attr, UNPROTECT),
	WRITES(clear_page_erms, 1 << 0),
	WRITES(clear_page_orig, 1 << 0),
	WRITES(clear_page_rep, 1 << 0),
	ENDS(complete_and_exit),
	WRITES(copy_page, 1 << 0),
	IS(copy_to_kernel_nofault, CATCH),
	ENDS(cpu_startup_entry),
	ENDS(do_exit),
	ENDS(do_group_exit),
	ENDS(do_task_dead),
	WRITES(down_write, 1 << 0),
	ENDS(fortify_panic),
	WRITES(get_random_bytes, 1 << 0),
	WRITES(hex2bin, 1 << 0),
	WRITES(init_timer_key, 1 << 0),
	WRITES(init_wait_entry, 1 << 0),
	IS(kallsyms_lookup_name, LOOKUP),
	ENDS(kthread_complete_and_exit),
	ENDS(kthread_exit),
	ENDS(lbug_with_loc),
	IS(lookup_address, GET_ENTRY),
	IS(lookup_address_in_mm, GET_ENTRY),
	IS(lookup_address_in_pgd, GET_ENTRY),
	IS(lookup_address_in_pgd_attr, GET_ENTRY),
	ENDS(make_task_dead),
	IS(mark_rodata_rw, UNPROTECT),
	WRITES(memcpy, 1 << 0),
	WRITES(memcpy_fromio, 1 << 0),
	WRITES(memcpy_orig, 1 << 0),
	WRITES(memmove, 1 << 0),
	IS(memremap, REMAP),
	WRITES(memset, 1 << 0),
	WRITES(memset16, 1 << 0),
	WRITES(memset32, 1 << 0),
	WRITES(memset64, 1 << 0),
	WRITES(memset_orig, 1 << 0),
	WRITES(memzero_explicit, 1 << 0),
	ENDS(module_put_and_exit),
	ENDS(mpt_halt_firmware),
	WRITES(mutex_lock, 1 << 0),
	WRITES(mutex_lock_interruptible, 1 << 0),
	WRITES(mutex_unlock, 1 << 0),
	IS(native_read_msr, READ_MSR),
	IS(native_set_fixmap, MAP_PHYSICAL),
	IS(native_set_pmd, SET_ENTRY),
	IS(native_set_pte, SET_ENTRY),
	IS(native_write_cr0, WRITE_CR0),
	ENDS(nmi_panic_self_stop),
	IS(on_each_cpu, CALLS_0),
	IS(on_each_cpu_cond_mask, CALLS_1),
	ENDS(panic),
	ENDS(panic_smp_self_stop),
	PURE(printk),
	IS(probe_kernel_write, CATCH),
	IS(pte_offset_kernel, GET_ENTRY),
	IS(register_kprobe, KPROBE),
	ENDS(rewind_stack_and_make_dead),
	WRITES(scnprintf, 1 << 0),
	IS(set_fixmap, MAP_PHYSICAL),
	IS(set_kernel_text_rw, UNPROTECT),
	IS(set_memory_rw, SET_RW),
	IS(set_pages_rw, UNPROTECT),
	IS(set_pte_vaddr, SET_ENTRY),
	IS(smp_call_function, CALLS_0),
	IS(smp_call_function_single, CALLS_1),
	ENDS(snp_abort),
	WRITES(snprintf, 1 << 0),
	WRITES(sort, 1 << 0),
	WRITES(sprintf, 1 << 0),
	IS(stop_machine, CALLS_0),
	IS(stop_machine_cpuslocked, CALLS_0),
	ENDS(stop_this_cpu),
	PURE(strcasecmp),
	WRITES(strcat, 1 << 0),
	PURE(strchr),
	PURE(strcmp),
	WRITES(strcpy, 1 << 0),
	WRITES(strlcat, 1 << 0),
	WRITES(strlcpy, 1 << 0),
	PURE(strlen),
	WRITES(strncat, 1 << 0),
	PURE(strncmp),
	WRITES(strncpy, 1 << 0),
	WRITES(strscpy, 1 << 0),
	WRITES(strscpy_pad, 1 << 0),
	PURE(strstr),
	IS(text_poke, TEXT_POKE),
	IS(text_poke_bp, TEXT_POKE),
	IS(text_poke_copy, TEXT_POKE),
	IS(text_poke_copy_locked, TEXT_POKE),
	IS(text_poke_early, TEXT_POKE),
	IS(text_poke_kgdb, TEXT_POKE),
	IS(text_poke_queue, TEXT_POKE),
	IS(text_poke_set, TEXT_POKE),
	PURE(unregister_kprobe),
	ENDS(usercopy_abort),
	IS(vmap, VMAP),
	WRITES(vscnprintf, 1 << 0),
	WRITES(vsnprintf, 1 << 0),
	WRITES(vsprintf, 1 << 0),
};

static int compare(const void *name, const void *callee)
{
	return strcmp(name, ((const struct callee *)callee)->name);
}

/* In most modules no function has one of these names: the first letters tell. */
static bool may_be_one(const char *name)
{
	static uint32_t firsts[256]; /* bit n of one: a second letter of n modulo 32 */
	static bool is_filled;

	if (!is_filled) {
		for (size_t i = 0; i < sizeof(callees) / sizeof(callees[0]); i++) {
			const unsigned char *at = (const unsigned char *)callees[i].name;

			firsts[at[0]] |= 1U << at[1] % 32;
		}
		is_filled = true;
	}
	return firsts[(unsigned char)name[0]] >> (unsigned char)name[1] % 32 & 1;
}

const struct callee *callee_find(const char *name)
{
	if (!*name || !may_be_one(name))
		return NULL;
	return bsearch(name, callees, sizeof(callees) / sizeof(callees[0]),
		       sizeof(callees[0]), compare);
}

static const char *const register_names[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
};

/* __x86_indirect_thunk_rax, __x86_indirect_call_thunk_rax, __x86_indirect_its_thunk_rax,
 * ...: arch/x86/lib/retpoline.S.
 */
bool callee_is_indirect_thunk(const char *name, unsigned *ret)
{
	const char *last = strrchr(name, '_');

	if (strncmp(name, "__x86_indirect_", strlen("__x86_indirect_")) != 0 || !last)
		return false;
	for (unsigned i = 0; i < sizeof(register_names) / sizeof(register_names[0]); i++)
		if (strcmp(last + 1, register_names[i]) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

bool callee_is_return_thunk(const char *name)
{
	return strcmp(name, "__x86_return_thunk") == 0 ||
	       strcmp(name, "its_return_thunk") == 0;
}

bool callee_is_allocator(const char *name)
{
	static const char *const names[] = {
		"__kmalloc", "kmalloc_", "kmem_cache_alloc", "vmalloc", "vzalloc",
		"__vmalloc", "kvmalloc", "__kvmalloc",	     "kmemdup", "__alloc_percpu",
	};

	if (*name != '_' && *name != 'k' && *name != 'v')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}
