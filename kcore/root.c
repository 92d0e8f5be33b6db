/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which table the walks start from: the reader's own, the kernel's, another process's. */
#include "kcore/root.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "kcore/kernel.h"

/* Kernel half of a root table: entries 256..511. Of those a Xen PV domain's first sixteen
 * are the hypervisor's, and not the same in each table (xen/include/asm-x86/config.h).
 */
enum { FIRST_KERNEL_ENTRY = 256, NR_XEN_ENTRIES = 16, NR_ENTRIES = 512 };

/* The bits that must agree between two roots: P, RW, U, PSE, the address and NX. The CPU
 * sets A in the table that it walks only, and software bits may differ (NOPTISHADOW of
 * 7.3 is in one of the two).
 */
static const uint64_t ROOT_BITS = 0x800ffffffffff087ULL;

enum { NT_TASKSTRUCT_TYPE = 4 };

/* Finds the physical address of mm->pgd. The mm and its pgd both lie in the direct map.
 */
static bool pgd_of_mm(struct kernel *kernel, uint64_t mm, uint32_t pgd_offset,
		      uint64_t *ret)
{
	const struct elfcore_segment *segment;
	uint64_t pgd;

	if (elfcore_read_va(&kernel->core, mm + pgd_offset, &pgd, sizeof(pgd)) < 0)
		return false;
	segment = elfcore_segment_of(&kernel->core, pgd);
	if (!segment || segment->pa == ELFCORE_NO_PA || pgd % PAGE_BYTES != 0)
		return false;
	*ret = pgd - segment->va + segment->pa;
	return true;
}

/* The reader's own PGD: NT_TASKSTRUCT is current's task_struct (fs/proc/kcore.c), so
 * task->mm->pgd is what CR3 held when the core was opened. false: it cannot be known
 * here.
 */
static bool find_own_root(struct kernel *kernel, uint64_t *ret)
{
	const struct elfcore_note *task = elfcore_note(&kernel->core, "CORE",
						       NT_TASKSTRUCT_TYPE);
	uint32_t mm_offset, pgd_offset;
	uint64_t mm;

	if (!task) {
		kernel_note(kernel,
			    "the core has no task_struct note: root is swapper_pg_dir");
		return false;
	}
	if (types_offset(&kernel->types, "task_struct", "mm", &mm_offset) < 0 ||
	    types_offset(&kernel->types, "mm_struct", "pgd", &pgd_offset) < 0 ||
	    task->size_bytes < (uint64_t)mm_offset + sizeof(mm)) {
		kernel_note(
			kernel,
			"no BTF for task_struct and mm_struct: root is swapper_pg_dir");
		return false;
	}
	memcpy(&mm, (const char *)task->data + mm_offset, sizeof(mm));
	if (pgd_of_mm(kernel, mm, pgd_offset, ret))
		return true;
	kernel_note(kernel,
		    "the reader's mm->pgd could not be read: root is swapper_pg_dir");
	return false;
}

/* A process's kernel half is a copy of init_mm's (pgd_ctor); entries are added to all,
 * and never differ for long (arch/x86/mm/init_64.c:sync_global_pgds).
 */
int root_choose(struct kernel *kernel, const char *path, struct root *ret,
		struct error *err)
{
	unsigned char swapper[PAGE_BYTES];
	const unsigned char *page;
	uint64_t own_pa;
	int r;

	r = pagecache_get(&kernel->cache, &kernel->core, kernel->swapper_pa, &page);
	if (r < 0)
		return r == -ENODATA
			       ? error_set(
					 err, ERROR_TRUNCATED_CORE, r,
					 "%s: the root table at physical 0x%" PRIx64
					 " %s: nothing can be walked",
					 path, kernel->swapper_pa,
					 kernel_missing_words(kernel, kernel->swapper_pa))
			       : error_set(
					 err, ERROR_SELF_TEST, r,
					 "%s: no memory for the root table at physical 0x%" PRIx64
					 "; the core does not hold the page tables",
					 path, kernel->swapper_pa);
	memcpy(swapper, page, sizeof(swapper));
	if (!kernel->is_live || !find_own_root(kernel, &own_pa)) {
		*ret = (struct root){.kind = ROOT_SWAPPER, .pa = kernel->swapper_pa};
		return 0;
	}
	r = pagecache_get(&kernel->cache, &kernel->core, own_pa, &page);
	if (r < 0)
		return error_set(err, ERROR_SELF_TEST, r,
				 "%s: the reader's own root table at physical 0x%" PRIx64
				 " cannot be read",
				 path, own_pa);
	for (size_t i = FIRST_KERNEL_ENTRY + (kernel->p2m.nr ? NR_XEN_ENTRIES : 0);
	     i < NR_ENTRIES; i++) {
		uint64_t own, of_swapper;

		memcpy(&own, page + 8 * i, sizeof(own));
		memcpy(&of_swapper, swapper + 8 * i, sizeof(of_swapper));
		if ((own & ROOT_BITS) != (of_swapper & ROOT_BITS))
			return error_set(
				err, ERROR_SELF_TEST, -EINVAL,
				"%s: entry %zu of the reader's own root table is "
				"0x%016" PRIx64 ", of swapper_pg_dir 0x%016" PRIx64
				": the kernel halves should agree; try again, and "
				"suspect tampering if it stays",
				path, i, own, of_swapper);
	}
	*ret = (struct root){.kind = ROOT_OWN_MM, .pa = own_pa};
	return 0;
}

