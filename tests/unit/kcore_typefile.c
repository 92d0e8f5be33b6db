/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/typefile.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "kcore/elf64.h"

/* The kernel says of itself what a list_head is. */
#define VMCOREINFO                                  \
	"OSRELEASE=6.1.0-fake-amd64\n"              \
	"SYMBOL(_stext)=ffffffff81000000\n"         \
	"SYMBOL(swapper_pg_dir)=ffffffff7f001000\n" \
	"NUMBER(phys_base)=16777216\n"              \
	"SIZE(list_head)=16\n"                      \
	"OFFSET(list_head.prev)=8\n"                \
	"SIZE(nodemask_t)=128\n"

/* A list_head of @size_bytes with prev at @prev, as BTF in malloc'ed memory. */
static void *make_btf(uint32_t size_bytes, uint32_t prev, uint32_t *ret_bytes)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "unsigned long", 8, 0);
	const void *data;
	void *copy;

	btf__add_struct(btf, "list_head", size_bytes);
	btf__add_field(btf, "next", word, 0, 0);
	btf__add_field(btf, "prev", word, prev * 8, 0);
	data = btf__raw_data(btf, ret_bytes);
	copy = malloc(*ret_bytes);
	memcpy(copy, data, *ret_bytes);
	btf__free(btf);
	return copy;
}

static int file_of(const void *bytes, size_t nr)
{
	int fd = memfd_create("types", MFD_CLOEXEC);

	cr_assert_eq(write(fd, bytes, nr), (ssize_t)nr);
	return fd;
}

/* An ELF file whose only section but for the names' is called @name. */
static int elf_of(const void *bytes, uint32_t nr, const char name[5])
{
	static const char names[] = "\0....\0.names";
	struct {
		Elf64_Ehdr header;
		char names[16];
		Elf64_Shdr sections[3];
		char data[4096];
	} elf = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				       ELFDATA2LSB, EV_CURRENT},
			   .e_shoff = ELF64_EHDR_BYTES + 16,
			   .e_shentsize = ELF64_SHDR_BYTES,
			   .e_shnum = 3,
			   .e_shstrndx = 2},
		.sections = {[1] = {.sh_name = 1,
				    .sh_offset = ELF64_EHDR_BYTES + 16 +
						 3 * ELF64_SHDR_BYTES,
				    .sh_size = nr},
			     [2] = {.sh_name = 6,
				    .sh_offset = ELF64_EHDR_BYTES,
				    .sh_size = sizeof(names)}},
	};

	memcpy(elf.names, names, sizeof(names));
	memcpy(elf.names + 1, name, 4);
	memcpy(elf.data, bytes, nr);
	return file_of(&elf, sizeof(elf));
}

/* Opens the fake kernel with the types of @fd. Returns what kernel_open() does. */
static int open_with(int fd, struct error *err, bool *ret_has_types)
{
	struct fake fake = {.vmcoreinfo = VMCOREINFO};
	struct source source;
	struct kernel kernel;
	uint32_t offset;
	int r;

	*err = (struct error){0};
	fake_write(&fake);
	source = fake_source(&fake);
	source.btf_fd = fd;
	source.btf_path = "types.btf";
	r = kernel_open(&kernel, &source, err);
	*ret_has_types = r == 0 &&
			 types_offset(&kernel.types, "list_head", "prev", &offset) == 0;
	if (r == 0)
		kernel_close(&kernel);
	fake_close(&fake);
	close(fd);
	return r;
}

Test(kcore_typefile, of_this_build)
{
	uint32_t nr;
	void *btf = make_btf(16, 8, &nr);
	struct error err;
	bool has_types;

	cr_expect_eq(open_with(file_of(btf, nr), &err, &has_types), 0, "%s", err.message);
	cr_expect(has_types);
	cr_expect_eq(open_with(elf_of(btf, nr, ".BTF"), &err, &has_types), 0, "%s",
		     err.message);
	cr_expect(has_types);
	free(btf);
}

static void expect_refused(int fd, enum error_code code, const char *words)
{
	struct error err;
	bool has_types;

	cr_expect_lt(open_with(fd, &err, &has_types), 0);
	cr_expect_eq(err.code, code, "%s", err.message);
	cr_expect_not_null(strstr(err.message, words), "%s", err.message);
	cr_expect_not_null(strstr(err.message, "types.btf"));
}

Test(kcore_typefile, of_another_build)
{
	uint32_t nr;
	void *btf = make_btf(24, 8, &nr);

	expect_refused(file_of(btf, nr), ERROR_OTHER_BUILD,
		       "the size of list_head is 24 there and 16 in this kernel");
	free(btf);
	btf = make_btf(16, 4, &nr);
	expect_refused(file_of(btf, nr), ERROR_OTHER_BUILD,
		       "the offset of list_head.prev is 4 there and 8");
	free(btf);
}

Test(kcore_typefile, no_types_at_all)
{
	struct btf *empty = btf__new_empty();
	uint32_t nr;
	const void *data = btf__raw_data(empty, &nr);

	expect_refused(file_of(data, nr), ERROR_OTHER_BUILD, "cannot be proved");
#ifdef KWCHECK_LIBDW
	expect_refused(elf_of(data, nr, ".txt"), ERROR_FILE, "neither BTF nor DWARF");
#else
	expect_refused(elf_of(data, nr, ".txt"), ERROR_NOT_BUILT_IN,
		       "built without libdw");
#endif
	expect_refused(file_of("garbage", 7), ERROR_FILE, "no BTF, or damaged");
	expect_refused(file_of("", 0), ERROR_FILE, "no BTF, or damaged");
	btf__free(empty);
}
