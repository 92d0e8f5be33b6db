/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps in kdump's compressed form, through libkdumpfile. */
#include "kcore/kdump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WAY_OUT                                                                          \
	"; 'makedumpfile -E -d 0' on that machine, or QEMU's dump-guest-memory without " \
	"-z, makes a dump that needs none"

#ifdef KWCHECK_KDUMPFILE

#include <libkdumpfile/kdumpfile.h>
#include <sys/stat.h>

#include "kcore/kdumppages.h"
#include "kcore/kernel.h"
#include "kcore/library.h"
#include "kcore/loss.h"
#include "kcore/source.h"

/* Of the library that the build found; another one has other functions. */
#define KDUMPFILE_FILE KWCHECK_KDUMPFILE

enum { MAX_FILES = 1 + SOURCE_MAX_PARTS };
enum { NT_VMCOREINFO = 0, MAX_RANGES = 65536, MAX_INFO_BYTES = 64 * 1024 };

static struct kdumpfile {
	__typeof__(kdump_new) *new;
	__typeof__(kdump_free) *free;
	__typeof__(kdump_open_fdset) *open_fdset;
	__typeof__(kdump_set_attr) *set_attr;
	__typeof__(kdump_get_attr) *get_attr;
	__typeof__(kdump_read) *read;
	__typeof__(kdump_get_err) *get_err;
	__typeof__(kdump_bmp_get_bits) *bmp_get_bits;
	__typeof__(kdump_bmp_find_set) *bmp_find_set;
	__typeof__(kdump_bmp_find_clear) *bmp_find_clear;
	__typeof__(kdump_blob_pin) *blob_pin;
	__typeof__(kdump_blob_unpin) *blob_unpin;
	__typeof__(kdump_blob_size) *blob_size;
} lib;
static bool is_loaded;

static const struct library_function functions[] = {
#define FUNCTION(f)                                                          \
	{                                                                    \
		.name = "kdump_" #f, .offset = offsetof(struct kdumpfile, f) \
	}
	FUNCTION(new),		FUNCTION(free),
	FUNCTION(open_fdset),	FUNCTION(set_attr),
	FUNCTION(get_attr),	FUNCTION(read),
	FUNCTION(get_err),	FUNCTION(bmp_get_bits),
	FUNCTION(bmp_find_set), FUNCTION(bmp_find_clear),
	FUNCTION(blob_pin),	FUNCTION(blob_unpin),
	FUNCTION(blob_size),
#undef FUNCTION
};

const char *kdump_load(void)
{
	is_loaded = is_loaded ||
		    library_load(KDUMPFILE_FILE, functions,
				 sizeof(functions) / sizeof(functions[0]), &lib) == 0;
	return is_loaded ? NULL
			 : "needs " KDUMPFILE_FILE " (package libkdumpfile)" WAY_OUT;
}

const char *kdump_library(void)
{
	const char *why = kdump_load();

	return why ? why : "libkdumpfile " KDUMPFILE_VERSION_STRING ", " KDUMPFILE_FILE;
}

/* As many as the library keeps by itself. */
enum { CACHE_PAGES = 1024 };

struct kdump {
	struct kdumppages files[MAX_FILES]; /* nr_files of them */
	unsigned nr_files;
	kdump_ctx_t *ctx;
	kdump_bmp_t *pages; /* those that the file has */
	uint64_t nr_caches; /* that were begun anew */
};

static bool has_page(void *ctx, uint64_t pa)
{
	struct kdump *kdump = ctx;
	unsigned char bits = 0;

	return lib.bmp_get_bits(kdump->pages, pa / PAGE_BYTES, pa / PAGE_BYTES, &bits) ==
		       KDUMP_OK &&
	       bits & 1;
}

/* In the library's cache an entry whose page could not be read may give its memory away
 * twice, and then a page is unpacked to address 0 (0.5.1, cache.c: cache_discard(),
 * reinit_entry()). Another size is another cache.
 */
