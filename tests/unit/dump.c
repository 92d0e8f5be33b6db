/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake kernel's memory, written in the forms of dumps. */
#include "dump.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "kcore/avml.h"
#include "kcore/kdump.h"
#include "room.h"

enum { PAGE = 4096, FAKE_HEAD_BYTES = 8192, NR_FRAMES = FAKE_RAM_BYTES / PAGE };

static unsigned char *memory;

static void take_memory(void)
{
	struct fake fake = {0};

	fake_write(&fake);
	if (!memory)
		memory = room_take(FAKE_RAM_BYTES);
	cr_assert_eq(pread(fake.core_fd, memory, FAKE_RAM_BYTES, FAKE_HEAD_BYTES),
		     FAKE_RAM_BYTES);
	fake_close(&fake);
	strcpy((char *)memory + FAKE_FREE_PA, fake_vmcoreinfo);
}

static void put(int fd, const void *bytes, size_t nr)
{
	cr_assert_eq(write(fd, bytes, nr), (ssize_t)nr);
}

static Elf64_Ehdr elf_header(void)
{
	Elf64_Ehdr ehdr = {
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};

	memcpy(ehdr.e_ident, ELFMAG, SELFMAG);
	ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	return ehdr;
}

static void write_elf(int fd)
{
	const Elf64_Ehdr ehdr = elf_header();
	const Elf64_Phdr phdr = {
		.p_type = PT_LOAD,
		.p_offset = sizeof(ehdr) + sizeof(phdr),
		.p_filesz = FAKE_RAM_BYTES,
		.p_memsz = FAKE_RAM_BYTES,
	};

	put(fd, &ehdr, sizeof(ehdr));
	put(fd, &phdr, sizeof(phdr));
	put(fd, memory, FAKE_RAM_BYTES);
}

/* Each frame has as many segments as make more than 65,535 of them. */
static void write_xnum(int fd)
{
	enum { NR_TIMES = 65 };
	Elf64_Ehdr ehdr = elf_header();
	const Elf64_Shdr shdr = {.sh_info = NR_FRAMES * NR_TIMES};
	uint64_t at = sizeof(ehdr) + sizeof(shdr) + shdr.sh_info * sizeof(Elf64_Phdr);

	_Static_assert(NR_FRAMES * NR_TIMES > PN_XNUM, "enough");
	ehdr.e_phnum = PN_XNUM;
	ehdr.e_shoff = sizeof(ehdr);
	ehdr.e_shentsize = sizeof(shdr);
	ehdr.e_phoff = sizeof(ehdr) + sizeof(shdr);
	put(fd, &ehdr, sizeof(ehdr));
	put(fd, &shdr, sizeof(shdr));
	for (size_t i = 0; i < shdr.sh_info; i++) {
		const Elf64_Phdr phdr = {
			.p_type = PT_LOAD,
			.p_vaddr = 0xffffc90000000000 + i * PAGE,
			.p_paddr = i % NR_FRAMES * PAGE,
			.p_offset = at + i % NR_FRAMES * PAGE,
			.p_filesz = PAGE,
			.p_memsz = PAGE,
		};

		put(fd, &phdr, sizeof(phdr));
	}
	put(fd, memory, FAKE_RAM_BYTES);
}

static const struct {
	uint64_t first, end;
} ranges[] = {{0, DUMP_HOLE_PA}, {DUMP_HOLE_END, FAKE_RAM_BYTES}};

static void put_range_header(int fd, const char *magic, uint32_t version, size_t i)
{
	const uint64_t bounds[] = {ranges[i].first, ranges[i].end - 1, 0};

	put(fd, magic, 4);
	put(fd, &version, sizeof(version));
	put(fd, bounds, sizeof(bounds));
}

static void write_lime(int fd)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		put_range_header(fd, "EMiL", 1, i);
		put(fd, memory + ranges[i].first, ranges[i].end - ranges[i].first);
	}
}

