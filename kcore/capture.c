/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's page tables, names and sealed data in a sparse ELF core. */
#include "kcore/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/constants.h"
#include "kcore/cryptoalgs.h"
#include "kcore/elf64.h"
#include "kcore/keyring.h"
#include "kcore/loss.h"
#include "kcore/ksymtab.h"
#include "kcore/pageframe.h"
#include "kcore/stream.h"
#include "kcore/x86.h"
#include "pagetable/sweep.h"

enum { MEMO_SLOTS = 1 << 18 };
/* 64 GiB of pages: what keeping track of them takes is 256 MiB. */
enum { MAX_PAGES = 16 * 1024 * 1024 };

/* A page to write. Its bytes are those that the sweep read; NULL: they are read when it
 * is written.
 */
struct page {
	uint64_t pa;
	unsigned char *bytes;
};

struct writer {
	struct kernel *kernel;
	const struct capture *capture;
	struct page *pages;
	size_t nr_pages, room;
	/* With CAPTURE_MEMORY: */
	struct pageframes frames;
	bool has_frames;
	unsigned char
		*was_free; /* one bit a page, as it was before anything was written */
	struct steady_list modules; /* as it was before anything was written */
	struct steady steady;
	int status; /* of the callbacks that cannot say */
};

static int add_page(struct writer *writer, uint64_t pa, unsigned char *bytes)
{
	if (array_reserve(&writer->pages, writer->nr_pages, &writer->room,
			  sizeof(*writer->pages)) < 0)
		return -ENOMEM;
	if (writer->nr_pages == MAX_PAGES)
		return -EFBIG;
	writer->pages[writer->nr_pages++] = (struct page){.pa = pa, .bytes = bytes};
	return 0;
}

static int add_range(struct writer *writer, uint64_t pa, uint64_t size_bytes)
{
	uint64_t first = pa & ~(uint64_t)(PAGE_BYTES - 1);
	int r = 0;

	for (uint64_t at = first; r == 0 && at < pa + size_bytes; at += PAGE_BYTES)
		r = add_page(writer, at, NULL);
	return r;
}

static int read_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct writer *writer = ctx;
	struct pagetable *pt = &writer->kernel->pt;

	return pt->read(pt->ctx, pa, fresh, ret);
}

static int keep_table(struct writer *writer, uint64_t pa,
		      const uint64_t entries[PT_TABLE_ENTRIES])
{
	unsigned char *bytes = malloc(PAGE_BYTES);
	int r = 0;

	if (!bytes) {
		writer->status = -ENOMEM;
		return -ENOMEM;
	}
	memcpy(bytes, entries, PAGE_BYTES);
	/* The machine's frames, as a dump has them: who reads it puts in the domain's. */
	if (writer->kernel->p2m.nr)
		r = elfcore_read_pa(&writer->kernel->core, pa, bytes, PAGE_BYTES);
	if (r == 0)
		r = add_page(writer, pa, bytes);
	if (r < 0) {
		free(bytes);
		writer->status = r;
	}
	return r;
}

/* The sweep asks for each table once: what it saw is what the capture has. */
static int read_and_keep_tables(void *ctx, uint64_t pa, size_t nr,
				uint64_t (*ret)[PT_TABLE_ENTRIES])
{
	struct writer *writer = ctx;
	struct pagetable *pt = &writer->kernel->pt;
	int r = pt->read_tables(pt->ctx, pa, nr, ret);

	for (size_t i = 0; r == 0 && i < nr; i++)
		r = keep_table(writer, pa + i * PAGE_BYTES, ret[i]);
	return r;
}

