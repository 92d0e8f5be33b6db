// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares kwcheck's verdicts with the CPU's own (oracle/oracle.c) over some 25,000
 * kernel addresses of every kind there is. Runs in a guest, as root, with the oracle
 * loaded.
 *
 *	oracle-compare --kwcheck BINARY [OPTION...] [-- KWCHECK-OPTION...]
 *
 *	--seed N, --min N	make the list
 *	--first COMMAND		run once the BPF programs are loaded
 *	--record FILE		write what the CPU said
 *
 * Both sides are asked about one batch after the other, as the state moves between the
 * two; what they disagree about is asked again. Ends with one line that says it all.
 * Exit status: 0 no disagreement, nothing unknown, at least --min addresses compared; 1
 * otherwise; 2 where the comparison itself failed.
 *
 * The addresses come from /proc/kallsyms (else from the kernel's map, without KASLR),
 * /proc/modules, /sys/module, /proc/vmallocinfo and /proc/kcore's headers, never from
 *page tables: those are kwcheck's to read.
 */
#include <dirent.h>
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <linux/bpf.h>

#define PAGE_BYTES 4096ULL
#define EXIT_BROKEN 2
#define KALLSYMS "/proc/kallsyms"
#define SYSTEM_MAP "/System.map"

/* The oracle takes 65536; less keeps the JSON small and the two answers close. */
#define BATCH_ADDRESSES 16384
/* Where modules come and go all the while, one page may be caught in five rounds of five.
 */
#define NR_ROUNDS 16
#define ROUND_PAUSE_NS 300000000L

#define IMAGE_START 0xffffffff80000000ULL
#define NR_PER_STRATUM 120
#define NR_PRINTED 50
#define NR_BPF_PROGRAMS 40

enum region {
	REGION_SYMBOL,
	REGION_BOUNDARY,
	REGION_MODULE,
	REGION_BPF,
	REGION_IMAGE,
	REGION_DIRECT_MAP,
	REGION_VMALLOC,
	REGION_VMEMMAP,
	REGION_CPU_ENTRY,
	REGION_FIXMAP,
	REGION_ESPFIX,
	REGION_HOLE,
	REGION_NON_CANONICAL,
	NR_REGIONS,
};

static const char *const region_names[NR_REGIONS] = {
	[REGION_SYMBOL] = "symbols",
	[REGION_BOUNDARY] = "section boundaries",
	[REGION_MODULE] = "modules",
	[REGION_BPF] = "bpf",
	[REGION_IMAGE] = "kernel image",
	[REGION_DIRECT_MAP] = "direct map",
	[REGION_VMALLOC] = "vmalloc",
	[REGION_VMEMMAP] = "vmemmap",
	[REGION_CPU_ENTRY] = "cpu_entry_area",
	[REGION_FIXMAP] = "fixmap",
	[REGION_ESPFIX] = "espfix",
	[REGION_HOLE] = "holes",
	[REGION_NON_CANONICAL] = "non-canonical",
};

enum verdict { VERDICT_UNKNOWN, VERDICT_WRITABLE, VERDICT_READ_ONLY, VERDICT_UNMAPPED };

static const char *const verdict_names[] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_WRITABLE] = "writable",
	[VERDICT_READ_ONLY] = "read-only",
	[VERDICT_UNMAPPED] = "unmapped",
};

struct probe {
	uint64_t address;
	enum region region;
	enum verdict verdict; /* kwcheck's */
	char answer;	      /* the oracle's: w r n m */
	bool is_rechecked;
};

struct probes {
	struct probe *list;
	size_t nr;
	size_t capacity;
};

/* A PT_LOAD of /proc/kcore. */
struct segment {
	uint64_t va, size_bytes, offset;
	bool has_physical;
};

static struct {
	struct segment list[512];
	size_t nr;
	int fd;
} kcore;

struct symbol {
	uint64_t address;
	char type;
	char origin; /* 'k'ernel, 'm'odule, 'b'pf and others of the kind */
	char name[64];
};

static struct {
	struct symbol *list;
	size_t nr;
} symbols;

static const char *kwcheck_path;
static char **kwcheck_options;
static int nr_kwcheck_options;
static int oracle_fd = -1;
static int virtual_bits;
static uint64_t random_state;

