/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF file that a kernel was linked as. */
#include "kcore/kernelfile.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/elf64.h"
#include "kcore/x86.h"

enum { MAX_BUILD_ID_BYTES = 20 };
/* After the names, so that a fixed-size look at the last one stays inside. */
enum { PADDING_BYTES = 8 };
/* VMCOREINFO tells of a dozen. */
enum { MIN_TOLD = 4 };

struct elf {
	Elf *elf;
	GElf_Shdr *sections; /* nr_sections of them */
	size_t nr_sections;
	Elf_Data *symbols, *names;
	char build_id[2 * MAX_BUILD_ID_BYTES + 1]; /* "": it has none */
};

size_t kernelfile_build_id(Elf_Data *notes, unsigned char *ret, size_t room)
{
	size_t at = 0, name_at, id_at;
	GElf_Nhdr note;

	while (notes && (at = gelf_getnote(notes, at, &note, &name_at, &id_at)) > 0) {
		const char *bytes = notes->d_buf;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp(bytes + name_at, "GNU", sizeof("GNU")) != 0 ||
		    note.n_descsz > room)
			continue;
		memcpy(ret, bytes + id_at, note.n_descsz);
		return note.n_descsz;
	}
	return 0;
}

static void take_build_id(struct elf *elf, Elf_Data *notes)
{
	unsigned char id[MAX_BUILD_ID_BYTES];
	size_t nr = kernelfile_build_id(notes, id, sizeof(id));

	for (size_t i = 0; i < nr; i++)
		sprintf(elf->build_id + 2 * i, "%02x", id[i]);
}

static bool is_kernel(Elf *elf)
{
	GElf_Ehdr header;

	return elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header) &&
	       header.e_machine == EM_X86_64 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
	       header.e_type == ET_EXEC;
}

static void close_elf(struct elf *elf)
{
	if (elf->elf)
		elf_end(elf->elf);
	free(elf->sections);
}

static int open_elf(struct elf *ret, int fd)
{
	Elf_Scn *section = NULL;

	elf_version(EV_CURRENT);
	ret->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!ret->elf || !is_kernel(ret->elf) ||
	    elf_getshdrnum(ret->elf, &ret->nr_sections) < 0)
		return -ENOENT;
	ret->sections = calloc(ret->nr_sections + 1, sizeof(*ret->sections));
	if (!ret->sections)
		return -ENOMEM;
	while ((section = elf_nextscn(ret->elf, section))) {
		GElf_Shdr *header = &ret->sections[elf_ndxscn(section)];

		if (!gelf_getshdr(section, header))
			return -ENOENT;
		if (header->sh_type == SHT_NOTE && !*ret->build_id)
			take_build_id(ret, elf_getdata(section, NULL));
		if (header->sh_type == SHT_SYMTAB && !ret->symbols) {
			ret->symbols = elf_getdata(section, NULL);
			ret->names = elf_getdata(elf_getscn(ret->elf, header->sh_link),
						 NULL);
		}
	}
	return 0;
}

static int check_build(const struct elf *elf, const struct vmcoreinfo *info,
		       const char *path, struct error *err)
{
	char id[2 * MAX_BUILD_ID_BYTES + 1];

	if (!*elf->build_id || vmcoreinfo_string(info, "BUILD-ID", id, sizeof(id)) < 0 ||
	    strcmp(id, elf->build_id) == 0)
		return 0;
	return error_set(err, ERROR_OTHER_BUILD, -EINVAL,
			 "%s: not the file of this kernel: its build id is %s, the "
			 "kernel's is %s",
			 path, elf->build_id, id);
}

int kernelfile_check_build(int fd, const struct vmcoreinfo *info, const char *path,
			   struct error *err)
{
	struct elf elf = {0};
	int r = open_elf(&elf, fd);

	r = r == -ENOENT ? 0 : r;
	if (r == 0)
		r = check_build(&elf, info, path, err);
	close_elf(&elf);
	return r;
}

/* nm's letter, as kallsyms has it; a hint. */
static char letter_of(const struct elf *elf, const GElf_Sym *symbol)
{
	const GElf_Shdr *section = symbol->st_shndx < elf->nr_sections
					   ? &elf->sections[symbol->st_shndx]
					   : NULL;
	char letter;

	if (GELF_ST_BIND(symbol->st_info) == STB_WEAK)
		return GELF_ST_TYPE(symbol->st_info) == STT_OBJECT ? 'V' : 'W';
	if (!section)
		letter = 'A';
	else if (section->sh_flags & SHF_EXECINSTR)
		letter = 'T';
	else if (section->sh_type == SHT_NOBITS)
		letter = 'B';
	else
		letter = section->sh_flags & SHF_WRITE ? 'D' : 'R';
	return (char)(GELF_ST_BIND(symbol->st_info) == STB_LOCAL ? letter | 0x20
								 : letter);
}

/* scripts/mksysmap: labels of the assembler's and checksums are no symbols. Absolute ones
 * are numbers of the assembler's, and places of the boot CPU's section before it is
 * copied.
 */
static bool is_left_out(const GElf_Sym *symbol, const char *name)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return *name == '\0' || type == STT_SECTION || type == STT_FILE ||
	       symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS ||
	       *name == '$' || strncmp(name, ".L", 2) == 0 ||
	       strncmp(name, "L0", 2) == 0 || strncmp(name, "__crc_", 6) == 0 ||
	       strlen(name) >= KALLSYMS_NAME_BYTES;
}

