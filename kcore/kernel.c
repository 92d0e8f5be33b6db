/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an open kernel can be asked: reads, per-CPU addresses, notes. */
#include "kcore/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kcore/capture.h"
#include "kcore/x86.h"

/* Bits of a page's 8 bytes in /proc/kpageflags: include/uapi/linux/kernel-page-flags.h */
static const uint64_t KPF_HWPOISON = 1ULL << 19, KPF_OFFLINE = 1ULL << 23;

void kernel_note(struct kernel *kernel, const char *format, ...)
{
	va_list args;

	if (kernel->nr_notes == KERNEL_MAX_NOTES)
		return;
	va_start(args, format);
	vsnprintf(kernel->notes[kernel->nr_notes++], KERNEL_NOTE_BYTES, format, args);
	va_end(args);
}

void kernel_forget(struct kernel *kernel)
{
	pagecache_close(&kernel->cache);
	symbols_forget_others(&kernel->symbols);
}

/* /proc/kpageflags, 8 bytes a page. Returns of how many of @nr pages it says something.
 */
static size_t read_pageflags(const struct kernel *kernel, uint64_t pa, uint64_t flags[],
			     size_t nr)
{
	ssize_t bytes = kernel->pageflags_fd < 0
				? 0
				: pread(kernel->pageflags_fd, flags,
					nr * sizeof(flags[0]),
					(off_t)(pa / PAGE_BYTES * sizeof(flags[0])));

	return bytes < 0 ? 0 : (size_t)bytes / sizeof(flags[0]);
}

static bool is_broken(uint64_t flags)
{
	return flags & (KPF_HWPOISON | KPF_OFFLINE);
}

bool kernel_is_poisoned(const struct kernel *kernel, uint64_t pa)
{
	uint64_t flags;

	return read_pageflags(kernel, pa, &flags, 1) == 1 && is_broken(flags);
}

void kernel_poisoned(const struct kernel *kernel, uint64_t pa,
		     bool ret[KERNEL_POISON_BATCH])
{
	uint64_t flags[KERNEL_POISON_BATCH];
	size_t nr = read_pageflags(kernel, pa, flags, KERNEL_POISON_BATCH);

	for (size_t i = 0; i < KERNEL_POISON_BATCH; i++)
		ret[i] = i < nr && is_broken(flags[i]);
}

static const struct elfcore_note *about_note(const struct kernel *kernel)
{
	return elfcore_note(&kernel->core, CAPTURE_NOTE, CAPTURE_ABOUT);
}

bool kernel_is_captured(const struct kernel *kernel)
{
	return about_note(kernel) != NULL;
}

bool kernel_about(const struct kernel *kernel, const char *key, char *ret,
		  size_t ret_bytes)
{
	const struct elfcore_note *note = about_note(kernel);
	struct vmcoreinfo about;

	if (!note)
		return false;
	about = (struct vmcoreinfo){.text = note->data, .size_bytes = note->size_bytes};
	return vmcoreinfo_string(&about, key, ret, ret_bytes) == 0;
}

static bool is_cut_off(const struct elfcore *core, uint64_t pa)
{
	for (size_t i = 0; i < core->nr_segments; i++) {
		const struct elfcore_segment *ram = &core->segments[i];

		if (ram->is_cut && ram->pa != ELFCORE_NO_PA && pa >= ram->pa &&
		    pa - ram->pa < ram->memory_bytes)
			return true;
	}
	return core->packed && core->is_cut;
}

/* Which kind of capture has it. */
static const char *not_captured(const struct kernel *kernel, uint64_t pa)
{
	uint64_t va;

	if (!kernel_image_va(kernel, pa, &va))
		return "is not in this capture: capture --text has the code of modules, "
		       "capture --memory all";
	return va < kernel->labels[LABEL_ETEXT]
		       ? "is not in this capture: make it with capture --text"
		       : "is not in this capture: make it with capture";
}