/* splitmix64: the same seed makes the same list, as long as the kernel's layout does. */
static uint64_t random_u64(void)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Both ends are in. */
static uint64_t random_between(uint64_t first, uint64_t last)
{
	uint64_t span = last - first + 1;

	return span ? first + random_u64() % span : random_u64();
}

static bool is_canonical(uint64_t va)
{
	int64_t top = (int64_t)va >> (virtual_bits - 1);

	return top == 0 || top == -1;
}

static bool is_xen_pv(void)
{
	static int is_pv = -1;

	if (is_pv < 0) {
		FILE *file = fopen("/sys/hypervisor/guest_type", "re");
		char type[8] = "";

		is_pv = file && fgets(type, sizeof(type), file) &&
			strcmp(type, "PV\n") == 0;
		if (file)
			fclose(file);
	}
	return is_pv;
}

/* Of a Xen PV domain the tables of this range are in the hypervisor's memory: kwcheck
 * cannot say which of its pages are there. None of them is writable.
 */
static bool is_xens_list(uint64_t va)
{
	return is_xen_pv() && va >> 39 == 0xffff800000000000 >> 39;
}

/* The user half is no business of either side. */
static bool is_wanted(uint64_t va)
{
	return (va >> 63 || !is_canonical(va)) && !is_xens_list(va);
}

static void *grown(void *list, size_t nr, size_t *capacity, size_t size)
{
	if (nr < *capacity)
		return list;
	*capacity = *capacity ? *capacity * 2 : 1024;
	list = reallocarray(list, *capacity, size);
	if (!list)
		err(EXIT_BROKEN, "out of memory");
	return list;
}

static void add(struct probes *probes, enum region region, uint64_t va)
{
	if (!is_wanted(va))
		return;
	probes->list = grown(probes->list, probes->nr, &probes->capacity,
			     sizeof(*probes->list));
	probes->list[probes->nr++] = (struct probe){
		.address = va,
		.region = is_canonical(va) ? region : REGION_NON_CANONICAL,
	};
}

static void add_page_edges(struct probes *probes, enum region region, uint64_t va)
{
	add(probes, region, va & ~(PAGE_BYTES - 1));
	add(probes, region, va | (PAGE_BYTES - 1));
}

/* The last byte before and the first byte after. */
static void add_border(struct probes *probes, enum region region, uint64_t va)
{
	add(probes, region, va - 1);
	add(probes, region, va);
}

/* Random bytes, and random pages' edges, in like numbers. Both ends are in. */
static void add_random(struct probes *probes, enum region region, uint64_t first,
		       uint64_t last, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t va = random_between(first, last);

		if (i % 2)
			va = i % 4 == 1 ? va & ~(PAGE_BYTES - 1) : va | (PAGE_BYTES - 1);
		if (va >= first && va <= last)
			add(probes, region, va);
	}
}

static void add_pages_around(struct probes *probes, enum region region, uint64_t va,
			     int nr_before, int nr_after)
{
	for (int i = -nr_before; i <= nr_after; i++)
		add_page_edges(probes, region, va + (uint64_t)(int64_t)i * PAGE_BYTES);
}

