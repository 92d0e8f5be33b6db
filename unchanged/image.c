/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's image as it was built. */
#include "unchanged/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kcore/elf64.h"
#include "kcore/pagecache.h"
#include "kcore/x86.h"
#include "module/unpack.h"
#include "unchanged/lz4.h"

/* Documentation/arch/x86/boot.rst: the header of a bzImage, protocol 2.08 and newer. */
enum {
	SETUP_SECTS = 0x1f1,
	SETUP_MAGIC = 0x202,
	SETUP_VERSION = 0x206,
	SETUP_PAYLOAD_OFFSET = 0x248,
	SETUP_PAYLOAD_LENGTH = 0x24c,
	SETUP_BYTES = 0x250,
	SETUP_OLDEST = 0x208,
	SECTOR_BYTES = 512,
	/* A payload ends with its unpacked size: gzip's own does, and behind others the
	 * build puts it (scripts/Makefile.lib: size_append).
	 */
	SIZE_BYTES = 4,
};

static bool is_bzimage(const unsigned char *data, size_t nr_bytes)
{
	return nr_bytes > SETUP_BYTES && memcmp(data + SETUP_MAGIC, "HdrS", 4) == 0;
}

static int unpack_bzimage(const unsigned char *data, size_t nr_bytes, unsigned char **ret,
			  size_t *ret_bytes, const char **why)
{
	uint64_t start = ((data[SETUP_SECTS] ? data[SETUP_SECTS] : 4) + 1ULL) *
			 SECTOR_BYTES;
	uint32_t offset, length, unpacked;
	uint16_t version;
	bool is_lz4;
	int r;

	memcpy(&version, data + SETUP_VERSION, sizeof(version));
	memcpy(&offset, data + SETUP_PAYLOAD_OFFSET, sizeof(offset));
	memcpy(&length, data + SETUP_PAYLOAD_LENGTH, sizeof(length));
	start += offset;
	if (version < SETUP_OLDEST || start > nr_bytes || length > nr_bytes - start ||
	    length < SIZE_BYTES) {
		*why = "its header does not say where the kernel is";
		return -EBADMSG;
	}
	data += start;
	is_lz4 = lz4_is_frame(data, length);
	if (!is_lz4 && strcmp(unpack_kind(data, length), "none") == 0) {
		*why = "it is packed neither by gzip nor by xz, zstd or LZ4, which is all "
		       "that can be read";
		return -ENOTSUP;
	}
	memcpy(&unpacked, data + length - SIZE_BYTES, sizeof(unpacked));
	if (strcmp(unpack_kind(data, length), "gzip") != 0)
		length -= SIZE_BYTES;
	if (is_lz4) {
		r = lz4_unpack(data, length, ret, ret_bytes);
	} else {
		r = unpack_of_size(data, length, unpacked, ret);
		*ret_bytes = unpacked;
	}
	if (r < 0 && r != -ENOMEM)
		*why = "it cannot be unpacked: it is damaged or cut short";
	return r;
}

static void put(unsigned char *at, unsigned nr_bytes, uint64_t plus)
{
	uint64_t value = 0;

	memcpy(&value, at, nr_bytes);
	value += plus;
	memcpy(at, &value, nr_bytes);
}

/* The list of relocations that begins at @at: 32-bit addresses up to the next 0. Returns
 * the offset behind the last. false: one lies outside the image.
 */
static bool relocate(struct image *image, size_t *at, unsigned nr_bytes, uint64_t plus)
{
	for (; *at + 4 <= image->nr_bytes; *at += 4) {
		unsigned char *byte;
		int32_t va;

		memcpy(&va, image->bytes + *at, sizeof(va));
		if (va == 0)
			return true;
		byte = (unsigned char *)image_at(
			image, (uint64_t)(int64_t)va + image->delta, nr_bytes);
		if (!byte)
			return false;
		put(byte, nr_bytes, plus);
	}
	return true;
}