const char *kernel_missing_words(const struct kernel *kernel, uint64_t pa)
{
	if (kernel->is_unbooted)
		return "is filled while the kernel boots, which it has not: only its "
		       "image was read";
	if (kernel_is_captured(kernel))
		return not_captured(kernel, pa);
	if (kernel->core.lacks_part)
		return "is not in the files that were given of this split dump (--core "
		       "once for each)";
	return is_cut_off(&kernel->core, pa)
		       ? "is not in the dump, which is truncated"
		       : "was left out of the dump (makedumpfile -d)";
}

bool kernel_is_walk_poisoned(const struct kernel *kernel, const struct pt_walk *walk)
{
	return walk->reason == PT_UNREADABLE && walk->nr_steps &&
	       kernel_is_poisoned(kernel, walk->steps[walk->nr_steps - 1].entry_pa);
}

static int read_raw_entry(struct kernel *kernel, uint64_t pa, bool fresh, uint64_t *ret)
{
	const unsigned char *page;
	int r;

	if (fresh)
		return elfcore_read_pa(&kernel->core, pa, ret, sizeof(*ret));
	r = pagecache_get(&kernel->cache, &kernel->core, pa & ~(uint64_t)(PAGE_BYTES - 1),
			  &page);
	if (r < 0)
		return r;
	memcpy(ret, page + pa % PAGE_BYTES, sizeof(*ret));
	return 0;
}

/* Puts the domain's frame into an entry of a Xen PV domain. @fresh: the frame must be the
 * domain's still; a balloon gives frames back. -EIO: it is not.
 */
static int translate(struct kernel *kernel, bool fresh, uint64_t *entry)
{
	const struct p2m *p2m = &kernel->p2m;
	uint64_t mask = kernel->pt.format.pa_mask, mfn = (*entry & mask) / PAGE_BYTES,
		 listed, own;

	own = p2m_entry(p2m, *entry, mask);
	if (fresh && p2m->list_va && *entry & PT_PRESENT && !(own & P2M_ELSEWHERE) &&
	    (elfcore_read_va(&kernel->core,
			     p2m->list_va + 8 * ((own & mask) / PAGE_BYTES), &listed,
			     sizeof(listed)) < 0 ||
	     !p2m_is_entry(listed, mfn)))
		return -EIO;
	*entry = own;
	return 0;
}

static int read_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct kernel *kernel = ctx;
	uint64_t entry;
	int r = read_raw_entry(kernel, pa, fresh, &entry);

	if (r == 0 && entry == 0 && kernel_is_poisoned(kernel, pa))
		r = -EIO;
	if (r == 0 && kernel->p2m.nr)
		r = translate(kernel, fresh, &entry);
	if (r == 0)
		*ret = entry;
	return r;
}

/* Reads an entry from the cache even where a second look is asked for. Tables in a file
 * do not change. The self-test asks whether things fit together, and a second look at
 * each entry would double its reads.
 */
static int read_cached_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	(void)fresh;
	return read_entry(ctx, pa, false, ret);
}

static bool is_all_zero(const uint64_t entries[PT_TABLE_ENTRIES])
{
	for (size_t i = 0; i < PT_TABLE_ENTRIES; i++)
		if (entries[i] != 0)
			return false;
	return true;
}

/* A table of a Xen PV domain; see translate(). */
static void translate_table(const struct kernel *kernel,
			    uint64_t entries[PT_TABLE_ENTRIES])
{
	for (size_t i = 0; i < PT_TABLE_ENTRIES; i++)
		entries[i] = p2m_entry(&kernel->p2m, entries[i],
				       kernel->pt.format.pa_mask);
}

static int read_tables(void *ctx, uint64_t pa, size_t nr,
		       uint64_t (*ret)[PT_TABLE_ENTRIES])
{
	struct kernel *kernel = ctx;
	int r = elfcore_read_pa(&kernel->core, pa, ret, nr * PAGE_BYTES);

	for (size_t i = 0; r == 0 && i < nr; i++)
		if (is_all_zero(ret[i]) &&
		    kernel_is_poisoned(kernel, pa + i * PAGE_BYTES))
			r = -EIO;
	for (size_t i = 0; r == 0 && kernel->p2m.nr && i < nr; i++)
		translate_table(kernel, ret[i]);
	return r;
}