static void read_kcore_headers(void)
{
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;

	kcore.fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (kcore.fd < 0)
		err(EXIT_BROKEN, "/proc/kcore");
	if (pread(kcore.fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		err(EXIT_BROKEN, "/proc/kcore: header");

	virtual_bits = 48;
	for (size_t i = 0; i < ehdr.e_phnum && kcore.nr < 512; i++) {
		if (pread(kcore.fd, &phdr, sizeof(phdr),
			  (off_t)(ehdr.e_phoff + i * sizeof(phdr))) != sizeof(phdr))
			err(EXIT_BROKEN, "/proc/kcore: program header");
		if (phdr.p_type != PT_LOAD)
			continue;
		kcore.list[kcore.nr++] = (struct segment){
			.va = phdr.p_vaddr,
			.size_bytes = phdr.p_memsz,
			.offset = phdr.p_offset,
			.has_physical = phdr.p_paddr != UINT64_MAX,
		};
		/* No kernel address of a 4-level kernel lies this low. */
		if (phdr.p_vaddr >> 63 && phdr.p_vaddr < 0xffff800000000000ULL)
			virtual_bits = 57;
	}
}

static bool kcore_read_u64(uint64_t va, uint64_t *ret)
{
	for (size_t i = 0; i < kcore.nr; i++) {
		const struct segment *seg = &kcore.list[i];

		if (va - seg->va >= seg->size_bytes)
			continue;
		return pread(kcore.fd, ret, sizeof(*ret),
			     (off_t)(seg->offset + (va - seg->va))) == sizeof(*ret);
	}
	return false;
}

/*
 * Programs so small as to share a page, so that there is JITed code to ask about. They go
 * with this process. A kernel that refuses (lockdown) has none, and nothing is said.
 */
static void load_bpf_programs(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.license = (uintptr_t) "GPL",
	};

	for (int i = 0; i < NR_BPF_PROGRAMS; i++)
		syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void read_symbols(void)
{
	const char *path = access(KALLSYMS, R_OK) == 0 ? KALLSYMS : SYSTEM_MAP;
	FILE *file = fopen(path, "re");
	char line[1024];
	size_t capacity = 0;

	if (!file)
		err(EXIT_BROKEN, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		struct symbol sym = {.origin = 'k'};
		char *rest, *name, *module;

		sym.address = strtoull(line, &rest, 16);
		if (rest[0] != ' ' || !rest[1] || rest[2] != ' ')
			continue;
		sym.type = rest[1];
		name = rest + 3;
		module = strchr(name, '\t');
		if (module)
			sym.origin = strncmp(module, "\t[bpf", 5) ? 'm' : 'b';
		name[strcspn(name, "\t\n")] = '\0';
		snprintf(sym.name, sizeof(sym.name), "%.63s", name);
		symbols.list = grown(symbols.list, symbols.nr, &capacity,
				     sizeof(*symbols.list));
		symbols.list[symbols.nr++] = sym;
	}
	fclose(file);
}

static bool find_symbol(const char *name, uint64_t *ret)
{
	for (size_t i = 0; i < symbols.nr; i++) {
		if (symbols.list[i].origin == 'k' &&
		    !strcmp(symbols.list[i].name, name)) {
			*ret = symbols.list[i].address;
			return true;
		}
	}
	return false;
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t nr = strlen(s), nr_suffix = strlen(suffix);

	return nr >= nr_suffix && !strcmp(s + nr - nr_suffix, suffix);
}

static bool is_boundary_name(const char *name)
{
	static const char *const names[] = {
		"_text",      "_stext",	      "_etext",	    "_sdata",
		"_edata",     "_sinittext",   "_einittext", "__bss_start",
		"__bss_stop", "__init_begin", "__brk_base", "__brk_limit",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return !strncmp(name, "__start_", 8) || !strncmp(name, "__stop_", 7) ||
	       !strncmp(name, "__end_", 6) || has_suffix(name, "_start") ||
	       has_suffix(name, "_end");
}

/* A stratum is a type letter and an origin; of each, as many and evenly at random. */
static void add_symbols(struct probes *probes)
{
	size_t *left = calloc(256 * 256, sizeof(*left));
	size_t *wanted = calloc(256 * 256, sizeof(*wanted));

	if (!left || !wanted)
		err(EXIT_BROKEN, "out of memory");
	for (size_t i = 0; i < symbols.nr; i++)
		left[(uint8_t)symbols.list[i].type << 8 | symbols.list[i].origin]++;
	for (size_t i = 0; i < 256 * 256; i++)
		wanted[i] = left[i] < NR_PER_STRATUM ? left[i] : NR_PER_STRATUM;

	for (size_t i = 0; i < symbols.nr; i++) {
		const struct symbol *sym = &symbols.list[i];
		size_t stratum = (size_t)(uint8_t)sym->type << 8 | sym->origin;
		enum region region = sym->origin == 'b'	  ? REGION_BPF
				     : sym->origin == 'm' ? REGION_MODULE
							  : REGION_SYMBOL;

		if (has_suffix(sym->name, "_hooks") || sym->origin == 'b')
			add_page_edges(probes, region, sym->address);
		if (has_suffix(sym->name, "_hooks"))
			add(probes, region, sym->address);
		if (sym->origin == 'k' && is_boundary_name(sym->name))
			add_border(probes, REGION_BOUNDARY, sym->address);
		if (random_u64() % left[stratum]-- < wanted[stratum]) {
			wanted[stratum]--;
			add(probes, region, sym->address);
			add(probes, region, sym->address | (PAGE_BYTES - 1));
		}
	}
	free(left);
	free(wanted);
}

/* From 6.4 on the size is the sum of several areas, of which the address is one. */
static void add_module_areas(struct probes *probes)
{
	FILE *file = fopen("/proc/modules", "re");
	char line[1024];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *hex = strstr(line, " 0x");
		uint64_t size_bytes, base;

		if (!hex || sscanf(line, "%*s %" SCNu64, &size_bytes) != 1)
			continue;
		base = strtoull(hex + 1, NULL, 16);
		for (uint64_t at = 0; at < size_bytes && at < 512 * PAGE_BYTES;
		     at += PAGE_BYTES)
			add_page_edges(probes, REGION_MODULE, base + at);
		add_border(probes, REGION_MODULE, base);
		add_border(probes, REGION_MODULE, base + size_bytes);
	}
	fclose(file);
}

static void add_module_section(struct probes *probes, const char *path)
{
	FILE *file = fopen(path, "re");
	uint64_t va;

	if (!file)
		return;
	if (fscanf(file, "%" SCNx64, &va) == 1 && va >> 63) {
		add(probes, REGION_MODULE, va);
		add_pages_around(probes, REGION_MODULE, va, 1, 2);
	}
	fclose(file);
}

static void add_module_sections(struct probes *probes)
{
	DIR *modules = opendir("/sys/module");
	struct dirent *module, *section;
	char path[1024];

	if (!modules)
		return;
	while ((module = readdir(modules))) {
		DIR *sections;

		snprintf(path, sizeof(path), "/sys/module/%s/sections", module->d_name);
		sections = opendir(path);
		if (!sections)
			continue;
		while ((section = readdir(sections))) {
			snprintf(path, sizeof(path), "/sys/module/%s/sections/%s",
				 module->d_name, section->d_name);
			add_module_section(probes, path);
		}
		closedir(sections);
	}
	closedir(modules);
}

static char swap_kptr_restrict(char value)
{
	int fd = open("/proc/sys/kernel/kptr_restrict", O_RDWR | O_CLOEXEC);
	char before = '0';

	if (fd < 0)
		return before;
	if (pread(fd, &before, 1, 0) != 1 || pwrite(fd, &value, 1, 0) != 1)
		warn("kptr_restrict");
	close(fd);
	return before;
}

/* With kptr_restrict 0, this file alone shows hashes to root; 1 shows addresses. */
static void add_vmalloc_areas(struct probes *probes)
{
	char before = swap_kptr_restrict('1');
	FILE *file = fopen("/proc/vmallocinfo", "re");
	uint64_t first, end;
	char line[1024];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "0x%" SCNx64 "-0x%" SCNx64, &first, &end) != 2)
			continue;
		if (first >= end || !(first >> 63))
			continue;
		/* The last page is the guard. */
		add_page_edges(probes, REGION_VMALLOC, first);
		add_page_edges(probes, REGION_VMALLOC, end - 1);
		add_random(probes, REGION_VMALLOC, first, end - 1, 4);
	}
	if (file)
		fclose(file);
	swap_kptr_restrict(before);
}