static size_t count_lists(const struct image *image, size_t at)
{
	size_t nr = 0;

	for (; at + 4 <= image->nr_bytes; at += 4) {
		uint32_t word;

		memcpy(&word, image->bytes + at, sizeof(word));
		nr += word == 0;
	}
	return nr;
}

/* arch/x86/tools/relocs.c: emit_relocs(). Behind the ELF file: 0, 64-bit addresses; up to
 * 6.14 0, 32-bit fields that fall as the image rises; 0, 32-bit addresses.
 */
static int relocate_all(struct image *image, size_t end, const char **why)
{
	size_t nr_lists = count_lists(image, end), at = end + 4;
	bool is_good = nr_lists == 2 || nr_lists == 3;

	if (image->delta == 0)
		return 0;
	is_good = is_good && image->bytes[end] == 0 &&
		  relocate(image, &at, 8, image->delta);
	at += 4;
	if (nr_lists == 3) {
		is_good = is_good && relocate(image, &at, 4, -image->delta);
		at += 4;
	}
	is_good = is_good && relocate(image, &at, 4, image->delta);
	if (is_good)
		return 0;
	*why = "it has no table of relocations of a known form, and the kernel does not run "
	       "where it was linked";
	return -ENOTSUP;
}

static int read_loads(struct image *image, const Elf64_Ehdr *head)
{
	for (size_t i = 0; i < head->e_phnum; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, image->bytes + head->e_phoff + i * ELF64_PHDR_BYTES,
		       sizeof(ph));
		if (ph.p_type != PT_LOAD)
			continue;
		if (image->nr_loads == IMAGE_MAX_LOADS || ph.p_offset > image->nr_bytes ||
		    ph.p_filesz > image->nr_bytes - ph.p_offset)
			return -EBADMSG;
		/* By physical address: the per-CPU section is linked to 0 up to 6.14. */
		image->loads[image->nr_loads++] = (struct image_load){
			.va = X86_IMAGE_BASE + ph.p_paddr,
			.offset = ph.p_offset,
			.size_bytes = ph.p_filesz};
	}
	return image->nr_loads ? 0 : -EBADMSG;
}

static int read_sections(struct image *image, const Elf64_Ehdr *head)
{
	Elf64_Shdr strings;

	memcpy(&strings,
	       image->bytes + head->e_shoff + head->e_shstrndx * ELF64_SHDR_BYTES,
	       sizeof(strings));
	if (strings.sh_offset > image->nr_bytes ||
	    strings.sh_size > image->nr_bytes - strings.sh_offset)
		return -EBADMSG;
	for (size_t i = 1; i < head->e_shnum; i++) {
		struct image_section *section = &image->sections[image->nr_sections];
		const char *name;
		Elf64_Shdr sh;

		memcpy(&sh, image->bytes + head->e_shoff + i * ELF64_SHDR_BYTES,
		       sizeof(sh));
		if (!(sh.sh_flags & SHF_ALLOC) || sh.sh_name >= strings.sh_size)
			continue;
		if (image->nr_sections == IMAGE_MAX_SECTIONS)
			return -EBADMSG;
		name = (const char *)image->bytes + strings.sh_offset + sh.sh_name;
		snprintf(section->name, sizeof(section->name), "%.*s",
			 (int)(strings.sh_size - sh.sh_name < IMAGE_NAME_BYTES
				       ? strings.sh_size - sh.sh_name
				       : IMAGE_NAME_BYTES),
			 name);
		section->va = sh.sh_addr + image->delta;
		section->size_bytes = sh.sh_size;
		section->has_bytes = sh.sh_type != SHT_NOBITS &&
				     image_at(image, section->va, sh.sh_size);
		image->nr_sections++;
	}
	return 0;
}

/* Gives back what lies between sections: zeros, of which a kernel has up to 20 MB. They
 * are zero again when they are read.
 */