struct pagetable kernel_tables(struct kernel *kernel, const struct pt_format *format)
{
	return (struct pagetable){
		.format = *format,
		.read = kernel->is_live ? read_entry : read_cached_entry,
		.read_tables = read_tables,
		.ctx = kernel,
	};
}

void kernel_walk_from(struct kernel *kernel, const struct root *root)
{
	kernel->root = *root;
	kernel->pt.root_pa = root->pa;
}

void kernel_walk_cached(const struct kernel *kernel, uint64_t va, struct pt_walk *ret)
{
	struct pagetable pt = kernel->pt;

	pt.read = read_cached_entry;
	pt_walk(&pt, va, ret);
}

static int read_walked(struct kernel *kernel, const struct pagetable *pt, uint64_t va,
		       void *buf, size_t size_bytes)
{
	while (size_bytes > 0) {
		struct pt_walk walk;
		size_t n = size_bytes;
		int r;

		pt_walk(pt, va, &walk);
		if (walk.reason != PT_OK && walk.reason != PT_PROTECTION_KEY)
			return -EFAULT;
		if (n > walk.span - va % walk.span)
			n = walk.span - va % walk.span;
		r = elfcore_read_pa(&kernel->core, walk.pa, buf, n);
		if (r < 0)
			return r;
		buf = (char *)buf + n;
		va += n;
		size_bytes -= n;
	}
	return 0;
}

int kernel_read(struct kernel *kernel, uint64_t va, void *buf, size_t size_bytes)
{
	return read_walked(kernel, &kernel->pt, va, buf, size_bytes);
}

int kernel_read_cached(struct kernel *kernel, uint64_t va, void *buf, size_t size_bytes)
{
	struct pagetable pt = kernel->pt;

	pt.read = read_cached_entry;
	return read_walked(kernel, &pt, va, buf, size_bytes);
}

int kernel_read_variable(struct kernel *kernel, const char *name, void *buf,
			 size_t size_bytes)
{
	uint64_t va;

	if (!symbols_address(&kernel->symbols, name, &va))
		return -ENOENT;
	return kernel_read(kernel, va, buf, size_bytes);
}

int kernel_cpu_has(struct kernel *kernel, unsigned feature, bool *ret)
{
	uint64_t va;
	uint32_t offset, word;
	int r;

	if (!symbols_address(&kernel->symbols, "boot_cpu_data", &va) ||
	    types_offset(&kernel->types, "cpuinfo_x86", "x86_capability", &offset) < 0)
		return -ENOENT;
	r = kernel_read(kernel, va + offset + feature / 32 * sizeof(word), &word,
			sizeof(word));
	if (r == 0)
		*ret = word >> feature % 32 & 1;
	return r;
}

int kernel_read_string(struct kernel *kernel, kernel_read_fn read, uint64_t va, char *buf,
		       size_t size_bytes)
{
	for (size_t done = 0, n; done < size_bytes; done += n) {
		int r;

		n = PAGE_BYTES - (va + done) % PAGE_BYTES;
		if (n > size_bytes - done)
			n = size_bytes - done;
		r = read(kernel, va + done, buf + done, n);
		if (r < 0)
			return r;
		if (memchr(buf + done, '\0', n))
			return 0;
	}
	return -EFAULT;
}

bool kernel_image_va(const struct kernel *kernel, uint64_t pa, uint64_t *ret)
{
	uint64_t va = pa - kernel->image_to_pa;
	struct pt_walk walk;

	*ret = va;
	if (va < kernel->labels[LABEL_TEXT])
		return false;
	if (kernel->labels[LABEL_END])
		return va < kernel->labels[LABEL_END];
	/* Where no symbol tells its end the image is what is mapped as one. */
	if (va < X86_IMAGE_BASE || va >= X86_MODULES_START)
		return false;
	kernel_walk_cached(kernel, va, &walk);
	return walk.reason == PT_OK && walk.pa == pa;
}

