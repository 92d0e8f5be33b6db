/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties a kernel's memory, names, types and page tables together and tests them against
 * each other.
 */
#include "kcore/open.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/avml.h"
#include "kcore/capture.h"
#include "kcore/cleanup.h"
#include "kcore/expand.h"
#include "kcore/form.h"
#include "kcore/kdump.h"
#include "kcore/kernelfile.h"
#include "kcore/ksymtab.h"
#include "kcore/lime.h"
#include "kcore/lostdata.h"
#include "kcore/naming.h"
#include "kcore/prefault.h"
#include "kcore/rawlayout.h"
#include "kcore/root.h"
#include "kcore/typefile.h"
#include "kcore/vmware.h"
#include "kcore/x86.h"
#include "kcore/xencore.h"

enum { NT_VMCOREINFO = 0 };

/* An entry's address has at most these bits. */
static const uint64_t ALL_ADDRESS_BITS = (1ULL << 52) - 1;

enum { MAX_BTF_BYTES = 256 * 1024 * 1024 };

static const uint64_t CR4_PKS = 1ULL << 24;
enum { XEN_PV_DOMAIN = 1 };

static const char *const label_names[KERNEL_NR_LABELS] = {
	[LABEL_TEXT] = "_text",
	[LABEL_ETEXT] = "_etext",
	[LABEL_START_RODATA] = "__start_rodata",
	[LABEL_START_RO_AFTER_INIT] = "__start_ro_after_init",
	[LABEL_END_RO_AFTER_INIT] = "__end_ro_after_init",
	[LABEL_END_RODATA] = "__end_rodata",
	[LABEL_SDATA] = "_sdata",
	[LABEL_EDATA] = "_edata",
	[LABEL_INIT_BEGIN] = "__init_begin",
	[LABEL_INIT_END] = "__init_end",
	[LABEL_BSS_START] = "__bss_start",
	[LABEL_BSS_STOP] = "__bss_stop",
	[LABEL_BSS_DECRYPTED_UNUSED] = "__start_bss_decrypted_unused",
	[LABEL_BSS_DECRYPTED_END] = "__end_bss_decrypted",
	[LABEL_END] = "_end",
	[LABEL_PER_CPU_END] = "__per_cpu_end",
	[LABEL_PHYSICAL_MASK] = "physical_mask",
	[LABEL_SUPPORTED_PTE_MASK] = "__supported_pte_mask",
	[LABEL_MMU_CR4_FEATURES] = "mmu_cr4_features",
	[LABEL_LINUX_BANNER] = "linux_banner",
	[LABEL_XEN_DOMAIN_TYPE] = "xen_domain_type",
	[LABEL_XEN_P2M_ADDR] = "xen_p2m_addr",
	[LABEL_XEN_P2M_SIZE] = "xen_p2m_size",
	[LABEL_MODULES] = "modules",
	[LABEL_INIT_TASK] = "init_task",
	[LABEL_PER_CPU_START] = "__per_cpu_start",
	[LABEL_PER_CPU_OFFSET] = "__per_cpu_offset",
	[LABEL_NR_CPU_IDS] = "nr_cpu_ids",
	[LABEL_START_BTF] = "__start_BTF",
	[LABEL_STOP_BTF] = "__stop_BTF",
	[LABEL_BPF_KALLSYMS] = "bpf_kallsyms",
	[LABEL_FTRACE_TRAMPOLINES] = "ftrace_ops_trampoline_list",
	[LABEL_FTRACE_MOD_MAPS] = "ftrace_mod_maps",
	[LABEL_KPROBE_SLOTS] = "kprobe_insn_slots",
	[LABEL_KPROBE_OPT_SLOTS] = "kprobe_optinsn_slots",
	[LABEL_PAGE_OFFSET_BASE] = "page_offset_base",
	[LABEL_VMALLOC_BASE] = "vmalloc_base",
	[LABEL_VMEMMAP_BASE] = "vmemmap_base",
};

/* Finds where the image lies in physical memory. VMCOREINFO's phys_base and the image's
 * segment must agree.
 */