/* A leaf of the module area belongs to the capture by what it holds. */
static int each_leaf(void *ctx, const struct pt_leaf *leaf)
{
	struct writer *writer = ctx;
	enum capture_contents contents = leaf->nx ? CAPTURE_DATA : CAPTURE_TEXT;
	const struct elfcore_segment *segment;

	if (leaf->is_clone || leaf->reason != PT_OK || leaf->va < X86_IMAGE_BASE ||
	    writer->capture->contents < contents)
		return 0;
	segment = elfcore_segment_of(&writer->kernel->core, leaf->va);
	if (!segment || segment->pa != ELFCORE_NO_PA)
		return 0;
	return add_range(writer, leaf->pa, leaf->size_bytes);
}

static int add_tables_and_modules(struct writer *writer)
{
	_cleanup_free_ struct pt_memo_slot *slots = calloc(MEMO_SLOTS, sizeof(*slots));
	struct pt_memo memo = {.slots = slots, .nr_slots = MEMO_SLOTS};
	struct pagetable pt = {
		.format = writer->kernel->pt.format,
		.root_pa = writer->kernel->swapper_pa,
		.read = read_entry,
		.read_tables = read_and_keep_tables,
		.ctx = writer,
	};
	int r;

	if (!slots)
		return -ENOMEM;
	r = pt_sweep(&pt, pt_kernel_half(pt.format.levels), UINT64_MAX, &memo, NULL,
		     each_leaf, writer);
	return writer->status ? writer->status : r;
}

static const struct {
	enum kernel_label start, end;
	enum capture_contents contents;
} sections[] = {
	{LABEL_START_RO_AFTER_INIT, LABEL_END_RO_AFTER_INIT, CAPTURE_SMALL},
	{LABEL_START_RODATA, LABEL_END_RODATA, CAPTURE_DATA},
	{LABEL_SDATA, LABEL_END, CAPTURE_DATA},
	{LABEL_TEXT, LABEL_ETEXT, CAPTURE_TEXT},
};

/* Variables that opening the capture reads. */
static const enum kernel_label variables[] = {
	LABEL_PHYSICAL_MASK,   LABEL_SUPPORTED_PTE_MASK, LABEL_MMU_CR4_FEATURES,
	LABEL_XEN_DOMAIN_TYPE, LABEL_LINUX_BANNER,	 LABEL_PER_CPU_OFFSET,
	LABEL_NR_CPU_IDS,      LABEL_PAGE_OFFSET_BASE,	 LABEL_VMALLOC_BASE,
	LABEL_VMEMMAP_BASE,
};

/* What the kernel's loader asks of a module, and preflight with it. Each is captured up
 * to @end, or for @size_bytes.
 */
static const struct {
	const char *start, *end;
	unsigned size_bytes;
} loader_needs[] = {
	{"vermagic", NULL, 256},
	{"modules_disabled", NULL, 4},
	{"sig_enforce", NULL, 4},
	{"kernel_locked_down", NULL, 4},
	{"module_blacklist", NULL, 8},
	{"builtin_trusted_keys", NULL, 8},
	{"secondary_trusted_keys", NULL, 8},
	{"platform_trusted_keys", NULL, 8},
	{"crypto_alg_list", NULL, 8},
	{"__start___ksymtab", "__stop___ksymtab", 0},
	{"__start___ksymtab_gpl", "__stop___ksymtab_gpl", 0},
	{"__start___kcrctab", "__stop___kcrctab", 0},
	{"__start___kcrctab_gpl", "__stop___kcrctab_gpl", 0},
	{"__start___kflagstab", "__stop___kflagstab", 0},
};

static int add_loader_needs(struct writer *writer)
{
	static const uint64_t MAX_BYTES = 16 * 1024 * 1024;
	struct kernel *kernel = writer->kernel;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(loader_needs) / sizeof(loader_needs[0]);
	     i++) {
		const char *last = loader_needs[i].end;
		uint64_t va, end;

		if (!symbols_address(&kernel->symbols, loader_needs[i].start, &va) ||
		    (last && !symbols_address(&kernel->symbols, last, &end)))
			continue;
		if (!last)
			end = va + loader_needs[i].size_bytes;
		if (end > va && end - va < MAX_BYTES)
			r = add_range(writer, va + kernel->image_to_pa, end - va);
	}
	return r;
}

