/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One open kernel: its memory, names, types and page tables. kcore/open.h opens it. */
#ifndef KWCHECK_KCORE_KERNEL_H
#define KWCHECK_KCORE_KERNEL_H

#include "kcore/elfcore.h"
#include "kcore/error.h"
#include "kcore/firmware.h"
#include "kcore/p2m.h"
#include "kcore/pagecache.h"
#include "kcore/root.h"
#include "kcore/source.h"
#include "kcore/symbols.h"
#include "kcore/types.h"
#include "kcore/vmcoreinfo.h"
#include "pagetable/walk.h"

/* Symbols of the image that kwcheck itself needs. A new one is a row here and in open.c.
 */
enum kernel_label {
	LABEL_TEXT,
	LABEL_ETEXT,
	LABEL_START_RODATA,
	LABEL_START_RO_AFTER_INIT,
	LABEL_END_RO_AFTER_INIT,
	LABEL_END_RODATA,
	LABEL_SDATA,
	LABEL_EDATA,
	LABEL_INIT_BEGIN,
	LABEL_INIT_END,
	LABEL_BSS_START,
	LABEL_BSS_STOP,
	LABEL_BSS_DECRYPTED_UNUSED,
	LABEL_BSS_DECRYPTED_END,
	LABEL_END,
	LABEL_PER_CPU_END,
	LABEL_PHYSICAL_MASK,
	LABEL_SUPPORTED_PTE_MASK,
	LABEL_MMU_CR4_FEATURES,
	LABEL_LINUX_BANNER,
	LABEL_XEN_DOMAIN_TYPE,
	LABEL_XEN_P2M_ADDR,
	LABEL_XEN_P2M_SIZE,
	LABEL_MODULES,
	LABEL_INIT_TASK,
	LABEL_PER_CPU_START,
	LABEL_PER_CPU_OFFSET,
	LABEL_NR_CPU_IDS,
	LABEL_START_BTF,
	LABEL_STOP_BTF,
	LABEL_BPF_KALLSYMS,
	LABEL_FTRACE_TRAMPOLINES,
	LABEL_FTRACE_MOD_MAPS,
	LABEL_KPROBE_SLOTS,
	LABEL_KPROBE_OPT_SLOTS,
	LABEL_PAGE_OFFSET_BASE,
	LABEL_VMALLOC_BASE,
	LABEL_VMEMMAP_BASE,
	KERNEL_NR_LABELS,
};

enum { KERNEL_MAX_NOTES = 8, KERNEL_NOTE_BYTES = 224 };

struct kernel {
	struct elfcore core;
	struct vmcoreinfo info;
	char *found_info; /* info's text where no note has it */
	struct symbols symbols;
	struct types types;
	struct pagetable pt;
	struct pagecache cache;
	struct root root; /* of pt */
	struct p2m p2m;	  /* of a Xen PV domain; else empty */
	/* Who runs code of the kernel asks for it: a live kernel's by acpitables_place(),
	 * a capture's own.
	 */
	struct firmware firmware;
	uint64_t swapper_pa;  /* swapper_pg_dir */
	uint64_t image_to_pa; /* pa of an image address: va + image_to_pa (mod 2^64) */
	/* Where the direct map, vmalloc and vmemmap begin; 0: not known. */
	uint64_t direct_map, vmalloc, vmemmap;
	uint64_t labels[KERNEL_NR_LABELS]; /* 0: this kernel has no such symbol */
	bool is_live;
	bool has_stray_info; /* VMCOREINFO's text was found in memory */
	/* The core was made of an image: what is not mapped in it, and not in it, is not
	 * known.
	 */
	bool is_unbooted;
	bool is_raw;	  /* the core is memory from address 0 on, or something else */
	int pageflags_fd; /* the source's */
	bool has_symbols;
	const char *symbols_from;   /* "memory", "kallsyms" or "vmlinux" */
	struct error symbols_error; /* why there are none */
	const char *path;	    /* of the core, borrowed from the source */
	char release[128];
	char build_id[48];
	/* Things that a reader of the answer should know: which check fell back, and why.
	 */
	char notes[KERNEL_MAX_NOTES][KERNEL_NOTE_BYTES];
	size_t nr_notes;
	/* Of a capture that is not one moment of its kernel: the number of the note that
	 * says so, from 1; 0: none does.
	 */
	size_t unsteady_note;
};

/* kernel_use_worker - from here on this process reads by a descriptor of its own
 * In a process that was forked: see source_open_workers().
 */
void kernel_use_worker(struct kernel *kernel, const struct source *source,
		       unsigned worker);

/* From here on pages, and the symbols of modules and of generated code where they come
 * from memory, are read anew: a running kernel may have changed.
 */
void kernel_forget(struct kernel *kernel);

typedef int (*kernel_read_fn)(struct kernel *kernel, uint64_t va, void *buf,
			      size_t size_bytes);

/* kernel_read - bytes at a kernel virtual address, through a page walk
 * -EFAULT: some byte is not mapped, or its frame is not in the core.
 */
int kernel_read(struct kernel *kernel, uint64_t va, void *buf, size_t size_bytes);

/* kernel_read_variable - the first @size_bytes of the kernel's own variable @name
 * -ENOENT: there is none of that name; or what kernel_read() returns.
 */
