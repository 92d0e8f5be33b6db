/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core of a large machine, as holes and page tables.
 *
 *	bigcore DIR GIB         direct map of 4-KiB pages, 4 levels
 *	bigcore DIR GIB large   of 1-GiB pages, the first 4 TiB of 2-MiB pages, 5 levels
 *
 * Writes DIR/proc/kcore and DIR/proc/kallsyms; kwcheck --sysroot=DIR asks them. What
 *grows with GIB: the direct map, its tables, the array of struct pages (in 2-MiB pages),
 *and 64 stacks for each GiB, each of four scattered frames between guard pages. Besides
 *there are MODULES modules, whose frames the direct map has a second time, and KASAN's
 *shadow: one page table that a million entries point to. The kernel is as in
 *tests/unit/fake.h.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, ENTRIES = 512, HEADER_BYTES = 8192 };
enum { PTE, PMD, PUD };
enum {
	MODULES = 200,
	MODULE_PAGES = 10,
	STACKS_PER_GIB = 64,
	STACK_PAGES = 4,
	MAX_STACKS = 65536
};
enum { FUNCTIONS = 65536, FUNCTION_BYTES = 32, SHARING_TABLES = 2048 };

static const uint64_t GIB = 1ULL << 30, TABLES_PA = 64ULL << 20;
static const uint64_t WRITABLE = 2, DIRTY = 0x40, TABLE = 0x067, RW = 0x8000000000000163,
		      RO = 0x8000000000000121, RX = 0x121, LARGE = 0x80;
static const uint64_t IMAGE = 0xffffffff81000000, IMAGE_PA = 0x2000000,
		      IMAGE_BYTES = 0x600000, MODULE_AREA = 0xffffffffc0000000,
		      SHADOW_PA = 0x8000, ROOT_PA = 0x1000;

/* Where the areas begin: Documentation/arch/x86/x86_64/mm.rst. */
struct layout {
	unsigned levels;
	uint64_t direct_map, vmalloc, vmemmap, kasan, kasan_end;
};

static const struct layout small_pages = {4,
					  0xffff888000000000,
					  0xffffc90000000000,
					  0xffffea0000000000,
					  0xffffec0000000000,
					  0xfffffc0000000000};
static const struct layout large_pages = {5,
					  0xff11000000000000,
					  0xffa0000000000000,
					  0xffd4000000000000,
					  0xffdf000000000000,
					  0xffffe00000000000};

struct core {
	const struct layout *layout;
	uint64_t ram_bytes, file_bytes; /* file_bytes: of RAM that the file has */
	unsigned char *ram;		/* up to tables_end */
	uint64_t tables_end, next_table;
};

static uint64_t *table_at(const struct core *core, uint64_t pa)
{
	return (uint64_t *)(core->ram + pa);
}

/* From high addresses to low ones, as the kernel takes its own. */
static uint64_t new_table(struct core *core)
{
	if (core->next_table == TABLES_PA)
		errx(1, "too few tables were reckoned with");
	core->next_table -= PAGE;
	return core->next_table;
}

/* The entry of @va in its table of @level. Tables above it are made. */
static uint64_t *entry_of(struct core *core, uint64_t va, unsigned level)
{
	uint64_t *table = table_at(core, ROOT_PA);

	for (unsigned at = core->layout->levels - 1; at > level; at--) {
		uint64_t *entry = &table[va >> (12 + 9 * at) & (ENTRIES - 1)];

		if (!*entry)
			*entry = new_table(core) | TABLE;
		table = table_at(core, *entry & 0x000ffffffffff000);
	}
	return &table[va >> (12 + 9 * level) & (ENTRIES - 1)];
}

/* @bytes of linear mapping in pages of @level; starts at a page of the level above. */
static void map_linear(struct core *core, uint64_t va, uint64_t pa, uint64_t bytes,
		       unsigned level, uint64_t bits)
{
	uint64_t span = 1ULL << (12 + 9 * level), table_span = span * ENTRIES;

	for (uint64_t at = 0; at < bytes; at += table_span) {
		uint64_t *entries = entry_of(core, va + at, level);

		for (uint64_t i = 0; i < ENTRIES && at + i * span < bytes; i++)
			entries[i] = (pa + at + i * span) | bits |
				     (level == PTE ? 0 : LARGE);
	}
}

