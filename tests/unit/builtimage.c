/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vmlinux as a build makes it. */
#include "builtimage.h"

#include <criterion/criterion.h>
#include <string.h>

#include "kcore/elf64.h"

static size_t append(struct builtimage *image, const void *bytes, size_t nr)
{
	size_t at = image->nr_bytes;

	cr_assert_leq(at + nr, sizeof(image->bytes));
	if (nr)
		memcpy(image->bytes + at, bytes, nr);
	image->nr_bytes += nr;
	return at;
}

void builtimage_make(struct builtimage *ret, const struct builtimage_section sections[],
		     size_t nr, const uint32_t relocs[], size_t nr_relocs)
{
	char names[512] = "";
	size_t nr_names = 1;
	Elf64_Ehdr head = {.e_type = ET_EXEC,
			   .e_machine = EM_X86_64,
			   .e_phoff = ELF64_EHDR_BYTES,
			   .e_phentsize = ELF64_PHDR_BYTES,
			   .e_phnum = (uint16_t)nr,
			   .e_shentsize = ELF64_SHDR_BYTES,
			   .e_shnum = (uint16_t)(nr + 2),
			   .e_shstrndx = (uint16_t)(nr + 1)};
	Elf64_Phdr phs[BUILTIMAGE_MAX_SECTIONS] = {0};
	Elf64_Shdr shs[BUILTIMAGE_MAX_SECTIONS + 2] = {0};

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	ret->nr_bytes = ELF64_EHDR_BYTES + nr * ELF64_PHDR_BYTES;
	for (size_t i = 0; i < nr; i++) {
		size_t at = append(ret, sections[i].bytes, sections[i].nr_bytes);

		phs[i] = (Elf64_Phdr){.p_type = PT_LOAD,
				      .p_offset = at,
				      .p_vaddr = sections[i].va,
				      .p_paddr = sections[i].va - 0xffffffff80000000,
				      .p_filesz = sections[i].nr_bytes};
		shs[i + 1] = (Elf64_Shdr){.sh_name = (uint32_t)nr_names,
					  .sh_type = SHT_PROGBITS,
					  .sh_flags = SHF_ALLOC,
					  .sh_addr = sections[i].va,
					  .sh_offset = at,
					  .sh_size = sections[i].nr_bytes};
		strcpy(names + nr_names, sections[i].name);
		nr_names += strlen(sections[i].name) + 1;
	}
	shs[nr + 1].sh_type = SHT_STRTAB;
	shs[nr + 1].sh_offset = append(ret, names, nr_names);
	shs[nr + 1].sh_size = nr_names;
	head.e_shoff = append(ret, shs, (nr + 2) * ELF64_SHDR_BYTES);
	append(ret, relocs, nr_relocs * sizeof(*relocs));
	memcpy(ret->bytes, &head, sizeof(head));
	memcpy(ret->bytes + ELF64_EHDR_BYTES, phs, nr * ELF64_PHDR_BYTES);
}
