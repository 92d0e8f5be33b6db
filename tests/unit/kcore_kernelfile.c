/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a kernel that was linked 8 MiB below where the fake one runs. */
#include "kcore/kernelfile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "ko.h"

#define DISTANCE 0x800000ULL

#define VMCOREINFO                                     \
	"OSRELEASE=6.1.0-fake-amd64\n"                 \
	"BUILD-ID=0102030405060708\n"                  \
	"SYMBOL(_stext)=ffffffff81000000\n"            \
	"SYMBOL(swapper_pg_dir)=ffffffff7f001000\n"    \
	"SYMBOL(init_uts_ns)=ffffffff81400100\n"       \
	"SYMBOL(node_online_map)=ffffffff81400200\n"   \
	"SYMBOL(mem_section)=ffffffff81400300\n"       \
	"SYMBOL(kallsyms_num_syms)=ffffffff81200000\n" \
	"SYMBOL(table)=ffff88800fff0000\n"             \
	"NUMBER(phys_base)=16777216\n"

/* An ELF note with that build id. */
static const unsigned char build_id[] = {4,   0,   0,	0, 8, 0, 0, 0, 3, 0, 0, 0,
					 'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 6, 7, 8};
static const unsigned char other_id[] = {4,   0,   0,	0, 8, 0, 0, 0, 3, 0, 0, 0,
					 'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 6, 7, 9};
static const char bytes[16];

enum { TEXT = 1, RODATA, DATA, BSS, PERCPU, NOTES };

static const struct ko sound = {
	.sections =
		{
			{.name = ".text",
			 .flags = SHF_ALLOC | SHF_EXECINSTR,
			 .data = bytes,
			 .size_bytes = 16},
			{.name = ".rodata",
			 .flags = SHF_ALLOC,
			 .data = bytes,
			 .size_bytes = 16},
			{.name = ".data",
			 .flags = SHF_ALLOC | SHF_WRITE,
			 .data = bytes,
			 .size_bytes = 16},
			{.name = ".bss",
			 .flags = SHF_ALLOC | SHF_WRITE,
			 .type = SHT_NOBITS,
			 .data = bytes,
			 .size_bytes = 16},
			{.name = ".data..percpu",
			 .flags = SHF_ALLOC | SHF_WRITE,
			 .data = bytes,
			 .size_bytes = 16},
			{.name = ".notes",
			 .flags = SHF_ALLOC,
			 .type = SHT_NOTE,
			 .data = build_id,
			 .size_bytes = sizeof(build_id)},
		},
	.nr_sections = 6,
	.symbols =
		{
			{"secret", DATA, FAKE_DATA + 0x400 - DISTANCE, STT_OBJECT,
			 STB_LOCAL, 0},
			{"_stext", TEXT, FAKE_STEXT - DISTANCE, STT_NOTYPE, STB_GLOBAL,
			 0},
			{"init_uts_ns", DATA, FAKE_DATA + 0x100 - DISTANCE, STT_OBJECT,
			 STB_GLOBAL, 0},
			{"node_online_map", DATA, FAKE_DATA + 0x200 - DISTANCE,
			 STT_OBJECT, STB_GLOBAL, 0},
			{"mem_section", BSS, FAKE_DATA + 0x300 - DISTANCE, STT_OBJECT,
			 STB_GLOBAL, 0},
			{"this_cpu_off", PERCPU, 0x15198, STT_OBJECT, STB_GLOBAL, 0},
			{"__start_ro", RODATA, FAKE_RODATA - DISTANCE, STT_NOTYPE,
			 STB_GLOBAL, 0},
			{"weak_table", RODATA, FAKE_RODATA - DISTANCE, STT_OBJECT,
			 STB_WEAK, 0},
			{"table", RODATA, FAKE_RODATA - DISTANCE, STT_OBJECT, STB_GLOBAL,
			 0},
			{"phys_startup_64", SHN_ABS, 0x1000000, STT_NOTYPE, STB_GLOBAL,
			 0},
			{".Lend", TEXT, FAKE_STEXT + 8 - DISTANCE, STT_NOTYPE, STB_LOCAL,
			 0},
		},
	.nr_symbols = 11,
};

static int file_of(const struct ko *ko, uint16_t type)
{
	int fd = memfd_create("vmlinux", MFD_CLOEXEC);
	size_t nr;
	unsigned char *file = ko_bytes(ko, &nr);

	((Elf64_Ehdr *)file)->e_type = type;
	cr_assert_eq(write(fd, file, nr), (ssize_t)nr);
	free(file);
	return fd;
}

static int read_symbols(const struct ko *ko, const char *info, struct listing *ret,
			struct error *err)
{
	const struct vmcoreinfo vmcoreinfo = {info, strlen(info)};
	int fd = file_of(ko, ET_EXEC), r;

	*err = (struct error){0};
	r = kernelfile_symbols(ret, fd, &vmcoreinfo, "vmlinux", err);
	close(fd);
	return r;
}

/* kallsyms' order: among those of one address weak ones and the linker's come last. */
Test(kcore_kernelfile, symbols)
{
	static const struct {
		uint64_t address;
		const char *name;
		char type;
	} expected[] = {
		{0x15198, "this_cpu_off", 'D'},
		{FAKE_STEXT, "_stext", 'T'},
		{FAKE_RODATA, "table", 'R'},
		{FAKE_RODATA, "__start_ro", 'R'},
		{FAKE_RODATA, "weak_table", 'V'},
		{FAKE_DATA + 0x100, "init_uts_ns", 'D'},
		{FAKE_DATA + 0x200, "node_online_map", 'D'},
		{FAKE_DATA + 0x300, "mem_section", 'B'},
		{FAKE_DATA + 0x400, "secret", 'd'},
	};
	struct listing listing;
	struct error err;

	cr_assert_eq(read_symbols(&sound, VMCOREINFO, &listing, &err), 0, "%s",
		     err.message);
	cr_assert_eq(listing.own.nr, sizeof(expected) / sizeof(*expected));
	for (size_t i = 0; i < listing.own.nr; i++) {
		cr_expect_str_eq(listing.own.array[i].name, expected[i].name);
		cr_expect_eq(listing.own.array[i].address, expected[i].address, "%s",
			     expected[i].name);
		cr_expect_eq(listing.own.array[i].type, expected[i].type, "%s",
			     expected[i].name);
	}
	listing_close(&listing);
}

static void expect_other_build(const struct ko *ko, const char *info, const char *words)
{
	struct listing listing;
	struct error err;

	cr_expect_lt(read_symbols(ko, info, &listing, &err), 0);
	cr_expect_eq(err.code, ERROR_OTHER_BUILD);
	cr_expect_not_null(strstr(err.message, words), "%s", err.message);
}

Test(kcore_kernelfile, of_another_build)
{
	struct ko other = sound;

	other.sections[NOTES - 1].data = other_id;
	expect_other_build(&other, VMCOREINFO,
			   "its build id is 0102030405060709, the kernel's is "
			   "0102030405060708");
	/* Without build ids distances tell. */
	other.nr_sections = NOTES - 1;
	other.symbols[3].value += 8;
	expect_other_build(&other, VMCOREINFO,
			   "3 lie where the file has them and 1 do not");
	expect_other_build(&sound, "SYMBOL(_stext)=ffffffff81000000\n", "1 lie where");
}

Test(kcore_kernelfile, no_file_of_a_kernel)
{
	const struct vmcoreinfo info = {VMCOREINFO, sizeof(VMCOREINFO) - 1};
	struct ko nameless = sound;
	struct listing listing;
	struct error err;
	int fd = file_of(&sound, ET_REL);

	cr_expect_eq(kernelfile_symbols(&listing, fd, &info, "foo.ko", &err), -ENOENT);
	cr_expect_eq(kernelfile_check_build(fd, &info, "foo.ko", &err), 0);
	close(fd);
	fd = memfd_create("btf", MFD_CLOEXEC);
	cr_expect_eq(kernelfile_symbols(&listing, fd, &info, "btf", &err), -ENOENT);
	cr_expect_eq(kernelfile_check_build(fd, &info, "btf", &err), 0);
	close(fd);
	nameless.nr_symbols = 0;
	cr_expect_eq(read_symbols(&nameless, VMCOREINFO, &listing, &err), -ENOENT);
}

/* Opens the fake kernel, which lists @kallsyms, with the file. */
static void open_with(const struct ko *ko, const char *kallsyms, struct kernel *ret)
{
	struct fake fake = {.vmcoreinfo = VMCOREINFO, .kallsyms = kallsyms};
	struct source source;
	struct error err = {0};

	fake_write(&fake);
	source = fake_source(&fake);
	source.btf_fd = file_of(ko, ET_EXEC);
	source.btf_path = "vmlinux";
	cr_assert_eq(kernel_open(ret, &source, &err), 0, "%s", err.message);
	close(source.btf_fd);
	fake_close(&fake);
}

static bool has_note(const struct kernel *kernel, const char *words)
{
	for (size_t i = 0; i < kernel->nr_notes; i++)
		if (strstr(kernel->notes[i], words))
			return true;
	return false;
}

/* Its names are taken where the kernel has none, or those of functions only; that it has
 * no types is said.
 */
Test(kcore_kernelfile, names_that_the_kernel_does_not_list)
{
	static const char *const lists[] = {"", "ffffffff81000000 T _stext\n"};
	struct kernel kernel;
	uint64_t address;

	for (size_t i = 0; i < 2; i++) {
		open_with(&sound, lists[i], &kernel);
		cr_expect(kernel.has_symbols);
		cr_expect_str_eq(kernel.symbols_from, "vmlinux");
		cr_expect(symbols_address(&kernel.symbols, "secret", &address));
		cr_expect_eq(address, FAKE_DATA + 0x400);
		cr_expect(has_note(&kernel, "symbols and no types"));
		kernel_close(&kernel);
	}
}

/* Symbols of others are read anew by the same function. */
static int read_one(void *ctx, struct symbol_array *ret, struct strings *names)
{
	const struct symbol symbol = {.address = FAKE_SMALL,
				      .name = strings_keep(names, "fn"),
				      .module = "mod",
				      .type = 't'};

	++*(int *)ctx;
	return symbol_array_add(ret, &symbol);
}

Test(kcore_kernelfile, others_are_the_kernels)
{
	const struct listing_text none = {.fd = -1};
	struct listing listing;
	struct symbols symbols;
	struct error err;
	int nr_read = 0;

	cr_assert_eq(read_symbols(&sound, VMCOREINFO, &listing, &err), 0);
	symbols_take_listing(&symbols, &listing, &none, read_one, &nr_read);
	cr_expect_null(symbols_find(&symbols, "fn", "vmlinux", NULL));
	cr_expect_not_null(symbols_find(&symbols, "fn", "mod", NULL));
	cr_expect_str_eq(symbols_at(&symbols, FAKE_SMALL + 1)->name, "fn");
	cr_expect_eq(nr_read, 1);
	symbols_forget_others(&symbols);
	cr_expect_not_null(symbols_find(&symbols, "fn", "mod", NULL));
	cr_expect_eq(nr_read, 2);
	cr_expect_str_eq(symbols_at(&symbols, FAKE_DATA + 0x401)->name, "secret");
	symbols_close(&symbols);
}