static int find_image(struct kernel *kernel, const char *path, struct error *err)
{
	const struct elfcore_segment *image;
	int64_t phys_base;
	uint64_t stext, swapper;

	if (vmcoreinfo_symbol(&kernel->info, "swapper_pg_dir", &swapper) < 0 ||
	    vmcoreinfo_symbol(&kernel->info, "_stext", &stext) < 0 ||
	    vmcoreinfo_number(&kernel->info, "phys_base", &phys_base) < 0)
		return error_set(
			err, ERROR_NO_VMCOREINFO, -ENODATA,
			"%s: VMCOREINFO lacks swapper_pg_dir, _stext or phys_base; "
			"kernels before 4.11 are not supported",
			path);
	kernel->image_to_pa = (uint64_t)phys_base - X86_IMAGE_BASE;
	image = elfcore_segment_of(&kernel->core, stext);
	if (image && image->va >= X86_IMAGE_BASE && image->pa != ELFCORE_NO_PA &&
	    image->pa != image->va + kernel->image_to_pa)
		return error_set(err, ERROR_SELF_TEST, -EINVAL,
				 "%s: the image's segment says physical 0x%" PRIx64
				 ", VMCOREINFO's phys_base says 0x%" PRIx64
				 "; the core is damaged or the kernel lies",
				 path, image->pa, image->va + kernel->image_to_pa);
	kernel->swapper_pa = swapper + kernel->image_to_pa;
	return 0;
}

static bool is_xen_pv(struct kernel *kernel)
{
	uint32_t domain_type;

	return kernel_read_image(kernel, LABEL_XEN_DOMAIN_TYPE, &domain_type,
				 sizeof(domain_type)) &&
	       domain_type == XEN_PV_DOMAIN;
}

/* The kernel's own list, which lies in vmalloc space (arch/x86/xen/p2m.c, since 4.0). */
static int read_frame_list(struct kernel *kernel)
{
	/* One of a machine with 4 TiB. */
	static const uint64_t MAX_PFNS = 1ULL << 30;
	struct p2m *p2m = &kernel->p2m;
	uint64_t entries[PAGE_BYTES / sizeof(uint64_t)], nr;
	int r = 0;

	if (!kernel_read_image(kernel, LABEL_XEN_P2M_ADDR, &p2m->list_va,
			       sizeof(p2m->list_va)) ||
	    !kernel_read_image(kernel, LABEL_XEN_P2M_SIZE, &p2m->nr_pfns,
			       sizeof(p2m->nr_pfns)) ||
	    p2m->nr_pfns == 0 || p2m->nr_pfns > MAX_PFNS)
		return -ENOENT;
	for (uint64_t pfn = 0; r == 0 && pfn < p2m->nr_pfns; pfn += nr) {
		nr = p2m->nr_pfns - pfn;
		if (nr > sizeof(entries) / sizeof(*entries))
			nr = sizeof(entries) / sizeof(*entries);
		r = elfcore_read_va(&kernel->core, p2m->list_va + 8 * pfn, entries,
				    8 * nr);
		if (r == 0)
			r = p2m_add(p2m, pfn, entries, nr);
	}
	p2m_sort(p2m);
	return r < 0 || p2m->nr ? r : -ENODATA;
}

/* Entries of a Xen PV domain's tables hold machine frames. Where they are not known to be
 * the domain's it is refused.
 */
static int read_p2m(struct kernel *kernel, const char *path, struct error *err)
{
	const struct elfcore_note *note = elfcore_note(&kernel->core, CAPTURE_NOTE,
						       CAPTURE_P2M);
	int r;

	if (kernel->p2m.nr || !is_xen_pv(kernel))
		return 0;
	r = note ? p2m_parse(&kernel->p2m, note->data, note->size_bytes)
		 : read_frame_list(kernel);
	if (r == 0 || r == -ENOMEM)
		return r;
	return error_set(
		err, ERROR_XEN_PV, -ENOTSUP,
		"%s: a Xen PV domain, whose page tables hold machine frames; the kernel's "
		"list of them (xen_p2m_addr) %s",
		path,
		kernel->is_live
			? "cannot be read"
			: "is not in this core: ask in the running domain, or make the "
			  "core with 'kwcheck capture' there");
}

