// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * page-hashes 0xSTART 0xEND: the address and a hash of each page of the running kernel's
 * memory, from /proc/kcore.
 */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 4096, MAX_SEGMENTS = 512 };

static uint64_t hash_of(const unsigned char *bytes)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < PAGE; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

int main(int argc, char **argv)
{
	static Elf64_Phdr segments[MAX_SEGMENTS];
	unsigned char bytes[PAGE];
	Elf64_Ehdr header;
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	size_t nr;

	if (argc != 3 || fd < 0 || read(fd, &header, sizeof(header)) != sizeof(header))
		return 1;
	nr = header.e_phnum < MAX_SEGMENTS ? header.e_phnum : MAX_SEGMENTS;
	if (pread(fd, segments, nr * sizeof(segments[0]), (off_t)header.e_phoff) < 0)
		return 1;
	for (uint64_t va = strtoull(argv[1], NULL, 16) & ~(uint64_t)(PAGE - 1);
	     va < strtoull(argv[2], NULL, 16); va += PAGE)
		for (size_t i = 0; i < nr; i++) {
			const Elf64_Phdr *segment = &segments[i];

			if (segment->p_type != PT_LOAD ||
			    va - segment->p_vaddr >= segment->p_filesz)
				continue;
			if (pread(fd, bytes, PAGE,
				  (off_t)(segment->p_offset + (va - segment->p_vaddr))) !=
			    PAGE)
				return 1;
			printf("%016" PRIx64 " %016" PRIx64 "\n", va, hash_of(bytes));
			break;
		}
	return 0;
}
