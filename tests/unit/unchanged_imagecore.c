/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cores of kernels that were not booted. Real images: tests/vm/test-kernel.sh. */
#include "unchanged/imagecore.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "builtimage.h"
#include "kcore/open.h"
#include "nametables.h"

static const uint64_t TEXT = 0xffffffff81000000, RODATA = 0xffffffff81200000,
		      SEALED = 0xffffffff81206000, DATA = 0xffffffff81400000,
		      INIT = 0xffffffff81404000, BSS = 0xffffffff81406000;
enum {
	RODATA_BYTES = 0x8000,
	DATA_BYTES = 0x3000,
	TABLES_AT = 0x400,
	NR_FILLERS = 300,
	CMDLINE_BYTES = 2048,
};

static unsigned char rodata[RODATA_BYTES], data[DATA_BYTES], init[CMDLINE_BYTES];
static struct builtimage built;

/* What a build may lack or say otherwise. */
struct wish {
	bool is_nameless; /* functions only */
	bool is_unsealed; /* no rodata_enabled */
	const char *cmdline;
};

static size_t add(struct nametables_symbol *symbols, size_t nr, const char *name,
		  uint64_t va)
{
	symbols[nr] = (struct nametables_symbol){name, va};
	return nr + 1;
}

/* Ascending, as kallsyms is. */
static size_t add_sections(struct nametables_symbol *symbols, size_t nr,
			   const struct wish *wish)
{
	const struct nametables_symbol sections[] = {
		{"R__start_rodata", RODATA},
		{"Rlinux_banner", RODATA},
		{"d__start_ro_after_init", SEALED + 0x10},
		{wish->is_unsealed ? "dother" : "drodata_enabled", SEALED + 0x100},
		{"d__end_ro_after_init", SEALED + 0x810},
		{"R__end_rodata", RODATA + RODATA_BYTES},
		{"D_sdata", DATA},
		{"Dinit_top_pgt", DATA + 0x1000},
		{"Dmodules", DATA + 0x2000},
		{"D__init_begin", INIT},
		{wish->cmdline ? "dbuiltin_cmdline" : "dother", INIT},
		{"d__smp_locks", INIT + 0x2000},
		{"d__smp_locks_end", INIT + 0x2000},
		{"R__init_end", BSS},
		{"B__bss_start", BSS},
		{"bidt_table", BSS + 0x1000},
		{"bmodules_disabled", BSS + 0x2000},
		{"B__bss_stop", BSS + 0x3000},
		{"B_end", BSS + 0x4000},
	};

	memcpy(symbols + nr, sections, sizeof(sections));
	return nr + sizeof(sections) / sizeof(sections[0]);
}

static void build(const struct wish *wish)
{
	static const struct nametables_shape shape = {8, 4, .is_late = true,
						      .has_base = true};
	static char names[NR_FILLERS][16];
	struct nametables_symbol symbols[NR_FILLERS + 32];
	const uint64_t list = DATA + 0x2000;
	const struct builtimage_section sections[] = {
		{".text", TEXT, names, sizeof(names)},
		{".rodata", RODATA, rodata, sizeof(rodata)},
		{".data", DATA, data, sizeof(data)},
		{".init.data", INIT, init, sizeof(init)},
	};
	struct nametables tables;
	size_t nr = 0;

	memset(rodata, 0, sizeof(rodata));
	memset(init, 0, sizeof(init));
	strcpy((char *)rodata, "Linux version 9.9.9-test (a@b) #1\n");
	memcpy(data + 0x2000, &list, sizeof(list));
	if (wish->cmdline)
		strcpy((char *)init, wish->cmdline);
	nr = add(symbols, nr, "T_text", TEXT);
	nr = add(symbols, nr, "T_stext", TEXT);
	for (size_t i = 0; i < NR_FILLERS; i++) {
		snprintf(names[i], sizeof(names[i]), "tfiller%zu", i);
		nr = add(symbols, nr, names[i], TEXT + 16 * i);
	}
	nr = add(symbols, nr, "T_etext", TEXT + 0x2000);
	if (!wish->is_nameless)
		nr = add_sections(symbols, nr, wish);
	nametables_put(&tables, rodata, TABLES_AT, RODATA, &shape, symbols, nr, TEXT);
	cr_assert_lt(tables.end, SEALED - RODATA);
	builtimage_make(&built, sections, 4, NULL, 0);
}

struct opened {
	struct source source;
	struct kernel kernel;
};

static void open_core(struct opened *ret, const struct wish *wish)
{
	int fd = memfd_create("core", MFD_CLOEXEC);
	struct error err = {0};
	char path[64];

	build(wish);
	cr_assert_eq(imagecore_write("vmlinuz", built.bytes, built.nr_bytes, fd, &err), 0,
		     "%s", err.message);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cr_assert_eq(source_open_core(&ret->source, path, &err), 0, "%s", err.message);
	cr_assert_eq(kernel_open(&ret->kernel, &ret->source, &err), 0, "%s", err.message);
	close(fd);
}

