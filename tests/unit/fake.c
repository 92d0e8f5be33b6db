/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel in a file. */
#include "fake.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "room.h"

/* swapper_pg_dir lies in .data: its VA is image base + (pa - phys_base). */
const char fake_vmcoreinfo[] = "OSRELEASE=6.1.0-fake-amd64\n"
			       "BUILD-ID=eb4fbcd037e7253717950bf2b93bd5566f47c56f\n"
			       "PAGESIZE=4096\n"
			       "SYMBOL(_stext)=ffffffff81000000\n"
			       "SYMBOL(swapper_pg_dir)=ffffffff7f001000\n"
			       "NUMBER(phys_base)=16777216\n"
			       "NUMBER(pgtable_l5_enabled)=0\n"
			       "NUMBER(sme_mask)=0\n"
			       "KERNELOFFSET=0\n";

const char fake_kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			     "000000000000b000 A gdt_page\n"
			     "0000000000030000 A __per_cpu_end\n"
			     "0000000001000000 a some_constant\n"
			     "ffffffff81000000 T _text\n"
			     "ffffffff81000000 T _stext\n"
			     "ffffffff81000100 t do_one_thing\n"
			     "ffffffff811fff00 T _etext\n"
			     "ffffffff81200000 R __start_rodata\n"
			     "ffffffff81200000 R linux_banner\n"
			     "ffffffff81200100 d bpf_lsm_hooks\n"
			     "ffffffff81300000 D __start_ro_after_init\n"
			     "ffffffff81300000 d apparmor_hooks\n"
			     "ffffffff81300ac0 d selinux_hooks\n"
			     "ffffffff81301000 d bpf_lsm_hooks\n"
			     "ffffffff813ff000 D __end_ro_after_init\n"
			     "ffffffff81400000 R __end_rodata\n"
			     "ffffffff81400000 D _sdata\n"
			     "ffffffff81400100 D modprobe_path\n"
			     "ffffffff81400200 D init_mm\n"
			     "ffffffff81500000 D _edata\n"
			     "ffffffff81500000 B __bss_start\n"
			     "ffffffff81500010 b some_counter\n"
			     "ffffffff815ff000 B __bss_stop\n"
			     "ffffffff81600000 b three_pages\n"
			     "ffffffff81603000 B _end\n"
			     "ffffffffc0000000 t init_it\t[testmod]\n"
			     "ffffffffc0000000 d apparmor_hooks\t[testmod]\n";

const char fake_xen_kallsyms[] = "ffffffff7f007000 D xen_domain_type\n"
				 "ffffffff7f007010 D xen_p2m_addr\n"
				 "ffffffff7f007018 D xen_p2m_size\n"
				 "ffffffff81000000 T _text\n"
				 "ffffffff811fff00 T _etext\n"
				 "ffffffff81200000 R __start_rodata\n"
				 "ffffffff81400000 R __end_rodata\n"
				 "ffffffff81400000 D _sdata\n"
				 "ffffffff81500000 D _edata\n"
				 "ffffffff81603000 B _end\n";

void fake_fill_xen(unsigned char *ram)
{
	enum { NR_PFNS = 0x2a00 };
	static const uint64_t page_bytes = 4096, read_only = 0x6008;
	const uint64_t variables[] = {FAKE_DIRECT_MAP + FAKE_XEN_LIST_PA, NR_PFNS};

	for (uint64_t pa = FAKE_ROOT_PA; pa < FAKE_DOMAIN_TYPE_PA; pa += 8) {
		uint64_t entry;

		memcpy(&entry, ram + pa, sizeof(entry));
		if (entry & PT_PRESENT)
			entry = (entry | PT_USER) + FAKE_XEN_FIRST_MFN * page_bytes;
		if (pa == read_only)
			entry &= ~PT_RW;
		memcpy(ram + pa, &entry, sizeof(entry));
	}
	memcpy(ram + FAKE_DOMAIN_TYPE_PA + 16, variables, sizeof(variables));
	for (uint64_t pfn = 0; pfn < NR_PFNS; pfn++) {
		uint64_t mfn = FAKE_XEN_FIRST_MFN + pfn;

		memcpy(ram + FAKE_XEN_LIST_PA + 8 * pfn, &mfn, sizeof(mfn));
	}
}

static unsigned char *ram;

static void put(uint64_t pa, uint64_t value)
{
	memcpy(ram + pa, &value, sizeof(value));
}

static void make_tables(const struct fake *fake)
{
	if (!ram)
		ram = room_take(FAKE_RAM_BYTES);
	memset(ram, 0, FAKE_RAM_BYTES);
	put(FAKE_ROOT_PA + 511 * 8, 0x2067);
	put(0x2000 + 510 * 8, 0x3063);
	put(0x3000 + 8 * 8, fake->stext_entry ? fake->stext_entry : 0x20001a1);
	put(0x3000 + 9 * 8, 0x80000000022001a1);
	put(0x3000 + 10 * 8, 0x80000000024001e3);
	put(0x3000 + 11 * 8, 0x4063);
	put(0x3000 + 12 * 8, fake->alias_entry);
	put(0x4000, 0x8000000002600163);
	put(0x4008, 0x8000000002601121);
	put(FAKE_DOMAIN_TYPE_PA, fake->domain_type);
	/* The direct map: 2M pages of the RAM there is. */
	put(FAKE_ROOT_PA + 0x888, 0x5067);
	put(0x5000, 0x6067);
	put(0x6000, 0x80000000000001e3);
	put(0x6008, 0x80000000002001e3);
	if (fake->fill)
		fake->fill(ram);
}