const char *root_name(const struct root *root)
{
	static const char *const names[][2] = {
		[ROOT_SWAPPER] = {"swapper_pg_dir", "swapper_pg_dir-user"},
		[ROOT_OWN_MM] = {"own-mm", "own-mm-user"},
		[ROOT_PROCESS] = {"process", "process-user"},
		[ROOT_GIVEN] = {"given", "given-user"},
	};

	return names[root->kind][root->is_user_copy];
}

int root_given(const struct kernel *kernel, uint64_t root_pa, struct root *ret,
	       struct error *err)
{
	if (root_pa % PAGE_BYTES != 0 || !elfcore_has_pa(&kernel->core, root_pa))
		return error_set(err, ERROR_NO_SUCH_ROOT, -EINVAL,
				 "0x%" PRIx64
				 ": no root table: not 4-KiB aligned, or no RAM "
				 "there; give CR3 without its low 12 bits",
				 root_pa);
	*ret = (struct root){.kind = ROOT_GIVEN, .pa = root_pa};
	return 0;
}

struct task_layout {
	uint32_t tasks, pid, mm, pgd;
};

/* The task of that pid in the list that starts at init_task. */
static int find_task(struct kernel *kernel, const struct task_layout *layout, int pid,
		     uint64_t *ret)
{
	/* PID_MAX_LIMIT of include/linux/threads.h; a list that is longer loops. */
	enum { MAX_TASKS = 4 * 1024 * 1024 };
	uint64_t first = kernel->labels[LABEL_INIT_TASK], task = first;

	for (int i = 0; i < MAX_TASKS; i++) {
		uint64_t next;
		int32_t its_pid;

		if (kernel_read(kernel, task + layout->pid, &its_pid, sizeof(its_pid)) <
			    0 ||
		    kernel_read(kernel, task + layout->tasks, &next, sizeof(next)) < 0)
			return -EFAULT;
		if (its_pid == pid) {
			*ret = task;
			return 0;
		}
		task = next - layout->tasks;
		if (task == first)
			return -ESRCH;
	}
	return -ELOOP;
}

int root_of_process(struct kernel *kernel, int pid, struct root *ret, struct error *err)
{
	const struct types *types = &kernel->types;
	struct task_layout layout;
	uint64_t task, mm, root_pa;
	int r;

	if (!kernel->labels[LABEL_INIT_TASK] ||
	    types_offset(types, "task_struct", "tasks", &layout.tasks) < 0 ||
	    types_offset(types, "task_struct", "pid", &layout.pid) < 0 ||
	    types_offset(types, "task_struct", "mm", &layout.mm) < 0 ||
	    types_offset(types, "mm_struct", "pgd", &layout.pgd) < 0)
		return error_set(
			err, ERROR_NO_SUCH_ROOT, -ENOENT,
			"pid %d: its root cannot be found: there are no BTF, or no "
			"symbols, of this kernel (a capture has them without --small); "
			"give --root",
			pid);
	r = find_task(kernel, &layout, pid, &task);
	if (r < 0)
		return error_set(err, ERROR_NO_SUCH_ROOT, r, "pid %d: no such process",
				 pid);
	if (kernel_read(kernel, task + layout.mm, &mm, sizeof(mm)) < 0 || mm == 0)
		return error_set(
			err, ERROR_NO_SUCH_ROOT, -ESRCH,
			"pid %d: a kernel thread: it has no root table of its own", pid);
	if (!pgd_of_mm(kernel, mm, layout.pgd, &root_pa))
		return error_set(err, ERROR_NO_SUCH_ROOT, -EFAULT,
				 "pid %d: its mm->pgd cannot be read; it may have ended",
				 pid);
	*ret = (struct root){.kind = ROOT_PROCESS, .pa = root_pa};
	return 0;
}

/* With PTI a root is aligned to 8 KiB, and the page above it is the copy for user mode.
 * The lower halves are the same, but for NX, which only the kernel's entries have
 * (arch/x86/mm/pti.c:__pti_set_user_pgtbl()).
 */
int root_user_copy(struct kernel *kernel, const struct root *of, struct root *ret,
		   struct error *err)
{
	uint64_t root_pa = of->pa, root[NR_ENTRIES], copy[NR_ENTRIES];
	size_t nr_same = 0;

	if (root_pa % (2 * PAGE_BYTES) != 0 ||
	    elfcore_read_pa(&kernel->core, root_pa, root, sizeof(root)) < 0 ||
	    elfcore_read_pa(&kernel->core, root_pa + PAGE_BYTES, copy, sizeof(copy)) < 0)
		goto none;
	for (size_t i = 0; i < FIRST_KERNEL_ENTRY; i++) {
		if ((root[i] & ROOT_BITS & ~PT_NX) != (copy[i] & ROOT_BITS & ~PT_NX))
			goto none;
		nr_same += root[i] & PT_PRESENT && root[i] & PT_NX && !(copy[i] & PT_NX);
	}
	if (nr_same == 0)
		goto none;
	*ret = (struct root){
		.kind = of->kind, .is_user_copy = true, .pa = root_pa + PAGE_BYTES};
	return 0;
none:
	return error_set(err, ERROR_NO_SUCH_ROOT, -ENOENT,
			 "the root at 0x%" PRIx64
			 " has no user copy: this kernel runs without "
			 "PTI (or it is no process's root)",
			 root_pa);
}