/* Some frame above the tables, never the same for two numbers below a quarter of all. */
static uint64_t scattered(const struct core *core, uint64_t number)
{
	uint64_t nr = (core->ram_bytes - core->tables_end) / PAGE;
	uint64_t odd = 0x9e3779b1 % nr;

	while (odd > 1 && nr % odd == 0)
		odd--;
	return core->tables_end + number * odd % nr * PAGE;
}

static void map_direct(struct core *core)
{
	const struct layout *layout = core->layout;
	uint64_t in_2m = 4096 * GIB < core->ram_bytes ? 4096 * GIB : core->ram_bytes;

	if (layout->levels == 4) {
		map_linear(core, layout->direct_map, 0, core->ram_bytes, PTE, RW);
	} else {
		map_linear(core, layout->direct_map, 0, in_2m, PMD, RW);
		map_linear(core, layout->direct_map + in_2m, in_2m,
			   core->ram_bytes - in_2m, PUD, RW);
	}
}

/* The image, and its code and constants sealed in the direct map, too. */
static void map_image(struct core *core)
{
	static const uint64_t bits[] = {RX, RO, RW};
	unsigned level = core->layout->levels == 4 ? PTE : PMD;

	for (uint64_t i = 0; i < 3; i++) {
		uint64_t at = i * 0x200000;

		*entry_of(core, IMAGE + at, PMD) = (IMAGE_PA + at) | bits[i] | LARGE;
		for (uint64_t j = 0; i < 2 && j < 0x200000; j += 1ULL << (12 + 9 * level))
			*entry_of(core, core->layout->direct_map + IMAGE_PA + at + j,
				  level) &= ~(WRITABLE | DIRTY);
	}
}

static void map_modules(struct core *core)
{
	static const uint64_t bits[MODULE_PAGES] = {RX, RX, RX, RX, RO,
						    RO, RW, RW, RW, RW};

	for (uint64_t i = 0; i < MODULES; i++)
		for (uint64_t j = 0; j < MODULE_PAGES; j++) {
			uint64_t pa = scattered(core, i * MODULE_PAGES + j);
			uint64_t va = (i * (MODULE_PAGES + 2) + j) * PAGE;

			*entry_of(core, MODULE_AREA + va, PTE) = pa | bits[j];
			if (!(bits[j] & WRITABLE) && core->layout->levels == 4)
				*entry_of(core, core->layout->direct_map + pa,
					  PTE) &= ~(WRITABLE | DIRTY);
		}
}

static uint64_t nr_stacks(const struct core *core)
{
	uint64_t nr = core->ram_bytes / GIB * STACKS_PER_GIB;

	return nr < MAX_STACKS ? nr : MAX_STACKS;
}

static void map_stacks(struct core *core)
{
	for (uint64_t i = 0; i < nr_stacks(core); i++)
		for (uint64_t j = 0; j < STACK_PAGES; j++) {
			uint64_t va = (i * (STACK_PAGES + 1) + j) * PAGE;
			uint64_t pa = scattered(core, MODULES * MODULE_PAGES +
							      i * STACK_PAGES + j);

			*entry_of(core, core->layout->vmalloc + va, PTE) = pa | RW;
		}
}

static void map_vmemmap(struct core *core)
{
	/* 64 bytes for each page. */
	uint64_t bytes = core->ram_bytes / 64;

	map_linear(core, core->layout->vmemmap, core->tables_end & ~(uint64_t)0x1fffff,
		   (bytes + 0x1fffff) & ~(uint64_t)0x1fffff, PMD, RW);
}

/* What was never allocated has one page of shadow. SHARING_TABLES tables of PMDs point to
 * its page table, and all that follows to the first of them.
 */