struct header {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[3];
	Elf64_Nhdr nhdr;
	char name[12]; /* "VMCOREINFO", padded to 4 */
	char info[4096];
};

static void make_header(const struct fake *fake, struct header *header)
{
	const char *info = fake->vmcoreinfo ? fake->vmcoreinfo : fake_vmcoreinfo;
	uint64_t note_bytes = sizeof(header->nhdr) + sizeof(header->name) +
			      sizeof(header->info);

	memset(header, 0, sizeof(*header));
	memcpy(header->ehdr.e_ident, ELFMAG, SELFMAG);
	header->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	header->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	header->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	header->ehdr.e_type = fake->type ? fake->type : ET_CORE;
	header->ehdr.e_machine = fake->machine ? fake->machine : EM_X86_64;
	header->ehdr.e_version = EV_CURRENT;
	header->ehdr.e_ehsize = sizeof(header->ehdr);
	header->ehdr.e_phoff = offsetof(struct header, phdr);
	header->ehdr.e_phentsize = sizeof(Elf64_Phdr);
	header->ehdr.e_phnum = 3;
	header->phdr[0] = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_offset = offsetof(struct header, nhdr),
		.p_filesz = note_bytes,
	};
	/* The image's segment holds its first page only: reads go by the direct map. */
	header->phdr[1] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_vaddr = FAKE_STEXT,
		.p_paddr = FAKE_STEXT - 0xffffffff80000000ULL + FAKE_PHYS_BASE +
			   fake->image_pa_error,
		.p_offset = 8192 + FAKE_RAM_BYTES,
		.p_filesz = 4096,
		.p_memsz = 4096,
	};
	header->phdr[2] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_vaddr = FAKE_DIRECT_MAP,
		.p_paddr = 0,
		.p_offset = 8192,
		.p_filesz = FAKE_RAM_BYTES,
		.p_memsz = FAKE_RAM_BYTES,
	};
	header->nhdr = (Elf64_Nhdr){.n_namesz = 11, .n_descsz = sizeof(header->info)};
	strcpy(header->name, "VMCOREINFO");
	strcpy(header->info, info);
}

static void write_core(const struct fake *fake, int fd)
{
	static char block[8192];
	struct header header;

	_Static_assert(sizeof(struct header) <= sizeof(block), "header block");
	make_tables(fake);
	make_header(fake, &header);
	memset(block, 0, sizeof(block));
	memcpy(block, &header, sizeof(header));
	cr_assert_eq(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
	cr_assert_eq(write(fd, ram, FAKE_RAM_BYTES), (ssize_t)FAKE_RAM_BYTES);
	cr_assert_eq(write(fd, ram, 4096), 4096); /* the image's first page */
	if (fake->cut_bytes)
		cr_assert_eq(ftruncate(fd, (off_t)(sizeof(block) + FAKE_RAM_BYTES -
						   fake->cut_bytes)),
			     0);
}

static void write_kallsyms(const struct fake *fake, int fd)
{
	const char *text = fake->kallsyms ? fake->kallsyms : fake_kallsyms;

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
}

/* 8 bytes a page. */
static void write_pageflags(const struct fake *fake, int fd)
{
	uint64_t flags[FAKE_RAM_BYTES / 4096] = {0};

	if (fake->poisoned_pa)
		flags[fake->poisoned_pa / 4096] = 1ULL << 19;
	cr_assert_eq(write(fd, flags, sizeof(flags)), (ssize_t)sizeof(flags));
}

void fake_write(struct fake *fake)
{
	fake->core_fd = memfd_create("core", MFD_CLOEXEC);
	fake->kallsyms_fd = memfd_create("kallsyms", MFD_CLOEXEC);
	fake->pageflags_fd = memfd_create("kpageflags", MFD_CLOEXEC);
	cr_assert(fake->core_fd >= 0 && fake->kallsyms_fd >= 0 &&
		  fake->pageflags_fd >= 0);
	write_core(fake, fake->core_fd);
	write_kallsyms(fake, fake->kallsyms_fd);
	write_pageflags(fake, fake->pageflags_fd);
}

void fake_close(struct fake *fake)
{
	close(fake->pageflags_fd);
	close(fake->core_fd);
	close(fake->kallsyms_fd);
}

struct source fake_source(const struct fake *fake)
{
	return (struct source){
		.core_path = (char *)"fake-core",
		.kallsyms_path = (char *)"fake-kallsyms",
		.core_fd = fake->core_fd,
		.scratch_fd = -1,
		.kallsyms_fd = fake->kallsyms_fd,
		.btf_fd = -1,
		.pageflags_fd = fake->pageflags_fd,
		.phys_bits = 52,
	};
}

static int create(const char *dir, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert(fd >= 0, "%s", path);
	return fd;
}

void fake_write_sysroot(struct fake *fake, char *dir)
{
	char path[256];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/proc", dir);
	cr_assert_eq(mkdir(path, 0700), 0);
	fake->core_fd = create(dir, "proc/kcore");
	fake->kallsyms_fd = create(dir, "proc/kallsyms");
	fake->pageflags_fd = create(dir, "proc/kpageflags");
	write_core(fake, fake->core_fd);
	write_kallsyms(fake, fake->kallsyms_fd);
	write_pageflags(fake, fake->pageflags_fd);
	fake_close(fake);
}

void fake_remove_sysroot(const char *dir)
{
	static const char *const names[] = {"proc/kcore", "proc/kallsyms",
					    "proc/kpageflags", "proc", ""};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
}