/* CRC-32C, bit by bit, and masked as in snappy's frames. */
static uint32_t sum_of(const unsigned char *bytes, size_t nr)
{
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < nr; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	}
	sum = ~sum;
	return (sum >> 15 | sum << 17) + 0xa282ead8;
}

/* A snappy block of one literal, or, of a chunk of one byte repeated, of copies of it:
 * what is not in it cannot have been taken from the file as it is.
 */
static size_t snappy_block(const unsigned char *bytes, size_t nr, unsigned char *ret)
{
	bool is_even = memcmp(bytes, bytes + 1, nr - 1) == 0;
	size_t n = 0, left = nr - 1;

	for (size_t rest = nr; rest; rest >>= 7)
		ret[n++] = (unsigned char)((rest & 0x7f) | (rest >> 7 ? 0x80 : 0));
	if (!is_even) {
		ret[n++] = 61 << 2; /* a literal whose length less 1 is in two bytes */
		ret[n++] = (nr - 1) & 0xff;
		ret[n++] = (unsigned char)((nr - 1) >> 8);
		memcpy(ret + n, bytes, nr);
		return n + nr;
	}
	ret[n++] = 0;
	ret[n++] = bytes[0];
	while (left > 0) {
		size_t copy = left < 64 ? left : 64;

		ret[n++] = (unsigned char)((copy - 1) << 2 | 2);
		ret[n++] = 1;
		ret[n++] = 0;
		left -= copy;
	}
	return n;
}

static uint64_t put_frames(int fd, const unsigned char *bytes, size_t nr)
{
	static const unsigned char start[] = "\xff\6\0\0sNaPpY";
	static unsigned char block[80000];
	uint64_t written = sizeof(start) - 1;

	put(fd, start, sizeof(start) - 1);
	for (size_t at = 0, n; at < nr; at += n) {
		uint32_t sum, head;
		size_t size;

		n = nr - at < 65536 ? nr - at : 65536;
		sum = sum_of(bytes + at, n);
		/* Every third chunk is as it is. */
		size = at / 65536 % 3 == 2 ? n : snappy_block(bytes + at, n, block);
		head = (uint32_t)(size + sizeof(sum)) << 8 | (at / 65536 % 3 == 2);
		put(fd, &head, sizeof(head));
		put(fd, &sum, sizeof(sum));
		put(fd, at / 65536 % 3 == 2 ? bytes + at : block, size);
		written += sizeof(head) + sizeof(sum) + size;
	}
	return written;
}

static void write_avml(int fd)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t size;

		put_range_header(fd, "AVML", 2, i);
		size = put_frames(fd, memory + ranges[i].first,
				  ranges[i].end - ranges[i].first);
		put(fd, &size, sizeof(size));
	}
}

/* makedumpfile's diskdump_mod.h: header, sub header, two bitmaps, page descriptors,
 * pages; a block each, but for the last two.
 */