static unsigned levels_of(const struct vmcoreinfo *info)
{
	int64_t five_levels = 0;

	vmcoreinfo_number(info, "pgtable_l5_enabled", &five_levels);
	return five_levels ? 5 : 4;
}

static void read_format(struct kernel *kernel, unsigned phys_bits, struct pt_format *ret)
{
	int64_t sme_mask = 0;
	uint64_t value;

	vmcoreinfo_number(&kernel->info, "sme_mask", &sme_mask);
	*ret = (struct pt_format){
		.levels = levels_of(&kernel->info),
		.phys_bits = phys_bits,
		.enc_mask = (uint64_t)sme_mask,
		.pa_mask = ALL_ADDRESS_BITS & ~(uint64_t)sme_mask,
	};
	/* One mask for SME, SEV, TDX (the shared bit) and Hyper-V vTOM alike. */
	if (kernel_read_image(kernel, LABEL_PHYSICAL_MASK, &value, sizeof(value)))
		ret->pa_mask = value;
	else if (!kernel->is_unbooted &&
		 (kernel->labels[LABEL_PHYSICAL_MASK] || !kernel->labels[LABEL_SDATA]))
		/* A kernel that lists its data and has none encrypts no memory. */
		kernel_note(
			kernel,
			"physical_mask not found: the mask of addresses is VMCOREINFO's "
			"sme_mask; wrong under TDX or vTOM");
	if (kernel_read_image(kernel, LABEL_SUPPORTED_PTE_MASK, &value, sizeof(value)))
		ret->no_nx = !(value & PT_NX);
	if (kernel_read_image(kernel, LABEL_MMU_CR4_FEATURES, &value, sizeof(value)))
		ret->pks = value & CR4_PKS;
	if (kernel->p2m.nr) {
		/* Frames of the domain, and P2M_ELSEWHERE. */
		ret->is_ring3 = true;
		ret->phys_bits = 52;
		ret->pa_mask = ALL_ADDRESS_BITS;
	}
}

static int test_stext(struct kernel *kernel, const char *path, struct error *err)
{
	struct pt_walk walk;
	uint64_t stext;

	vmcoreinfo_symbol(&kernel->info, "_stext", &stext);
	kernel_walk_cached(kernel, stext, &walk);
	if (walk.reason == PT_OK && walk.pa == stext + kernel->image_to_pa &&
	    !walk.user && (!walk.nx || kernel->pt.format.no_nx))
		return 0;
	return error_set(err, ERROR_SELF_TEST, -EINVAL,
			 "%s: self-test failed: the walk of _stext (0x%" PRIx64
			 ") gave %s, physical 0x%" PRIx64 " instead of 0x%" PRIx64
			 "; the core's tables are not those of this kernel",
			 path, stext, pt_reason_name(walk.reason), walk.pa,
			 stext + kernel->image_to_pa);
}

/* Is @info this kernel's own? Then the tables that it leads to map _stext where it says.
 */
static bool is_own_info(struct kernel *kernel, const struct vmcoreinfo *info,
			const char *path)
{
	const struct pt_format format = {
		.levels = levels_of(info),
		.phys_bits = 52,
		.pa_mask = ALL_ADDRESS_BITS,
	};
	struct error ignored = {0};
	bool is_own;

	kernel->info = *info;
	kernel->pt = kernel_tables(kernel, &format);
	if (find_image(kernel, path, &ignored) < 0)
		return false;
	kernel->pt.root_pa = kernel->swapper_pa;
	is_own = test_stext(kernel, path, &ignored) == 0;
	pagecache_close(&kernel->cache);
	return is_own;
}

/* Looks through @bytes of memory for pages that start as VMCOREINFO's text does
 * (kernel/vmcore_info.c) and keeps a copy of the one that is this kernel's.
 */
static bool find_info_in(struct kernel *kernel, const char *bytes, size_t nr_pages,
			 const char *path)
{
	static const char start[] = "OSRELEASE=";

	for (size_t i = 0; i < nr_pages; i++) {
		const char *page = bytes + i * PAGE_BYTES;
		struct vmcoreinfo info = {.text = page, .size_bytes = PAGE_BYTES};

		if (memcmp(page, start, sizeof(start) - 1) != 0)
			continue;
		info.size_bytes = strnlen(page, PAGE_BYTES);
		kernel->has_stray_info = true;
		if (!is_own_info(kernel, &info, path))
			continue;
		kernel->found_info = strndup(page, info.size_bytes);
		return kernel->found_info != NULL;
	}
	return false;
}