static int add_symbols(const struct elf *elf, struct listing *listing)
{
	size_t nr;
	int r = 0;

	if (!elf->symbols || !elf->names || !elf->names->d_buf)
		return -ENOENT;
	nr = elf->symbols->d_size / ELF64_SYM_BYTES;
	listing->text_bytes = elf->names->d_size;
	listing->text = calloc(1, elf->names->d_size + PADDING_BYTES);
	if (!listing->text)
		return -ENOMEM;
	memcpy(listing->text, elf->names->d_buf, elf->names->d_size);
	for (size_t i = 0; r == 0 && i < nr; i++) {
		GElf_Sym from;
		struct symbol symbol;

		if (!gelf_getsym(elf->symbols, (int)i, &from) ||
		    from.st_name >= listing->text_bytes ||
		    is_left_out(&from, listing->text + from.st_name))
			continue;
		symbol = (struct symbol){
			.address = from.st_value,
			.name = listing->text + from.st_name,
			.type = letter_of(elf, &from),
		};
		r = symbol_array_add(&listing->own, &symbol);
	}
	return r == 0 && listing->own.nr == 0 ? -ENOENT : r;
}

static bool is_weak(const struct symbol *symbol)
{
	return (symbol->type | 0x20) == 'w' || (symbol->type | 0x20) == 'v';
}

static bool ends_with(const char *text, const char *end)
{
	size_t nr = strlen(text), nr_end = strlen(end);

	return nr >= nr_end && strcmp(text + nr - nr_end, end) == 0;
}

/* As the linker may have made it at a section's ends. */
static bool is_of_linker(const struct symbol *symbol)
{
	const char *name = symbol->name;

	return strncmp(name, "__start_", 8) == 0 || strncmp(name, "__stop_", 7) == 0 ||
	       strncmp(name, "__end_", 6) == 0 ||
	       (strncmp(name, "__", 2) == 0 &&
		(ends_with(name, "_start") || ends_with(name, "_end")));
}

/* scripts/kallsyms.c:compare_symbols() */
static int compare(const void *a_ptr, const void *b_ptr)
{
	const struct symbol *a = a_ptr, *b = b_ptr;
	int r;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	r = is_weak(a) - is_weak(b);
	if (r == 0)
		r = is_of_linker(a) - is_of_linker(b);
	if (r == 0)
		r = (int)strspn(a->name, "_") - (int)strspn(b->name, "_");
	return r ? r : strcmp(a->name, b->name);
}

static const struct symbol *find(const struct listing *listing, const char *name)
{
	for (size_t i = 0; i < listing->own.nr; i++)
		if (strcmp(listing->own.array[i].name, name) == 0)
			return &listing->own.array[i];
	return NULL;
}

/* Holds SYMBOL(name)=address of @text against the file. mem_section's may be what it
 * points to, which is no place in the image (kernel/vmcore_info.c:
 * VMCOREINFO_SYMBOL_ARRAY).
 */
struct told {
	const struct listing *listing;
	uint64_t distance;
	size_t nr_same, nr_other;
};

static void hold_against(struct told *told, const char *line)
{
	const struct symbol *symbol;
	uint64_t address, distance;
	char name[64];

	if (sscanf(line, "SYMBOL(%63[A-Za-z0-9_])=%" SCNx64, name, &address) != 2 ||
	    address < X86_IMAGE_BASE)
		return;
	symbol = find(told->listing, name);
	if (!symbol || symbol->address < X86_IMAGE_BASE)
		return;
	distance = address - symbol->address;
	if (told->nr_same == 0)
		told->distance = distance;
	if (distance == told->distance)
		told->nr_same++;
	else
		told->nr_other++;
}

static int prove(const struct listing *listing, const struct vmcoreinfo *info,
		 uint64_t *ret_distance, const char *path, struct error *err)
{
	struct told told = {.listing = listing};
	char *text = strndup(info->text, info->size_bytes), *save;

	if (!text)
		return -ENOMEM;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		hold_against(&told, line);
	free(text);
	if (told.nr_other || told.nr_same < MIN_TOLD)
		return error_set(err, ERROR_OTHER_BUILD, -EINVAL,
				 "%s: not the file of this kernel: of the symbols that "
				 "the kernel tells of, %zu lie where the file has them "
				 "and %zu do not; it has to be of the very build",
				 path, told.nr_same, told.nr_other);
	*ret_distance = told.distance;
	return 0;
}

static int read_listing(const struct elf *elf, const struct vmcoreinfo *info,
			struct listing *listing, const char *path, struct error *err)
{
	uint64_t distance = 0;
	int r = check_build(elf, info, path, err);

	if (r == 0)
		r = add_symbols(elf, listing);
	if (r == 0)
		r = prove(listing, info, &distance, path, err);
	if (r < 0)
		return r;
	/* Offsets into the per-CPU section do not move with the kernel. */
	for (size_t i = 0; i < listing->own.nr; i++)
		if (listing->own.array[i].address >= X86_IMAGE_BASE)
			listing->own.array[i].address += distance;
	qsort(listing->own.array, listing->own.nr, sizeof(*listing->own.array), compare);
	return 0;
}

int kernelfile_symbols(struct listing *ret, int fd, const struct vmcoreinfo *info,
		       const char *path, struct error *err)
{
	struct listing listing = {0};
	struct elf elf = {0};
	int r = open_elf(&elf, fd);

	if (r == 0)
		r = read_listing(&elf, info, &listing, path, err);
	close_elf(&elf);
	if (r < 0)
		listing_close(&listing);
	else
		*ret = listing;
	return r;
}
