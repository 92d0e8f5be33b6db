// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump-forms FORM IN OUT
 *
 * Dumps in forms that nothing here writes, from their published layouts:
 *
 *	avml	of raw memory: AVML's version 2 (avml's src/image.rs, snappy's
 *		framing_format.txt)
 *	vmem	of raw memory: VMware's, without the hole; OUT.vmem and OUT.vmss (crash's
 *		vmware_vmss.h)
 *	vmsn	the same in one file
 *	xen	of raw memory: xl dump-core of an HVM domain (dump-core-format.txt), the
 *		second half of memory first
 *	snappy, zstd
 *		of a KDUMP whose pages are as they were: with packed pages (makedumpfile's
 *		diskdump_mod.h)
 *
 *	big-elf, big-lime
 *		of raw memory: besides, 64 GiB of RAM, which is a hole in the file
 *	big-kdump
 *		of a KDUMP: besides, 64 GiB of RAM that was left out
 *
 * A PC's hole from HOLE to HOLE_END, where no RAM is, is left out of all but the last.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#ifdef KWCHECK_SNAPPY
#include <snappy-c.h>
#endif

enum { PAGE = 4096, CHUNK = 65536, PADDING = 100 };
static const uint64_t BIG = 4ULL << 30, BIG_BYTES = 64ULL << 30;
static const uint64_t HOLE = 0xa0000, HOLE_END = 0x100000;

static const unsigned char *in;
static uint64_t in_bytes;
static FILE *out;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(const void *bytes, size_t nr)
{
	if (fwrite(bytes, 1, nr, out) != nr)
		die("write");
}

static void put32(uint32_t number)
{
	put(&number, sizeof(number));
}

static void put64(uint64_t number)
{
	put(&number, sizeof(number));
}

static size_t pack_snappy(const void *bytes, size_t nr, void *ret, size_t room)
{
#ifdef KWCHECK_SNAPPY
	return snappy_compress(bytes, nr, ret, &room) == SNAPPY_OK ? room : 0;
#else
	(void)bytes, (void)nr, (void)ret, (void)room;
	return 0;
#endif
}

static size_t pack_zstd(const void *bytes, size_t nr, void *ret, size_t room)
{
	size_t size = ZSTD_compress(ret, room, bytes, nr, 1);

	return ZSTD_isError(size) ? 0 : size;
}

/* CRC-32C, masked as in snappy's frames. */
static uint32_t sum_of(const unsigned char *bytes, size_t nr)
{
	static uint32_t table[256];
	uint32_t sum = UINT32_MAX;

	for (uint32_t i = 0; table[1] == 0 || i < 256; i++) {
		table[i % 256] = i % 256;
		for (int bit = 0; bit < 8; bit++)
			table[i % 256] = table[i % 256] >> 1 ^
					 (table[i % 256] & 1 ? 0x82f63b78 : 0);
	}
	for (size_t i = 0; i < nr; i++)
		sum = table[(sum ^ bytes[i]) & 0xff] ^ sum >> 8;
	sum = ~sum;
	return (sum >> 15 | sum << 17) + 0xa282ead8;
}

static void put_avml_range(uint64_t first, uint64_t end)
{
	static unsigned char packed[CHUNK * 2];
	static const unsigned char start[] = "\xff\6\0\0sNaPpY";
	uint64_t written = sizeof(start) - 1;

	put("AVML\2\0\0\0", 8);
	put64(first);
	put64(end - 1);
	put64(0);
	put(start, sizeof(start) - 1);
	for (uint64_t at = first, n; at < end; at += n) {
		size_t size;

		n = end - at < CHUNK ? end - at : CHUNK;
		size = pack_snappy(in + at, n, packed, sizeof(packed));
		/* What does not get smaller is as it is: type 1. */
		if (size == 0 || size >= n)
			put32((uint32_t)(n + 4) << 8 | 1);
		else
			put32((uint32_t)(size + 4) << 8);
		put32(sum_of(in + at, n));
		written += 8 + (size == 0 || size >= n ? n : size);
		put(size == 0 || size >= n ? in + at : packed,
		    size == 0 || size >= n ? n : size);
	}
	put64(written);
}

static void write_avml(void)
{
	put_avml_range(0, HOLE);
	put_avml_range(HOLE_END, in_bytes);
}

/* A tag whose value is a number of 4 bytes; @index -1: none. */
static void put_tag(const char *name, int index, uint32_t number)
{
	const unsigned char head[2] = {(unsigned char)(4 | (index >= 0) << 6),
				       (unsigned char)strlen(name)};

	put(head, sizeof(head));
	put(name, strlen(name));
	if (index >= 0)
		put32((uint32_t)index);
	put32(number);
}

static void put_vmem(void)
{
	put(in, HOLE);
	put(in + HOLE_END, in_bytes - HOLE_END);
}