static void renew_cache(struct kdump *kdump)
{
	const kdump_attr_t size = {.type = KDUMP_NUMBER,
				   .val.number = CACHE_PAGES + ++kdump->nr_caches % 2};

	lib.set_attr(kdump->ctx, "cache.size", &size);
}

/* Can the page be read from one of the files? */
static int check_page(struct kdump *kdump, uint64_t pfn)
{
	int r = -ENOENT;

	for (unsigned i = 0; r == -ENOENT && i < kdump->nr_files; i++)
		r = kdumppages_check(&kdump->files[i], pfn);
	return r == -ENOENT ? -ENODATA : r;
}

/* A page that cannot be had is missing whatever the reason: left out, cut off, damaged.
 */
static int read_page(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	struct kdump *kdump = ctx;
	size_t n = size_bytes;
	int r;

	if (!has_page(ctx, pa))
		return -ENODATA;
	r = check_page(kdump, pa / PAGE_BYTES);
	if (r < 0)
		return r;
	switch (lib.read(kdump->ctx, KDUMP_MACHPHYSADDR, pa, buf, &n)) {
	case KDUMP_OK:
		return n == size_bytes ? 0 : -EIO;
	case KDUMP_ERR_NODATA:
	case KDUMP_ERR_EOF:
		renew_cache(kdump);
		return -ENODATA;
	default:
		renew_cache(kdump);
		return -EIO;
	}
}

static void close_kdump(void *ctx)
{
	struct kdump *kdump = ctx;

	if (kdump->ctx)
		lib.free(kdump->ctx);
	for (unsigned i = 0; i < kdump->nr_files; i++)
		kdumppages_close(&kdump->files[i]);
	free(kdump);
}

static const struct elfcore_packed reader = {
	.read = read_page,
	.has = has_page,
	.close = close_kdump,
};

/* The bitmap called @key; NULL: there is none. */
static kdump_bmp_t *bitmap_of(const struct kdump *kdump, const char *key)
{
	kdump_attr_t attr;

	return lib.get_attr(kdump->ctx, key, &attr) == KDUMP_OK &&
			       attr.type == KDUMP_BITMAP
		       ? attr.val.bitmap
		       : NULL;
}

/* What was RAM, as segments. */
static int add_ranges(struct elfcore *core, kdump_bmp_t *bitmap)
{
	kdump_addr_t first = 0, end;

	while (lib.bmp_find_set(bitmap, &first) == KDUMP_OK &&
	       core->nr_segments < MAX_RANGES) {
		struct elfcore_segment segment;
		int r;

		end = first;
		if (lib.bmp_find_clear(bitmap, &end) != KDUMP_OK || end <= first ||
		    end > INT64_MAX / PAGE_BYTES)
			return -EINVAL;
		segment = (struct elfcore_segment){
			.va = first * PAGE_BYTES,
			.pa = first * PAGE_BYTES,
			.size_bytes = (end - first) * PAGE_BYTES,
			.memory_bytes = (end - first) * PAGE_BYTES,
		};
		r = elfcore_add_segment(core, &segment);
		if (r < 0)
			return r;
		first = end;
	}
	return core->nr_segments ? 0 : -EINVAL;
}

/* A dump from outside has none. kdump_vmcoreinfo_raw() wants the library to find out of
 * what system the dump is before.
 */
static int add_info(struct elfcore *core, const struct kdump *kdump)
{
	kdump_attr_t attr;
	const char *text;
	size_t nr;
	int r = 0;

	if (lib.get_attr(kdump->ctx, "linux.vmcoreinfo.raw", &attr) != KDUMP_OK ||
	    attr.type != KDUMP_BLOB)
		return 0;
	text = lib.blob_pin(attr.val.blob);
	nr = lib.blob_size(attr.val.blob);
	if (text && nr < MAX_INFO_BYTES)
		r = elfcore_add_note(core, "VMCOREINFO", NT_VMCOREINFO, text, nr);
	lib.blob_unpin(attr.val.blob);
	return r;
}