static void write_kdump(int fd)
{
	static unsigned char block[PAGE];
	struct {
		int64_t offset;
		uint32_t size, flags;
		uint64_t page_flags;
	} page = {.offset = 4 * PAGE, .size = PAGE};
	const uint32_t numbers[] = {0, PAGE, 1, 2, NR_FRAMES, 0, 0, NR_FRAMES - 1, 0, 1};
	const uint32_t version = 6;
	const Elf64_Nhdr note = {.n_namesz = 11,
				 .n_descsz = (Elf64_Word)strlen(fake_vmcoreinfo)};
	const uint64_t phys_base = FAKE_PHYS_BASE, note_at = PAGE + 104,
		       note_bytes = sizeof(note) + 12 + (note.n_descsz + 3) / 4 * 4,
		       end = NR_FRAMES;

	memset(block, 0, PAGE);
	memcpy(block, "KDUMP   ", 8);
	memcpy(block + 8, &version, sizeof(version));
	strcpy((char *)block + 12, "Linux");
	strcpy((char *)block + 12 + 2 * 65, "6.1.0-fake-amd64");
	strcpy((char *)block + 12 + 4 * 65, "x86_64");
	memcpy(block + 424, numbers, sizeof(numbers));
	put(fd, block, PAGE);
	memset(block, 0, PAGE);
	memcpy(block, &phys_base, 8);
	memcpy(block + 48, &note_at, 8);
	memcpy(block + 56, &note_bytes, 8);
	memcpy(block + 88, &end, 8);
	memcpy(block + 96, &end, 8);
	memcpy(block + 104, &note, sizeof(note));
	strcpy((char *)block + 104 + sizeof(note), "VMCOREINFO");
	memcpy(block + 104 + sizeof(note) + 12, fake_vmcoreinfo, note.n_descsz);
	put(fd, block, PAGE);
	memset(block, 0, PAGE);
	memset(block, 0xff, NR_FRAMES / 8);
	put(fd, block, PAGE);
	block[DUMP_LEFT_OUT_PA / PAGE / 8] &= (unsigned char)~(1U << DUMP_LEFT_OUT_PA /
									     PAGE % 8);
	put(fd, block, PAGE);
	page.offset += (int64_t)((NR_FRAMES - 1) * sizeof(page));
	for (size_t i = 0; i < NR_FRAMES - 1; i++, page.offset += PAGE)
		put(fd, &page, sizeof(page));
	for (size_t i = 0; i < NR_FRAMES; i++)
		if (i != DUMP_LEFT_OUT_PA / PAGE)
			put(fd, memory + i * PAGE, PAGE);
}

/* As xl dump-core writes an HVM domain: xen/docs/misc/dump-core-format.txt. The second
 * half of memory comes first, and a page of none is between.
 */
static void write_xen(int fd)
{
	static const char names[] = "\0.shstrtab\0.xen_pages\0.xen_pfn";
	static uint64_t pfns[NR_FRAMES + 1];
	Elf64_Ehdr ehdr = elf_header();
	Elf64_Shdr shdrs[4] = {{.sh_type = SHT_NULL},
			       {.sh_name = 1, .sh_type = SHT_STRTAB},
			       {.sh_name = 11, .sh_type = SHT_PROGBITS},
			       {.sh_name = 22, .sh_type = SHT_PROGBITS}};

	ehdr.e_phoff = 0;
	ehdr.e_phnum = 0;
	ehdr.e_shoff = sizeof(ehdr);
	ehdr.e_shentsize = sizeof(shdrs[0]);
	ehdr.e_shnum = 4;
	ehdr.e_shstrndx = 1;
	shdrs[1].sh_offset = sizeof(ehdr) + sizeof(shdrs);
	shdrs[1].sh_size = sizeof(names);
	shdrs[2].sh_offset = PAGE;
	shdrs[2].sh_size = (NR_FRAMES + 1) * PAGE;
	shdrs[2].sh_entsize = PAGE;
	shdrs[3].sh_offset = shdrs[2].sh_offset + shdrs[2].sh_size;
	shdrs[3].sh_size = sizeof(pfns);
	shdrs[3].sh_entsize = sizeof(pfns[0]);
	for (size_t i = 0; i <= NR_FRAMES; i++)
		pfns[i] = i < NR_FRAMES / 2    ? i + NR_FRAMES / 2
			  : i == NR_FRAMES / 2 ? UINT64_MAX
					       : i - NR_FRAMES / 2 - 1;
	put(fd, &ehdr, sizeof(ehdr));
	put(fd, shdrs, sizeof(shdrs));
	put(fd, names, sizeof(names));
	cr_assert_eq(lseek(fd, PAGE, SEEK_SET), PAGE);
	for (size_t i = 0; i <= NR_FRAMES; i++)
		put(fd, memory + (pfns[i] == UINT64_MAX ? 5 : pfns[i]) * PAGE, PAGE);
	put(fd, pfns, sizeof(pfns));
}

/* As VirtualBox's dumpvmcore writes it: src/VBox/VMM/VMMR3/DBGFCoreWrite.cpp. A note for
 * the machine and one for the CPU, RAM by physical address, and a range of MMIO without
 * bytes.
 */