static void close_core(struct opened *opened)
{
	kernel_close(&opened->kernel);
	source_close(&opened->source);
}

static enum pt_verdict verdict_at(struct opened *opened, uint64_t va)
{
	struct pt_walk walk;

	pt_walk(&opened->kernel.pt, va, &walk);
	return walk.verdict;
}

Test(unchanged_imagecore, rights)
{
	const struct wish wish = {0};
	struct opened opened;

	open_core(&opened, &wish);
	cr_expect(opened.kernel.is_unbooted);
	cr_expect_str_eq(opened.kernel.release, "9.9.9-test");
	cr_expect_eq(verdict_at(&opened, TEXT), PT_READ_ONLY);
	cr_expect_eq(verdict_at(&opened, RODATA), PT_READ_ONLY);
	cr_expect_eq(verdict_at(&opened, SEALED + 0x100), PT_READ_ONLY);
	cr_expect_eq(verdict_at(&opened, RODATA + RODATA_BYTES), PT_UNMAPPED);
	cr_expect_eq(verdict_at(&opened, DATA), PT_WRITABLE);
	cr_expect_eq(verdict_at(&opened, INIT - 1), PT_WRITABLE);
	cr_expect_eq(verdict_at(&opened, INIT), PT_UNMAPPED, "it is given back");
	cr_expect_eq(verdict_at(&opened, BSS), PT_WRITABLE);
	cr_expect_eq(verdict_at(&opened, BSS + 0x1000), PT_UNMAPPED, "the IDT");
	cr_expect_eq(verdict_at(&opened, BSS + 0x2000), PT_WRITABLE);
	cr_expect_eq(verdict_at(&opened, BSS + 0x3000), PT_UNMAPPED);
	close_core(&opened);
}

Test(unchanged_imagecore, contents)
{
	const struct wish wish = {0};
	struct opened opened;
	struct kernel *kernel = &opened.kernel;
	uint64_t word;
	int disabled = 7;

	open_core(&opened, &wish);
	cr_expect_eq(kernel_read(kernel, RODATA, &word, sizeof(word)), 0);
	cr_expect_arr_eq(&word, "Linux ve", 8);
	cr_expect_eq(kernel_read_variable(kernel, "modules", &word, sizeof(word)), 0);
	cr_expect_eq(word, DATA + 0x2000, "no module is loaded");
	cr_expect_eq(kernel_read_variable(kernel, "modules_disabled", &disabled, 4), 0);
	cr_expect_eq(disabled, 0, "as .bss begins");
	/* What is filled in at boot is not as it was built. */
	cr_expect_eq(kernel_read(kernel, SEALED + 0x200, &word, sizeof(word)), -ENODATA);
	cr_expect_eq(kernel_read(kernel, DATA, &word, sizeof(word)), -ENODATA);
	cr_expect_eq(kernel_read(kernel, TEXT, &word, sizeof(word)), -ENODATA);
	cr_expect(strstr(kernel_missing_words(kernel, DATA), "boots"));
	cr_expect_null(symbols_find(&kernel->symbols, "none", NULL, NULL));
	close_core(&opened);
}

/* Where the kernel does not seal, or may be built not to, nobody can tell. */
Test(unchanged_imagecore, what_may_not_be_sealed)
{
	const struct wish wishes[] = {{.is_unsealed = true},
				      {.cmdline = "quiet rodata=off"}},
			  sealed = {.cmdline = "quiet"};
	struct opened opened;

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		open_core(&opened, &wishes[i]);
		cr_expect_eq(verdict_at(&opened, RODATA), PT_UNMAPPED, "wish %zu", i);
		cr_expect_eq(verdict_at(&opened, TEXT), PT_UNMAPPED, "wish %zu", i);
		cr_expect_eq(verdict_at(&opened, DATA), PT_WRITABLE, "wish %zu", i);
		close_core(&opened);
	}
	open_core(&opened, &sealed);
	cr_expect_eq(verdict_at(&opened, RODATA), PT_READ_ONLY);
	close_core(&opened);
}

static void expect_refused(const char *words)
{
	int fd = memfd_create("core", MFD_CLOEXEC);
	struct error err = {0};

	cr_expect_lt(imagecore_write("vmlinuz", built.bytes, built.nr_bytes, fd, &err),
		     0);
	cr_expect(strstr(err.message, "vmlinuz: by the image alone: ") &&
			  strstr(err.message, words),
		  "%s", err.message);
	close(fd);
}

Test(unchanged_imagecore, refused)
{
	const struct wish nameless = {.is_nameless = true}, whole = {0};

	build(&nameless);
	expect_refused("CONFIG_KALLSYMS_ALL is off");
	build(&whole);
	memset(built.bytes, 0, 64);
	expect_refused("it is no kernel for x86-64");
	build(&whole);
	memset(memmem(built.bytes, built.nr_bytes, "0\0001\0002\0003", 7), 'x', 7);
	expect_refused("no table of symbols");
}