static enum region region_of(const struct segment *seg)
{
	if (seg->va >= IMAGE_START)
		return seg->has_physical ? REGION_IMAGE : REGION_MODULE;
	if (seg->has_physical)
		return REGION_DIRECT_MAP;
	/* Vmalloc space is a fixed and vast span; vmemmap's parts follow the RAM. */
	return seg->size_bytes >= 1ULL << 44 ? REGION_VMALLOC : REGION_VMEMMAP;
}

static int compare_segments(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static void add_segments(struct probes *probes)
{
	static const size_t nr_random[NR_REGIONS] = {
		[REGION_IMAGE] = 4000,	[REGION_DIRECT_MAP] = 2000, [REGION_MODULE] = 300,
		[REGION_VMALLOC] = 500, [REGION_VMEMMAP] = 600,
	};
	uint64_t end = 0;

	qsort(kcore.list, kcore.nr, sizeof(*kcore.list), compare_segments);
	for (size_t i = 0; i < kcore.nr; i++) {
		const struct segment *seg = &kcore.list[i];
		enum region region = region_of(seg);

		if (!(seg->va >> 63))
			continue;
		add_random(probes, region, seg->va, seg->va + seg->size_bytes - 1,
			   nr_random[region]);
		add_border(probes, REGION_HOLE, seg->va);
		add_border(probes, REGION_HOLE, seg->va + seg->size_bytes);
		if (end && end < seg->va)
			add_random(probes, REGION_HOLE, end, seg->va - 1, 60);
		end = seg->va + seg->size_bytes;
	}
}

/* Where a per-CPU pointer points on each CPU, which spares knowing how it is laid out. */
static void add_per_cpu_target(struct probes *probes, enum region region,
			       const char *name, int nr_before, int nr_after)
{
	uint64_t offsets, symbol, offset, target;
	long nr_cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!find_symbol("__per_cpu_offset", &offsets) || !find_symbol(name, &symbol))
		return;
	for (long cpu = 0; cpu < nr_cpus; cpu++) {
		if (!kcore_read_u64(offsets + (uint64_t)cpu * 8, &offset) ||
		    !kcore_read_u64(offset + symbol, &target) || !(target >> 63))
			continue;
		add_pages_around(probes, region, target, nr_before, nr_after);
	}
}