/* Without CONFIG_KALLSYMS_ALL what is exported is found in the image. */
static int add_nameless_exports(struct writer *writer)
{
	struct kernel *kernel = writer->kernel;
	struct ksymtab tables;
	uint64_t va;

	if (!kernel->has_symbols ||
	    symbols_address(&kernel->symbols, "__start___ksymtab", &va) ||
	    ksymtab_find(kernel, &tables) < 0)
		return 0;
	return add_range(writer, tables.start + kernel->image_to_pa,
			 tables.strings_end - tables.start);
}

/* Without names for its sections the image's constants are what is mapped as such. What
 * can be written is left out: freed init memory, which is reused for anything, is not
 * told from data.
 */
static int add_nameless_constants(struct writer *writer)
{
	struct kernel *kernel = writer->kernel;
	struct constants piece = {0};
	int r = 0;

	if (kernel->labels[LABEL_START_RODATA] ||
	    writer->capture->contents < CAPTURE_DATA)
		return 0;
	while (r == 0 && constants_next(&piece, kernel) == 0)
		r = add_range(writer, piece.va + kernel->image_to_pa, piece.size_bytes);
	constants_close(&piece);
	return r;
}

static bool is_freed(const struct kernel *kernel, uint64_t va)
{
	return va >= kernel->labels[LABEL_INIT_BEGIN] &&
	       va < kernel->labels[LABEL_INIT_END];
}

static int add_image(struct writer *writer)
{
	const struct kernel *kernel = writer->kernel;
	const struct kallsyms *table = kernel->symbols.table;
	const uint64_t *labels = kernel->labels;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(variables) / sizeof(variables[0]); i++)
		if (labels[variables[i]])
			r = add_range(writer, labels[variables[i]] + kernel->image_to_pa,
				      8);
	/* kallsyms_num_syms and kallsyms_relative_base lie just outside of the tables. */
	if (r == 0 && table)
		r = add_range(writer, table->blob_va - PAGE_BYTES + kernel->image_to_pa,
			      table->tables_bytes + 2 * PAGE_BYTES);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		uint64_t va = labels[sections[i].start], end = labels[sections[i].end];

		if (!va || writer->capture->contents < sections[i].contents)
			continue;
		for (va &= ~(uint64_t)(PAGE_BYTES - 1); r == 0 && va < end;
		     va += PAGE_BYTES)
			if (!is_freed(kernel, va))
				r = add_page(writer, va + kernel->image_to_pa, NULL);
	}
	return r;
}

static int add_visited(void *ctx, uint64_t va, size_t size_bytes)
{
	struct writer *writer = ctx;
	struct pt_walk walk;
	int r = 0;

	for (uint64_t at = va & ~(uint64_t)(PAGE_BYTES - 1);
	     r == 0 && at < va + size_bytes; at += PAGE_BYTES) {
		pt_walk(&writer->kernel->pt, at, &walk);
		if (walk.reason == PT_OK)
			r = add_page(writer, walk.pa, NULL);
	}
	return r;
}

/* The keys that signatures of modules are held against, and the algorithms for it. What
 * of them cannot be read is missed by who reads the capture.
 */
static int add_keys(struct writer *writer)
{
	static const char *const keyrings[] = {"builtin_trusted_keys",
					       "secondary_trusted_keys",
					       "platform_trusted_keys"};
	struct keyring ignored = {0};
	uint32_t none;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(keyrings) / sizeof(keyrings[0]); i++)
		if (keyring_read(&ignored, writer->kernel, keyrings[i], add_visited,
				 writer) == -ENOMEM)
			r = -ENOMEM;
	keyring_close(&ignored);
	if (r == 0 && cryptoalgs_find(writer->kernel, NULL, 0, add_visited, writer,
				      &none) == -ENOMEM)
		r = -ENOMEM;
	return r;
}

