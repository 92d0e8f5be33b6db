/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that was not booted as a core. */
#include "unchanged/imagecore.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/capture.h"
#include "kcore/cleanup.h"
#include "kcore/elf64.h"
#include "kcore/symbolhunt.h"
#include "kcore/writeall.h"
#include "kcore/x86.h"
#include "unchanged/image.h"

/* The file: headers and notes, constants, variables, page tables. */
enum {
	HEAD_BYTES = 64 * 1024,
	MAX_NOTES_BYTES = 4096,
	ENTRIES = PAGE_BYTES / 8,
	UPPER_TABLES = 2, /* between the root and those with the pages */
};
/* Where the tables below the root are: behind any image, which has 1 GiB at most. */
static const uint64_t TABLES_PA = 1 << 30;
/* Without KASLR an address of the image is its physical one and this. */
static const uint64_t IMAGE_TO_PA = -0xffffffff80000000ULL;

enum rights { RIGHTS_NONE = 0, RIGHTS_CODE, RIGHTS_CONSTANT, RIGHTS_DATA };

static const uint64_t bits_of[] = {
	[RIGHTS_CODE] = PT_PRESENT,
	[RIGHTS_CONSTANT] = PT_PRESENT | PT_NX,
	[RIGHTS_DATA] = PT_PRESENT | PT_RW | PT_NX,
};

/* What each part of the image is mapped as at the end of the boot, the last row that fits
 * first: arch/x86/kernel/vmlinux.lds.S; arch/x86/mm/init_64.c: mark_rodata_ro(). @end
 * NULL: a page. What is given back, or changed by a call of its own, is not known.
 */
static const struct {
	const char *start, *end;
	enum rights rights;
} parts[] = {
	{"_text", "_etext", RIGHTS_CODE},
	{"__start_rodata", "__end_rodata", RIGHTS_CONSTANT},
	{"_sdata", "__init_begin", RIGHTS_DATA},
	{"__init_end", "__bss_stop", RIGHTS_DATA},
	/* arch/x86/kernel/alternative.c: given back on a machine of one CPU. */
	{"__smp_locks", "__smp_locks_end", RIGHTS_NONE},
	/* arch/x86/mm/mem_encrypt_amd.c: given back where memory is not encrypted. */
	{"__start_bss_decrypted_unused", "__end_bss_decrypted", RIGHTS_NONE},
	/* arch/x86/kernel/idt.c: made read-only, in .bss though it is. */
	{"idt_table", NULL, RIGHTS_NONE},
};
enum { NR_PARTS = sizeof(parts) / sizeof(parts[0]) };

/* Variables that are what they were built as, unless the kernel's command line, firmware
 * or somebody later has it otherwise; and where areas begin without KASLR.
 */
static const struct {
	const char *name;
	unsigned bytes;
} variables[] = {
	{"modules", 16},	   {"modules_disabled", 4}, {"sig_enforce", 4},
	{"kernel_locked_down", 4}, {"module_blacklist", 8}, {"rodata_enabled", 1},
	{"phys_base", 8},	   {"page_offset_base", 8}, {"vmalloc_base", 8},
	{"vmemmap_base", 8},
};
enum { NR_VARIABLES = sizeof(variables) / sizeof(variables[0]), VARIABLE_BYTES = 16 };

/* Other symbols that are asked for. */
enum place {
	PLACE_START_RODATA = 0,
	PLACE_RO_AFTER_INIT,
	PLACE_END_RO_AFTER_INIT,
	PLACE_END_RODATA,
	PLACE_BSS_START,
	PLACE_END,
	PLACE_RODATA_ENABLED,
	PLACE_CMDLINE,
	PLACE_BANNER,
	PLACE_ROOT,
	NR_PLACES,
};
static const char *const places[NR_PLACES] = {
	[PLACE_START_RODATA] = "__start_rodata",
	[PLACE_RO_AFTER_INIT] = "__start_ro_after_init",
	[PLACE_END_RO_AFTER_INIT] = "__end_ro_after_init",
	[PLACE_END_RODATA] = "__end_rodata",
	[PLACE_BSS_START] = "__bss_start",
	[PLACE_END] = "_end",
	[PLACE_RODATA_ENABLED] = "rodata_enabled",
	[PLACE_CMDLINE] = "builtin_cmdline",
	[PLACE_BANNER] = "linux_banner",
	[PLACE_ROOT] = "init_top_pgt",
};

/* A piece of memory that the core has, or with @bytes 0 knows of. */
struct piece {
	uint64_t va, pa, bytes, memory_bytes, offset;
};
enum { MAX_PIECES = 2 * IMAGE_MAX_LOADS + NR_VARIABLES + 4 };