static void add_fixed_places(struct probes *probes)
{
	static const struct {
		enum region region;
		int virtual_bits; /* 0: any */
		uint64_t first, last;
		size_t nr;
	} places[] = {
		{REGION_CPU_ENTRY, 0, 0xfffffe0000000000, 0xfffffe000003ffff, 400},
		{REGION_CPU_ENTRY, 0, 0xfffffe0000000000, 0xfffffe7fffffffff, 200},
		{REGION_ESPFIX, 0, 0xffffff0000000000, 0xffffff7fffffffff, 600},
		{REGION_HOLE, 0, 0xffffffef00000000, 0xfffffffeffffffff, 200},
		{REGION_IMAGE, 0, 0xffffffff80000000, 0xffffffffbfffffff, 1500},
		{REGION_MODULE, 0, 0xffffffffc0000000, 0xfffffffffeffffff, 600},
		{REGION_FIXMAP, 0, 0xffffffffff000000, 0xffffffffffffffff, 800},
		/* A hypervisor's hole, then the LDT's slot. */
		{REGION_HOLE, 48, 0xffff800000000000, 0xffff87ffffffffff, 200},
		{REGION_HOLE, 48, 0xffff880000000000, 0xffff887fffffffff, 200},
		{REGION_HOLE, 57, 0xff00000000000000, 0xff0fffffffffffff, 200},
		{REGION_HOLE, 57, 0xff10000000000000, 0xff10ffffffffffff, 200},
		/* All that a kernel of this many levels has. */
		{REGION_HOLE, 48, 0xffff800000000000, 0xffffffffffffffff, 300},
		{REGION_HOLE, 57, 0xff00000000000000, 0xffffffffffffffff, 300},
		{REGION_NON_CANONICAL, 48, 0x0000800000000000, 0xffff7fffffffffff, 500},
		{REGION_NON_CANONICAL, 57, 0x0100000000000000, 0xfeffffffffffffff, 500},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (places[i].virtual_bits && places[i].virtual_bits != virtual_bits)
			continue;
		add_random(probes, places[i].region, places[i].first, places[i].last,
			   places[i].nr);
		add_border(probes, places[i].region, places[i].first);
		add_border(probes, places[i].region, places[i].last + 1);
	}
	/* Every page from the early ioremap slots to the vsyscall page. */
	for (uint64_t va = 0xffffffffff500000; va <= 0xffffffffff601000; va += PAGE_BYTES)
		add_page_edges(probes, REGION_FIXMAP, va);
	add(probes, REGION_NON_CANONICAL, 0x7fffffffffffffff);
	add(probes, REGION_NON_CANONICAL, 0x8000000000000000);

	add_per_cpu_target(probes, REGION_CPU_ENTRY, "cea_exception_stacks", 48, 32);
	add_per_cpu_target(probes, REGION_ESPFIX, "espfix_stack", 48, 48);
}