static void put_state(bool has_memory)
{
	struct {
		char name[64];
		uint64_t offset, bytes;
	} group = {"memory", 12 + sizeof(group), 0};

	put32(0xbed2bed2);
	put32(8);
	put32(1);
	put(&group, sizeof(group));
	put_tag("regionsCount", -1, 2);
	put_tag("regionPageNum", 0, 0);
	put_tag("regionPPN", 0, 0);
	put_tag("regionSize", 0, (uint32_t)(HOLE / PAGE));
	put_tag("regionPageNum", 1, (uint32_t)(HOLE / PAGE));
	put_tag("regionPPN", 1, (uint32_t)(HOLE_END / PAGE));
	put_tag("regionSize", 1, (uint32_t)((in_bytes - HOLE_END) / PAGE));
	if (has_memory) {
		static const unsigned char padding[PADDING];
		const uint16_t nr_padding = PADDING;

		/* A block of two indices, and its bytes in the file and in memory. */
		put("\xbf\6Memory\0\0\0\0\0\0\0\0", 16);
		put64(in_bytes - (HOLE_END - HOLE));
		put64(in_bytes - (HOLE_END - HOLE));
		put(&nr_padding, sizeof(nr_padding));
		put(padding, sizeof(padding));
		put_vmem();
	}
	put("\0", 2);
}

static FILE *open_out(const char *path, const char *ending)
{
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", path, ending);
	file = fopen(name, "wb");
	if (!file)
		die(name);
	return file;
}

static void write_vmem(const char *path)
{
	out = open_out(path, ".vmss");
	put_state(false);
	if (fclose(out) != 0)
		die(path);
	out = open_out(path, ".vmem");
	put_vmem();
}

/* The frame that page @i of the file is. */
static uint64_t xen_frame(uint64_t i, uint64_t nr)
{
	uint64_t second = nr - nr / 2;

	i = i < second ? nr / 2 + i : i - second;
	return i < HOLE / PAGE ? i : i + (HOLE_END - HOLE) / PAGE;
}