struct builder {
	const char *path;
	int fd;
	struct image image;
	struct kallsyms_places tables; /* of names */
	uint64_t start[NR_PARTS], end[NR_PARTS], of_variable[NR_VARIABLES],
		of_place[NR_PLACES];
	uint64_t text; /* where the image begins */
	struct piece pieces[MAX_PIECES];
	size_t nr_pieces;
	uint64_t at; /* where the file ends */
};

static int refuse(const struct builder *builder, int r, const char *why,
		  struct error *err)
{
	return r == -ENOMEM
		       ? r
		       : error_set(err, ERROR_FILE, r, "%.200s: by the image alone: %s",
				   builder->path, why);
}

static int append(struct builder *builder, const void *bytes, size_t nr)
{
	int r = writeall_at(builder->fd, bytes, nr, builder->at);

	builder->at += r < 0 ? 0 : nr;
	return r;
}

static int add_piece(struct builder *builder, uint64_t va, uint64_t bytes,
		     uint64_t memory_bytes, uint64_t offset)
{
	if (builder->nr_pieces == MAX_PIECES)
		return -E2BIG;
	builder->pieces[builder->nr_pieces++] = (struct piece){
		.va = va,
		.pa = va + IMAGE_TO_PA,
		.bytes = bytes,
		.memory_bytes = memory_bytes,
		.offset = offset};
	return 0;
}

/* --- names --- */

struct search {
	struct builder *builder;
	const struct kallsyms *table;
};

static void found(void *ctx, size_t name, size_t i)
{
	const struct search *search = ctx;
	struct builder *builder = search->builder;
	uint64_t va = kallsyms_address(search->table, i), *at;

	if (name < 2 * NR_PARTS)
		at = name % 2 ? &builder->end[name / 2] : &builder->start[name / 2];
	else if (name < 2 * NR_PARTS + NR_VARIABLES)
		at = &builder->of_variable[name - 2 * NR_PARTS];
	else
		at = &builder->of_place[name - 2 * NR_PARTS - NR_VARIABLES];
	/* Of several of one name the first. */
	*at = *at ?: va;
}

static int find_all(struct builder *builder, struct kallsyms *table)
{
	enum { NR = 2 * NR_PARTS + NR_VARIABLES + NR_PLACES };
	struct search search = {builder, table};
	const char *names[NR];

	for (size_t i = 0; i < NR_PARTS; i++) {
		names[2 * i] = parts[i].start;
		names[2 * i + 1] = parts[i].end ?: "no symbol";
	}
	for (size_t i = 0; i < NR_VARIABLES; i++)
		names[2 * NR_PARTS + i] = variables[i].name;
	for (size_t i = 0; i < NR_PLACES; i++)
		names[2 * NR_PARTS + NR_VARIABLES + i] = places[i];
	return kallsyms_find_many(table, NR, names, found, &search);
}

static bool has_frame(void *ctx, uint64_t pa)
{
	const struct builder *builder = ctx;

	return image_at(&builder->image, pa - IMAGE_TO_PA, 1) != NULL;
}

/* Behind a section's end a page has zeros. */
static int read_frame(void *ctx, uint64_t pa, void *buf, size_t nr)
{
	const struct builder *builder = ctx;
	const struct image *image = &builder->image;
	uint64_t va = pa - IMAGE_TO_PA;

	memset(buf, 0, nr);
	for (size_t i = 0; i < image->nr_loads; i++) {
		const struct image_load *load = &image->loads[i];
		size_t n = nr;

		if (va < load->va || va - load->va >= load->size_bytes)
			continue;
		if (n > load->size_bytes - (va - load->va))
			n = load->size_bytes - (va - load->va);
		memcpy(buf, image->bytes + load->offset + (va - load->va), n);
		return 0;
	}
	return -ENODATA;
}

static void leave_frames(void *ctx)
{
	(void)ctx;
}

/* The image's own table of symbols, read as out of a core that has all of the file. */
static int read_names(struct builder *builder)
{
	static const struct elfcore_packed frames = {
		.read = read_frame, .has = has_frame, .close = leave_frames};
	struct elfcore core = {.fd = -1, .packed = &frames, .packed_ctx = builder};
	struct kallsyms table = {0};
	/* A search goes on to where no memory is: there are gaps between sections. */
	const struct elfcore_segment all = {
		.va = builder->text,
		.pa = builder->text + IMAGE_TO_PA,
		.memory_bytes = X86_MODULES_START - builder->text,
	};
	int r = elfcore_add_segment(&core, &all);

	if (r == 0)
		r = symbolhunt_find(&core, builder->text, IMAGE_TO_PA, &builder->tables);
	if (r == 0)
		r = kallsyms_read_at(&table, &core, &builder->tables, builder->text,
				     IMAGE_TO_PA);
	if (r == 0)
		r = find_all(builder, &table);
	kallsyms_close(&table);
	elfcore_close(&core);
	return r;
}