static int add_footprint(struct writer *writer)
{
	const struct footprint *footprint = writer->capture->footprint;
	int r = 0;

	for (size_t i = 0; footprint && r == 0 && i < footprint->nr; i++)
		r = add_page(writer, footprint->pas[i], NULL);
	return r;
}

/* Every frame that the core has. */
static int add_memory(struct writer *writer)
{
	const struct elfcore *core = &writer->kernel->core;
	int r = 0;

	if (writer->capture->contents < CAPTURE_MEMORY)
		return 0;
	for (size_t i = 0; r == 0 && i < core->nr_segments; i++)
		if (core->segments[i].pa != ELFCORE_NO_PA)
			r = add_range(writer, core->segments[i].pa,
				      core->segments[i].size_bytes);
	return r;
}

static int compare_pages(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	/* What the sweep read comes first, and so stays. */
	return (x->bytes == NULL) - (y->bytes == NULL);
}

/* Each page once, ascending, and none that the core has no memory for or that the kernel
 * holds for broken, which is read as zeros.
 */
static void tidy_pages(struct writer *writer)
{
	enum { BATCH_BYTES = KERNEL_POISON_BATCH * PAGE_BYTES };
	bool is_poisoned[KERNEL_POISON_BATCH];
	uint64_t batch_pa = UINT64_MAX;
	size_t nr = 0;

	qsort(writer->pages, writer->nr_pages, sizeof(*writer->pages), compare_pages);
	for (size_t i = 0; i < writer->nr_pages; i++) {
		struct page page = writer->pages[i];
		uint64_t batch = page.pa / BATCH_BYTES * BATCH_BYTES;

		if (batch != batch_pa) {
			batch_pa = batch;
			kernel_poisoned(writer->kernel, batch, is_poisoned);
		}
		if ((nr > 0 && writer->pages[nr - 1].pa == page.pa) ||
		    !elfcore_has_pa(&writer->kernel->core, page.pa) ||
		    (!page.bytes && is_poisoned[(page.pa - batch) / PAGE_BYTES])) {
			free(page.bytes);
			continue;
		}
		writer->pages[nr++] = page;
	}
	writer->nr_pages = nr;
}

/* Text that grows. */
struct text {
	char *bytes;
	size_t size_bytes;
};

/* The lines of kallsyms that the capture's own memory does not give. */
static int make_kallsyms(struct kernel *kernel, struct text *ret)
{
	size_t i = kernel->symbols.table ? kernel->symbols.own.nr : 0;
	FILE *file = open_memstream(&ret->bytes, &ret->size_bytes);
	const struct symbol *symbol;

	if (!file)
		return -errno;
	for (; kernel->has_symbols && (symbol = symbols_nth(&kernel->symbols, i)); i++) {
		fprintf(file, "%016" PRIx64 " %c %s", symbol->address, symbol->type,
			symbol->name);
		if (symbol->module)
			fprintf(file, "\t[%s]", symbol->module);
		fputc('\n', file);
	}
	return loss_close(file);
}

struct note {
	const char *name;
	uint32_t type;
	const void *data;
	size_t size_bytes;
};

static size_t padded(size_t size_bytes)
{
	return (size_bytes + 3) & ~(size_t)3;
}

static size_t note_bytes(const struct note *note)
{
	return ELF64_NHDR_BYTES + padded(strlen(note->name) + 1) +
	       padded(note->size_bytes);
}

static int put_padded(struct stream *stream, const void *data, size_t size_bytes)
{
	static const char zeros[4];
	int r = stream_put(stream, data, size_bytes);

	return r < 0 ? r : stream_put(stream, zeros, padded(size_bytes) - size_bytes);
}