static void map_shadow(struct core *core)
{
	uint64_t va = core->layout->kasan, pte = new_table(core) | TABLE, pmd = 0,
		 pud = 0;
	uint64_t *entries = table_at(core, pte & ~(uint64_t)(PAGE - 1));
	const uint64_t top = 1ULL << (12 + 9 * (PUD + 1));

	for (unsigned i = 0; i < ENTRIES; i++)
		entries[i] = SHADOW_PA | RO;
	for (unsigned i = 0; i < SHARING_TABLES; i++, va += GIB) {
		uint64_t *shared = entry_of(core, va, PMD);

		for (unsigned j = 0; j < ENTRIES; j++)
			shared[j] = pte;
	}
	pmd = *entry_of(core, core->layout->kasan, PUD);
	pud = new_table(core) | TABLE;
	entries = table_at(core, pud & ~(uint64_t)(PAGE - 1));
	for (unsigned i = 0; i < ENTRIES; i++)
		entries[i] = pmd;
	for (; va < core->layout->kasan_end; va += top)
		*entry_of(core, va, PUD + 1) = pud;
}

struct header {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[6];
	Elf64_Nhdr nhdr;
	char name[12];
	char info[1024];
};

static void write_header(const struct core *core, int fd)
{
	struct header header = {
		.ehdr = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_CORE,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_phoff = offsetof(struct header, phdr),
			 .e_ehsize = sizeof(Elf64_Ehdr),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 6},
		.phdr = {{.p_type = PT_NOTE,
			  .p_offset = offsetof(struct header, nhdr),
			  .p_filesz = sizeof(header) - offsetof(struct header, nhdr)},
			 {.p_type = PT_LOAD,
			  .p_vaddr = core->layout->vmalloc,
			  .p_paddr = UINT64_MAX,
			  .p_memsz = core->layout->vmemmap - core->layout->vmalloc},
			 {.p_type = PT_LOAD,
			  .p_vaddr = MODULE_AREA,
			  .p_paddr = UINT64_MAX,
			  .p_memsz = 0xffffffffff000000 - MODULE_AREA},
			 {.p_type = PT_LOAD,
			  .p_vaddr = IMAGE,
			  .p_paddr = IMAGE_PA,
			  .p_offset = HEADER_BYTES + IMAGE_PA,
			  .p_filesz = IMAGE_BYTES,
			  .p_memsz = IMAGE_BYTES},
			 {.p_type = PT_LOAD,
			  .p_vaddr = core->layout->direct_map,
			  .p_offset = HEADER_BYTES,
			  .p_filesz = core->file_bytes,
			  .p_memsz = core->ram_bytes},
			 {.p_type = PT_LOAD,
			  .p_vaddr = core->layout->vmemmap,
			  .p_paddr = UINT64_MAX,
			  .p_memsz = core->ram_bytes / 64}},
		.nhdr = {.n_namesz = 11, .n_descsz = sizeof(header.info)},
		.name = "VMCOREINFO",
	};

	snprintf(header.info, sizeof(header.info),
		 "OSRELEASE=6.1.0-big-amd64\n"
		 "PAGESIZE=4096\n"
		 "SYMBOL(_stext)=%" PRIx64 "\n"
		 "SYMBOL(swapper_pg_dir)=ffffffff7f001000\n"
		 "NUMBER(phys_base)=16777216\n"
		 "NUMBER(pgtable_l5_enabled)=%d\n"
		 "NUMBER(sme_mask)=0\n"
		 "KERNELOFFSET=0\n",
		 IMAGE, core->layout->levels == 5);
	if (pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		err(1, "the header");
}

static void write_core(struct core *core, const char *path)
{
	uint64_t map_bytes = HEADER_BYTES + core->tables_end;
	unsigned char *map;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)(HEADER_BYTES + core->file_bytes)) < 0)
		err(1, "%s", path);
	write_header(core, fd);
	map = mmap(NULL, map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", path);
	core->ram = map + HEADER_BYTES;
	core->next_table = core->tables_end;
	map_direct(core);
	map_image(core);
	map_modules(core);
	map_stacks(core);
	map_vmemmap(core);
	map_shadow(core);
	if (munmap(map, map_bytes) < 0 || close(fd) < 0)
		err(1, "%s", path);
}