bool kernel_direct_map(const struct kernel *kernel, uint64_t pa, uint64_t *ret)
{
	if (!kernel->is_live && kernel->direct_map && elfcore_is_ram(&kernel->core, pa)) {
		*ret = kernel->direct_map + pa;
		return true;
	}
	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *ram = &kernel->core.segments[i];

		/* A dump by physical address (QEMU's) has no virtual ones. */
		if (ram->pa == ELFCORE_NO_PA || pa < ram->pa ||
		    pa - ram->pa >= ram->size_bytes || ram->va >= X86_IMAGE_BASE ||
		    ram->va == ram->pa)
			continue;
		*ret = pa - ram->pa + ram->va;
		return true;
	}
	return false;
}

/* struct new_utsname: sysname, nodename, ... of 65 bytes each. */
enum { UTS_BYTES = 65 };

bool kernel_host(struct kernel *kernel, char *ret, size_t ret_bytes)
{
	char name[UTS_BYTES];
	uint64_t va;
	size_t offset;

	if (!kernel_about(kernel, "HOST", name, sizeof(name)) &&
	    (vmcoreinfo_symbol(&kernel->info, "init_uts_ns", &va) < 0 ||
	     vmcoreinfo_length(&kernel->info, "OFFSET(uts_namespace.name)", &offset) <
		     0 ||
	     kernel_read_cached(kernel, va + offset + UTS_BYTES, name, sizeof(name)) < 0))
		return false;
	if (!*name || strcmp(name, "(none)") == 0 || !memchr(name, '\0', sizeof(name)) ||
	    strlen(name) >= ret_bytes)
		return false;
	strcpy(ret, name);
	return true;
}

bool kernel_time(const struct kernel *kernel, char *ret, size_t ret_bytes)
{
	size_t seconds;
	time_t then;
	struct tm tm;

	if (kernel_is_captured(kernel))
		return kernel_about(kernel, "DATE", ret, ret_bytes) && *ret;
	if (kernel->is_live)
		then = time(NULL);
	else if (vmcoreinfo_length(&kernel->info, "CRASHTIME", &seconds) == 0)
		then = (time_t)seconds;
	else
		return false;
	return gmtime_r(&then, &tm) &&
	       strftime(ret, ret_bytes, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}

bool kernel_read_image(struct kernel *kernel, enum kernel_label label, void *ret,
		       size_t size_bytes)
{
	uint64_t pa = kernel->labels[label] + kernel->image_to_pa;
	const unsigned char *page;

	if (!kernel->labels[label] || pa % PAGE_BYTES > PAGE_BYTES - size_bytes ||
	    pagecache_get(&kernel->cache, &kernel->core, pa & ~(uint64_t)(PAGE_BYTES - 1),
			  &page) < 0)
		return false;
	memcpy(ret, page + pa % PAGE_BYTES, size_bytes);
	return true;
}

bool kernel_is_per_cpu(const struct kernel *kernel, uint64_t symbol_va)
{
	return symbol_va >= kernel->labels[LABEL_PER_CPU_START] &&
	       symbol_va < kernel->labels[LABEL_PER_CPU_END];
}

int kernel_per_cpu(struct kernel *kernel, uint64_t symbol_va, unsigned cpu, uint64_t *ret)
{
	uint64_t offset;
	uint32_t nr_cpus;

	/* CONFIG_SMP=n: the variable itself is the only CPU's. */
	if (!kernel->labels[LABEL_NR_CPU_IDS] && !kernel->labels[LABEL_PER_CPU_OFFSET] &&
	    kernel->labels[LABEL_INIT_TASK]) {
		if (cpu != 0)
			return -ERANGE;
		*ret = symbol_va;
		return 0;
	}
	if (!kernel_read_image(kernel, LABEL_NR_CPU_IDS, &nr_cpus, sizeof(nr_cpus)) ||
	    !kernel->labels[LABEL_PER_CPU_OFFSET])
		return -ENOENT;
	if (cpu >= nr_cpus)
		return -ERANGE;
	if (kernel_read(kernel,
			kernel->labels[LABEL_PER_CPU_OFFSET] + cpu * sizeof(offset),
			&offset, sizeof(offset)) < 0)
		return -ENOENT;
	*ret = symbol_va + offset;
	return 0;
}

void kernel_use_worker(struct kernel *kernel, const struct source *source,
		       unsigned worker)
{
	if (worker < source->nr_worker_fds)
		kernel->core.fd = source->worker_fds[worker];
}