/* A dump made from outside (QEMU's dump-guest-memory) has no VMCOREINFO note, but the
 * text lies in the memory that it holds, at the start of a page.
 */
static bool find_info(struct kernel *kernel, const char *path)
{
	enum { CHUNK_BYTES = 4 * 1024 * 1024 };
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	bool is_found = false;
	size_t nr_read;

	for (size_t i = 0; chunk && !is_found && i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment ram = kernel->core.segments[i];

		if (ram.pa == ELFCORE_NO_PA || ram.pa % PAGE_BYTES != 0)
			continue;
		for (uint64_t at = 0, n; !is_found && at < ram.size_bytes; at += n) {
			n = elfcore_next(&kernel->core, ram.pa + at, chunk,
					 ram.size_bytes - at < CHUNK_BYTES
						 ? ram.size_bytes - at
						 : CHUNK_BYTES,
					 &nr_read);
			is_found = find_info_in(kernel, chunk, nr_read / PAGE_BYTES,
						path);
		}
	}
	kernel->core.nr_missing = 0;
	return is_found;
}

/* What starts as no dump does, and is not raw memory either. */
static int refuse_raw(struct kernel *kernel, const char *path, struct error *err)
{
	unsigned char head[8] = {0};

	if (kernel->has_stray_info)
		return error_set(
			err, ERROR_MALFORMED_CORE, -ENOEXEC,
			"%s: raw memory of a kernel whose ranges do not lie where they "
			"belong, as LiME's format=raw or VMware's .vmem over 3 GiB has "
			"it: the layout is lost; put the .vmss or .vmsn of the same "
			"name beside the .vmem, or make it with format=lime (LiME), "
			"'avml', or 'kwcheck capture FILE'",
			path);
	elfcore_read_pa(&kernel->core, 0, head, sizeof(head));
	return error_set(
		err, ERROR_MALFORMED_CORE, -ENOEXEC,
		"%s: no dump that kwcheck knows: it starts with %02x %02x %02x %02x %02x "
		"%02x %02x %02x, and holds no kernel as raw memory would; give a vmcore, "
		"a capture, or a dump of makedumpfile, QEMU, LiME or AVML",
		path, head[0], head[1], head[2], head[3], head[4], head[5], head[6],
		head[7]);
}

static int read_vmcoreinfo(struct kernel *kernel, const char *path, struct error *err)
{
	const struct elfcore_note *info = elfcore_note(&kernel->core, "VMCOREINFO",
						       NT_VMCOREINFO);

	if (info)
		kernel->info = (struct vmcoreinfo){
			.text = info->data,
			.size_bytes = info->size_bytes,
		};
	else if (!kernel->is_live && find_info(kernel, path))
		kernel->info = (struct vmcoreinfo){
			.text = kernel->found_info,
			.size_bytes = strlen(kernel->found_info),
		};
	else if (kernel->is_raw)
		return refuse_raw(kernel, path, err);
	else if (kernel->core.is_cut)
		return error_set(
			err, ERROR_TRUNCATED_CORE, -ENODATA,
			"%s: truncated: what is there of it has no VMCOREINFO, which "
			"says where the page tables are; copy the file again",
			path);
	else
		return error_set(
			err, ERROR_NO_VMCOREINFO, -ENODATA,
			"%s: no VMCOREINFO: it says where the page tables are; kernels "
			"have it in /proc/kcore since 4.19",
			path);
	vmcoreinfo_string(&kernel->info, "OSRELEASE", kernel->release,
			  sizeof(kernel->release));
	vmcoreinfo_string(&kernel->info, "BUILD-ID", kernel->build_id,
			  sizeof(kernel->build_id));
	return 0;
}

/* Where the direct map begins with RANDOMIZE_MEMORY off: arch/x86/include/asm/
 * page_64_types.h, since 5.0 (4 levels) and 4.20 (5 levels).
 */