/* --- what is known of the memory --- */

/* Does the kernel, as it is built, seal its constants at the end of the boot? */
static bool is_sealing(const struct builder *builder)
{
	enum { CMDLINE_BYTES = 2048 }; /* asm/setup.h: COMMAND_LINE_SIZE */
	uint64_t cmdline = builder->of_place[PLACE_CMDLINE];
	const unsigned char *words =
		cmdline ? image_at(&builder->image, cmdline, CMDLINE_BYTES) : NULL;

	if (!builder->of_place[PLACE_RODATA_ENABLED] || (cmdline && !words))
		return false;
	return !words || !memmem(words, strnlen((const char *)words, CMDLINE_BYTES),
				 "rodata=", strlen("rodata="));
}

static enum rights rights_at(const struct builder *builder, uint64_t page, bool seals)
{
	enum rights rights = RIGHTS_NONE;

	for (size_t i = 0; i < NR_PARTS; i++) {
		uint64_t start = builder->start[i],
			 end = parts[i].end ? builder->end[i] : start + PAGE_BYTES;

		/* Of its last page a part that begins or ends within has all. */
		if (start && end > start && page + PAGE_BYTES > start && page < end)
			rights = parts[i].rights;
	}
	return rights == RIGHTS_DATA || seals ? rights : RIGHTS_NONE;
}

/* The bytes of [@va, @end) that the file has. */
static int add_constants(struct builder *builder, uint64_t va, uint64_t end)
{
	const struct image *image = &builder->image;
	int r = 0;

	for (size_t i = 0; r == 0 && i < image->nr_loads; i++) {
		const struct image_load *load = &image->loads[i];
		uint64_t from = va > load->va ? va : load->va,
			 to = load->va + load->size_bytes;

		to = to < end ? to : end;
		if (from >= to)
			continue;
		r = add_piece(builder, from, to - from, to - from, builder->at);
		if (r == 0)
			r = append(builder,
				   image->bytes + load->offset + (from - load->va),
				   to - from);
	}
	return r;
}

static int add_variables(struct builder *builder)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < NR_VARIABLES; i++) {
		static const unsigned char zeros[VARIABLE_BYTES];
		uint64_t va = builder->of_variable[i];
		unsigned nr = variables[i].bytes;
		const unsigned char *bytes = image_at(&builder->image, va, nr);

		if (!bytes && va >= builder->of_place[PLACE_BSS_START])
			bytes = zeros;
		if (!va || !bytes)
			continue;
		r = add_piece(builder, va, nr, nr, builder->at);
		if (r == 0)
			r = append(builder, bytes, nr);
	}
	return r;
}

static int add_tables(struct builder *builder)
{
	uint64_t start = builder->text & ~(uint64_t)(PAGE_BYTES - 1),
		 end = builder->of_place[PLACE_END], bytes;
	size_t nr = UPPER_TABLES + ((end - X86_IMAGE_BASE) >> 21) + 1;
	_cleanup_free_ uint64_t(*tables)[ENTRIES] = calloc(nr, sizeof(*tables));
	uint64_t root[ENTRIES] = {0};
	bool seals = is_sealing(builder);
	const uint64_t table = PT_PRESENT | PT_RW;
	int r;

	if (!tables)
		return -ENOMEM;
	root[start >> 39 & 511] = TABLES_PA | table;
	tables[0][start >> 30 & 511] = (TABLES_PA + PAGE_BYTES) | table;
	for (uint64_t va = start; va < end; va += PAGE_BYTES) {
		size_t i = (va - X86_IMAGE_BASE) >> 21;
		enum rights rights = rights_at(builder, va, seals);

		tables[1][i] = (TABLES_PA + (UPPER_TABLES + i) * PAGE_BYTES) | table;
		if (rights != RIGHTS_NONE)
			tables[UPPER_TABLES + i][va >> 12 & 511] = (va + IMAGE_TO_PA) |
								   bits_of[rights];
	}
	r = add_piece(builder, builder->of_place[PLACE_ROOT], sizeof(root), sizeof(root),
		      builder->at);
	if (r == 0)
		r = append(builder, root, sizeof(root));
	bytes = nr * sizeof(*tables);
	if (r == 0)
		r = add_piece(builder, TABLES_PA - IMAGE_TO_PA, bytes, bytes,
			      builder->at);
	/* Of no virtual address. */
	builder->pieces[builder->nr_pieces - 1].va = TABLES_PA;
	return r < 0 ? r : append(builder, tables, bytes);
}

