/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unname FILE: takes name, type and size from every symbol that the module FILE defines,
 * and the names from all sections but those that the kernel's loader knows by name: more
 * than strip(1) would take.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kernel/module/main.c, arch/x86/kernel/module.c; what begins so is kept, too. */
static const char *const known[] = {
	".init",	 ".exit",
	".modinfo",	 "__",
	".data..ro",	 ".gnu.linkonce.this_module",
	".data..percpu", ".alt",
	".static_call",	 ".orc",
	".return_sites", ".retpoline_sites",
	".call_sites",	 ".ibt",
	".cfi",		 ".parainstructions",
	".smp_locks",	 ".symtab",
	".strtab",	 ".shstrtab",
};

static int is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(name, known[i], strlen(known[i])) == 0)
			return 1;
	return 0;
}

static void unname(unsigned char *bytes)
{
	Elf64_Ehdr *header = (void *)bytes;
	Elf64_Shdr *sections = (void *)(bytes + header->e_shoff);
	const char *names = (const char *)bytes + sections[header->e_shstrndx].sh_offset;

	for (unsigned i = 1; i < header->e_shnum; i++) {
		Elf64_Sym *symbols = (void *)(bytes + sections[i].sh_offset);

		if (!is_known(names + sections[i].sh_name))
			sections[i].sh_name = 0;
		for (size_t j = 1; sections[i].sh_type == SHT_SYMTAB &&
				   j < sections[i].sh_size / sizeof(*symbols);
		     j++) {
			if (symbols[j].st_shndx == SHN_UNDEF)
				continue;
			symbols[j].st_name = 0;
			symbols[j].st_size = 0;
			if (ELF64_ST_TYPE(symbols[j].st_info) != STT_SECTION)
				symbols[j].st_info = ELF64_ST_INFO(
					ELF64_ST_BIND(symbols[j].st_info), STT_NOTYPE);
		}
	}
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "r+b") : NULL;
	unsigned char *bytes;
	long size;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) <= 0)
		return 1;
	bytes = malloc((size_t)size);
	rewind(file);
	if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
		return 1;
	unname(bytes);
	rewind(file);
	if (fwrite(bytes, 1, (size_t)size, file) != (size_t)size || fclose(file) != 0)
		return 1;
	free(bytes);
	return 0;
}
