/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can preflight see what it has to see of this kernel? A module is clean only then. */
#include "preflight/sight.h"

#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "module/kcfi.h"

enum { UNDEFINED = 0, CODE, RELA, CONSTANT, SYMTAB, STRTAB, NR_SECTIONS };
enum { NR_SYMBOLS = 3 };

static const char strings[] = "\0init_module\0constant\0.init.text\0.rela.init.text\0"
			      ".rodata\0.symtab\0.strtab";
enum {
	INIT_MODULE = 1,
	A_CONSTANT = 13,
	INIT_TEXT = 22,
	RELA_TEXT = 33,
	RODATA = 49,
	SYMTAB_NAME = 57,
	STRTAB_NAME = 65
};

/* The file of a module whose init_module() writes to its own constant. */
struct tiny {
	Elf64_Ehdr header;
	unsigned char code[8];
	unsigned char constant[8];
	Elf64_Rela rela;
	Elf64_Sym symbols[NR_SYMBOLS];
	char strings[sizeof(strings)];
	Elf64_Shdr sections[NR_SECTIONS] __attribute__((aligned(8)));
};

#define PLACED(member)                              \
	.sh_offset = offsetof(struct tiny, member), \
	.sh_size = sizeof(((struct tiny *)0)->member), .sh_addralign = 8

static void make_tiny(struct tiny *ret)
{
	*ret = (struct tiny){
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				       ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_REL,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_shoff = offsetof(struct tiny, sections),
			   .e_ehsize = offsetof(struct tiny, code),
			   .e_shentsize = ELF64_SHDR_BYTES,
			   .e_shnum = NR_SECTIONS,
			   .e_shstrndx = STRTAB},
		/* movb $0, constant(%rip); ret */
		.code = {0xc6, 0x05, 0, 0, 0, 0, 0, 0xc3},
		.rela = {2, ELF64_R_INFO(2, R_X86_64_PC32), -5},
		.symbols = {[1] = {.st_name = INIT_MODULE,
				   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
				   .st_shndx = CODE,
				   .st_size = 8},
			    [2] = {.st_name = A_CONSTANT,
				   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
				   .st_shndx = CONSTANT,
				   .st_size = 8}},
		.sections = {[CODE] = {.sh_name = INIT_TEXT,
				       .sh_type = SHT_PROGBITS,
				       .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
				       PLACED(code)},
			     [RELA] = {.sh_name = RELA_TEXT,
				       .sh_type = SHT_RELA,
				       .sh_link = SYMTAB,
				       .sh_info = CODE,
				       .sh_entsize = ELF64_RELA_BYTES,
				       PLACED(rela)},
			     [CONSTANT] = {.sh_name = RODATA,
					   .sh_type = SHT_PROGBITS,
					   .sh_flags = SHF_ALLOC,
					   PLACED(constant)},
			     [SYMTAB] = {.sh_name = SYMTAB_NAME,
					 .sh_type = SHT_SYMTAB,
					 .sh_link = STRTAB,
					 .sh_info = 1,
					 .sh_entsize = sizeof(ret->symbols) / NR_SYMBOLS,
					 PLACED(symbols)},
			     [STRTAB] = {.sh_name = STRTAB_NAME,
					 .sh_type = SHT_STRTAB,
					 PLACED(strings)}},
	};
	memcpy(ret->strings, strings, sizeof(strings));
}

/* The tiny module has no struct module, which would tell that init_module() is its init:
 * the store may be only suspect.
 */
static bool has_store(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++)
		if (findings->array[i].verdict <= FINDING_SUSPECT &&
		    findings->array[i].target.is_own)
			return true;
	return false;
}

/* Is the store of the tiny module found? */
static bool finds_store(struct preflight_kept *kept, struct addrspace *space)
{
	static const struct preflight_context context;
	static char path[] = "self-test";
	struct tiny *tiny = malloc(sizeof(*tiny));
	struct kofile file = {.path = path, .fd = -1};
	struct preflight preflight;
	struct error ignored = {0};
	bool is_found = false;

	if (!tiny)
		return false;
	make_tiny(tiny);
	file.raw = (unsigned char *)tiny;
	file.raw_bytes = sizeof(*tiny);
	if (kofile_parse(&file, &ignored) == 0 &&
	    preflight_module(&preflight, kept, space, &file, &context, &ignored) == 0) {
		is_found = has_store(&preflight.findings);
		preflight_close(&preflight, space);
	}
	kofile_forget(&file);
	return is_found;
}

const char *sight_kernel(struct preflight_kept *kept, struct addrspace *space)
{
	struct kernel *kernel = space->kernel;
	struct pt_walk walk;

	pt_walk(&kernel->pt, kernel->labels[LABEL_TEXT], &walk);
	if (walk.reason != PT_OK)
		return "the kernel's page tables, which do not map its text";
	if (!space->exports->is_complete)
		return "what the kernel exports: its table of exported symbols was found "
		       "neither among the names (CONFIG_KALLSYMS_ALL is off) nor in the "
		       "image (the core leaves it out)";
	if (space->exports->is_crc_unknown)
		return "the versions of what the kernel exports: whether it has a table "
		       "of CRCs cannot be told without names (CONFIG_KALLSYMS_ALL is off)";
	if (space->policy.is_unheard)
		return "whether the kernel lets modules in (signatures, lockdown, "
		       "modules_disabled): its variables have no names "
		       "(CONFIG_KALLSYMS_ALL is off), and no file told (is securityfs "
		       "mounted?)";
	if (space->seals_modules && !finds_store(kept, space))
		return "a store to a module's own constant, which the self-test makes: a "
		       "bug of kwcheck";
	return NULL;
}

const char *sight_module(const struct addrspace *space, const struct kofile *file)
{
	const struct landmarks *landmarks = &space->landmarks;
	const struct {
		const char *import;
		bool is_known;
		const char *what;
	} needs[] = {
		{"register_kprobe", landmarks->kprobe_address,
		 "what register_kprobe() finds: the layout of struct kprobe is not known "
		 "(no BTF)"},
		{"vmap", landmarks->page_bytes,
		 "what vmap() maps: the size of struct page is not known (no BTF)"},
	};

	uint32_t size_bytes;

	/* A dry run compares the hashes. */
	if (kcfi_nr_calls(file) && !landmarks->guards.only_reports &&
	    types_size(&space->kernel->types, "task_struct", &size_bytes) < 0)
		return "whether its indirect calls pass kCFI: their type hashes are "
		       "compared by a dry run only, which there is none of here";
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!needs[i].is_known && kofile_imports(file, needs[i].import))
			return needs[i].what;
	return NULL;
}