static void forget(struct image *image, uint64_t start, uint64_t end)
{
	uintptr_t from = (uintptr_t)image->bytes + start,
		  to = (uintptr_t)image->bytes + end;

	from = (from + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	to &= ~(uintptr_t)(PAGE_BYTES - 1);
	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

/* Goes over the sections in the file. false: they do not come in the order of the table,
 * and nothing is known of gaps. @forgets: the gaps are given back.
 */
static bool walk_gaps(struct image *image, const Elf64_Ehdr *head, bool forgets)
{
	uint64_t end = head->e_phoff + head->e_phnum * ELF64_PHDR_BYTES;

	for (size_t i = 1; i < head->e_shnum; i++) {
		Elf64_Shdr sh;

		memcpy(&sh, image->bytes + head->e_shoff + i * ELF64_SHDR_BYTES,
		       sizeof(sh));
		/* lld puts empty ones anywhere. */
		if (sh.sh_type == SHT_NOBITS || sh.sh_size == 0)
			continue;
		if (sh.sh_offset < end || sh.sh_offset > image->nr_bytes ||
		    sh.sh_size > image->nr_bytes - sh.sh_offset)
			return false;
		if (forgets)
			forget(image, end, sh.sh_offset);
		end = sh.sh_offset + sh.sh_size;
	}
	return true;
}

static bool has_table(const struct image *image, uint64_t offset, uint64_t nr,
		      uint64_t entry_bytes)
{
	return offset <= image->nr_bytes && nr * entry_bytes <= image->nr_bytes - offset;
}

static int read_elf(struct image *image, uint64_t text, const char **why)
{
	Elf64_Ehdr head;
	int r = -EBADMSG;

	*why = "it is no kernel for x86-64";
	if (image->nr_bytes < sizeof(head))
		return r;
	memcpy(&head, image->bytes, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_machine != EM_X86_64 ||
	    head.e_shstrndx >= head.e_shnum || head.e_phentsize != ELF64_PHDR_BYTES ||
	    head.e_shentsize != ELF64_SHDR_BYTES ||
	    !has_table(image, head.e_phoff, head.e_phnum, ELF64_PHDR_BYTES) ||
	    !has_table(image, head.e_shoff, head.e_shnum, ELF64_SHDR_BYTES))
		return r;
	r = read_loads(image, &head);
	if (r < 0)
		return r;
	image->delta = text == IMAGE_AS_LINKED ? 0 : text - image->loads[0].va;
	r = read_sections(image, &head);
	if (r == 0 && walk_gaps(image, &head, false))
		walk_gaps(image, &head, true);
	return r < 0 ? r
		     : relocate_all(image, head.e_shoff + head.e_shnum * ELF64_SHDR_BYTES,
				    why);
}

int image_open(struct image *ret, const unsigned char *data, size_t nr_bytes,
	       uint64_t text, const char **why)
{
	struct image image = {0};
	int r;

	if (is_bzimage(data, nr_bytes))
		r = unpack_bzimage(data, nr_bytes, &image.bytes, &image.nr_bytes, why);
	else
		r = unpack_open(data, nr_bytes, &image.bytes, &image.nr_bytes);
	if (r == -EBADMSG && !*why)
		*why = "it cannot be unpacked";
	if (r == 0)
		r = read_elf(&image, text, why);
	if (r < 0)
		image_close(&image);
	else
		*ret = image;
	return r;
}

void image_close(struct image *image)
{
	free(image->bytes);
	*image = (struct image){0};
}

const unsigned char *image_at(const struct image *image, uint64_t va, uint64_t nr_bytes)
{
	for (size_t i = 0; i < image->nr_loads; i++) {
		const struct image_load *load = &image->loads[i];
		uint64_t at = va - image->delta - load->va;

		if (at < load->size_bytes && nr_bytes <= load->size_bytes - at)
			return image->bytes + load->offset + at;
	}
	return NULL;
}

const struct image_section *image_find(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->nr_sections; i++)
		if (strcmp(image->sections[i].name, name) == 0)
			return &image->sections[i];
	return NULL;
}