static int put_notes(struct stream *stream, const struct note *notes, size_t nr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < nr; i++) {
		const Elf64_Nhdr nhdr = {
			.n_namesz = (Elf64_Word)strlen(notes[i].name) + 1,
			.n_descsz = (Elf64_Word)notes[i].size_bytes,
			.n_type = notes[i].type,
		};

		r = stream_put(stream, &nhdr, ELF64_NHDR_BYTES);
		if (r == 0)
			r = put_padded(stream, notes[i].name, nhdr.n_namesz);
		if (r == 0)
			r = put_padded(stream, notes[i].data, notes[i].size_bytes);
	}
	return r;
}

/* What is known at the end alone is behind the pages, of a size that is known before. */
static size_t steady_note_bytes(void)
{
	static const char text[STEADY_TEXT_BYTES];
	const struct note note = {CAPTURE_NOTE, CAPTURE_STEADY, text, sizeof(text)};

	return note_bytes(&note);
}

static int put_steady(const struct writer *writer, struct stream *stream)
{
	char text[STEADY_TEXT_BYTES];
	const struct note note = {CAPTURE_NOTE, CAPTURE_STEADY, text, sizeof(text)};

	steady_text(&writer->steady, text);
	return put_notes(stream, &note, 1);
}

/* A core stands still: what its capture said of itself is true of a copy. */
static bool has_said(struct writer *writer)
{
	const struct elfcore_note *note = elfcore_note(&writer->kernel->core,
						       CAPTURE_NOTE, CAPTURE_STEADY);

	return note && steady_parse(&writer->steady, note->data, note->size_bytes) == 0;
}

static int look_again(struct writer *writer)
{
	struct kernel *kernel = writer->kernel;
	struct steady_list modules;
	int r;

	if (has_said(writer))
		return 0;
	kernel_forget(kernel);
	for (size_t i = 0; i < writer->nr_pages; i++) {
		uint64_t before[PT_TABLE_ENTRIES], after[PT_TABLE_ENTRIES];

		if (!writer->pages[i].bytes)
			continue;
		memcpy(before, writer->pages[i].bytes, PAGE_BYTES);
		if (elfcore_read_pa(&kernel->core, writer->pages[i].pa, after,
				    PAGE_BYTES) < 0)
			memset(after, 0, PAGE_BYTES);
		steady_add_table(&writer->steady, before, after, PT_TABLE_ENTRIES);
	}
	r = steady_read_list(kernel, &modules);
	if (r == 0)
		steady_add_lists(&writer->steady, &writer->modules, &modules);
	steady_free_list(&modules);
	return r;
}

/* Pages [*i, return) are neighbours. */
static size_t run_end(const struct writer *writer, size_t i)
{
	for (i++; i < writer->nr_pages; i++)
		if (writer->pages[i].pa != writer->pages[i - 1].pa + PAGE_BYTES)
			break;
	return i;
}

/* The direct map's address of a frame; 0 where the core does not say. */
static uint64_t direct_map_va(const struct kernel *kernel, uint64_t pa)
{
	for (size_t i = 0; i < kernel->core.nr_segments; i++) {
		const struct elfcore_segment *ram = &kernel->core.segments[i];

		if (ram->pa != ELFCORE_NO_PA && ram->va < X86_IMAGE_BASE &&
		    pa >= ram->pa && pa - ram->pa < ram->memory_bytes)
			return pa - ram->pa + ram->va;
	}
	return 0;
}

static size_t nr_phdrs(const struct writer *writer)
{
	size_t nr = 2 + writer->kernel->core.nr_segments;

	for (size_t i = 0; i < writer->nr_pages; i = run_end(writer, i))
		nr++;
	return nr;
}