static const uint64_t DIRECT_MAP_4 = 0xffff888000000000,
		      DIRECT_MAP_5 = 0xff11000000000000;

/* Does the direct map begin there? Then it maps the root. */
static bool is_direct_map(const struct kernel *kernel, uint64_t va)
{
	struct pt_walk walk;

	if (!pt_is_canonical(va, kernel->pt.format.levels) || !(va >> 63))
		return false;
	kernel_walk_cached(kernel, va + kernel->pt.root_pa, &walk);
	return walk.reason == PT_OK && walk.pa == kernel->pt.root_pa;
}

/* Where the areas begin that move with KASLR: the kernel's own variables. The direct
 * map's is proved by the tables.
 */
static void find_areas(struct kernel *kernel)
{
	uint64_t va = kernel->pt.format.levels == 5 ? DIRECT_MAP_5 : DIRECT_MAP_4;

	kernel_read_image(kernel, LABEL_PAGE_OFFSET_BASE, &va, sizeof(va));
	kernel->direct_map = is_direct_map(kernel, va) ? va : 0;
	if (kernel->is_live || !kernel->direct_map ||
	    !kernel_read_image(kernel, LABEL_VMALLOC_BASE, &kernel->vmalloc,
			       sizeof(kernel->vmalloc)) ||
	    !kernel_read_image(kernel, LABEL_VMEMMAP_BASE, &kernel->vmemmap,
			       sizeof(kernel->vmemmap)) ||
	    kernel->vmalloc <= kernel->direct_map || kernel->vmemmap <= kernel->vmalloc)
		kernel->vmalloc = kernel->vmemmap = 0;
}

/* The direct map must map the root where the core's RAM segments say it does. */
static int test_direct_map(struct kernel *kernel, const char *path, struct error *err)
{
	uint64_t root = kernel->pt.root_pa, va;
	struct pt_walk walk;

	if (!kernel_direct_map(kernel, root, &va))
		return 0;
	kernel_walk_cached(kernel, va, &walk);
	if (walk.reason == PT_OK && walk.pa == root)
		return 0;
	return error_set(err, ERROR_SELF_TEST, -EINVAL,
			 "%s: self-test failed: the walk of the root table's direct-map "
			 "address 0x%" PRIx64 " gave %s, physical 0x%" PRIx64
			 " instead of 0x%" PRIx64,
			 path, va, pt_reason_name(walk.reason), walk.pa, root);
}

/* Takes BTF from .rodata by one read; /sys/kernel/btf/vmlinux gives a page at a time. */
static int take_types(struct kernel *kernel)
{
	uint64_t start = kernel->labels[LABEL_START_BTF],
		 end = kernel->labels[LABEL_STOP_BTF];
	_cleanup_free_ char *data = NULL;
	int r;

	if (!start || end <= start || end - start > MAX_BTF_BYTES)
		return -ENOENT;
	data = malloc(end - start);
	if (!data)
		return -ENOMEM;
	prefault(data, end - start);
	r = elfcore_read_pa(&kernel->core, start + kernel->image_to_pa, data,
			    end - start);
	if (r == 0)
		r = types_take(&kernel->types, data, end - start);
	if (r == 0)
		data = NULL; /* it is the types' now */
	return r;
}

/* Takes the types where there are any. A kernel without BTF gets no note here: what needs
 * BTF says so itself.
 */
static void read_own_types(struct kernel *kernel, const struct source *source)
{
	int r;

	if (source->no_btf)
		return;
	r = take_types(kernel);
	if (r < 0 && source->btf_fd >= 0)
		r = types_read(&kernel->types, source->btf_fd);
	if (r == -ENOTSUP)
		kernel_note(kernel,
			    "this kernel's BTF is of a form that this kwcheck does not "
			    "know, and is not used; a newer kwcheck may know it");
	else if (r == -EINVAL)
		kernel_note(kernel,
			    "this kernel's BTF is damaged, and is not used: another is "
			    "in its place, or it was not captured whole");
}

/* A file that the user gave has to fit, and is taken instead of what the kernel has. */
static int read_types(struct kernel *kernel, const struct source *source,
		      struct error *err)
{
	struct types types = {0};
	int r;

