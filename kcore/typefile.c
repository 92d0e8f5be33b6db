/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of a kernel that has none, from a file of its maker's. */
#include "kcore/typefile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/dwarftypes.h"
#include "kcore/elf64.h"
#include "kcore/loss.h"

enum { MAX_BTF_BYTES = 256 * 1024 * 1024, MAX_STRINGS_BYTES = 1024 * 1024 };

/* struct task_struct has comm[TASK_COMM_LEN]. */
enum { COMM_BYTES = 16 };

static bool read_at(int fd, uint64_t offset, void *buf, size_t size_bytes)
{
	return offset <= INT64_MAX &&
	       loss_pread(fd, buf, size_bytes, (off_t)offset) == (ssize_t)size_bytes;
}

/* Section @i of the file. */
static bool read_section(int fd, const Elf64_Ehdr *ehdr, unsigned i, Elf64_Shdr *ret)
{
	return ehdr->e_shentsize >= ELF64_SHDR_BYTES && i < ehdr->e_shnum &&
	       read_at(fd, ehdr->e_shoff + (uint64_t)i * ehdr->e_shentsize, ret,
		       ELF64_SHDR_BYTES);
}

/* Finds the section .BTF. */
static bool find_section(int fd, const Elf64_Ehdr *ehdr, Elf64_Shdr *ret)
{
	_cleanup_free_ char *names = NULL;
	Elf64_Shdr strings;

	if (!read_section(fd, ehdr, ehdr->e_shstrndx, &strings) ||
	    strings.sh_size > MAX_STRINGS_BYTES)
		return false;
	names = calloc(1, strings.sh_size + 1);
	if (!names || !read_at(fd, strings.sh_offset, names, strings.sh_size))
		return false;
	for (unsigned i = 0; i < ehdr->e_shnum; i++)
		if (read_section(fd, ehdr, i, ret) && ret->sh_name < strings.sh_size &&
		    strcmp(names + ret->sh_name, ".BTF") == 0)
			return true;
	return false;
}

static int take_section(struct types *ret, int fd, const Elf64_Shdr *section)
{
	_cleanup_free_ char *data = NULL;
	int r;

	if (section->sh_size > MAX_BTF_BYTES)
		return -EFBIG;
	data = malloc(section->sh_size + 1);
	if (!data)
		return -ENOMEM;
	if (!read_at(fd, section->sh_offset, data, section->sh_size))
		return -EINVAL;
	r = types_take(ret, data, section->sh_size);
	if (r == 0)
		data = NULL; /* it is the types' now */
	return r;
}

int typefile_read(struct types *ret, int fd, const char *path, struct error *err)
{
	Elf64_Ehdr ehdr;
	Elf64_Shdr section;
	bool is_elf = read_at(fd, 0, &ehdr, sizeof(ehdr)) &&
		      memcmp(ehdr.e_ident, ELFMAG, SELFMAG) == 0;
	int r;

	if (!is_elf)
		r = types_read(ret, fd);
	else if (find_section(fd, &ehdr, &section))
		r = take_section(ret, fd, &section);
	else
		r = dwarftypes_read(ret, fd);
	if (is_elf && r == -ENOENT)
		return error_set(err, ERROR_FILE, r,
				 "%s: an ELF file with neither BTF nor DWARF: a vmlinux "
				 "that is not stripped has one of them",
				 path);
	if (r == -ENOSYS)
		return error_set(
			err, ERROR_NOT_BUILT_IN, r,
			"%s: an ELF file without BTF, and this kwcheck was built "
			"without libdw, which reads DWARF; pahole -J adds BTF",
			path);
	if (r == -ENOTSUP)
		return error_set(err, ERROR_FILE, r,
				 "%s: BTF of a form that this kwcheck does not know; a "
				 "newer kwcheck may know it",
				 path);
	if (r < 0)
		return error_set(err, ERROR_FILE, r,
				 "%s: no BTF, or damaged: it is what pahole, bpftool and "
				 "BTFHub write, unpacked",
				 path);
	return 0;
}

/* What was compared. */
struct proof {
	const struct types *types;
	size_t nr_same;
	char wrong[256]; /* the first that differs; "" */
};

static void compare(struct proof *proof, const char *what, uint64_t is, uint64_t said)
{
	if (is == said)
		proof->nr_same++;
	else if (!*proof->wrong)
		snprintf(proof->wrong, sizeof(proof->wrong),
			 "%.100s is %llu there and %llu in this kernel", what,
			 (unsigned long long)said, (unsigned long long)is);
}

/* SIZE(type)=BYTES and OFFSET(type.member)=BYTES, where the type is a structure. */
static void compare_line(struct proof *proof, const char *line)
{
	char type[64], member[64], what[160];
	unsigned long long value;
	uint32_t said;

	if (sscanf(line, "SIZE(%63[a-z0-9_])=%llu", type, &value) == 2) {
		snprintf(what, sizeof(what), "the size of %s", type);
		if (types_size(proof->types, type, &said) == 0)
			compare(proof, what, value, said);
	} else if (sscanf(line, "OFFSET(%63[a-z0-9_].%63[a-z0-9_])=%llu", type, member,
			  &value) == 3) {
		snprintf(what, sizeof(what), "the offset of %s.%s", type, member);
		if (types_offset(proof->types, type, member, &said) == 0)
			compare(proof, what, value, said);
	}
}

/* init_task is called swapper, or swapper/0: its members are shuffled where a kernel
 * shuffles any.
 */
static void compare_task(struct proof *proof, struct kernel *kernel)
{
	uint64_t task = kernel->labels[LABEL_INIT_TASK];
	char comm[COMM_BYTES];
	uint32_t offset;

	if (!task || types_offset(proof->types, "task_struct", "comm", &offset) < 0 ||
	    elfcore_read_pa(&kernel->core, task + offset + kernel->image_to_pa, comm,
			    sizeof(comm)) < 0)
		return;
	if (strncmp(comm, "swapper", sizeof("swapper") - 1) == 0)
		proof->nr_same++;
	else if (!*proof->wrong)
		snprintf(proof->wrong, sizeof(proof->wrong),
			 "task_struct.comm is elsewhere in this kernel");
}

int typefile_prove(struct kernel *kernel, const struct types *types, const char *path,
		   struct error *err)
{
	_cleanup_free_ char *text = strndup(kernel->info.text, kernel->info.size_bytes);
	struct proof proof = {.types = types};
	char *save;

	if (!text)
		return -ENOMEM;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		compare_line(&proof, line);
	compare_task(&proof, kernel);
	if (*proof.wrong)
		return error_set(err, ERROR_OTHER_BUILD, -EINVAL,
				 "%s: not the types of this kernel: %s; it has to be of "
				 "the very build",
				 path, proof.wrong);
	if (proof.nr_same == 0)
		return error_set(
			err, ERROR_OTHER_BUILD, -EINVAL,
			"%s: none of the structures that this kernel tells of is "
			"in it: it cannot be proved to be of this build",
			path);
	return 0;
}