static int put_phdrs(const struct writer *writer, struct stream *stream,
		     uint64_t notes_at, uint64_t notes_bytes, uint64_t pages_at)
{
	const struct elfcore *core = &writer->kernel->core;
	Elf64_Phdr phdr = {
		.p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = notes_bytes};
	int r = stream_put(stream, &phdr, ELF64_PHDR_BYTES);

	phdr.p_offset = pages_at + writer->nr_pages * PAGE_BYTES;
	phdr.p_filesz = steady_note_bytes();
	if (r == 0)
		r = stream_put(stream, &phdr, ELF64_PHDR_BYTES);
	for (size_t i = 0, end; r == 0 && i < writer->nr_pages; i = end) {
		end = run_end(writer, i);
		phdr = (Elf64_Phdr){
			.p_type = PT_LOAD,
			.p_flags = PF_R,
			.p_offset = pages_at + i * PAGE_BYTES,
			.p_vaddr = direct_map_va(writer->kernel, writer->pages[i].pa),
			.p_paddr = writer->pages[i].pa,
			.p_filesz = (end - i) * PAGE_BYTES,
			.p_memsz = (end - i) * PAGE_BYTES,
			.p_align = PAGE_BYTES,
		};
		r = stream_put(stream, &phdr, ELF64_PHDR_BYTES);
	}
	for (size_t i = 0; r == 0 && i < core->nr_segments; i++) {
		phdr = (Elf64_Phdr){
			.p_type = PT_LOAD,
			.p_flags = PF_R,
			.p_offset = pages_at,
			.p_vaddr = core->segments[i].va,
			.p_paddr = core->segments[i].pa,
			.p_memsz = core->segments[i].memory_bytes,
			.p_align = PAGE_BYTES,
		};
		r = stream_put(stream, &phdr, ELF64_PHDR_BYTES);
	}
	return r;
}

/* Asks for the uses of pages[@i] and of the pages that follow it in memory. Returns of
 * how many.
 */
static size_t read_uses(struct writer *writer, size_t i,
			enum pageframe_use ret[PAGEFRAME_BATCH])
{
	size_t nr = run_end(writer, i) - i;

	if (nr > PAGEFRAME_BATCH)
		nr = PAGEFRAME_BATCH;
	if (writer->has_frames)
		pageframes_read(&writer->frames, writer->pages[i].pa, nr, ret);
	else
		memset(ret, 0, nr * sizeof(*ret));
	return nr;
}

/* Writing a capture takes memory itself, which would be captured in turn. So the memory
 * that was free before is remembered.
 */
static int note_free(struct writer *writer)
{
	enum pageframe_use uses[PAGEFRAME_BATCH];

	if (writer->capture->contents < CAPTURE_MEMORY ||
	    pageframes_open(&writer->frames, writer->kernel) < 0)
		return 0;
	writer->has_frames = true;
	writer->was_free = calloc(writer->nr_pages / 8 + 1, 1);
	if (!writer->was_free)
		return -ENOMEM;
	for (size_t i = 0; i < writer->nr_pages;) {
		size_t nr = read_uses(writer, i, uses);

		for (size_t j = 0; j < nr; j++, i++)
			if (uses[j] == PAGEFRAME_FREE)
				writer->was_free[i / 8] |= (unsigned char)(1 << i % 8);
	}
	writer->frames.free_end = 0;
	return 0;
}

/* Is the page not worth writing? Nobody needs what is in free memory, or in memory that
 * was free before and holds a file now.
 */
static bool is_worthless(const struct writer *writer, size_t i, enum pageframe_use use)
{
	return use == PAGEFRAME_FREE ||
	       (use == PAGEFRAME_LRU && writer->was_free[i / 8] >> i % 8 & 1);
}

static int put_page(const struct writer *writer, struct stream *stream, size_t i,
		    enum pageframe_use use)
{
	const struct page *page = &writer->pages[i];
	static const unsigned char zeros[PAGE_BYTES];
	unsigned char bytes[PAGE_BYTES];
	int r;

	if (page->bytes)
		return stream_put(stream, page->bytes, PAGE_BYTES);
	if (is_worthless(writer, i, use))
		return stream_put(stream, zeros, sizeof(zeros));
	r = elfcore_read_pa(&writer->kernel->core, page->pa, bytes, sizeof(bytes));
	return r < 0 ? r : stream_put(stream, bytes, sizeof(bytes));
}

