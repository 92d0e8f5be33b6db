/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of each cause: tables, no code that decides. */
#include "oops/knowledge.h"

#include "kcore/release.h"

struct fact {
	const char *name;
	const char *summary;
	struct cause_way ways[CAUSE_MAX_WAYS];
};

/* Releases: security/Kconfig and include/linux/lsm_hooks.h. SECURITY_WRITABLE_HOOKS came
 * with 4.12 and went with 6.4, when SELinux could no longer be disabled at run time; the
 * BPF LSM came with 5.7, static calls in place of the lists with 6.12.
 */
static const struct fact facts[CAUSE_NR] = {
	[CAUSE_UNKNOWN] = {
		.name = "unknown",
		.summary = "no pattern known here: the facts above are what the log says",
	},
	[CAUSE_LSM_LIST] = {
		.name = "lsm-hook-list",
		.summary = "a hook was linked into a sealed LSM list: since 4.12 heads and "
			   "arrays are read-only once the kernel has booted",
		.ways = {
			{.what = "build the LSM into the kernel (DEFINE_LSM, named in CONFIG_LSM or lsm=)",
			 .cost = "a kernel build of one's own; the supported way",
			 .since = RELEASE(5, 1)},
			{.what = "build the LSM into the kernel (security_initcall, security=)",
			 .cost = "a kernel build of one's own; the supported way",
			 .until = RELEASE(5, 1)},
			{.what = "BPF LSM: a program on the hook (CONFIG_BPF_LSM, bpf in lsm=)",
			 .cost = "needs 5.7; it can deny, not allow; a verifier bounds what it does",
			 .since = RELEASE(5, 7)},
			{.what = "kprobe or ftrace on the security_* function",
			 .cost = "made to observe: to deny is a hack, and each call pays the probe"},
			{.what = "a kernel with CONFIG_SECURITY_WRITABLE_HOOKS=y (select SECURITY_SELINUX_DISABLE)",
			 .cost = "every LSM's hooks stay writable for ever, for any bug and any rootkit; gone in 6.4",
			 .since = RELEASE(4, 12), .until = RELEASE(6, 4)},
			{.what = "not a way: set_memory_rw(), CR0.WP=0, RW set in the page table",
			 .cost = "the first is refused in silence, the others unseal memory all code relies on"},
		},
	},
	[CAUSE_LSM_STATIC_CALL] = {
		.name = "lsm-static-call",
		.summary = "a hook was put into the LSM tables after boot: since 6.12 hooks are "
			   "static calls, patched into the code while booting, then sealed",
		.ways = {
			{.what = "build the LSM into the kernel (DEFINE_LSM, named in CONFIG_LSM or lsm=)",
			 .cost = "a kernel build of one's own; the supported way"},
			{.what = "BPF LSM: a program on the hook (CONFIG_BPF_LSM, bpf in lsm=)",
			 .cost = "it can deny, not allow; a verifier bounds what it does"},
			{.what = "kprobe or ftrace on the security_* function",
			 .cost = "made to observe: to deny is a hack, and each call pays the probe"},
			{.what = "not a way: making the table writable",
			 .cost = "it is not read when a hook is called: the write would change nothing"},
		},
	},
	[CAUSE_SYSCALL_TABLE] = {
		.name = "syscall-table",
		.summary = "a system call was to be replaced in its table, which is const: "
			   "sealed when the kernel has booted",
		.ways = {
			{.what = "kprobe, fprobe or tracepoint (sys_enter) on the system call",
			 .cost = "observes; costs some hundred ns a call"},
			{.what = "ftrace with IPMODIFY or livepatch to replace the function",
			 .cost = "one at a time per function; the module must be signed where that is asked for"},
			{.what = "seccomp or the BPF LSM to deny it",
			 .cost = "policy only; the BPF LSM needs 5.7"},
			{.what = "not a way: CR0.WP=0 or RW set in the page table",
			 .cost = "unseals memory all code relies on; since 6.9 the table is not even used to call"},
		},
	},
	[CAUSE_KERNEL_TEXT] = {
		.name = "kernel-text",
		.summary = "kernel code was written to directly: text is read-only for all who "
			   "do not go through text_poke()",
		.ways = {
			{.what = "ftrace, kprobes, livepatch or static keys: they patch code safely",
			 .cost = "only at the places they offer; stop_machine or IPIs while patching"},
			{.what = "change the source",
			 .cost = "a kernel build of one's own"},
			{.what = "find the bad pointer, if no code was meant to be changed",
			 .cost = "none"},
		},
	},
	[CAUSE_KERNEL_RO_AFTER_INIT] = {
		.name = "kernel-ro-after-init",
		.summary = "an __ro_after_init variable of the kernel was written to: it is "
			   "writable only until the kernel has booted",
		.ways = {
			{.what = "set it while booting: a boot parameter, or code built in (__init)",
			 .cost = "a reboot, or a kernel build of one's own"},
			{.what = "ask the subsystem that owns it: a register function, sysctl or sysfs file",
			 .cost = "only where it has one"},
			{.what = "drop __ro_after_init in the kernel's source",
			 .cost = "a kernel build of one's own; the object loses its protection"},
		},
	},
	[CAUSE_KERNEL_CONST] = {
		.name = "kernel-const",
		.summary = "a constant of the kernel (.rodata) was written to",
		.ways = {
			{.what = "write to a copy and hand that in, where the subsystem takes a pointer",
			 .cost = "what already uses the original keeps it"},
			{.what = "look for a cast that takes const away: it is the bug",
			 .cost = "none"},
			{.what = "ftrace or kprobes on the functions that the constant points to",
			 .cost = "each call pays the probe"},
		},
	},
	[CAUSE_KERNEL_SEALED] = {
		.name = "kernel-sealed",
		.summary = "sealed memory of the kernel image was written to (const, "
			   "__ro_after_init or code)",
		.ways = {
			{.what = "name it: kwcheck oops --kallsyms FILE, or on the machine while it is up",
			 .cost = "the symbols of that very boot: KASLR moves them"},
		},
	},
	[CAUSE_SEALED] = {
		.name = "sealed",
		.summary = "sealed memory of the kernel image or of a module was written to "
			   "(const, __ro_after_init or code)",
		.ways = {
			{.what = "name it: kwcheck oops --kallsyms FILE, or on the machine while it is up",
			 .cost = "the symbols of that very boot: KASLR moves them"},
		},
	},
	[CAUSE_MODULE_TEXT] = {
		.name = "module-text",
		.summary = "a module's code was written to: it is read-only since before its "
			   "init function ran",
		.ways = {
			{.what = "static keys, static calls, alternatives, ftrace: they patch code safely",
			 .cost = "only at the places they offer"},
			{.what = "find the bad pointer, if no code was meant to be changed",
			 .cost = "none"},
		},
	},
	[CAUSE_MODULE_CONST] = {
		.name = "module-const",
		.summary = "a module's constant (.rodata) was written to: it is read-only since "
			   "before its init function ran",
		.ways = {
			{.what = "drop const from the object, or write to a copy of it",
			 .cost = "none but the protection"},
			{.what = "look for a cast that takes const away: it is the bug",
			 .cost = "none"},
		},
	},
	[CAUSE_MODULE_RO_AFTER_INIT] = {
		.name = "module-ro-after-init",
		.summary = "an __ro_after_init variable of a module was written to after its "
			   "init function had returned",
		.ways = {
			{.what = "move the write into the init function",
			 .cost = "none"},
			{.what = "drop __ro_after_init from the variable",
			 .cost = "none but the protection"},
		},
	},
	[CAUSE_MODULE_SEALED] = {
		.name = "module-sealed",
		.summary = "sealed memory in the module area was written to (const, "
			   "__ro_after_init or code of a module)",
		.ways = {
			{.what = "name it: kwcheck oops --module FILE, or on the machine while it is up",
			 .cost = "none"},
		},
	},
	[CAUSE_FREED_INIT] = {
		.name = "freed-init",
		.summary = "memory of the kernel's boot code was used (__init, __initdata or "
			   "padding): it is freed once the kernel has booted",
		.ways = {
			{.what = "drop __init or __initdata from what is used later; modpost warns of it",
			 .cost = "it stays in memory"},
			{.what = "do not look it up by name: kallsyms goes on listing freed symbols",
			 .cost = "none"},
		},
	},
	[CAUSE_NULL] = {
		.name = "null-pointer",
		.summary = "a NULL pointer was followed",
		.ways = {
			{.what = "check what fills the pointer: a call that failed, an object not set up yet or gone",
			 .cost = "none"},
		},
	},
	[CAUSE_SMALL] = {
		.name = "small-pointer",
		.summary = "a small number was followed as a pointer: it was overwritten or "
			   "freed, or is a count, an index or a flag in a pointer's place",
		.ways = {
			{.what = "find who writes that number there; a list or structure that is not set up, or freed",
			 .cost = "KASAN shows a use after free, at 2x the time and memory"},
		},
	},
	[CAUSE_NEGATIVE] = {
		.name = "negative-pointer",
		.summary = "a small negative number was followed as a pointer: an error code "
			   "in its place (ERR_PTR), or NULL less an offset (container_of())",
		.ways = {
			{.what = "check with IS_ERR() what a function returned, where it returns error codes",
			 .cost = "none"},
			{.what = "look for a list entry or member that is NULL, whose container was taken",
			 .cost = "none"},
		},
	},
	[CAUSE_USERCOPY] = {
		.name = "usercopy",
		.summary = "a copy to or from user space would have gone beyond an object, "
			   "into a stack frame or kernel code: hardened usercopy stopped it",
		.ways = {
			{.what = "check the size and the pointer that are handed to copy_to_user() or copy_from_user()",
			 .cost = "none"},
			{.what = "name the part of a slab's objects that may be copied: kmem_cache_create_usercopy()",
			 .cost = "that part is user space's to read and write"},
		},
	},
	[CAUSE_FORTIFY] = {
		.name = "fortify",
		.summary = "a string or memory function would have written or read beyond an "
			   "object whose size the compiler knows: FORTIFY_SOURCE stopped it",
		.ways = {
			{.what = "check the length in the caller of that function",
			 .cost = "none"},
		},
	},
	[CAUSE_FIRMWARE] = {
		.name = "firmware",
		.summary = "the firmware's own code (EFI runtime services) faulted: the kernel "
			   "ended the call and uses them no more",
		.ways = {
			{.what = "update the firmware, or boot with efi=noruntime",
			 .cost = "no EFI variables then: boot entries, Secure Boot keys, pstore in EFI"},
		},
	},
	[CAUSE_BAD_PAGE] = {
		.name = "bad-page",
		.summary = "a page or a process's page table is not in the state that it must "
			   "be in: freed twice or while in use, overwritten, or failing memory",
		.ways = {
			{.what = "test the memory; if it is sound, find who freed or wrote to the page",
			 .cost = "CONFIG_PAGE_OWNER and page_poison=1 show it; KASAN at 2x the time and memory"},
		},
	},
	[CAUSE_ATOMIC] = {
		.name = "atomic",
		.summary = "code slept, or might have, where that is forbidden: with a spinlock "
			   "held, interrupts or preemption off, or in an interrupt",
		.ways = {
			{.what = "take what may sleep out of the locked part, or use GFP_ATOMIC, a mutex or a work item",
			 .cost = "none"},
			{.what = "look for a lock or preempt_disable() that was never undone on some way out",
			 .cost = "none"},
		},
	},
	[CAUSE_SPINLOCK] = {
		.name = "spinlock",
		.summary = "a spinlock was used in a state that it must not have: never set up, "
			   "freed, overwritten, released by another, or held for too long",
		.ways = {
			{.what = "see who owns it by the report (.owner), and when it was set up and freed",
			 .cost = "none"},
		},
	},
	[CAUSE_SLAB] = {
		.name = "slab",
		.summary = "the slab allocator found its objects damaged: written to after they "
			   "were freed or beyond their end, or freed twice",
		.ways = {
			{.what = "read who allocated and freed the object in the report (slub_debug=U)",
			 .cost = "KASAN shows the writer itself, at 2x the time and memory"},
		},
	},
	[CAUSE_KCSAN] = {
		.name = "kcsan",
		.summary = "KCSAN saw two accesses to the same memory at once, one of them a "
			   "write, with no lock or marking (READ_ONCE()) between them",
		.ways = {
			{.what = "lock both, or mark them READ_ONCE(), WRITE_ONCE() or data_race() where the race is harmless",
			 .cost = "none"},
		},
	},
	[CAUSE_KMSAN] = {
		.name = "kmsan",
		.summary = "KMSAN saw a value used, or given to user space, that was never set",
		.ways = {
			{.what = "set it where the report says it was created",
			 .cost = "none"},
		},
	},
	[CAUSE_DESCRIPTOR] = {
		.name = "descriptor",
		.summary = "the CPU had to mark a descriptor as accessed or busy in the GDT, "
			   "whose mapping is read-only: the kernel's own are marked beforehand",
		.ways = {
			{.what = "find who changed the GDT or loads a selector or TSS of its own (hypervisors' modules do)",
			 .cost = "none"},
		},
	},
	[CAUSE_MISPLACED] = {
		.name = "misplaced",
		.summary = "the instruction names the address itself, by its distance from RIP, "
			   "and nothing is there: the code was linked or relocated wrongly, "
			   "changed, or runs where it was not meant to; no pointer was followed",
		.ways = {
			{.what = "build the module anew with the kernel's own compiler and linker, and look at what the relocation of that field refers to ('readelf -r', 'objdump -dr')",
			 .cost = "none"},
		},
	},
	[CAUSE_LENGTH] = {
		.name = "negative-length",
		.summary = "a copy or fill was given a length below zero, which counts as one "
			   "of exabytes: it ran on until a page refused",
		.ways = {
			{.what = "look at what the caller subtracts to get the length, and check it before: sizes read from a disk, a packet or user space first",
			 .cost = "none"},
			{.what = "find what the copy wrote over before it faulted: the crash may be late",
			 .cost = "KASAN reports such a copy before it starts, at 2x the time and memory"},
		},
	},
	[CAUSE_FLOATING_POINT] = {
		.name = "floating-point",
		.summary = "code of the kernel that computes with floating point raised an "
			   "exception that MXCSR or the x87 control word did not mask",
		.ways = {
			{.what = "look whether it runs between kernel_fpu_begin() and kernel_fpu_end(), which set both; if it does, who ran before left its own there (a virtual machine's guest, an interrupt)",
			 .cost = "none"},
		},
	},
	[CAUSE_DIVIDE] = {
		.name = "divide",
		.summary = "an integer was divided by zero, or the quotient does not fit (the "
			   "least number by -1 among them)",
		.ways = {
			{.what = "check the divisor where it comes from: a device, a file system, user space",
			 .cost = "none"},
		},
	},
	[CAUSE_VMEMMAP] = {
		.name = "vmemmap",
		.summary = "a page structure was written to that is mapped read-only: HugeTLB's "
			   "vmemmap optimisation lets a huge page's tail pages share one",
		.ways = {
			{.what = "restore the page structures before they are written to (dissolve, free, memory failure)",
			 .cost = "an allocation that may fail"},
			{.what = "boot with hugetlb_free_vmemmap=off",
			 .cost = "7 pages of memory for each huge page of 2 MiB"},
		},
	},
	[CAUSE_LIST_POISON] = {
		.name = "list-poison",
		.summary = "an entry that was already taken off its list was used: deleted twice, "
			   "or used after it was freed",
		.ways = {
			{.what = "find the second list_del() or the missing lock or reference",
			 .cost = "CONFIG_DEBUG_LIST and KASAN show it, at 2x the time and memory"},
		},
	},
	[CAUSE_NON_CANONICAL] = {
		.name = "non-canonical",
		.summary = "a pointer that is no address was followed: overwritten, freed, or "
			   "not a pointer at all",
		.ways = {
			{.what = "look at the register: text, a poison pattern or a shifted pointer tells who wrote it",
			 .cost = "KASAN shows the writer, at 2x the time and memory"},
		},
	},
	[CAUSE_EXECUTE_DATA] = {
		.name = "execute-data",
		.summary = "what was to be executed is on a page that is NX: data, or code "
			   "that was freed or is not executable yet",
		.ways = {
			{.what = "find the function pointer that was overwritten or never set",
			 .cost = "none"},
			{.what = "code made at run time: BPF, or the kernel's own text allocators",
			 .cost = "set_memory_x() and module_alloc() are not for modules any more"},
		},
	},
	[CAUSE_EXECUTE_USER] = {
		.name = "execute-user",
		.summary = "the kernel jumped to an address of user space: a wild function "
			   "pointer, or an attack (SMEP)",
		.ways = {
			{.what = "find the function pointer that was overwritten",
			 .cost = "treat it as an attack until it is found"},
		},
	},
	[CAUSE_EXECUTE_NULL] = {
		.name = "execute-null",
		.summary = "a NULL function pointer was called",
		.ways = {
			{.what = "see the first frame of the call trace: it called an operation that is not set",
			 .cost = "none"},
		},
	},
	[CAUSE_EXECUTE_UNMAPPED] = {
		.name = "execute-unmapped",
		.summary = "code that is not mapped was called: of a module that is gone, an "
			   "__init function, or a wild pointer",
		.ways = {
			{.what = "undo what the module registered (timers, work, notifiers) before it goes",
			 .cost = "none"},
		},
	},
	[CAUSE_USER_ACCESS] = {
		.name = "user-access",
		.summary = "the kernel touched a page of user space directly: SMAP forbids it "
			   "outside copy_from_user() and its like",
		.ways = {
			{.what = "copy_from_user(), copy_to_user(), get_user(), put_user()",
			 .cost = "a few ns, and a return value to be checked"},
			{.what = "not a way: booting with nosmap, or stac()",
			 .cost = "every wrong user pointer becomes a silent hole"},
		},
	},
	[CAUSE_USER_UNMAPPED] = {
		.name = "user-unmapped",
		.summary = "the kernel followed a pointer into the user half where nothing is "
			   "mapped: a user pointer, or a wild one",
		.ways = {
			{.what = "a user pointer: copy_from_user(), copy_to_user() return -EFAULT instead",
			 .cost = "a return value to be checked"},
			{.what = "a kernel pointer: find who overwrote it",
			 .cost = "KASAN shows the writer, at 2x the time and memory"},
		},
	},
	[CAUSE_KERNEL_UNMAPPED] = {
		.name = "kernel-unmapped",
		.summary = "a pointer into the kernel half was followed where nothing is "
			   "mapped: freed (vmalloc, module), beyond an object, or wild",
		.ways = {
			{.what = "see what the register held and who freed it",
			 .cost = "KASAN shows both, at 2x the time and memory"},
		},
	},
	[CAUSE_LIST_CORRUPTION] = {
		.name = "list-corruption",
		.summary = "a list's neighbours do not point at each other: an entry was freed "
			   "while on it, added or deleted twice, or overwritten",
		.ways = {
			{.what = "find the missing lock, list_del() or reference",
			 .cost = "KASAN shows the use after free, at 2x the time and memory"},
		},
	},
	[CAUSE_CFI] = {
		.name = "cfi",
		.summary = "an indirect call went to a function of another type",
		.ways = {
			{.what = "make the function's prototype that of the pointer: casts hide it",
			 .cost = "none"},
			{.what = "if the target is no function of yours: a pointer was overwritten",
			 .cost = "treat it as an attack until it is found"},
		},
	},
	[CAUSE_BUG] = {
		.name = "bug",
		.summary = "the kernel stopped itself: a BUG() or BUG_ON() at the place it names",
		.ways = {
			{.what = "read the condition at that line: it says what was found broken",
			 .cost = "none"},
		},
	},
	[CAUSE_STACK_OVERFLOW] = {
		.name = "stack-overflow",
		.summary = "a kernel stack was used up: recursion, large local variables, or "
			   "an interrupt on top of deep calls",
		.ways = {
			{.what = "see the call trace for a cycle; move large locals to kmalloc()",
			 .cost = "none"},
		},
	},
	[CAUSE_PAGE_TABLE] = {
		.name = "page-table",
		.summary = "a page-table entry has bits set that must be clear: the table was "
			   "overwritten, or the memory is bad",
		.ways = {
			{.what = "test the memory; if it is sound, find who wrote to a freed page",
			 .cost = "downtime; page_poison or KASAN"},
		},
	},
	[CAUSE_CHANGED] = {
		.name = "changed",
		.summary = "the tables that the log shows allow the access: they changed after "
			   "the fault, or the CPU used an old translation",
		.ways = {
			{.what = "find who changes the protection at run time without a TLB flush",
			 .cost = "none"},
		},
	},
	[CAUSE_RMP] = {
		.name = "rmp",
		.summary = "SEV-SNP's reverse map forbade the access: the page belongs to a "
			   "guest or to the firmware, whatever the page tables allow",
		.ways = {
			{.what = "make the page the host's again before it is used or freed; leak it where that fails",
			 .cost = "the memory that is leaked"},
		},
	},
	[CAUSE_MISSING_ENDBR] = {
		.name = "missing-endbr",
		.summary = "an indirect call or jump went to a place that does not start with "
			   "endbr64: built without IBT, sealed, or no function at all (ibt=)",
		.ways = {
			{.what = "build the module with this kernel's own configuration (CONFIG_X86_KERNEL_IBT)",
			 .cost = "none"},
			{.what = "mark hand-written code with SYM_FUNC_START, not with a bare label",
			 .cost = "none"},
			{.what = "boot with ibt=off",
			 .cost = "the kernel's indirect branches may go anywhere again"},
		},
	},
	[CAUSE_CR0_WP] = {
		.name = "cr0-wp",
		.summary = "code tried to switch write protection off as a whole (CR0.WP = 0), "
			   "to write to sealed memory: refused",
		.ways = {
			{.what = "do without: ftrace, kprobes, BPF LSM or an interface of the subsystem for what was to be changed",
			 .cost = "what that interface allows"},
			{.what = "not a way: a mov to CR0 of one's own",
			 .cost = "a CPU with CET on refuses it, Xen does, and all sealed memory lies open while it lasts"},
		},
	},
	[CAUSE_STACK_OVERRUN] = {
		.name = "stack-overrun",
		.summary = "a copy or loop ran up past the top of the kernel stack: its start "
			   "or its size was wrong, the stack itself was not used up",
		.ways = {
			{.what = "check the size and the pointer of that copy (memcpy(), a string without its end)",
			 .cost = "CONFIG_FORTIFY_SOURCE and KASAN show it, KASAN at 2x the time and memory"},
		},
	},
	[CAUSE_STACK_LOST] = {
		.name = "stack-lost",
		.summary = "RSP was no address of the kernel: delivering any exception faulted "
			   "again",
		.ways = {
			{.what = "look at what loads RSP: a frame overwritten above a leave or pop rsp, an entry path before its stack switch",
			 .cost = "none"},
		},
	},
	[CAUSE_HYPERCALL] = {
		.name = "hypercall",
		.summary = "the hypervisor tried to write its CPU's hypercall instruction over "
			   "this one, into text that is read-only: the guest chose vmcall or "
			   "vmmcall by another vendor's CPUID",
		.ways = {
			{.what = "give the guest the host CPU's vendor (-cpu host)",
			 .cost = "migration to the other vendor's hosts"},
			{.what = "switch KVM's quirk off (KVM_X86_QUIRK_FIX_HYPERCALL_INSN)",
			 .cost = "the instruction is then an invalid opcode"},
		},
	},
	[CAUSE_NO_HYPERVISOR] = {
		.name = "no-hypervisor",
		.summary = "a hypercall was made where no hypervisor takes it: on bare metal, "
			   "or with the instruction of the other vendor's CPUs",
		.ways = {
			{.what = "make hypercalls only where the kernel found its hypervisor (kvm_para_available(), x86_hyper_type)",
			 .cost = "none"},
		},
	},
	[CAUSE_ASSERTION] = {
		.name = "assertion",
		.summary = "a check of ZFS's own found what must not be: the thread stops "
			   "there for ever, and what waits for it waits without end; the "
			   "kernel goes on",
		.ways = {
			{.what = "read the condition and its values: what was read from the pool is damaged (zpool scrub, zdb), or it is a bug of that release of ZFS",
			 .cost = "a reboot: the thread keeps its locks"},
		},
	},
	[CAUSE_PATCHING] = {
		.name = "patching",
		.summary = "code that the kernel patches while it runs (a static branch, a "
			   "static call, ftrace) does not hold the bytes that it must: built "
			   "wrongly, patched by somebody else, or overwritten",
		.ways = {
			{.what = "compare the code there with the file's: kwcheck unchanged on the machine, objdump on the file",
			 .cost = "none"},
			{.what = "build with another compiler or linker release, without LTO, if all machines show it",
			 .cost = "a kernel or module build of one's own"},
		},
	},
	[CAUSE_FIELD] = {
		.name = "field-spanning",
		.summary = "a memcpy() or memset() wrote beyond the member that it names as its "
			   "destination: FORTIFY_SOURCE tells, the bytes were written all the same",
		.ways = {
			{.what = "declare an array at a structure's end as a flexible one ([] in place of [0] or [1])",
			 .cost = "none"},
			{.what = "name the whole structure or struct_group() as the destination; if neither was meant the length is wrong",
			 .cost = "none"},
		},
	},
	[CAUSE_WRONG_CACHE] = {
		.name = "wrong-cache",
		.summary = "an object was given back to another slab cache than the one that it "
			   "is of: freed already and its memory used anew, or a wrong pointer",
		.ways = {
			{.what = "see who freed it (the trace), and whether that pointer had been freed before or its cache destroyed",
			 .cost = "KASAN names both, at 2x the time and memory; slub_debug=FU costs less"},
		},
	},
	[CAUSE_PANIC_CALLED] = {
		.name = "panic-called",
		.summary = "code of the kernel or of a module called panic() for the reason "
			   "that it gives: no exception, a decision",
		.ways = {
			{.what = "see who decided it: the call trace behind that line, and the lines right before",
			 .cost = "none"},
		},
	},
	[CAUSE_ALIGNMENT_CHECK] = {
		.name = "alignment-check",
		.summary = "the CPU was told to check alignment, and an operand was not aligned: "
			   "EFLAGS.AC in ring 3, or an atomic operation over a cache line's end "
			   "(split lock detection)",
		.ways = {
			{.what = "look at which pointer of the operand is odd, and who set AC: user space may, and a Xen PV kernel runs in ring 3",
			 .cost = "none"},
			{.what = "of a split lock: align the variable, or boot with split_lock_detect=off",
			 .cost = "any program may slow all CPUs down by such operations"},
		},
	},
	[CAUSE_RETURN] = {
		.name = "return",
		.summary = "a function returned to what is no address: its frame on the stack was "
			   "overwritten, or RSP pointed elsewhere",
		.ways = {
			{.what = "look at what wrote to that stack: a copy into a local array, or a task's stack that was freed or shared",
			 .cost = "KASAN and CONFIG_STACKPROTECTOR_STRONG show it"},
		},
	},
	[CAUSE_SEGMENT] = {
		.name = "segment",
		.summary = "the CPU refused a segment: a selector names none that may be "
			   "loaded so",
		.ways = {
			{.what = "find where the selector came from: a saved frame that was overwritten, or an LDT or GDT entry that is gone",
			 .cost = "none"},
		},
	},
	[CAUSE_PRIVILEGED] = {
		.name = "privileged",
		.summary = "the CPU, or the hypervisor in its place, refused a privileged "
			   "instruction: a register, counter or bit that is not there or may not "
			   "be set",
		.ways = {
			{.what = "look at CPUID before the instruction is used; rdmsrl_safe() and wrmsrl_safe() survive it",
			 .cost = "none"},
		},
	},
	[CAUSE_EFI] = {
		.name = "efi",
		.summary = "code of the firmware (EFI runtime services) faulted, or was called "
			   "where its own mapping does not let it run",
		.ways = {
			{.what = "update the firmware or the boot loader that describes it (types and attributes of its memory)",
			 .cost = "none"},
			{.what = "boot with efi=noruntime",
			 .cost = "no EFI variables then: boot entries, Secure Boot keys, pstore in EFI"},
		},
	},
	[CAUSE_SLAB_LEAK] = {
		.name = "slab-leak",
		.summary = "a slab cache was destroyed while objects of it were in use: they "
			   "leaked, or are freed later (by RCU, by another user)",
		.ways = {
			{.what = "free all objects before kmem_cache_destroy(), rcu_barrier() where RCU frees them",
			 .cost = "none"},
		},
	},
	[CAUSE_BAD_FREE] = {
		.name = "bad-free",
		.summary = "the slab allocator was given back what is no object in use: freed "
			   "twice, never allocated, or a pointer into an object",
		.ways = {
			{.what = "look at the caller in the trace: which pointer it frees, and who freed that before",
			 .cost = "KASAN names both, at 2x the time and memory; slub_debug=FU costs less"},
		},
	},
	[CAUSE_DIRECT_MAP] = {
		.name = "direct-map",
		.summary = "a page was written to through the direct map, where it is read-only: "
			   "the other name of sealed memory (image, modules, BPF programs), or a "
			   "page that was freed before it was made writable again",
		.ways = {
			{.what = "look for set_memory_ro() whose memory is freed without set_memory_rw()",
			 .cost = "none"},
			{.what = "not a way: writing to sealed memory by its physical address",
			 .cost = "the kernel seals both mappings"},
		},
	},
	[CAUSE_VMAP] = {
		.name = "vmap",
		.summary = "a mapping of the vmalloc area that is read-only was written to: data "
			   "of request_firmware(), a BPF program, or vmap() with PAGE_KERNEL_RO",
		.ways = {
			{.what = "write to a copy: what request_firmware() hands out is const",
			 .cost = "the memory of the copy"},
		},
	},
	[CAUSE_DELIVERY] = {
		.name = "delivery",
		.summary = "user space ran, and the CPU could not deliver an interrupt or "
			   "exception: IDT, GDT, TSS or the stack they name were unusable",
		.ways = {
			{.what = "on a virtual machine: suspect the hypervisor (state lost in a migration or snapshot)",
			 .cost = "none"},
			{.what = "else find who wrote to those tables, or test the memory",
			 .cost = "none"},
		},
	},
	[CAUSE_ALIGNMENT] = {
		.name = "alignment",
		.summary = "an instruction that wants its operand aligned got one that is not",
		.ways = {
			{.what = "look at what the pointer is made of: a packed structure, an offset, a stack that is not aligned to 16 bytes",
			 .cost = "none"},
			{.what = "build without SSE (-mno-sse, as the kernel does), or with the kernel's own stack alignment",
			 .cost = "none"},
		},
	},
	[CAUSE_WARNING] = {
		.name = "warning",
		.summary = "the kernel found what must not be at the place it names, and went "
			   "on: no crash",
		.ways = {
			{.what = "read the condition at that place (WARN_ON) in the source of that release",
			 .cost = "none"},
		},
	},
	[CAUSE_LOCKDEP] = {
		.name = "lockdep",
		.summary = "lockdep found a way in which locks or RCU are used that may "
			   "deadlock or fail; it need not have happened",
		.ways = {
			{.what = "take the locks in one order everywhere, or tell lockdep of the classes (mutex_lock_nested())",
			 .cost = "none"},
		},
	},
	[CAUSE_HUNG_TASK] = {
		.name = "hung-task",
		.summary = "a task waited in the kernel without end, uninterruptibly: for a "
			   "lock, a device or another task; the trace shows where, no crash",
		.ways = {
			{.what = "see what it waits for, and who holds that (sysrq-w, sysrq-d show all)",
			 .cost = "none"},
		},
	},
	[CAUSE_PANIC] = {
		.name = "panic",
		.summary = "the kernel panicked for the reason that it gives; the crash or event "
			   "before it is not in the log",
		.ways = {
			{.what = "get the lines before: a serial console, pstore or kdump keeps them",
			 .cost = "none"},
		},
	},
	[CAUSE_INIT_DIED] = {
		.name = "init-died",
		.summary = "process 1 ended, which it must not: user space failed, not the kernel",
		.ways = {
			{.what = "look at what init is, at its libraries and at the initramfs; boot with init=/bin/sh",
			 .cost = "none"},
		},
	},
	[CAUSE_NO_ROOT] = {
		.name = "no-root",
		.summary = "the kernel found no root file system, or no init on it",
		.ways = {
			{.what = "check root= and whether the initramfs has the drivers of the disk and the file system",
			 .cost = "none"},
		},
	},
	[CAUSE_STACK_PROTECTOR] = {
		.name = "stack-protector",
		.summary = "a function's stack frame was overwritten beyond a local array: the "
			   "compiler's canary was gone when it returned",
		.ways = {
			{.what = "look at what the function, or what it calls, writes into its local arrays",
			 .cost = "KASAN shows the write itself, at 2x the time and memory"},
		},
	},
	[CAUSE_MACHINE_CHECK] = {
		.name = "machine-check",
		.summary = "the CPU, the memory or a device reported an error of the hardware: "
			   "no program's fault",
		.ways = {
			{.what = "decode the banks (mcelog, rasdaemon); check memory, cooling, power and the BIOS",
			 .cost = "none"},
		},
	},
	[CAUSE_OUT_OF_MEMORY] = {
		.name = "out-of-memory",
		.summary = "no memory was left and no process that could be killed for it",
		.ways = {
			{.what = "see who holds the memory by the OOM killer's report (Mem-Info, slab, unreclaimable)",
			 .cost = "none"},
		},
	},
	[CAUSE_KASAN] = {
		.name = "kasan",
		.summary = "KASAN found an access outside an object, or to one that was freed",
		.ways = {
			{.what = "the two call traces behind it say who allocated the object and who freed it",
			 .cost = "none"},
		},
	},
	[CAUSE_KFENCE] = {
		.name = "kfence",
		.summary = "KFENCE found an access outside an object, or to one that was freed",
		.ways = {
			{.what = "the call traces behind it say who allocated the object and who freed it; KASAN finds more",
			 .cost = "KASAN costs 2x the time and memory"},
		},
	},
	[CAUSE_UBSAN] = {
		.name = "ubsan",
		.summary = "an operation was done that C does not define: UBSAN's next line says which",
		.ways = {
			{.what = "look at the line that is named: the values in the next line are those of the moment",
			 .cost = "none"},
		},
	},
	[CAUSE_REFCOUNT] = {
		.name = "refcount",
		.summary = "a reference count went below zero, up from zero, or over its end: an object was put once too often, or used after it was freed",
		.ways = {
			{.what = "find the get without a put, or the put without a get, in the caller",
			 .cost = "KASAN shows the use after free, at 2x the time and memory"},
		},
	},
	[CAUSE_CRED] = {
		.name = "cred",
		.summary = "a process's credentials were found damaged: freed while in use, or overwritten",
		.ways = {
			{.what = "find the put_cred() too many, or who writes to struct cred",
			 .cost = "treat it as an attack until it is found"},
		},
	},
	[CAUSE_WORKQUEUE] = {
		.name = "workqueue",
		.summary = "a workqueue made no progress, or a work function returned with a lock held: the work, not the queue, is the fault",
		.ways = {
			{.what = "see what the worker runs: it loops, sleeps for long with a lock, or leaves preemption off",
			 .cost = "none"},
		},
	},
	[CAUSE_LOCKUP] = {
		.name = "lockup",
		.summary = "a CPU ran kernel code without letting the scheduler in: RIP is where it was interrupted, not a crash",
		.ways = {
			{.what = "look for a loop without end or a lock that is never released in the call trace; cond_resched() in long loops",
			 .cost = "none"},
		},
	},
	[CAUSE_RCU_STALL] = {
		.name = "rcu-stall",
		.summary = "a CPU or task held up RCU: it looped, slept in a read-side section, or was not scheduled; RIP is where it was interrupted",
		.ways = {
			{.what = "look at the call trace of the CPU or task that is named; a virtual machine that was stopped does the same",
			 .cost = "none"},
		},
	},
	[CAUSE_XEN_PV] = {
		.name = "xen-pv",
		.summary = "a Xen PV guest wrote to a page that the hypervisor keeps read-only: "
			   "a page table, a descriptor table, or a device's (an MSI-X table)",
		.ways = {
			{.what = "change page tables by the kernel's own functions (set_pte(), set_memory_*()): they ask Xen",
			 .cost = "a hypercall"},
			{.what = "run the guest as PVH or HVM: it has page tables of its own",
			 .cost = "not for a dom0 of PV; devices passed through need an IOMMU"},
			{.what = "not a way: CR0.WP=0 or RW set in the page table",
			 .cost = "Xen refuses both"},
		},
	},
};

void knowledge_fill(struct cause *cause, unsigned version)
{
	const struct fact *fact = &facts[cause->kind];

	cause->summary = fact->summary;
	for (size_t i = 0; i < CAUSE_MAX_WAYS && fact->ways[i].what; i++) {
		const struct cause_way *way = &fact->ways[i];

		if (version && ((way->since && version < way->since) ||
				(way->until && version >= way->until)))
			continue;
		cause->ways[cause->nr_ways++] = *way;
	}
}

const char *cause_name(enum cause_kind kind)
{
	return facts[kind].name;
}
