/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of a Xen HVM or PVH domain, as 'xl dump-core' writes them. */
#include "kcore/xencore.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/elf64.h"
#include "kcore/loss.h"
#include "kcore/pagecache.h"

enum { MAX_SECTIONS = 64, NAME_BYTES = 16 };
/* Of one read. */
enum { BATCH = 512 };

/* The section called @name. */
static bool find_section(int fd, const Elf64_Ehdr *ehdr, const char *name,
			 Elf64_Shdr *ret)
{
	Elf64_Shdr names;

	if (ehdr->e_shstrndx >= ehdr->e_shnum ||
	    !loss_pread_all(fd, &names, sizeof(names),
			    ehdr->e_shoff + (uint64_t)ehdr->e_shstrndx * sizeof(names)))
		return false;
	for (uint64_t i = 0; i < ehdr->e_shnum; i++) {
		char there[NAME_BYTES] = "";
		Elf64_Shdr shdr;

		if (loss_pread_all(fd, &shdr, sizeof(shdr),
				   ehdr->e_shoff + i * sizeof(shdr)) &&
		    names.sh_offset <= INT64_MAX - UINT32_MAX &&
		    loss_pread(fd, there, strlen(name) + 1,
			       (off_t)(names.sh_offset + shdr.sh_name)) > 0 &&
		    memcmp(there, name, strlen(name) + 1) == 0) {
			*ret = shdr;
			return true;
		}
	}
	return false;
}

/* Page @i of the file is frame @pfn; neighbours are one segment. */
static int add_page(struct elfcore *core, uint64_t pfn, uint64_t offset,
		    uint64_t file_bytes)
{
	struct elfcore_segment *last = core->nr_segments
					       ? &core->segments[core->nr_segments - 1]
					       : NULL;
	struct elfcore_segment segment = {
		.va = pfn * PAGE_BYTES,
		.pa = pfn * PAGE_BYTES,
		.size_bytes = PAGE_BYTES,
		.memory_bytes = PAGE_BYTES,
		.offset = offset,
	};

	if (offset > file_bytes - PAGE_BYTES) {
		segment.size_bytes = 0;
		segment.is_cut = core->is_cut = true;
	}
	if (!last || last->is_cut != segment.is_cut ||
	    last->pa + last->memory_bytes != segment.pa ||
	    (!segment.is_cut && last->offset + last->size_bytes != offset))
		return elfcore_add_segment(core, &segment);
	last->size_bytes += segment.size_bytes;
	last->memory_bytes += segment.memory_bytes;
	return 0;
}

static int add_pages(struct elfcore *core, const Elf64_Shdr *pages,
		     const Elf64_Shdr *pfns, uint64_t file_bytes)
{
	uint64_t nr = pages->sh_size / PAGE_BYTES, numbers[BATCH];

	if (pfns->sh_size / sizeof(*numbers) != nr || pages->sh_size % PAGE_BYTES != 0 ||
	    file_bytes < PAGE_BYTES || pages->sh_offset > INT64_MAX - pages->sh_size)
		return -EINVAL;
	for (uint64_t i = 0; i < nr; i++) {
		uint64_t left = nr - i < BATCH ? nr - i : BATCH, pfn;
		int r;

		if (i % BATCH == 0 &&
		    !loss_pread_all(core->fd, numbers, left * sizeof(*numbers),
				    pfns->sh_offset + i * sizeof(*numbers)))
			return -ENODATA;
		pfn = numbers[i % BATCH];
		if (pfn == UINT64_MAX) /* XC_CORE_INVALID_PFN */
			continue;
		if (pfn > INT64_MAX / PAGE_BYTES - 1)
			return -EINVAL;
		r = add_page(core, pfn, pages->sh_offset + i * PAGE_BYTES, file_bytes);
		if (r < 0)
			return r;
	}
	return core->nr_segments ? 0 : -EINVAL;
}

static int refuse(int r, const char *path, struct error *err)
{
	if (r == -ENODATA)
		return error_set(
			err, ERROR_TRUNCATED_CORE, r,
			"%s: a Xen dump, truncated: it ends before the numbers of "
			"its pages, which are at its end; copy the file again",
			path);
	if (r == -EINVAL)
		return error_set(
			err, ERROR_MALFORMED_CORE, r,
			"%s: a Xen dump whose .xen_pfn and .xen_pages do not fit; "
			"the file is damaged, copy it again",
			path);
	return r;
}

int xencore_open(struct elfcore *ret, int fd, const char *path, struct error *err)
{
	struct elfcore core = {.fd = fd};
	Elf64_Shdr pages, pfns;
	Elf64_Ehdr ehdr;
	struct stat st;
	int r;

	if (!loss_pread_all(fd, &ehdr, ELF64_EHDR_BYTES, 0) || ehdr.e_phnum != 0 ||
	    ehdr.e_shnum == 0 || ehdr.e_shnum > MAX_SECTIONS || ehdr.e_type != ET_CORE ||
	    ehdr.e_machine != EM_X86_64 || ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_shentsize != ELF64_SHDR_BYTES ||
	    ehdr.e_shoff > INT64_MAX - MAX_SECTIONS * ELF64_SHDR_BYTES ||
	    fstat(fd, &st) < 0 || !find_section(fd, &ehdr, ".xen_pages", &pages))
		return -ENOENT;
	if (find_section(fd, &ehdr, ".xen_p2m", &pfns))
		return error_set(
			err, ERROR_XEN_PV, -ENOTSUP,
			"%s: a dump of a Xen PV domain: its page tables hold machine "
			"frames and the hypervisor decides about writes; ask inside an "
			"HVM/PVH guest or dom0's toolstack",
			path);
	if (!find_section(fd, &ehdr, ".xen_pfn", &pfns))
		return refuse(-ENODATA, path, err);
	r = add_pages(&core, &pages, &pfns, (uint64_t)st.st_size);
	return refuse(elfcore_hand_over(ret, &core, r, path, err), path, err);
}