static int add_all(struct builder *builder)
{
	const uint64_t *at = builder->of_place;
	int r;

	/* All of it was memory; what is not in one of the others is lacking. */
	r = add_piece(builder, builder->text, 0, at[PLACE_END] - builder->text, 0);
	if (r == 0)
		r = add_constants(builder, at[PLACE_START_RODATA],
				  at[PLACE_RO_AFTER_INIT]);
	if (r == 0)
		r = add_constants(builder, at[PLACE_END_RO_AFTER_INIT],
				  at[PLACE_END_RODATA]);
	if (r == 0)
		r = add_variables(builder);
	return r < 0 ? r : add_tables(builder);
}

/* --- the file --- */

/* A note of type @type as it lies in the file. Returns the end. */
static size_t put_note(unsigned char *at, size_t end, const char *name, uint32_t type,
		       const char *text)
{
	const Elf64_Nhdr head = {.n_namesz = (Elf64_Word)strlen(name) + 1,
				 .n_descsz = (Elf64_Word)strlen(text),
				 .n_type = type};

	memcpy(at + end, &head, ELF64_NHDR_BYTES);
	end += ELF64_NHDR_BYTES;
	memcpy(at + end, name, head.n_namesz);
	end += (head.n_namesz + 3) & ~3U;
	memcpy(at + end, text, head.n_descsz);
	return end + ((head.n_descsz + 3) & ~3U);
}

/* "Linux version 6.1.0-57-amd64 (...": the third word. */
static void read_release(const struct builder *builder, char ret[128])
{
	static const char start[] = "Linux version ";
	enum { MAX = 127 };
	uint64_t va = builder->of_place[PLACE_BANNER];
	const char *banner = va ? (const char *)image_at(&builder->image, va,
							 sizeof(start) + MAX)
				: NULL;
	size_t i = 0;

	if (banner && strncmp(banner, start, strlen(start)) == 0)
		for (banner += strlen(start);
		     i < MAX && isgraph((unsigned char)banner[i]); i++)
			ret[i] = banner[i];
	ret[i] = '\0';
}

/* The build's own note, in hexadecimal; "" where there is none. */
static void read_build_id(const struct builder *builder, char ret[48])
{
	enum { BUILD_ID = 3, MAX = 20 };
	const struct image_section *notes = image_find(&builder->image, ".notes");
	const unsigned char *bytes = notes && notes->has_bytes
					     ? image_at(&builder->image, notes->va,
							notes->size_bytes)
					     : NULL;
	uint64_t at = 0, end = bytes ? notes->size_bytes : 0;

	ret[0] = '\0';
	while (at + ELF64_NHDR_BYTES <= end) {
		Elf64_Nhdr head;
		uint64_t name = at + ELF64_NHDR_BYTES, data;

		memcpy(&head, bytes + at, ELF64_NHDR_BYTES);
		data = name + ((head.n_namesz + 3ULL) & ~3ULL);
		at = data + ((head.n_descsz + 3ULL) & ~3ULL);
		if (at > end || head.n_type != BUILD_ID || head.n_namesz != 4 ||
		    memcmp(bytes + name, "GNU", 4) != 0 || head.n_descsz > MAX)
			continue;
		for (uint32_t i = 0; i < head.n_descsz; i++)
			snprintf(ret + (size_t)2 * i, 3, "%02x", bytes[data + i]);
		return;
	}
}

static size_t make_notes(const struct builder *builder,
			 unsigned char ret[MAX_NOTES_BYTES])
{
	const struct kallsyms_places *at = &builder->tables;
	char info[1024], base[64] = "", release[128], build_id[48];
	size_t end = 0;

	read_release(builder, release);
	read_build_id(builder, build_id);
	if (at->has_base)
		snprintf(base, sizeof(base),
			 "SYMBOL(kallsyms_relative_base)=%" PRIx64 "\n", at->base);
	snprintf(info, sizeof(info),
		 "OSRELEASE=%s\nBUILD-ID=%s\nSYMBOL(_stext)=%" PRIx64
		 "\nSYMBOL(swapper_pg_dir)=%" PRIx64 "\nSYMBOL(kallsyms_names)=%" PRIx64
		 "\nSYMBOL(kallsyms_num_syms)=%" PRIx64
		 "\nSYMBOL(kallsyms_token_table)=%" PRIx64
		 "\nSYMBOL(kallsyms_token_index)=%" PRIx64
		 "\nSYMBOL(kallsyms_offsets)=%" PRIx64
		 "\n%sNUMBER(phys_base)=0\nKERNELOFFSET=0\n",
		 release, build_id, builder->text, builder->of_place[PLACE_ROOT],
		 at->names, at->nr, at->tokens, at->index, at->offsets, base);
	memset(ret, 0, MAX_NOTES_BYTES);
	end = put_note(ret, end, "VMCOREINFO", 0, info);
	return put_note(ret, end, CAPTURE_NOTE, CAPTURE_ABOUT,
			KERNEL_UNBOOTED "=1\nHYPERVISOR=none\n");
}