/* struct disk_dump_header and struct kdump_sub_header of makedumpfile's diskdump_mod.h,
 * as far as a size is in them that the library takes for granted.
 */
enum {
	MACHINE_AT = 272,
	MACHINE_BYTES = 65,
	BLOCK_BYTES_AT = 428,
	SUB_BLOCKS_AT = 432,
	BITMAP_BLOCKS_AT = 436,
	HEADER_BYTES = 440,
	/* In the sub header, which is the second block. */
	SPLIT_AT = 4096 + 12,
	FIRST_FRAME_AT = 4096 + 80, /* since version 6 of the header */
	END_FRAME_AT = 4096 + 88,
	MAX_FRAME_AT = 4096 + 96,
	VERSION_AT = 8,
	VERSION_WITH_FRAMES = 6,
};

#define TRUNCATED "%s: truncated: it ends inside its bitmaps; copy the file again"

static int check_header(int fd, const char *path, struct error *err)
{
	unsigned char header[HEADER_BYTES];
	uint32_t block_bytes, sub_blocks, bitmap_blocks;
	char machine[MACHINE_BYTES + 1] = "";
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	if (loss_pread(fd, header, sizeof(header), 0) != sizeof(header))
		return error_set(err, ERROR_TRUNCATED_CORE, -ENODATA,
				 "%s: truncated: it ends inside its header; copy the "
				 "file again",
				 path);
	memcpy(machine, header + MACHINE_AT, MACHINE_BYTES);
	memcpy(&block_bytes, header + BLOCK_BYTES_AT, sizeof(block_bytes));
	memcpy(&sub_blocks, header + SUB_BLOCKS_AT, sizeof(sub_blocks));
	memcpy(&bitmap_blocks, header + BITMAP_BLOCKS_AT, sizeof(bitmap_blocks));
	if (machine[0] && strcmp(machine, "x86_64") != 0)
		return error_set(err, ERROR_WRONG_ARCHITECTURE, -ENOEXEC,
				 "%s: a dump of another architecture (%.16s); kwcheck "
				 "reads x86-64 page tables only",
				 path, machine);
	if (block_bytes != PAGE_BYTES)
		return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
				 "%s: a kdump whose blocks have %u bytes, not 4096; the "
				 "header is damaged",
				 path, block_bytes);
	if (((uint64_t)1 + sub_blocks + bitmap_blocks) * PAGE_BYTES >
	    (uint64_t)st.st_size)
		return error_set(err, ERROR_TRUNCATED_CORE, -ENODATA, TRUNCATED, path);
	return 0;
}

static bool read_number(int fd, uint64_t at, void *ret, size_t size_bytes)
{
	return loss_pread(fd, ret, size_bytes, (off_t)at) == (ssize_t)size_bytes;
}

/* Do the files of a split dump have fewer frames than it has in all? */
static bool is_part_missing(const int *fds, unsigned nr)
{
	uint64_t has = 0, all = 0;

	for (unsigned i = 0; i < nr; i++) {
		uint32_t version, is_split;
		uint64_t first, end;

		if (!read_number(fds[i], VERSION_AT, &version, sizeof(version)) ||
		    !read_number(fds[i], SPLIT_AT, &is_split, sizeof(is_split)) ||
		    !is_split || version < VERSION_WITH_FRAMES ||
		    !read_number(fds[i], FIRST_FRAME_AT, &first, sizeof(first)) ||
		    !read_number(fds[i], END_FRAME_AT, &end, sizeof(end)) ||
		    !read_number(fds[i], MAX_FRAME_AT, &all, sizeof(all)))
			return false;
		has += end > first ? end - first : 0;
	}
	return has < all;
}