static void write_vbox(int fd)
{
	static const struct {
		Elf64_Nhdr nhdr;
		char name[8];
		uint32_t words[6];
	} note = {{7, 24, 0xb00}, "VBCORE", {0xc01ac0de, 0x00010006, 0x07000000, 0, 1}};
	Elf64_Ehdr ehdr = elf_header();
	Elf64_Phdr phdrs[3] = {
		{.p_type = PT_NOTE, .p_offset = 1024, .p_filesz = sizeof(note)},
		{.p_type = PT_LOAD,
		 .p_offset = PAGE,
		 .p_filesz = FAKE_RAM_BYTES,
		 .p_memsz = FAKE_RAM_BYTES},
		{.p_type = PT_LOAD, .p_paddr = 0xfee00000, .p_memsz = PAGE},
	};

	ehdr.e_phnum = 3;
	put(fd, &ehdr, sizeof(ehdr));
	put(fd, phdrs, sizeof(phdrs));
	cr_assert_eq(lseek(fd, 1024, SEEK_SET), 1024);
	put(fd, &note, sizeof(note));
	cr_assert_eq(lseek(fd, PAGE, SEEK_SET), PAGE);
	put(fd, memory, FAKE_RAM_BYTES);
}

static void write_raw(int fd)
{
	put(fd, memory, FAKE_RAM_BYTES);
}

/* One tag: its value is a number of 4 bytes. @index: SIZE_MAX for none. Layout: crash's
 * vmware_vmss.h, by VMware.
 */
static void put_tag(int fd, const char *name, size_t index, uint32_t number)
{
	const unsigned char head[2] = {
		(unsigned char)(4 | (index != SIZE_MAX) << 6),
		(unsigned char)strlen(name),
	};
	const uint32_t first = (uint32_t)index;

	put(fd, head, sizeof(head));
	put(fd, name, strlen(name));
	if (index != SIZE_MAX)
		put(fd, &first, sizeof(first));
	put(fd, &number, sizeof(number));
}

/* A block with two indices and 100 bytes of padding. */
static void put_memory_block(int fd, bool is_packed)
{
	const unsigned char head[2] = {is_packed ? 2 << 6 | 62 : 2 << 6 | 63, 6};
	const uint32_t indices[2] = {0, 0};
	const uint64_t bytes = FAKE_RAM_BYTES - (DUMP_HOLE_END - DUMP_HOLE_PA);
	static const unsigned char padding[100];
	const uint16_t nr_padding = sizeof(padding);

	put(fd, head, sizeof(head));
	put(fd, "Memory", 6);
	put(fd, indices, sizeof(indices));
	put(fd, &bytes, sizeof(bytes));
	put(fd, &bytes, sizeof(bytes));
	put(fd, &nr_padding, sizeof(nr_padding));
	put(fd, padding, sizeof(padding));
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		put(fd, memory + ranges[i].first, ranges[i].end - ranges[i].first);
}

static void put_state(int fd, const struct dump_vmware *state)
{
	const uint32_t header[3] = {0xbed2bed2, 8, 2};
	struct {
		char name[64];
		uint64_t offset, bytes;
	} groups[2] = {{"Checkpoint", sizeof(header) + sizeof(groups), 2},
		       {"", sizeof(header) + sizeof(groups) + 2, 0}};

	strcpy(groups[1].name, state->group);
	put(fd, header, sizeof(header));
	put(fd, groups, sizeof(groups));
	put(fd, "\0", 2);
	put_tag(fd, "align_mask", SIZE_MAX, 0xffff);
	if (state->nr_regions)
		put_tag(fd, "regionsCount", SIZE_MAX, state->nr_regions);
	for (size_t i = 0; i < 2 && state->nr_regions; i++) {
		put_tag(fd, "regionPageNum", i, state->regions[i].page);
		put_tag(fd, "regionPPN", i, state->regions[i].frame);
		if (i == 0 || !state->lacks_size)
			put_tag(fd, "regionSize", i, state->regions[i].nr);
	}
	if (state->has_memory)
		put_memory_block(fd, state->is_packed);
	put(fd, "\0", 2);
}