static int compare_addresses(const void *a, const void *b)
{
	const struct probe *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void drop_duplicates(struct probes *probes)
{
	size_t nr = 0;

	qsort(probes->list, probes->nr, sizeof(*probes->list), compare_addresses);
	for (size_t i = 0; i < probes->nr; i++) {
		if (!nr || probes->list[nr - 1].address != probes->list[i].address)
			probes->list[nr++] = probes->list[i];
	}
	probes->nr = nr;
}

/* Enough for --min with a margin for MMIO, topped up where every byte is worth asking. */
static void make_list(struct probes *probes, size_t nr_wanted)
{
	add_symbols(probes);
	add_module_areas(probes);
	add_module_sections(probes);
	add_vmalloc_areas(probes);
	add_segments(probes);
	add_fixed_places(probes);
	drop_duplicates(probes);

	for (int i = 0; probes->nr < nr_wanted && i < 100; i++) {
		size_t nr = (nr_wanted - probes->nr) / 2 + 16;

		for (size_t j = 0; j < kcore.nr; j++) {
			const struct segment *seg = &kcore.list[j];

			if (seg->has_physical && seg->va >> 63)
				add_random(probes, region_of(seg), seg->va,
					   seg->va + seg->size_bytes - 1, nr);
		}
		drop_duplicates(probes);
	}
}

static void write_list(const char *path, const struct probes *probes)
{
	FILE *file = fopen(path, "we");

	if (!file)
		err(EXIT_BROKEN, "%s", path);
	for (size_t i = 0; i < probes->nr; i++)
		fprintf(file, "0x%016" PRIx64 "\n", probes->list[i].address);
	if (fclose(file))
		err(EXIT_BROKEN, "%s", path);
}

static pid_t start_kwcheck(const char *list, int *ret_fd)
{
	char **argv = calloc((size_t)nr_kwcheck_options + 5, sizeof(*argv));
	char operand[256];
	int fds[2], nr = 0;
	pid_t pid;

	if (!argv || pipe2(fds, O_CLOEXEC))
		err(EXIT_BROKEN, "pipe");
	snprintf(operand, sizeof(operand), "@%s", list);
	argv[nr++] = (char *)kwcheck_path;
	argv[nr++] = (char *)"--json";
	for (int i = 0; i < nr_kwcheck_options; i++)
		argv[nr++] = kwcheck_options[i];
	argv[nr++] = (char *)"check";
	argv[nr++] = operand;

	pid = fork();
	if (pid < 0)
		err(EXIT_BROKEN, "fork");
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		execv(kwcheck_path, argv);
		_exit(127);
	}
	close(fds[1]);
	free(argv);
	*ret_fd = fds[0];
	return pid;
}

static enum verdict verdict_of(const char *name)
{
	for (size_t i = 0; i < sizeof(verdict_names) / sizeof(*verdict_names); i++) {
		if (name && !strcmp(name, verdict_names[i]))
			return (enum verdict)i;
	}
	errx(EXIT_BROKEN, "kwcheck: no such verdict: %s", name ? name : "(none)");
}

static void take_verdicts(const json_t *root, struct probes *probes)
{
	const json_t *results = json_object_get(root, "results");
	const json_t *errors = json_object_get(root, "errors");

	if (json_array_size(errors)) {
		char *text = json_dumps(errors, JSON_INDENT(2));

		errx(EXIT_BROKEN, "kwcheck has errors: %.2000s", text ? text : "?");
	}
	if (json_array_size(results) != probes->nr)
		errx(EXIT_BROKEN, "kwcheck: %zu results for %zu addresses",
		     json_array_size(results), probes->nr);
	for (size_t i = 0; i < probes->nr; i++) {
		const json_t *result = json_array_get(results, i);
		const char *hex = json_string_value(json_object_get(result, "address"));

		if (!hex || strtoull(hex, NULL, 16) != probes->list[i].address)
			errx(EXIT_BROKEN,
			     "kwcheck: result %zu is of %s, not 0x%016" PRIx64, i,
			     hex ? hex : "nothing", probes->list[i].address);
		probes->list[i].verdict = verdict_of(
			json_string_value(json_object_get(result, "verdict")));
	}
}

/* json_loadf() takes its bytes one by one through stdio's lock: half the run's time. */
static size_t read_pipe(void *buffer, size_t size_bytes, void *fd)
{
	ssize_t nr;

	do {
		nr = read(*(int *)fd, buffer, size_bytes);
	} while (nr < 0 && errno == EINTR);
	return nr < 0 ? (size_t)-1 : (size_t)nr;
}