static int refuse(const struct kdump *kdump, const char *path, struct error *err)
{
	const char *why = lib.get_err(kdump->ctx);

	return error_set(err, ERROR_MALFORMED_CORE, -EINVAL,
			 "%s: libkdumpfile " KDUMPFILE_VERSION_STRING ": %.300s", path,
			 why ? why : "the dump cannot be read");
}

static int open_pages(struct elfcore *core, struct kdump *kdump, const int *fds,
		      unsigned nr, const char *path, struct error *err)
{
	for (unsigned i = 0; i < nr; i++) {
		int r = kdumppages_open(&kdump->files[i], fds[i]);

		if (r == -EINVAL)
			return error_set(err, ERROR_MALFORMED_CORE, r,
					 "%s: a kdump whose bitmaps and page descriptors "
					 "do not fit one another: the file is damaged, "
					 "copy it again",
					 path);
		if (r == -ENODATA)
			return error_set(err, ERROR_TRUNCATED_CORE, r, TRUNCATED, path);
		if (r < 0)
			return r;
		core->is_cut |= kdump->files[i].is_cut;
		kdump->nr_files++;
	}
	return 0;
}

static int open_files(struct elfcore *core, struct kdump *kdump, const int *fds,
		      unsigned nr, const char *path, struct error *err)
{
	const kdump_attr_t policy = {.type = KDUMP_NUMBER,
				     .val.number = KDUMP_MMAP_NEVER};
	kdump_bmp_t *ram;
	int r = open_pages(core, kdump, fds, nr, path, err);

	if (r < 0)
		return r;
	kdump->ctx = lib.new();
	if (!kdump->ctx)
		return -ENOMEM;
	/* A file that is cut short meanwhile gives an error, not a signal. */
	if (lib.set_attr(kdump->ctx, KDUMP_ATTR_FILE_MMAP_POLICY, &policy) != KDUMP_OK ||
	    lib.open_fdset(kdump->ctx, nr, fds) != KDUMP_OK)
		return refuse(kdump, path, err);
	kdump->pages = bitmap_of(kdump, KDUMP_ATTR_FILE_PAGEMAP);
	ram = bitmap_of(kdump, KDUMP_ATTR_MEMORY_PAGEMAP);
	if (!kdump->pages)
		return refuse(kdump, path, err);
	r = add_ranges(core, ram ? ram : kdump->pages);
	if (r == 0)
		r = add_info(core, kdump);
	return r == -EINVAL ? refuse(kdump, path, err) : r;
}

int kdump_open(struct elfcore *ret, const int *fds, unsigned nr, const char *path,
	       struct error *err)
{
	struct elfcore core = {.fd = fds[0]};
	struct kdump *kdump;
	int r = 0;

	if (!is_loaded)
		return error_set(err, ERROR_NOT_BUILT_IN, -ENOTSUP,
				 "%s: a kdump-compressed dump %s", path, kdump_load());
	for (unsigned i = 0; r == 0 && i < nr; i++)
		r = check_header(fds[i], path, err);
	if (r < 0)
		return r;
	kdump = calloc(1, sizeof(*kdump));
	if (!kdump)
		return -ENOMEM;
	core.packed = &reader;
	core.packed_ctx = kdump;
	r = open_files(&core, kdump, fds, nr, path, err);
	core.lacks_part = r == 0 && is_part_missing(fds, nr);
	if (r < 0)
		elfcore_close(&core);
	else
		*ret = core;
	return r;
}

#else

const char *kdump_load(void)
{
	return "cannot be read: this kwcheck was built without libkdumpfile" WAY_OUT;
}

const char *kdump_library(void)
{
	return "this kwcheck was built without libkdumpfile";
}

int kdump_open(struct elfcore *ret, const int *fds, unsigned nr, const char *path,
	       struct error *err)
{
	(void)ret, (void)fds, (void)nr;
	return error_set(err, ERROR_NOT_BUILT_IN, -ENOTSUP,
			 "%s: a kdump-compressed dump %s", path, kdump_load());
}

#endif
