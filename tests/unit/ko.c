/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ko.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, MAX_HEADERS = 32 };

struct maker {
	unsigned char *bytes;
	size_t nr;
	Elf64_Shdr headers[MAX_HEADERS];
	size_t nr_headers;
	char names[1024];
	size_t nr_names;
};

static uint32_t add_name(struct maker *maker, const char *name)
{
	size_t at = maker->nr_names;

	strcpy(maker->names + at, name);
	maker->nr_names += strlen(name) + 1;
	return (uint32_t)at;
}

static Elf64_Shdr *add_section(struct maker *maker, const char *name, uint32_t type,
			       uint64_t flags, const void *data, uint64_t size_bytes)
{
	Elf64_Shdr *header = &maker->headers[maker->nr_headers++];

	maker->nr = (maker->nr + 15) & ~(size_t)15;
	*header = (Elf64_Shdr){.sh_name = add_name(maker, name),
			       .sh_type = type,
			       .sh_flags = flags,
			       .sh_offset = maker->nr,
			       .sh_size = size_bytes,
			       .sh_addralign = 8};
	if (type != SHT_NOBITS) {
		cr_assert(maker->nr + size_bytes < ROOM);
		if (size_bytes)
			memcpy(maker->bytes + maker->nr, data, size_bytes);
		maker->nr += size_bytes;
	}
	return header;
}

static void add_symbols(struct maker *maker, const struct ko *ko)
{
	Elf64_Sym symbols[16] = {0};
	char strings[512] = "";
	size_t nr = 1;
	Elf64_Shdr *header;

	for (size_t i = 0; i < ko->nr_symbols; i++) {
		const struct ko_symbol *symbol = &ko->symbols[i];

		symbols[i + 1] = (Elf64_Sym){
			.st_name = (Elf64_Word)nr,
			.st_info = (unsigned char)ELF64_ST_INFO(symbol->bind,
								symbol->type),
			.st_shndx = symbol->section,
			.st_value = symbol->value,
			.st_size = symbol->size_bytes,
		};
		strcpy(strings + nr, symbol->name);
		nr += strlen(symbol->name) + 1;
	}
	header = add_section(maker, ".symtab", SHT_SYMTAB, 0, symbols,
			     (ko->nr_symbols + 1) * sizeof(symbols[0]));
	header->sh_entsize = sizeof(Elf64_Sym);
	header->sh_link = (Elf64_Word)maker->nr_headers;
	add_section(maker, ".strtab", SHT_STRTAB, 0, strings, nr);
}

struct ko ko_of_code(const unsigned char *code, size_t size_bytes)
{
	return (struct ko){
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, code, size_bytes,
			      NULL, 0}},
		.nr_sections = 1,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0}},
		.nr_symbols = 1,
	};
}

unsigned char *ko_bytes(const struct ko *ko, size_t *size_bytes)
{
	struct maker maker = {.bytes = calloc(1, ROOM), .nr = sizeof(Elf64_Ehdr)};
	Elf64_Ehdr *head = (Elf64_Ehdr *)maker.bytes;
	size_t symtab = ko->nr_sections + 1;

	cr_assert_not_null(maker.bytes);
	maker.headers[maker.nr_headers++] = (Elf64_Shdr){0};
	add_name(&maker, "");
	for (size_t i = 0; i < ko->nr_sections; i++)
		add_section(&maker, ko->sections[i].name,
			    ko->sections[i].type ? ko->sections[i].type : SHT_PROGBITS,
			    ko->sections[i].flags, ko->sections[i].data,
			    ko->sections[i].size_bytes);
	add_symbols(&maker, ko);
	for (size_t i = 0; i < ko->nr_sections; i++) {
		Elf64_Shdr *header;

		if (!ko->sections[i].nr_rela)
			continue;
		header = add_section(&maker, ".rela", SHT_RELA, SHF_INFO_LINK,
				     ko->sections[i].rela,
				     ko->sections[i].nr_rela * sizeof(Elf64_Rela));
		header->sh_info = (Elf64_Word)i + 1;
		header->sh_link = (Elf64_Word)symtab;
		header->sh_entsize = sizeof(Elf64_Rela);
	}
	memcpy(head->e_ident, ELFMAG, SELFMAG);
	head->e_ident[EI_CLASS] = ELFCLASS64;
	head->e_ident[EI_DATA] = ELFDATA2LSB;
	head->e_ident[EI_VERSION] = EV_CURRENT;
	head->e_type = ET_REL;
	head->e_machine = EM_X86_64;
	head->e_version = EV_CURRENT;
	head->e_ehsize = sizeof(*head);
	head->e_shentsize = sizeof(Elf64_Shdr);
	head->e_shstrndx = (Elf64_Half)maker.nr_headers;
	add_section(&maker, ".shstrtab", SHT_STRTAB, 0, maker.names, maker.nr_names + 10);
	maker.nr = (maker.nr + 15) & ~(size_t)15;
	head->e_shoff = maker.nr;
	head->e_shnum = (Elf64_Half)maker.nr_headers;
	memcpy(maker.bytes + maker.nr, maker.headers,
	       maker.nr_headers * sizeof(maker.headers[0]));
	*size_bytes = maker.nr + maker.nr_headers * sizeof(maker.headers[0]);
	return maker.bytes;
}

void ko_wrap(const void *bytes, size_t size_bytes, struct kofile *ret)
{
	int fd = memfd_create("ko", MFD_CLOEXEC);

	cr_assert_eq(write(fd, bytes, size_bytes), (ssize_t)size_bytes);
	*ret = (struct kofile){
		.path = strdup("test.ko"), .fd = fd, .raw_bytes = size_bytes};
}

void ko_parse(const struct ko *ko, struct kofile *ret)
{
	struct error err = {0};
	size_t size_bytes;
	unsigned char *bytes = ko_bytes(ko, &size_bytes);

	ko_wrap(bytes, size_bytes, ret);
	free(bytes);
	cr_assert_eq(kofile_read(ret, &err), 0, "%s", err.message);
	cr_assert_eq(kofile_parse(ret, &err), 0, "%s", err.message);
}