static void ask_kwcheck(struct probes *probes)
{
	static const char list[] = "/tmp/oracle-compare.list";
	json_error_t error;
	json_t *root;
	int fd, status;
	pid_t pid;

	write_list(list, probes);
	pid = start_kwcheck(list, &fd);
	root = json_load_callback(read_pipe, &fd, 0, &error);
	close(fd);
	if (waitpid(pid, &status, 0) < 0)
		err(EXIT_BROKEN, "waitpid");
	/* 0 to 3 are answers. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 3)
		errx(EXIT_BROKEN, "kwcheck: wait status 0x%x", (unsigned)status);
	if (!root)
		errx(EXIT_BROKEN, "kwcheck's JSON: line %d: %s", error.line, error.text);
	take_verdicts(root, probes);
	json_decref(root);
	unlink(list);
}

static void ask_oracle(struct probes *probes)
{
	uint64_t addresses[BATCH_ADDRESSES];
	char answers[BATCH_ADDRESSES];
	size_t size_bytes = probes->nr * sizeof(*addresses);

	for (size_t i = 0; i < probes->nr; i++)
		addresses[i] = probes->list[i].address;
	if (write(oracle_fd, addresses, size_bytes) != (ssize_t)size_bytes ||
	    read(oracle_fd, answers, probes->nr) != (ssize_t)probes->nr)
		err(EXIT_BROKEN, "/proc/kwcheck_oracle");
	for (size_t i = 0; i < probes->nr; i++)
		probes->list[i].answer = answers[i];
}

static bool is_agreed(const struct probe *probe)
{
	switch (probe->answer) {
	case 'w':
		return probe->verdict == VERDICT_WRITABLE;
	case 'r':
		return probe->verdict == VERDICT_READ_ONLY;
	case 'n':
		return probe->verdict == VERDICT_UNMAPPED;
	case 'm':
		return probe->verdict != VERDICT_UNMAPPED;
	default:
		return false;
	}
}

/* In batches; @probes keeps its order. */
static void ask_both(struct probes *probes)
{
	for (size_t at = 0; at < probes->nr; at += BATCH_ADDRESSES) {
		struct probes batch = {.list = probes->list + at};

		batch.nr = probes->nr - at;
		if (batch.nr > BATCH_ADDRESSES)
			batch.nr = BATCH_ADDRESSES;
		ask_kwcheck(&batch);
		ask_oracle(&batch);
	}
}

/* Page tables change while the two are asked; what is false stays false. */
static void ask_again(struct probes *probes)
{
	static const struct timespec pause = {.tv_nsec = ROUND_PAUSE_NS};
	struct probes doubtful = {0};
	size_t *index = calloc(probes->nr, sizeof(*index));

	if (!index)
		err(EXIT_BROKEN, "out of memory");
	for (int round = 0; round < NR_ROUNDS; round++) {
		doubtful.nr = 0;
		for (size_t i = 0; i < probes->nr; i++) {
			if (is_agreed(&probes->list[i]))
				continue;
			index[doubtful.nr] = i;
			add(&doubtful, probes->list[i].region, probes->list[i].address);
		}
		if (!doubtful.nr)
			break;
		nanosleep(&pause, NULL);
		ask_both(&doubtful);
		for (size_t i = 0; i < doubtful.nr; i++) {
			struct probe *probe = &probes->list[index[i]];

			probe->verdict = doubtful.list[i].verdict;
			probe->answer = doubtful.list[i].answer;
			probe->is_rechecked = true;
		}
	}
	free(doubtful.list);
	free(index);
}

static void print_regions(const struct probes *probes)
{
	size_t counts[NR_REGIONS][128] = {0};

	for (size_t i = 0; i < probes->nr; i++)
		counts[probes->list[i].region][probes->list[i].answer & 127]++;
	printf("%-20s %7s %7s %7s %7s\n", "region", "w", "r", "n", "mmio");
	for (size_t i = 0; i < NR_REGIONS; i++)
		printf("%-20s %7zu %7zu %7zu %7zu\n", region_names[i], counts[i]['w'],
		       counts[i]['r'], counts[i]['n'], counts[i]['m']);
}

static int print_outcome(const struct probes *probes, size_t nr_min)
{
	size_t counts[128] = {0}, nr_bad = 0, nr_unknown = 0, nr_rechecked = 0;
	size_t nr_compared;

	for (size_t i = 0; i < probes->nr; i++) {
		const struct probe *probe = &probes->list[i];

		counts[probe->answer & 127]++;
		nr_rechecked += probe->is_rechecked;
		if (is_agreed(probe))
			continue;
		if (probe->verdict == VERDICT_UNKNOWN)
			nr_unknown++;
		else
			nr_bad++;
		if (nr_bad + nr_unknown <= NR_PRINTED)
			printf("0x%016" PRIx64 " (%s): kwcheck %s, oracle %c\n",
			       probe->address, region_names[probe->region],
			       verdict_names[probe->verdict], probe->answer);
	}
	nr_compared = probes->nr - counts['m'];
	/* What may be a page table is not known there. */
	if (nr_unknown && is_xen_pv() && nr_unknown * 50 < nr_compared) {
		printf("unknown under Xen: %zu\n", nr_unknown);
		nr_compared -= nr_unknown;
		nr_unknown = 0;
	}
	if (nr_unknown)
		printf("unknown: %zu\n", nr_unknown);
	if (nr_compared < nr_min)
		printf("too few: %zu compared, %zu wanted\n", nr_compared, nr_min);
	printf("oracle: %zu addresses, %zu disagreements (w=%zu r=%zu n=%zu mmio=%zu "
	       "rechecked=%zu)\n",
	       nr_compared, nr_bad + nr_unknown, counts['w'], counts['r'], counts['n'],
	       counts['m'], nr_rechecked);
	return nr_bad || nr_unknown || nr_compared < nr_min ? 1 : 0;
}

/* What the CPU said, "ADDRESS LETTER" a line, of places that stay as they are: for a
 * capture of this kernel, taken a moment before.
 */
static void record(const char *path, const struct probes *probes)
{
	FILE *file = fopen(path, "we");

	if (!file)
		err(EXIT_BROKEN, "%s", path);
	for (size_t i = 0; i < probes->nr; i++) {
		const struct probe *probe = &probes->list[i];

		if (probe->answer != 'm' && probe->region != REGION_VMALLOC &&
		    probe->region != REGION_FIXMAP && probe->region != REGION_BPF)
			fprintf(file, "%016" PRIx64 " %c\n", probe->address,
				probe->answer);
	}
	if (fclose(file) != 0)
		err(EXIT_BROKEN, "%s", path);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"kwcheck", required_argument, NULL, 'k'},
		{"seed", required_argument, NULL, 's'},
		{"min", required_argument, NULL, 'm'},
		{"record", required_argument, NULL, 'r'},
		{"first", required_argument, NULL, 'f'},
		{0},
	};
	uint64_t seed = (uint64_t)time(NULL);
	struct probes probes = {0};
	const char *record_path = NULL, *first_command = NULL;
	size_t nr_min = 20000;
	int c, ret;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'k')
			kwcheck_path = optarg;
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 'm')
			nr_min = strtoull(optarg, NULL, 0);
		else if (c == 'r')
			record_path = optarg;
		else if (c == 'f')
			first_command = optarg;
		else
			return EXIT_BROKEN;
	}
	if (!kwcheck_path)
		errx(EXIT_BROKEN, "--kwcheck is missing");
	kwcheck_options = argv + optind;
	nr_kwcheck_options = argc - optind;

	oracle_fd = open("/proc/kwcheck_oracle", O_RDWR | O_CLOEXEC);
	if (oracle_fd < 0)
		err(EXIT_BROKEN, "/proc/kwcheck_oracle");
	random_state = seed;
	load_bpf_programs();
	if (first_command && system(first_command) != 0)
		errx(EXIT_BROKEN, "%s failed", first_command);
	read_kcore_headers();
	read_symbols();
	make_list(&probes, nr_min + nr_min / 5);
	printf("seed %" PRIu64 ", %d bits of virtual address\n", seed, virtual_bits);

	ask_both(&probes);
	ask_again(&probes);
	print_regions(&probes);
	ret = print_outcome(&probes, nr_min);
	if (ret == 0 && record_path)
		record(record_path, &probes);
	free(probes.list);
	free(symbols.list);
	return ret;
}