	if (!source->btf_path) {
		read_own_types(kernel, source);
		return 0;
	}
	r = kernelfile_check_build(source->btf_fd, &kernel->info, source->btf_path, err);
	if (r == 0)
		r = typefile_read(&types, source->btf_fd, source->btf_path, err);
	if ((r == -ENOENT || r == -ENOSYS) && kernel->has_symbols &&
	    strcmp(kernel->symbols_from, "vmlinux") == 0) {
		*err = (struct error){0};
		kernel_note(kernel,
			    "--vmlinux gives symbols and no types%s: what needs types is "
			    "unknown",
			    r == -ENOENT ? "" : " to a kwcheck built without libdw");
		return 0;
	}
	if (r == 0)
		r = typefile_prove(kernel, &types, source->btf_path, err);
	if (r < 0)
		types_close(&types);
	else
		kernel->types = types;
	return r;
}

/* How many bits the CPU's physical addresses have. A capture says it of the machine that
 * it is from; else the source knows.
 */
static unsigned phys_bits_of(const struct kernel *kernel, const struct source *source)
{
	char value[32];

	if (kernel_about(kernel, "PHYS_BITS", value, sizeof(value)) &&
	    atoi(value) >= 32 && atoi(value) <= 52)
		return (unsigned)atoi(value);
	return source->phys_bits;
}

static int refuse_cut(const char *path, struct error *err)
{
	return error_set(err, ERROR_TRUNCATED_CORE, -ENODATA,
			 "%s: truncated: it ends early; copy the file again", path);
}

/* Memory in the ranges that a VMware state file tells of, which is beside it or has it.
 */
static int open_vmware(struct kernel *kernel, int memory_fd,
		       const struct vmware_state *state, const char *path,
		       struct error *err)
{
	int r = vmware_open(&kernel->core, state, memory_fd, path, err);

	kernel->is_raw = r == 0;
	return r;
}

/* Memory as it lies, from address 0 on, without a word about it but what a state file
 * says. Whether it is that, the tables in it must prove.
 */
static int open_raw(struct kernel *kernel, int fd, const struct source *source,
		    struct error *err)
{
	const struct vmware_state state = {source->state_fd, source->state_path};
	struct elfcore core = {.fd = fd};
	struct elfcore_segment ram = {.pa = 0};
	struct stat st;
	int r;

	if (state.path)
		return open_vmware(kernel, fd, &state, source->core_path, err);
	if (fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", source->core_path);
	ram.size_bytes = ram.memory_bytes = (uint64_t)st.st_size;
	r = elfcore_add_segment(&core, &ram);
	r = elfcore_hand_over(&kernel->core, &core, r, source->core_path, err);
	kernel->is_raw = r == 0;
	return r;
}

static int open_form(struct kernel *kernel, int fd, const struct source *source,
		     struct error *err)
{
	const struct form *form = form_of_file(fd);
	const char *path = source->core_path;
	int r;

	if (source->nr_parts && form->kind != FORM_KDUMP)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "%s: --core is given more than once, but this is no "
				 "split dump of kdump's compressed form",
				 path);
	switch (form->kind) {
	case FORM_KDUMP: {
		int fds[1 + SOURCE_MAX_PARTS] = {fd};

		memcpy(fds + 1, source->part_fds, source->nr_parts * sizeof(*fds));
		return kdump_open(&kernel->core, fds, 1 + source->nr_parts, path, err);
	}
	case FORM_LIME:
		return lime_open(&kernel->core, fd, path, err);
	case FORM_AVML:
		return avml_open(&kernel->core, fd, path, err);
	case FORM_VMWARE:
		return open_vmware(kernel, fd, &(struct vmware_state){fd, path}, path,
				   err);
	case FORM_NONE:
		if (lseek(fd, 0, SEEK_END) > 0)
			return open_raw(kernel, fd, source, err);
		break;
	case FORM_REFUSED:
		return error_set(err, ERROR_MALFORMED_CORE, -ENOEXEC,
				 "%s: %s: kwcheck does not read it; %s", path, form->name,
				 form->advice);
	case FORM_GZIP:
	case FORM_XZ:
	case FORM_ZSTD:
	case FORM_FLAT:
		return error_set(err, ERROR_MALFORMED_CORE, -ENOEXEC,
				 "%s: %s inside of what was compressed; unpack it first",
				 path, form->name);
	case FORM_ELF:
		r = xencore_open(&kernel->core, fd, path, err);
		if (r != -ENOENT)
			return r;
		break;
	}
	return elfcore_open(&kernel->core, fd, path, false, err);
}