static void write_symbols(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		err(1, "%s", path);
	fprintf(file, "%" PRIx64 " T _text\n%" PRIx64 " T _stext\n", IMAGE, IMAGE);
	for (uint64_t i = 0; i < FUNCTIONS; i++)
		fprintf(file, "%" PRIx64 " t function_%05" PRIu64 "\n",
			IMAGE + i * FUNCTION_BYTES, i);
	fputs("ffffffff81200000 T _etext\n"
	      "ffffffff81200000 R __start_rodata\n"
	      "ffffffff81200000 R linux_banner\n"
	      "ffffffff81300000 D __start_ro_after_init\n"
	      "ffffffff81300000 d apparmor_hooks\n"
	      "ffffffff81300ac0 d selinux_hooks\n"
	      "ffffffff813ff000 D __end_ro_after_init\n"
	      "ffffffff81400000 R __end_rodata\n"
	      "ffffffff81400000 D _sdata\n"
	      "ffffffff81400100 D modprobe_path\n"
	      "ffffffff81400200 D init_mm\n"
	      "ffffffff81500000 D _edata\n"
	      "ffffffff81500000 B __bss_start\n"
	      "ffffffff81500010 b some_counter\n"
	      "ffffffff815ff000 B __bss_stop\n"
	      "ffffffff81600000 B _end\n",
	      file);
	for (uint64_t i = 0; i < MODULES; i++) {
		uint64_t va = MODULE_AREA + i * (MODULE_PAGES + 2) * PAGE;

		fprintf(file,
			"%" PRIx64 " t run_%03" PRIu64 "\t[mod%03" PRIu64 "]\n"
			"%" PRIx64 " r table_%03" PRIu64 "\t[mod%03" PRIu64 "]\n"
			"%" PRIx64 " d state_%03" PRIu64 "\t[mod%03" PRIu64 "]\n",
			va, i, i, va + 4 * PAGE, i, i, va + 6 * PAGE, i, i);
	}
	if (fclose(file) != 0)
		err(1, "%s", path);
}

/* As many as are needed and some, in bytes. */
static uint64_t tables_bytes(const struct core *core, bool is_large)
{
	uint64_t nr_gib = core->ram_bytes / GIB;
	uint64_t nr = is_large ? nr_gib / ENTRIES + 4096 + nr_gib / 64
			       : nr_gib * (ENTRIES + 2);

	return (nr + SHARING_TABLES + nr_stacks(core) * (STACK_PAGES + 1) / ENTRIES +
		512) *
	       PAGE;
}

int main(int argc, char **argv)
{
	bool is_large = argc == 4 && strcmp(argv[3], "large") == 0;
	struct core core = {.layout = is_large ? &large_pages : &small_pages};
	char path[4096];

	if (argc < 3 || argc > 4 || (argc == 4 && !is_large) || atoll(argv[2]) <= 0)
		errx(1, "usage: bigcore DIR GIB [large]");
	core.ram_bytes = strtoull(argv[2], NULL, 10) * GIB;
	core.tables_end = TABLES_PA + ((tables_bytes(&core, is_large) + 0x1fffff) &
				       ~(uint64_t)0x1fffff);
	/* No file is of 64 TiB: what has no tables is left out of it. */
	core.file_bytes = is_large ? core.tables_end : core.ram_bytes;
	snprintf(path, sizeof(path), "%s/proc", argv[1]);
	mkdir(argv[1], 0700);
	if (mkdir(path, 0700) < 0)
		err(1, "%s", path);
	snprintf(path, sizeof(path), "%s/proc/kallsyms", argv[1]);
	write_symbols(path);
	snprintf(path, sizeof(path), "%s/proc/kcore", argv[1]);
	write_core(&core, path);
	return 0;
}