static int write_head(struct builder *builder)
{
	unsigned char notes[MAX_NOTES_BYTES];
	size_t notes_bytes = make_notes(builder, notes), nr = 1 + builder->nr_pieces;
	Elf64_Ehdr head = {.e_type = ET_CORE,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = ELF64_EHDR_BYTES,
			   .e_ehsize = ELF64_EHDR_BYTES,
			   .e_phentsize = ELF64_PHDR_BYTES,
			   .e_phnum = (Elf64_Half)nr};
	Elf64_Phdr phdrs[1 + MAX_PIECES] = {{.p_type = PT_NOTE, .p_filesz = notes_bytes}};
	int r;

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	head.e_ident[EI_VERSION] = EV_CURRENT;
	phdrs[0].p_offset = ELF64_EHDR_BYTES + nr * ELF64_PHDR_BYTES;
	for (size_t i = 0; i < builder->nr_pieces; i++) {
		const struct piece *piece = &builder->pieces[i];

		phdrs[i + 1] = (Elf64_Phdr){.p_type = PT_LOAD,
					    .p_flags = PF_R,
					    .p_offset = piece->offset,
					    .p_vaddr = piece->va,
					    .p_paddr = piece->pa,
					    .p_filesz = piece->bytes,
					    .p_memsz = piece->memory_bytes};
	}
	builder->at = 0;
	r = append(builder, &head, ELF64_EHDR_BYTES);
	if (r == 0)
		r = append(builder, phdrs, nr * ELF64_PHDR_BYTES);
	return r < 0 ? r : append(builder, notes, notes_bytes);
}

/* Do the parts lie as the linker script has them? */
static bool is_in_order(const struct builder *builder)
{
	const uint64_t *at = builder->of_place;
	const uint64_t ascending[] = {
		builder->text,
		builder->end[0],
		at[PLACE_START_RODATA],
		at[PLACE_RO_AFTER_INIT],
		at[PLACE_END_RO_AFTER_INIT],
		at[PLACE_END_RODATA],
		builder->start[2],
		builder->end[2],
		builder->start[3],
		builder->end[3],
		at[PLACE_END],
	};

	for (size_t i = 1; i < sizeof(ascending) / sizeof(ascending[0]); i++)
		if (ascending[i] < ascending[i - 1])
			return false;
	return builder->start[0] == builder->text && at[PLACE_ROOT] % PAGE_BYTES == 0 &&
	       at[PLACE_ROOT] > builder->text && builder->text >= X86_IMAGE_BASE &&
	       at[PLACE_END] < X86_MODULES_START;
}

static int build(struct builder *builder, struct error *err)
{
	int r = read_names(builder);

	if (r < 0)
		return refuse(builder, r,
			      "it has no table of symbols of a form that is known here; "
			      "have it booted, without --no-boot",
			      err);
	if (!builder->of_place[PLACE_START_RODATA])
		return refuse(builder, -ENODATA,
			      "its names do not tell where its sections are "
			      "(CONFIG_KALLSYMS_ALL is off); have it booted, without "
			      "--no-boot",
			      err);
	if (!is_in_order(builder))
		return refuse(builder, -ENOTSUP,
			      "its sections do not lie as is known here; have it booted, "
			      "without --no-boot",
			      err);
	r = add_all(builder);
	return r < 0 ? r : write_head(builder);
}

int imagecore_write(const char *path, const unsigned char *data, size_t nr_bytes, int fd,
		    struct error *err)
{
	struct builder builder = {.path = path, .fd = fd, .at = HEAD_BYTES};
	const char *why = NULL;
	int r = image_open(&builder.image, data, nr_bytes, IMAGE_AS_LINKED, &why);

	if (r < 0)
		return refuse(&builder, r, why ?: "it cannot be read", err);
	builder.text = builder.image.loads[0].va;
	r = build(&builder, err);
	image_close(&builder.image);
	return r;
}