/* The core as it is, or expanded. A capture can be made again, so it has to be whole; of
 * a dump what is there is taken.
 */
static int open_core(struct kernel *kernel, const struct source *source,
		     struct error *err)
{
	int fd = source->core_fd, r;
	enum form_kind kind;
	bool is_cut = false;

	if (source->is_live)
		return elfcore_open(&kernel->core, fd, source->core_path, true, err);
	kind = form_of_file(fd)->kind;
	if (form_is_packed(kind)) {
		fd = source->scratch_fd;
		r = source->is_expanded ? 0
					: expand_file(source->core_fd, fd, kind,
						      source->core_path, &is_cut, err);
		if (r < 0)
			return r;
		if (is_cut && form_of_file(fd)->kind == FORM_NONE)
			return refuse_cut(source->core_path, err);
	}
	r = open_form(kernel, fd, source, err);
	if (r == 0)
		r = capture_check_form(&kernel->core, source->core_path, err);
	if (r < 0)
		return r;
	kernel->core.is_cut |= is_cut;
	if (kernel->core.is_cut && kernel_is_captured(kernel))
		return refuse_cut(source->core_path, err);
	if (kernel->core.is_cut)
		kernel_note(kernel, "the end of the dump is missing: what it would have "
				    "there is unknown");
	if (kernel->core.lacks_part)
		kernel_note(kernel, "a split dump, of which some files were not given: "
				    "give --core once for each");
	return 0;
}

static bool is_by_clang(struct kernel *kernel)
{
	char banner[256] = "";

	return kernel_read_image(kernel, LABEL_LINUX_BANNER, banner,
				 sizeof(banner) - 1) &&
	       strstr(banner, "clang");
}

static int take_names(struct kernel *kernel, const struct source *source,
		      struct error *err)
{
	struct naming naming;
	int r = naming_read(kernel, source, &naming, err);

	kernel->symbols = naming.symbols;
	kernel->has_symbols = naming.has_symbols;
	kernel->symbols_from = naming.from;
	kernel->symbols_error = naming.error;
	if (r < 0)
		return r;
	r = symbols_addresses(&kernel->symbols, KERNEL_NR_LABELS, label_names,
			      kernel->labels);
	if (r < 0 || !is_by_clang(kernel))
		return r;
	kernel->symbols.has_promoted = true;
	if (kernel->symbols.table)
		kallsyms_forget_order(kernel->symbols.table);
	return symbols_addresses(&kernel->symbols, KERNEL_NR_LABELS, label_names,
				 kernel->labels);
}

/* The tables that walks go through, and their root; both tested. */
static int take_tables(struct kernel *kernel, const struct source *source,
		       struct error *err)
{
	const char *path = source->core_path;
	struct pt_format format;
	struct root root;
	int r;

	read_format(kernel, phys_bits_of(kernel, source), &format);
	kernel->pt = kernel_tables(kernel, &format);
	r = root_choose(kernel, path, &root, err);
	if (r < 0)
		return r;
	kernel_walk_from(kernel, &root);
	find_areas(kernel);
	/* Of an image whose code may be writable it is not mapped. */
	r = kernel->is_unbooted ? 0 : test_stext(kernel, path, err);
	return r < 0 ? r : test_direct_map(kernel, path, err);
}

/* Captures of before 30 November 2026 do not say it. */
static void note_unsteady(struct kernel *kernel)
{
	const struct elfcore_note *note = elfcore_note(&kernel->core, CAPTURE_NOTE,
						       CAPTURE_STEADY);
	char words[KERNEL_NOTE_BYTES];
	struct steady steady;

	if (!note || steady_parse(&steady, note->data, note->size_bytes) < 0 ||
	    steady_is_one_moment(&steady) || kernel->nr_notes == KERNEL_MAX_NOTES)
		return;
	steady_words(&steady, words, sizeof(words));
	kernel_note(kernel, "the kernel worked while it was captured: %s", words);
	kernel->unsteady_note = kernel->nr_notes;
}