int kernel_read_variable(struct kernel *kernel, const char *name, void *buf,
			 size_t size_bytes);

/* The same through tables as they were when they were first read, which is faster for
 * many reads. The caller must be able to tell that nothing changed meanwhile.
 */
int kernel_read_cached(struct kernel *kernel, uint64_t va, void *buf, size_t size_bytes);

/* kernel_read_image - the first @size_bytes of a variable that is fixed since boot
 * Reads by the image's linear mapping, so it works before walks are trusted. false: there
 * is no such variable, or it cannot be read.
 */
bool kernel_read_image(struct kernel *kernel, enum kernel_label label, void *ret,
		       size_t size_bytes);

/* kernel_read_string - up to its NUL, which must be among @size_bytes
 * @read: kernel_read() or kernel_read_cached(). Page by page: the string may end before
 * one that is not there. -EFAULT: it does not end; or what @read returns.
 */
int kernel_read_string(struct kernel *kernel, kernel_read_fn read, uint64_t va, char *buf,
		       size_t size_bytes);

/* The kernel's page tables, of @format, for walks; without a root. */
struct pagetable kernel_tables(struct kernel *kernel, const struct pt_format *format);

/* From here on walks start at @root. */
void kernel_walk_from(struct kernel *kernel, const struct root *root);

/* A walk by kept tables that reads no entry twice: for a self-test, which does not care
 * whether tables change meanwhile.
 */
void kernel_walk_cached(const struct kernel *kernel, uint64_t va, struct pt_walk *ret);

/* kernel_cpu_has - has the boot CPU, as the kernel has it, @feature?
 * @feature: a number of asm/cpufeatures.h, KERNEL_CPU_FEATURE(word, bit). -ENOENT: it is
 * not known where the kernel keeps them; or what kernel_read() returns.
 */
#define KERNEL_CPU_FEATURE(word, bit) ((word)*32 + (bit))
int kernel_cpu_has(struct kernel *kernel, unsigned feature, bool *ret);

/* Does the kernel call the page that holds @pa HWPOISON or OFFLINE? /proc/kcore gives
 * such a page as zeros, with success (fs/proc/kcore.c, since 5.14). false where it does
 * not say. A zero read from a table there is no entry: the walk's reason is
 * PT_UNREADABLE.
 */
bool kernel_is_poisoned(const struct kernel *kernel, uint64_t pa);

/* kernel_poisoned - the same of the KERNEL_POISON_BATCH pages from @pa on, in one read
 * false where it does not say.
 */
enum { KERNEL_POISON_BATCH = 512 };
void kernel_poisoned(const struct kernel *kernel, uint64_t pa,
		     bool ret[KERNEL_POISON_BATCH]);

/* Was the core captured by kwcheck, page after page while the kernel ran? */
bool kernel_is_captured(const struct kernel *kernel);

/* In what a capture says of its machine: it has been made of an image, and never ran. */
#define KERNEL_UNBOOTED "UNBOOTED"

/* kernel_about - what a capture says of its machine: the value of KEY= as text
 * @ret: room for @ret_bytes with the NUL. false: no capture, or it does not say.
 */
bool kernel_about(const struct kernel *kernel, const char *key, char *ret,
		  size_t ret_bytes);

/* kernel_missing_words - why the core has not got the RAM at @pa
 * What is said of it: "was left out of the dump (makedumpfile -d)".
 */
const char *kernel_missing_words(const struct kernel *kernel, uint64_t pa);

/* Did @walk end at a table in such a page? */
bool kernel_is_walk_poisoned(const struct kernel *kernel, const struct pt_walk *walk);

/* kernel_per_cpu - where CPU @cpu's copy of the per-CPU symbol at @symbol_va lies
 * Returns 0; -ENOENT: the kernel's per-CPU offsets are not known; -ERANGE: no such CPU.
 */
int kernel_per_cpu(struct kernel *kernel, uint64_t symbol_va, unsigned cpu,
		   uint64_t *ret);

/* Is it an address of the per-CPU section? Up to 6.12 that section starts at 0. In 7.x it
 * is the template in the image, which is freed after boot. In neither is it a CPU's copy.
 */
bool kernel_is_per_cpu(const struct kernel *kernel, uint64_t symbol_va);
/* The direct-map address of the frame at @pa. false: not RAM, or it is not known where
 * that map begins.
 */
bool kernel_direct_map(const struct kernel *kernel, uint64_t pa, uint64_t *ret);
/* The image's address of the byte at @pa. false: it is not the image's. */
bool kernel_image_va(const struct kernel *kernel, uint64_t pa, uint64_t *ret);

/* The name of the host that the kernel is of, its own (utsname's nodename). false: it is
 * not in the core.
 */
bool kernel_host(struct kernel *kernel, char *ret, size_t ret_bytes);

/* When the core's memory was what it is, as "2026-11-30T03:20:00Z": when a kdump's kernel
 * crashed, or a capture was made; now, where it is live. false: the core does not say.
 */
bool kernel_time(const struct kernel *kernel, char *ret, size_t ret_bytes);

/* Adds a line to notes. */
__attribute__((format(printf, 2, 3))) void kernel_note(struct kernel *kernel,
						       const char *format, ...);

#endif