static void write_xen(void)
{
	static const char names[] = "\0.shstrtab\0.xen_pages\0.xen_pfn";
	static const unsigned char page[PAGE];
	uint64_t nr = (in_bytes - (HOLE_END - HOLE)) / PAGE;
	const Elf64_Ehdr ehdr = {
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(ehdr),
		.e_shoff = sizeof(ehdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 4,
		.e_shstrndx = 1,
	};
	const Elf64_Shdr shdrs[4] = {
		{.sh_type = SHT_NULL},
		{.sh_name = 1,
		 .sh_type = SHT_STRTAB,
		 .sh_offset = sizeof(ehdr) + sizeof(shdrs),
		 .sh_size = sizeof(names)},
		{.sh_name = 11,
		 .sh_type = SHT_PROGBITS,
		 .sh_offset = PAGE,
		 .sh_size = nr * PAGE,
		 .sh_entsize = PAGE},
		{.sh_name = 22,
		 .sh_type = SHT_PROGBITS,
		 .sh_offset = PAGE + nr * PAGE,
		 .sh_size = nr * 8,
		 .sh_entsize = 8},
	};

	put(&ehdr, sizeof(ehdr));
	put(shdrs, sizeof(shdrs));
	put(names, sizeof(names));
	put(page, PAGE - sizeof(ehdr) - sizeof(shdrs) - sizeof(names));
	for (uint64_t i = 0; i < nr; i++)
		put(in + xen_frame(i, nr) * PAGE, PAGE);
	for (uint64_t i = 0; i < nr; i++)
		put64(xen_frame(i, nr));
}

/* struct page_desc of diskdump_mod.h. */
struct page {
	int64_t offset;
	uint32_t size_bytes, flags;
	uint64_t page_flags;
};

static uint32_t number_at(uint64_t at)
{
	uint32_t number;

	memcpy(&number, in + at, sizeof(number));
	return number;
}

static uint64_t count_bits(uint64_t at, uint64_t end)
{
	uint64_t nr = 0;

	for (; at < end; at++)
		nr += (uint64_t)__builtin_popcount(in[at]);
	return nr;
}

/* Writes the bytes of the page at @offset of the input, packed where that makes them
 * less. */
static void put_page(uint64_t offset, uint32_t flag, struct page *ret)
{
	static unsigned char packed[PAGE * 2];
	size_t size = (flag == 4 ? pack_snappy : pack_zstd)(in + offset, PAGE, packed,
							    sizeof(packed));
	bool is_packed = size && size < PAGE;

	ret->offset = ftell(out);
	ret->flags = is_packed ? flag : 0;
	ret->size_bytes = is_packed ? (uint32_t)size : PAGE;
	put(is_packed ? packed : in + offset, ret->size_bytes);
}

static void write_kdump(uint32_t flag)
{
	/* The sub header's and the two bitmaps' blocks follow the header's. */
	uint64_t bitmaps = (1 + (uint64_t)number_at(432)) * PAGE,
		 descs = bitmaps + (uint64_t)number_at(436) * PAGE,
		 nr = count_bits(bitmaps + (descs - bitmaps) / 2, descs),
		 data = descs + nr * sizeof(struct page);
	struct page *pages = calloc(nr, sizeof(*pages)), shared = {0};

	if (!pages || memcmp(in, "KDUMP   ", 8) != 0)
		die("no KDUMP");
	put(in, data);
	memcpy(pages, in + descs, nr * sizeof(*pages));
	/* The first bytes are those that pages of zeros share, or are one page's alone.
	 */
	put_page(data, flag, &shared);
	for (uint64_t i = 0; i < nr; i++) {
		uint64_t page_flags = pages[i].page_flags;

		if ((uint64_t)pages[i].offset == data)
			pages[i] = shared;
		else
			put_page((uint64_t)pages[i].offset, flag, &pages[i]);
		pages[i].page_flags = page_flags;
	}
	if (fseek(out, (long)descs, SEEK_SET) != 0)
		die("seek");
	put(pages, nr * sizeof(*pages));
	/* How its pages are packed. */
	if (fseek(out, 424, SEEK_SET) != 0)
		die("seek");
	put32(flag);
	free(pages);
}

/* What is behind the bytes written so far is a hole. */
static void put_hole(uint64_t bytes)
{
	if (fflush(out) != 0 || ftruncate(fileno(out), (off_t)(ftell(out) + bytes)) != 0)
		die("hole");
}

static void write_big_elf(void)
{
	const Elf64_Ehdr ehdr = {
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(ehdr),
		.e_phoff = sizeof(ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	const Elf64_Phdr phdrs[2] = {
		{.p_type = PT_LOAD,
		 .p_offset = sizeof(ehdr) + sizeof(phdrs),
		 .p_filesz = in_bytes,
		 .p_memsz = in_bytes},
		{.p_type = PT_LOAD,
		 .p_offset = sizeof(ehdr) + sizeof(phdrs) + in_bytes,
		 .p_paddr = BIG,
		 .p_filesz = BIG_BYTES,
		 .p_memsz = BIG_BYTES},
	};

	put(&ehdr, sizeof(ehdr));
	put(phdrs, sizeof(phdrs));
	put(in, in_bytes);
	put_hole(BIG_BYTES);
}

static void put_lime_header(uint64_t first, uint64_t end)
{
	put("EMiL\1\0\0\0", 8);
	put64(first);
	put64(end - 1);
	put64(0);
}

static void write_big_lime(void)
{
	put_lime_header(0, in_bytes);
	put(in, in_bytes);
	put_lime_header(BIG, BIG + BIG_BYTES);
	put_hole(BIG_BYTES);
}

/* The bitmaps grow: frames that there were from BIG on, and none of them in the file. */
static void write_big_kdump(void)
{
	uint64_t bitmaps = (1 + (uint64_t)number_at(432)) * PAGE,
		 half = (uint64_t)number_at(436) * PAGE / 2,
		 nr = count_bits(bitmaps + half, bitmaps + 2 * half),
		 big_half = (BIG + BIG_BYTES) / PAGE / 8, at = bitmaps + 2 * half;
	unsigned char *bits = calloc(2, big_half);

	if (!bits || memcmp(in, "KDUMP   ", 8) != 0)
		die("no KDUMP");
	put(in, bitmaps);
	memcpy(bits, in + bitmaps, half);
	memset(bits + BIG / PAGE / 8, 0xff, BIG_BYTES / PAGE / 8);
	memcpy(bits + big_half, in + bitmaps + half, half);
	put(bits, 2 * big_half);
	free(bits);
	for (uint64_t i = 0; i < nr; i++) {
		struct page page;

		memcpy(&page, in + at + i * sizeof(page), sizeof(page));
		page.offset += (int64_t)(2 * (big_half - half));
		put(&page, sizeof(page));
	}
	put(in + at + nr * sizeof(struct page), in_bytes - at - nr * sizeof(struct page));
	if (fseek(out, 436, SEEK_SET) != 0)
		die("seek");
	put32((uint32_t)(2 * big_half / PAGE));
	put32((uint32_t)((BIG + BIG_BYTES) / PAGE));
	if (fseek(out, PAGE + 96, SEEK_SET) != 0)
		die("seek");
	put64((BIG + BIG_BYTES) / PAGE);
}

int main(int argc, char **argv)
{
	int fd = argc == 4 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die("dump-forms FORM IN OUT");
	in_bytes = (uint64_t)st.st_size;
	in = mmap(NULL, in_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (in == MAP_FAILED)
		die(argv[2]);
	if (strcmp(argv[1], "vmem") != 0)
		out = open_out(argv[3], "");
	if (strcmp(argv[1], "avml") == 0)
		write_avml();
	else if (strcmp(argv[1], "vmem") == 0)
		write_vmem(argv[3]);
	else if (strcmp(argv[1], "vmsn") == 0)
		put_state(true);
	else if (strcmp(argv[1], "xen") == 0)
		write_xen();
	else if (strcmp(argv[1], "big-elf") == 0)
		write_big_elf();
	else if (strcmp(argv[1], "big-lime") == 0)
		write_big_lime();
	else if (strcmp(argv[1], "big-kdump") == 0)
		write_big_kdump();
	else
		write_kdump(strcmp(argv[1], "snappy") == 0 ? 4 : 0x20);
	return fclose(out) == 0 ? 0 : 1;
}
