/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An x86-64 core as bytes: /proc/kcore, a dump of any form, or a capture of ours. */
#include "kcore/elfcore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/elf64.h"
#include "kcore/loss.h"
#include "kcore/pagecache.h"
#include "kcore/x86.h"

/* One read of this much holds the headers and notes of every /proc/kcore seen (16 KiB).
 */
enum { FIRST_READ_BYTES = 64 * 1024 };
/* A core with more headers and notes than this is not one of a kernel. */
enum { MAX_HEAD_BYTES = 64 * 1024 * 1024 };
enum { MAX_NOTES = 4096 };
/* Notes before this are in the head, which is read at once. */
enum { MAX_NEAR_BYTES = 1024 * 1024 };

/* /proc/kcore answers EFAULT for memory that is there and cannot be read
 * (fs/proc/kcore.c: read_kcore_iter()). All else is a file that failed.
 */
static int failed(const struct elfcore *core, int errnum)
{
	if (!core->is_live || errnum != EFAULT)
		loss_note("reading the kernel's memory", errnum);
	return -errnum;
}

/* Reads up to @size_bytes; a file that ends earlier gives less. */
static ssize_t read_some(struct elfcore *core, void *buf, size_t size_bytes,
			 uint64_t offset)
{
	size_t done = 0;

	while (done < size_bytes) {
		ssize_t n = pread(core->fd, (char *)buf + done, size_bytes - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(core, errno);
		core->nr_reads++;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int read_exactly(struct elfcore *core, void *buf, size_t size_bytes,
			uint64_t offset)
{
	ssize_t n;

	if (offset > INT64_MAX - size_bytes)
		return -EFAULT;
	n = read_some(core, buf, size_bytes, offset);
	if (n < 0)
		return (int)n;
	if ((size_t)n == size_bytes)
		return 0;
	/* Its size was looked at when it was opened. */
	return core->is_live ? -EIO : failed(core, EIO);
}

/* Makes core->head hold the file's first @want_bytes, or as many as there are. */
static int grow_head(struct elfcore *core, uint64_t want_bytes)
{
	unsigned char *head;
	ssize_t n;

	if (want_bytes <= core->head_bytes)
		return 0;
	if (want_bytes > MAX_HEAD_BYTES)
		return -EFBIG;
	head = realloc(core->head, want_bytes);
	if (!head)
		return -ENOMEM;
	core->head = head;
	n = read_some(core, head + core->head_bytes, want_bytes - core->head_bytes,
		      core->head_bytes);
	if (n < 0)
		return (int)n;
	core->head_bytes += (size_t)n;
	return 0;
}

static int check_ident(const struct elfcore *core, const char *path, struct error *err)
{
	const unsigned char *id = core->head;
	uint16_t type, machine;

	if (core->head_bytes == 0)
		return error_set(
			err, ERROR_MASKED_KCORE, -ENODATA, "%s: empty file%s", path,
			core->is_live ? "; it is masked, as container runtimes do: "
					"run kwcheck on the host"
				      : "; nothing was captured in it");
	if (core->head_bytes < ELF64_EHDR_BYTES || memcmp(id, ELFMAG, SELFMAG) != 0)
		return error_set(
			err, ERROR_MALFORMED_CORE, -ENOEXEC,
			"%s: not an ELF core; give /proc/kcore, a vmcore or a capture",
			path);
	memcpy(&type, id + offsetof(Elf64_Ehdr, e_type), sizeof(type));
	memcpy(&machine, id + offsetof(Elf64_Ehdr, e_machine), sizeof(machine));
	if (id[EI_CLASS] != ELFCLASS64 || id[EI_DATA] != ELFDATA2LSB ||
	    machine != EM_X86_64)
		return error_set(err, ERROR_WRONG_ARCHITECTURE, -ENOEXEC,
				 "%s: a core of another architecture (ELF machine %u); "
				 "kwcheck reads x86-64 page tables only",
				 path, machine);
	if (type != ET_CORE)
		return error_set(err, ERROR_MALFORMED_CORE, -ENOEXEC,
				 "%s: an ELF file, but not a core (type %u); give "
				 "/proc/kcore, a vmcore or a capture",
				 path, type);
	if (id[EI_VERSION] != EV_CURRENT)
		return error_set(err, ERROR_MALFORMED_CORE, -ENOEXEC,
				 "%s: ELF of version %u; there is but version 1", path,
				 id[EI_VERSION]);
	return 0;
}

static int add_note(struct elfcore *core, const char *name, size_t name_bytes,
		    uint32_t type, const void *desc, size_t desc_bytes)
{
	_cleanup_free_ char *data = malloc(desc_bytes + 1);
	_cleanup_free_ char *copy = strndup(name, name_bytes);
	struct elfcore_note *notes;

	notes = realloc(core->notes, (core->nr_notes + 1) * sizeof(*notes));
	if (notes)
		core->notes = notes;
	if (!notes || !data || !copy)
		return -ENOMEM;
	memcpy(data, desc, desc_bytes);
	data[desc_bytes] = '\0';
	notes[core->nr_notes++] = (struct elfcore_note){
		.name = TAKE_PTR(copy),
		.type = type,
		.data = TAKE_PTR(data),
		.size_bytes = desc_bytes,
	};
	return 0;
}

int elfcore_add_note(struct elfcore *core, const char *name, uint32_t type,
		     const void *data, size_t size_bytes)
{
	return add_note(core, name, strlen(name), type, data, size_bytes);
}

static uint64_t padded(uint64_t size_bytes)
{
	return (size_bytes + 3) & ~(uint64_t)3;
}

/* A note that reaches past the segment's end is its end. */
static int cut_notes(struct elfcore *core, const char *at, uint64_t left)
{
	while (left >= ELF64_NHDR_BYTES && core->nr_notes < MAX_NOTES) {
		Elf64_Nhdr nhdr;
		uint64_t desc_at, bytes;
		int r;

		memcpy(&nhdr, at, ELF64_NHDR_BYTES);
		desc_at = ELF64_NHDR_BYTES + padded(nhdr.n_namesz);
		if (desc_at > left || nhdr.n_descsz > left - desc_at)
			return 0;
		r = add_note(core, at + ELF64_NHDR_BYTES, nhdr.n_namesz, nhdr.n_type,
			     at + desc_at, nhdr.n_descsz);
		if (r < 0)
			return r;
		bytes = desc_at + padded(nhdr.n_descsz);
		if (bytes > left)
			return 0;
		at += bytes;
		left -= bytes;
	}
	return 0;
}

/* Short notes behind the segments are read by themselves; the head would be the whole
 * file.
 */
static bool is_behind(const Elf64_Phdr *phdr)
{
	return phdr->p_offset > MAX_NEAR_BYTES && phdr->p_filesz <= MAX_NEAR_BYTES;
}

static int add_notes(struct elfcore *core, const Elf64_Phdr *phdr)
{
	_cleanup_free_ char *bytes = NULL;
	int r;

	if (!is_behind(phdr))
		return cut_notes(core, (const char *)core->head + phdr->p_offset,
				 phdr->p_filesz);
	bytes = malloc(phdr->p_filesz + 1);
	if (!bytes)
		return -ENOMEM;
	r = read_exactly(core, bytes, phdr->p_filesz, phdr->p_offset);
	return r < 0 ? r : cut_notes(core, bytes, phdr->p_filesz);
}

int elfcore_add_segment(struct elfcore *core, const struct elfcore_segment *segment)
{
	if (array_reserve(&core->segments, core->nr_segments, &core->segments_room,
			  sizeof(*core->segments)) < 0)
		return -ENOMEM;
	core->segments[core->nr_segments++] = *segment;
	return 0;
}

/* @file_bytes: what segments have past it is missing. */
static int add_segment(struct elfcore *core, const Elf64_Phdr *phdr, uint64_t file_bytes)
{
	uint64_t memory_bytes = phdr->p_memsz > phdr->p_filesz ? phdr->p_memsz
							       : phdr->p_filesz;
	struct elfcore_segment segment = {
		.va = phdr->p_vaddr,
		.pa = phdr->p_paddr > UINT64_MAX - memory_bytes ? ELFCORE_NO_PA
								: phdr->p_paddr,
		.size_bytes = phdr->p_filesz,
		.memory_bytes = memory_bytes,
		.offset = phdr->p_offset,
	};
	uint64_t end;

	if (memory_bytes == 0)
		return 0;
	if ((phdr->p_memsz && phdr->p_memsz < phdr->p_filesz) ||
	    __builtin_add_overflow(phdr->p_vaddr, memory_bytes - 1, &end) ||
	    __builtin_add_overflow(phdr->p_offset, phdr->p_filesz, &end) ||
	    end > INT64_MAX)
		return -ENOEXEC;
	if (end > file_bytes) {
		segment.size_bytes = file_bytes > segment.offset
					     ? file_bytes - segment.offset
					     : 0;
		segment.is_cut = core->is_cut = true;
	}
	return elfcore_add_segment(core, &segment);
}

/* Puts the kernel image's segment last: /proc/kcore reads it through the image mapping,
 * which has holes (freed init memory with PTI), while the direct map of the same frames
 * has none. Virtual look-ups do not care, the segments are disjoint there.
 */
static void order_segments(struct elfcore *core)
{
	size_t nr_image = 0;

	for (size_t i = 0; i + nr_image < core->nr_segments;) {
		struct elfcore_segment segment = core->segments[i];

		if (segment.va < X86_IMAGE_BASE) {
			i++;
			continue;
		}
		memmove(&core->segments[i], &core->segments[i + 1],
			(core->nr_segments - i - 1) * sizeof(segment));
		core->segments[core->nr_segments - 1] = segment;
		nr_image++;
	}
}

/* An entry may be longer than what is known of it. */
static void read_phdr(const struct elfcore *core, const Elf64_Ehdr *ehdr, size_t i,
		      Elf64_Phdr *ret)
{
	memcpy(ret, core->head + ehdr->e_phoff + i * ehdr->e_phentsize, ELF64_PHDR_BYTES);
}

/* How many program headers there are. PN_XNUM and more are told in the first section
 * header's sh_info: System V gABI chapter 5, "Program Header".
 */
static int count_phdrs(struct elfcore *core, const Elf64_Ehdr *ehdr, size_t *ret)
{
	Elf64_Shdr shdr;
	int r;

	*ret = ehdr->e_phnum;
	if (ehdr->e_phnum != PN_XNUM)
		return 0;
	if (ehdr->e_shoff == 0 || ehdr->e_shentsize < ELF64_SHDR_BYTES)
		return -ENOEXEC;
	r = read_exactly(core, &shdr, ELF64_SHDR_BYTES, ehdr->e_shoff);
	if (r < 0)
		return -ENODATA;
	*ret = shdr.sh_info;
	return 0;
}

/* Headers say where the program headers and notes end; have all of it in head. A note
 * that the file ends before is none.
 */
static int load_head(struct elfcore *core, Elf64_Ehdr *ret, size_t *ret_nr)
{
	Elf64_Ehdr ehdr;
	uint64_t end;
	int r;

	memcpy(&ehdr, core->head, ELF64_EHDR_BYTES);
	r = count_phdrs(core, &ehdr, ret_nr);
	if (r < 0)
		return r;
	if (ehdr.e_phoff > MAX_HEAD_BYTES)
		return -EFBIG;
	if (ehdr.e_phentsize < ELF64_PHDR_BYTES)
		return -ENOEXEC;
	end = ehdr.e_phoff + (uint64_t)*ret_nr * ehdr.e_phentsize;
	r = grow_head(core, end);
	if (r < 0)
		return r;
	if (core->head_bytes < end)
		return -ENODATA;
	for (size_t i = 0; i < *ret_nr; i++) {
		Elf64_Phdr phdr;

		read_phdr(core, &ehdr, i, &phdr);
		if (phdr.p_type != PT_NOTE || is_behind(&phdr))
			continue;
		if (phdr.p_filesz > MAX_HEAD_BYTES || phdr.p_offset > MAX_HEAD_BYTES)
			return -EFBIG;
		r = grow_head(core, phdr.p_offset + phdr.p_filesz);
		if (r < 0)
			return r;
	}
	*ret = ehdr;
	return 0;
}

/* @file_bytes: where the file ends. */
static int parse_phdr(struct elfcore *core, const Elf64_Phdr *phdr, uint64_t file_bytes)
{
	if (phdr->p_type == PT_LOAD)
		return add_segment(core, phdr, file_bytes);
	if (phdr->p_type != PT_NOTE)
		return 0;
	if (phdr->p_offset > file_bytes || phdr->p_filesz > file_bytes - phdr->p_offset) {
		core->is_cut = true;
		return 0;
	}
	return add_notes(core, phdr);
}

static int parse_head(struct elfcore *core, const Elf64_Ehdr *ehdr, size_t nr_phdrs,
		      const char *path, struct error *err)
{
	uint64_t file_bytes = INT64_MAX;
	struct stat st;

	if (!core->is_live) {
		if (fstat(core->fd, &st) < 0)
			return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
		file_bytes = (uint64_t)st.st_size;
	}
	for (size_t i = 0; i < nr_phdrs; i++) {
		Elf64_Phdr phdr;
		int r;

		read_phdr(core, ehdr, i, &phdr);
		r = parse_phdr(core, &phdr, file_bytes);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return error_set(err, ERROR_MALFORMED_CORE, r,
					 "%s: program header %zu is malformed", path, i);
	}
	return 0;
}

/* A dump with a segment for each mapping of a frame becomes one by frames: what its
 * virtual addresses say is in the page tables.
 */
static int unrepeat(struct elfcore *core)
{
	core->nr_segments = 0;
	for (size_t i = 0; i < core->runs.nr; i++) {
		const struct ramrun *run = &core->runs.array[i];
		const struct elfcore_segment segment = {
			.va = run->pa,
			.pa = run->pa,
			.size_bytes = run->size_bytes,
			.memory_bytes = run->size_bytes,
			.offset = run->offset,
		};
		int r = elfcore_add_segment(core, &segment);

		if (r < 0)
			return r;
	}
	return 0;
}

int elfcore_index_frames(struct elfcore *core, const char *path, struct error *err)
{
	int r = ramruns_conflict(core->segments, core->nr_segments);

	if (r > 0)
		return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
				 "%s: two of its ranges claim the same memory, or the "
				 "same bytes for it: what says where they lie is "
				 "damaged; copy the file again",
				 path);
	if (r == 0)
		r = ramruns_build(&core->runs, core->segments, core->nr_segments);
	if (r == 0 && ramruns_is_repeated(&core->runs, core->segments, core->nr_segments))
		r = unrepeat(core);
	return r;
}

int elfcore_hand_over(struct elfcore *ret, struct elfcore *core, int r, const char *path,
		      struct error *err)
{
	if (r == 0)
		r = elfcore_index_frames(core, path, err);
	if (r < 0)
		elfcore_close(core);
	else
		*ret = *core;
	return r;
}

int elfcore_open(struct elfcore *ret, int fd, const char *path, bool is_live,
		 struct error *err)
{
	struct elfcore core = {.fd = fd, .is_live = is_live};
	Elf64_Ehdr ehdr;
	size_t nr_phdrs;
	int r;

	r = grow_head(&core, FIRST_READ_BYTES);
	if (r < 0) {
		error_set(err, ERROR_FILE, r, "%s: %s", path, strerror(-r));
		goto fail;
	}
	r = check_ident(&core, path, err);
	if (r < 0)
		goto fail;
	r = load_head(&core, &ehdr, &nr_phdrs);
	if (r == -ENODATA)
		error_set(
			err, ERROR_TRUNCATED_CORE, r,
			"%s: truncated: it ends inside its headers; copy the file again",
			path);
	else if (r < 0)
		error_set(err, ERROR_MALFORMED_CORE, r, "%s: headers: %s", path,
			  strerror(-r));
	if (r < 0)
		goto fail;
	r = parse_head(&core, &ehdr, nr_phdrs, path, err);
	/* /proc/kcore has few segments, and which of two is read matters. */
	if (r == 0 && !is_live)
		r = elfcore_index_frames(&core, path, err);
	if (r < 0)
		goto fail;
	order_segments(&core);
	free(core.head);
	core.head = NULL;
	*ret = core;
	return 0;
fail:
	elfcore_close(&core);
	return r;
}

void elfcore_close(struct elfcore *core)
{
	for (size_t i = 0; i < core->nr_notes; i++) {
		free((void *)core->notes[i].name);
		free((void *)core->notes[i].data);
	}
	if (core->packed)
		core->packed->close(core->packed_ctx);
	ramruns_free(&core->runs);
	free(core->notes);
	free(core->segments);
	free(core->head);
	memset(core, 0, sizeof(*core));
}

static bool holds(uint64_t start, uint64_t size_bytes, uint64_t at)
{
	return at >= start && at - start < size_bytes;
}

typedef uint64_t (*address_fn)(const struct elfcore_segment *segment);

static uint64_t va_of(const struct elfcore_segment *segment)
{
	return segment->va;
}

static uint64_t pa_of(const struct elfcore_segment *segment)
{
	return segment->pa;
}

static const struct elfcore_segment *find(const struct elfcore *core,
					  address_fn address_of, uint64_t at)
{
	for (size_t i = 0; i < core->nr_segments; i++) {
		const struct elfcore_segment *segment = &core->segments[i];
		uint64_t start = address_of(segment);

		if (start != ELFCORE_NO_PA && holds(start, segment->size_bytes, at))
			return segment;
	}
	return NULL;
}

static int read_through(struct elfcore *core, address_fn address_of, uint64_t at,
			void *buf, size_t size_bytes)
{
	while (size_bytes > 0) {
		const struct elfcore_segment *segment = find(core, address_of, at);
		uint64_t skip;
		size_t n = size_bytes;
		int r;

		if (!segment)
			return -EFAULT;
		skip = at - address_of(segment);
		if (n > segment->size_bytes - skip)
			n = segment->size_bytes - skip;
		r = read_exactly(core, buf, n, segment->offset + skip);
		if (r < 0)
			return r;
		buf = (char *)buf + n;
		at += n;
		size_bytes -= n;
	}
	return 0;
}

/* What one read may take of a packed dump: the rest of a page. */
static int read_packed(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes)
{
	while (size_bytes > 0) {
		size_t n = PAGE_BYTES - pa % PAGE_BYTES;
		int r;

		if (!elfcore_is_ram(core, pa))
			return -EFAULT;
		if (n > size_bytes)
			n = size_bytes;
		r = core->packed->read(core->packed_ctx, pa, buf, n);
		if (r < 0)
			return r;
		core->nr_reads++;
		buf = (char *)buf + n;
		pa += n;
		size_bytes -= n;
	}
	return 0;
}

static int read_runs(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes)
{
	while (size_bytes > 0) {
		const struct ramrun *run = ramruns_find(&core->runs, pa);
		size_t n = size_bytes;
		uint64_t skip;
		int r;

		if (!run)
			return elfcore_is_ram(core, pa) ? -ENODATA : -EFAULT;
		skip = pa - run->pa;
		if (n > run->size_bytes - skip)
			n = run->size_bytes - skip;
		r = read_exactly(core, buf, n, run->offset + skip);
		if (r < 0)
			return r;
		buf = (char *)buf + n;
		pa += n;
		size_bytes -= n;
	}
	return 0;
}

int elfcore_read_pa(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes)
{
	int r;

	if (core->footprint)
		footprint_add(core->footprint, pa, size_bytes);
	if (core->is_live)
		return read_through(core, pa_of, pa, buf, size_bytes);
	r = core->packed ? read_packed(core, pa, buf, size_bytes)
			 : read_runs(core, pa, buf, size_bytes);
	if (r == -ENODATA) {
		core->nr_missing++;
		core->missing_pa = pa;
	}
	return r;
}

/* How far it is from @offset of the file to bytes that are no hole; 0: none follow, or
 * the file system does not say.
 */
static uint64_t hole_bytes(const struct elfcore *core, uint64_t offset)
{
	off_t data = lseek(core->fd, (off_t)offset, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? UINT64_MAX : 0;
	return (uint64_t)data - offset;
}

uint64_t elfcore_next(struct elfcore *core, uint64_t pa, void *buf, size_t size_bytes,
		      size_t *ret_nr)
{
	const struct ramrun *run;
	uint64_t hole, left;

	*ret_nr = 0;
	if (core->packed) {
		size_t n = size_bytes < PAGE_BYTES ? size_bytes : PAGE_BYTES;

		*ret_nr = elfcore_has_pa(core, pa) &&
					  elfcore_read_pa(core, pa, buf, n) == 0
				  ? n
				  : 0;
		return n;
	}
	run = ramruns_find(&core->runs, pa);
	if (!run)
		return size_bytes;
	left = run->size_bytes - (pa - run->pa);
	hole = hole_bytes(core, run->offset + (pa - run->pa));
	if (hole >= left)
		return left;
	if (hole >= PAGE_BYTES)
		return hole & ~(uint64_t)(PAGE_BYTES - 1);
	if (size_bytes > left)
		size_bytes = left;
	if (elfcore_read_pa(core, pa, buf, size_bytes) == 0)
		*ret_nr = size_bytes;
	return size_bytes;
}

int elfcore_read_va(struct elfcore *core, uint64_t va, void *buf, size_t size_bytes)
{
	return core->packed ? -EFAULT : read_through(core, va_of, va, buf, size_bytes);
}

bool elfcore_has_pa(const struct elfcore *core, uint64_t pa)
{
	if (core->is_live)
		return find(core, pa_of, pa) != NULL;
	return core->packed ? elfcore_is_ram(core, pa) &&
				      core->packed->has(core->packed_ctx, pa)
			    : ramruns_find(&core->runs, pa) != NULL;
}

bool elfcore_is_ram(const struct elfcore *core, uint64_t pa)
{
	for (size_t i = 0; i < core->nr_segments; i++)
		if (core->segments[i].pa != ELFCORE_NO_PA &&
		    holds(core->segments[i].pa, core->segments[i].memory_bytes, pa))
			return true;
	return false;
}

const struct elfcore_segment *elfcore_segment_of(const struct elfcore *core, uint64_t va)
{
	const struct elfcore_segment *segment = find(core, va_of, va);

	for (size_t i = 0; !segment && i < core->nr_segments; i++)
		if (holds(core->segments[i].va, core->segments[i].memory_bytes, va))
			segment = &core->segments[i];
	return segment;
}

const struct elfcore_note *elfcore_note(const struct elfcore *core, const char *name,
					uint32_t type)
{
	for (size_t i = 0; i < core->nr_notes; i++)
		if (core->notes[i].type == type && strcmp(core->notes[i].name, name) == 0)
			return &core->notes[i];
	return NULL;
}