static int put_pages(struct writer *writer, struct stream *stream)
{
	const struct capture *capture = writer->capture;
	enum pageframe_use uses[PAGEFRAME_BATCH];

	for (size_t i = 0; i < writer->nr_pages;) {
		size_t nr = read_uses(writer, i, uses);

		for (size_t j = 0; j < nr; j++, i++) {
			int r = put_page(writer, stream, i, uses[j]);

			if (r < 0)
				return r;
		}
		if (capture->progress)
			capture->progress(capture->ctx, i * PAGE_BYTES,
					  writer->nr_pages * PAGE_BYTES);
	}
	return 0;
}

static int put_all(struct writer *writer, struct stream *stream, const struct note *notes,
		   size_t nr_notes)
{
	const size_t nr = nr_phdrs(writer);
	const Elf64_Ehdr ehdr = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = ELF64_EHDR_BYTES,
		.e_ehsize = ELF64_EHDR_BYTES,
		.e_phentsize = ELF64_PHDR_BYTES,
		.e_phnum = (Elf64_Half)nr,
	};
	uint64_t notes_at = ELF64_EHDR_BYTES + nr * ELF64_PHDR_BYTES, notes_bytes = 0,
		 pages_at;
	static const char zeros[PAGE_BYTES];
	int r;

	if (nr >= PN_XNUM)
		return -EFBIG;
	for (size_t i = 0; i < nr_notes; i++)
		notes_bytes += note_bytes(&notes[i]);
	pages_at = (notes_at + notes_bytes + PAGE_BYTES - 1) &
		   ~(uint64_t)(PAGE_BYTES - 1);
	r = stream_put(stream, &ehdr, ELF64_EHDR_BYTES);
	if (r == 0)
		r = put_phdrs(writer, stream, notes_at, notes_bytes, pages_at);
	if (r == 0)
		r = put_notes(stream, notes, nr_notes);
	if (r == 0)
		r = stream_put(stream, zeros, pages_at - notes_at - notes_bytes);
	if (r == 0)
		r = put_pages(writer, stream);
	if (r == 0)
		r = look_again(writer);
	return r < 0 ? r : put_steady(writer, stream);
}

static int write_pages(struct writer *writer, int fd, bool is_compressed)
{
	const struct capture *capture = writer->capture;
	const struct vmcoreinfo *info = &writer->kernel->info;
	const struct p2m *p2m = &writer->kernel->p2m;
	struct text kallsyms = {0};
	struct stream stream;
	char loader[64] = "", made[64] = "";
	uint32_t module_bytes;
	int r = make_kallsyms(writer->kernel, &kallsyms);
	_cleanup_free_ void *firmware = NULL;
	size_t firmware_bytes = 0;
	struct note notes[8] = {
		{"VMCOREINFO", 0, info->text, info->size_bytes},
		{CAPTURE_NOTE, CAPTURE_MADE, made, sizeof(made)},
		{CAPTURE_NOTE, CAPTURE_ABOUT, capture->about, strlen(capture->about)},
		{CAPTURE_NOTE, CAPTURE_MODULES, capture->modules,
		 strlen(capture->modules)},
		{CAPTURE_NOTE, CAPTURE_LOADER, loader, sizeof(loader)},
	};
	size_t nr_notes = 5;

	snprintf(made, sizeof(made), "FORM=%d\nTOOL=kwcheck " KWCHECK_VERSION "\n",
		 CAPTURE_FORM);
	if (types_size(&writer->kernel->types, "module", &module_bytes) == 0)
		snprintf(loader, sizeof(loader), "MODULE_BYTES=%" PRIu32 "\n",
			 module_bytes);
	if (kallsyms.size_bytes)
		notes[nr_notes++] = (struct note){CAPTURE_NOTE, CAPTURE_KALLSYMS,
						  kallsyms.bytes, kallsyms.size_bytes};
	if (p2m->nr)
		notes[nr_notes++] = (struct note){CAPTURE_NOTE, CAPTURE_P2M, p2m->runs,
						  p2m->nr * sizeof(*p2m->runs)};
	if (r == 0 && capture->contents == CAPTURE_MEMORY)
		r = firmware_note(&writer->kernel->firmware, &firmware, &firmware_bytes);
	if (r == -ENODATA)
		r = 0;
	if (firmware)
		notes[nr_notes++] = (struct note){CAPTURE_NOTE, CAPTURE_FIRMWARE,
						  firmware, firmware_bytes};
	if (r == 0)
		r = stream_open(&stream, fd, is_compressed);
	if (r == 0) {
		r = put_all(writer, &stream, notes, nr_notes);
		if (r == 0)
			r = stream_finish(&stream);
		stream_close(&stream);
	}
	free(kallsyms.bytes);
	return r;
}