static const struct dump_vmware vmware = {
	.group = "memory",
	.nr_regions = 2,
	.regions = {{0, 0, DUMP_HOLE_PA / PAGE},
		    {DUMP_HOLE_END / PAGE, DUMP_HOLE_PA / PAGE,
		     (FAKE_RAM_BYTES - DUMP_HOLE_END) / PAGE}},
};

int dump_write_state(void (*change)(struct dump_vmware *state))
{
	struct dump_vmware state = vmware;
	int fd = memfd_create("vmss", MFD_CLOEXEC);

	cr_assert(fd >= 0);
	take_memory();
	if (change)
		change(&state);
	put_state(fd, &state);
	return fd;
}

int dump_write_vmem(void)
{
	int fd = memfd_create("vmem", MFD_CLOEXEC);

	cr_assert(fd >= 0);
	take_memory();
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		put(fd, memory + ranges[i].first, ranges[i].end - ranges[i].first);
	return fd;
}

static void write_vmsn(int fd)
{
	struct dump_vmware state = vmware;

	state.has_memory = true;
	put_state(fd, &state);
}

int dump_write(enum dump_form form)
{
	static void (*const writers[DUMP_NR_FORMS])(int) = {
		[DUMP_ELF] = write_elf,	  [DUMP_XNUM] = write_xnum,
		[DUMP_LIME] = write_lime, [DUMP_AVML] = write_avml,
		[DUMP_XEN] = write_xen,	  [DUMP_VBOX] = write_vbox,
		[DUMP_RAW] = write_raw,	  [DUMP_KDUMP] = write_kdump,
		[DUMP_VMSN] = write_vmsn,
	};
	int fd = memfd_create("dump", MFD_CLOEXEC);

	cr_assert(fd >= 0);
	take_memory();
	writers[form](fd);
	return fd;
}

int dump_flatten(int fd, size_t record_bytes)
{
	static const unsigned char signature[PAGE] = "makedumpfile\0\0\0\0"
						     "\0\0\0\0\0\0\0\1"
						     "\0\0\0\0\0\0\0\1";
	static const uint64_t end[2] = {UINT64_MAX, UINT64_MAX};
	int flat = memfd_create("flat", MFD_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes = malloc(record_bytes);

	put(flat, signature, sizeof(signature));
	for (off_t at = (size - 1) / (off_t)record_bytes * (off_t)record_bytes; at >= 0;
	     at -= (off_t)record_bytes) {
		ssize_t n = pread(fd, bytes, record_bytes, at);
		const uint64_t record[2] = {htobe64((uint64_t)at), htobe64((uint64_t)n)};

		put(flat, record, sizeof(record));
		put(flat, bytes, (size_t)n);
	}
	put(flat, end, sizeof(end));
	free(bytes);
	close(fd);
	return flat;
}

int dump_pack(int fd, const char *program)
{
	int packed = memfd_create("packed", MFD_CLOEXEC);
	char command[128];

	snprintf(command, sizeof(command), "%s -qc </proc/%d/fd/%d >/proc/%d/fd/%d",
		 program, getpid(), fd, getpid(), packed);
	cr_assert_eq(system(command), 0, "%s", command);
	close(fd);
	return packed;
}

int dump_open(struct dump *ret, int fd, struct error *err)
{
	int r;

	kdump_load();
	avml_load();
	ret->source = (struct source){
		.core_path = (char *)"dump",
		.kallsyms_path = (char *)"dump",
		.core_fd = fd,
		.scratch_fd = memfd_create("scratch", MFD_CLOEXEC),
		.kallsyms_fd = -1,
		.btf_fd = -1,
		.pageflags_fd = -1,
		.phys_bits = 52,
	};
	r = kernel_open(&ret->kernel, &ret->source, err);
	if (r < 0) {
		close(ret->source.scratch_fd);
		close(fd);
	}
	return r;
}

void dump_close(struct dump *dump)
{
	kernel_close(&dump->kernel);
	close(dump->source.scratch_fd);
	close(dump->source.core_fd);
}