static void note_unbooted(struct kernel *kernel)
{
	char value[8];

	kernel->is_unbooted = kernel_about(kernel, KERNEL_UNBOOTED, value, sizeof(value));
	if (kernel->is_unbooted)
		kernel_note(
			kernel,
			"the kernel was not booted: all rests on its image, and nothing "
			"was run; addresses are those without KASLR");
}

/* A note that is damaged says nothing: what it would have said is missed where it is
 * wanted.
 */
static int read_firmware(struct kernel *kernel)
{
	const struct elfcore_note *note = elfcore_note(&kernel->core, CAPTURE_NOTE,
						       CAPTURE_FIRMWARE);
	int r = note ? firmware_parse(&kernel->firmware, note->data, note->size_bytes)
		     : 0;

	return r == -ENOMEM ? r : 0;
}

static int add_exported(void *ctx, const char *name, uint64_t address)
{
	struct kernel *kernel = ctx;

	return symbols_find(&kernel->symbols, name, "vmlinux", NULL)
		       ? 0
		       : symbols_add_exported(&kernel->symbols, name, address);
}

/* Where kallsyms lists functions only what is exported is found by the tables of that,
 * and what rests on a variable is done again.
 */
static int add_exports(struct kernel *kernel, const struct source *source,
		       size_t nr_notes, struct error *err)
{
	struct ksymtab tables;
	int r;

	if (!kernel->has_symbols || kernel->labels[LABEL_INIT_TASK] ||
	    kernel->labels[LABEL_SDATA] || ksymtab_find(kernel, &tables) < 0 ||
	    ksymtab_each(kernel, &tables, add_exported, kernel) < 0)
		return 0;
	r = symbols_addresses(&kernel->symbols, KERNEL_NR_LABELS, label_names,
			      kernel->labels);
	if (r < 0)
		return r;
	r = read_p2m(kernel, source->core_path, err);
	if (r < 0 || !kernel->labels[LABEL_PHYSICAL_MASK])
		return r;
	kernel->nr_notes = nr_notes;
	return take_tables(kernel, source, err);
}

int kernel_open(struct kernel *ret, const struct source *source, struct error *err)
{
	const char *path = source->core_path;
	size_t nr_notes;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->is_live = source->is_live;
	ret->path = source->core_path;
	ret->pageflags_fd = source->pageflags_fd;
	if (ret->is_live && ret->pageflags_fd < 0)
		kernel_note(ret, "no /proc/kpageflags: a table in poisoned memory would "
				 "read as not present");
	r = open_core(ret, source, err);
	if (r == 0)
		note_unsteady(ret);
	if (r == 0)
		note_unbooted(ret);
	if (r == 0)
		r = read_vmcoreinfo(ret, path, err);
	if (r == 0)
		r = find_image(ret, path, err);
	if (r == 0)
		r = take_names(ret, source, err);
	if (r == 0)
		r = read_types(ret, source, err);
	if (r == 0)
		r = read_p2m(ret, path, err);
	nr_notes = ret->nr_notes;
	if (r == 0)
		r = take_tables(ret, source, err);
	if (r == 0)
		r = add_exports(ret, source, nr_notes, err);
	if (r == 0)
		r = rawlayout_check(ret, path, err);
	if (r == 0)
		r = read_firmware(ret);
	if (r < 0)
		goto fail;
	lostdata_note(ret);
	return 0;
fail:
	error_set(err, ERROR_INTERNAL, r, "%s: %s", path, strerror(-r));
	kernel_close(ret);
	return r;
}

void kernel_close(struct kernel *kernel)
{
	pagecache_close(&kernel->cache);
	types_close(&kernel->types);
	symbols_close(&kernel->symbols);
	free(kernel->found_info);
	p2m_close(&kernel->p2m);
	firmware_close(&kernel->firmware);
	elfcore_close(&kernel->core);
}