int capture_write(struct kernel *kernel, const struct capture *capture, int fd,
		  bool is_compressed, struct steady *ret, struct error *err)
{
	struct writer writer = {.kernel = kernel, .capture = capture};
	int r = steady_read_list(kernel, &writer.modules);

	if (r == 0)
		r = add_tables_and_modules(&writer);
	if (r == 0)
		r = add_image(&writer);
	if (r == 0)
		r = add_loader_needs(&writer);
	if (r == 0)
		r = add_keys(&writer);
	if (r == 0)
		r = add_nameless_exports(&writer);
	if (r == 0)
		r = add_nameless_constants(&writer);
	if (r == 0)
		r = add_footprint(&writer);
	if (r == 0)
		r = add_memory(&writer);
	if (r == 0) {
		tidy_pages(&writer);
		r = note_free(&writer);
	}
	if (r == 0)
		r = write_pages(&writer, fd, is_compressed);
	for (size_t i = 0; i < writer.nr_pages; i++)
		free(writer.pages[i].bytes);
	free(writer.pages);
	free(writer.was_free);
	steady_free_list(&writer.modules);
	if (r == 0)
		*ret = writer.steady;
	if (r < 0)
		error_set(err, ERROR_FILE, r, "the capture could not be written: %s",
			  strerror(-r));
	return r;
}

char *capture_words(struct kernel *kernel, enum capture_note note)
{
	const struct elfcore_note *found = elfcore_note(&kernel->core, CAPTURE_NOTE,
							note);
	char host[65] = "", when[32] = "", *text = NULL;

	if (found || note != CAPTURE_ABOUT)
		return strdup(found ? found->data : "");
	kernel_host(kernel, host, sizeof(host));
	kernel_time(kernel, when, sizeof(when));
	return asprintf(&text, "RELEASE=%s\nHOST=%s\nDATE=%s\n", kernel->release, host,
			when) < 0
		       ? NULL
		       : text;
}

int capture_check_form(const struct elfcore *core, const char *path, struct error *err)
{
	const struct elfcore_note *note = elfcore_note(core, CAPTURE_NOTE, CAPTURE_MADE);
	char form[16] = "", tool[64] = "another kwcheck";
	struct vmcoreinfo made;

	if (!note)
		return 0;
	made = (struct vmcoreinfo){.text = note->data, .size_bytes = note->size_bytes};
	vmcoreinfo_string(&made, "TOOL", tool, sizeof(tool));
	if (vmcoreinfo_string(&made, "FORM", form, sizeof(form)) == 0 &&
	    atoi(form) <= CAPTURE_FORM && atoi(form) > 0)
		return 0;
	return error_set(
		err, ERROR_MALFORMED_CORE, -ENOTSUP,
		"%s: a capture of form '%s', made by %s; this kwcheck knows forms "
		"up to %d: read it with that one or a newer one",
		path, form, tool, CAPTURE_FORM);
}
