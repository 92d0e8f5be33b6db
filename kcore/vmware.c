/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a VMware machine. A state file has groups of tags: the names, sizes and
 * meanings are those that crash's vmware_vmss.c, by VMware, and Volatility's VMware layer
 * tell of.
 */
#include "kcore/vmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/loss.h"
#include "kcore/pagecache.h"

struct header {
	uint32_t magic, version, nr_groups;
};
struct group {
	char name[64];
	uint64_t offset, size_bytes;
};
enum { HEADER_BYTES = 12, MAX_GROUPS = 1024, MAX_TAGS = 1 << 16, MAX_REGIONS = 256 };

/* A tag: flags, the length of its name, the name, indices of 4 bytes, and its value. */
enum {
	TAG_HEAD_BYTES = 2,
	TAG_VALUE = 0x3f, /* of flags: how many bytes the value has, or */
	TAG_PACKED_BLOCK = 62,
	TAG_BLOCK = 63,
	TAG_INDICES_SHIFT = 6, /* of flags: how many indices */
	NAME_BYTES = 255,
	MAX_INDICES = 3,
	/* A block's value: its bytes in the file and in memory, those of its padding. */
	BLOCK_HEAD_BYTES = 8 + 8 + 2,
	/* The most that comes before a value. */
	TAG_MAX_BYTES = TAG_HEAD_BYTES + NAME_BYTES + MAX_INDICES * 4 + TAG_VALUE,
};

struct tag {
	unsigned kind; /* TAG_BLOCK, TAG_PACKED_BLOCK, or bytes of a number */
	char name[NAME_BYTES + 1];
	uint32_t index;	      /* the first one; 0: none */
	uint64_t number;      /* of a block: its bytes in memory */
	uint64_t at, end;     /* of a block's bytes */
	uint64_t next_offset; /* of the next tag */
};

struct region {
	uint64_t frame, page, nr; /* in memory, in the file, and how many */
	unsigned seen;		  /* a bit for each of the three */
};
enum { ALL_SEEN = 7 };

struct layout {
	uint64_t nr_regions;
	struct region regions[MAX_REGIONS];
	bool has_memory, is_packed, is_split;
	uint64_t at, end; /* of the memory in the state file */
};

static uint64_t number_of(const unsigned char *bytes, size_t nr)
{
	uint64_t number = 0;

	memcpy(&number, bytes, nr < sizeof(number) ? nr : sizeof(number));
	return number;
}

/* Where the value of the tag of @nr bytes begins, which are all that the file has, up to
 * the most; 0: the tag is cut off.
 */
static size_t value_at(const unsigned char *bytes, size_t nr, struct tag *ret)
{
	size_t name_bytes = bytes[1], nr_indices = bytes[0] >> TAG_INDICES_SHIFT;
	size_t at = TAG_HEAD_BYTES + name_bytes + nr_indices * 4;

	ret->kind = bytes[0] & TAG_VALUE;
	if (at + (ret->kind < TAG_PACKED_BLOCK ? ret->kind : BLOCK_HEAD_BYTES) > nr)
		return 0;
	memcpy(ret->name, bytes + TAG_HEAD_BYTES, name_bytes);
	ret->name[name_bytes] = '\0';
	ret->index = nr_indices
			     ? (uint32_t)number_of(bytes + TAG_HEAD_BYTES + name_bytes, 4)
			     : 0;
	return at;
}

/* Returns 1, 0 where the group ends, or -EINVAL. */
static int read_tag(int fd, uint64_t offset, struct tag *ret)
{
	unsigned char bytes[TAG_MAX_BYTES];
	ssize_t n = offset > INT64_MAX - TAG_MAX_BYTES
			    ? -1
			    : loss_pread(fd, bytes, sizeof(bytes), (off_t)offset);
	size_t at;

	if (n < TAG_HEAD_BYTES)
		return -EINVAL;
	if (bytes[0] == 0 && bytes[1] == 0)
		return 0;
	at = value_at(bytes, (size_t)n, ret);
	if (at == 0)
		return -EINVAL;
	if (ret->kind < TAG_PACKED_BLOCK) {
		ret->number = number_of(bytes + at, ret->kind);
		ret->next_offset = offset + at + ret->kind;
		return 1;
	}
	ret->number = number_of(bytes + at + 8, 8);
	ret->at = offset + at + BLOCK_HEAD_BYTES + number_of(bytes + at + 16, 2);
	if (__builtin_add_overflow(ret->at, number_of(bytes + at, 8), &ret->end) ||
	    ret->end > INT64_MAX)
		return -EINVAL;
	ret->next_offset = ret->end;
	return 1;
}

static void take_memory(struct layout *layout, const struct tag *tag)
{
	if (tag->end == tag->at)
		return;
	layout->is_split = layout->has_memory;
	layout->has_memory = true;
	layout->is_packed |= tag->kind == TAG_PACKED_BLOCK ||
			     tag->number != tag->end - tag->at;
	layout->at = tag->at;
	layout->end = tag->end;
}

static int take_tag(struct layout *layout, const struct tag *tag)
{
	static const struct {
		const char *name;
		size_t offset;
	} of_region[] = {
		{"regionPPN", offsetof(struct region, frame)},
		{"regionPageNum", offsetof(struct region, page)},
		{"regionSize", offsetof(struct region, nr)},
	};

	if (tag->kind >= TAG_PACKED_BLOCK) {
		if (strcmp(tag->name, "Memory") == 0)
			take_memory(layout, tag);
		return 0;
	}
	if (strcmp(tag->name, "regionsCount") == 0)
		layout->nr_regions = tag->number;
	for (size_t i = 0; i < sizeof(of_region) / sizeof(of_region[0]); i++) {
		if (strcmp(tag->name, of_region[i].name) != 0)
			continue;
		if (tag->index >= MAX_REGIONS || tag->number > INT64_MAX / PAGE_BYTES / 2)
			return -EINVAL;
		memcpy((char *)&layout->regions[tag->index] + of_region[i].offset,
		       &tag->number, sizeof(tag->number));
		layout->regions[tag->index].seen |= 1U << i;
	}
	return 0;
}

static int read_group(int fd, uint64_t offset, struct layout *layout)
{
	for (size_t i = 0; i < MAX_TAGS; i++) {
		struct tag tag;
		int r = read_tag(fd, offset, &tag);

		if (r <= 0)
			return r;
		r = take_tag(layout, &tag);
		if (r < 0)
			return r;
		offset = tag.next_offset;
	}
	return -EINVAL;
}

static bool overlap(uint64_t a, uint64_t nr_a, uint64_t b, uint64_t nr_b)
{
	return a < b + nr_b && b < a + nr_a;
}

/* Is every region told of, and no page of memory in two? Together they are the file, each
 * page of it once.
 */
static bool is_consistent(const struct layout *layout)
{
	uint64_t all = 0, end = 0;

	if (layout->nr_regions > MAX_REGIONS)
		return false;
	for (size_t i = 0; i < layout->nr_regions; i++) {
		const struct region *a = &layout->regions[i];

		if (a->seen != ALL_SEEN)
			return false;
		all += a->nr;
		end = a->page + a->nr > end ? a->page + a->nr : end;
		for (size_t j = 0; j < i; j++) {
			const struct region *b = &layout->regions[j];

			if (overlap(a->frame, a->nr, b->frame, b->nr) ||
			    overlap(a->page, a->nr, b->page, b->nr))
				return false;
		}
	}
	return end == all;
}

static int read_layout(int fd, struct layout *ret)
{
	struct header header;

	if (!loss_pread_all(fd, &header, HEADER_BYTES, 0) ||
	    header.nr_groups > MAX_GROUPS)
		return -EINVAL;
	for (size_t i = 0; i < header.nr_groups; i++) {
		struct group group;
		int r;

		if (!loss_pread_all(fd, &group, sizeof(group),
				    HEADER_BYTES + i * sizeof(group)))
			return -EINVAL;
		if (strncmp(group.name, "memory", sizeof(group.name)) != 0)
			continue;
		r = read_group(fd, group.offset, ret);
		return r == 0 && !is_consistent(ret) ? -EINVAL : r;
	}
	return -ENOENT;
}

/* What the file ends before is missing. */
static int add_region(struct elfcore *core, const struct region *region, uint64_t start,
		      uint64_t end)
{
	uint64_t size_bytes = region->nr * PAGE_BYTES;
	struct elfcore_segment segment = {
		.va = region->frame * PAGE_BYTES,
		.pa = region->frame * PAGE_BYTES,
		.memory_bytes = size_bytes,
		.offset = start + region->page * PAGE_BYTES,
	};

	if (size_bytes == 0)
		return 0;
	segment.size_bytes = segment.offset >= end		 ? 0
			     : end - segment.offset < size_bytes ? end - segment.offset
								 : size_bytes;
	segment.is_cut = segment.size_bytes < size_bytes;
	core->is_cut |= segment.is_cut;
	return elfcore_add_segment(core, &segment);
}

/* @start, @end: of the memory in the file. Without regions it is one, from address 0. */
static int add_regions(struct elfcore *core, const struct layout *layout, uint64_t start,
		       uint64_t end)
{
	const struct region whole = {.nr = (end - start) / PAGE_BYTES};
	int r = 0;

	if (layout->nr_regions == 0)
		return add_region(core, &whole, start, end);
	for (size_t i = 0; r == 0 && i < layout->nr_regions; i++)
		r = add_region(core, &layout->regions[i], start, end);
	return r;
}

static int refuse(const struct vmware_state *state, const char *why, struct error *err)
{
	return error_set(err, ERROR_MALFORMED_CORE, -ENOEXEC,
			 "%s: a VMware snapshot's state (.vmss, .vmsn) %s", state->path,
			 why);
}

/* Can the memory that is in the state file itself be read? */
static int check_own(const struct layout *layout, const struct vmware_state *state,
		     struct error *err)
{
	if (!layout->has_memory)
		return refuse(state,
			      "without the memory, which is in the .vmem file of the "
			      "same name: put that beside it, and give it",
			      err);
	if (layout->is_packed || layout->is_split)
		return refuse(state,
			      "whose memory is compressed or in several pieces, which "
			      "kwcheck does not read: 'vmss2core -N6' of VMware makes "
			      "an ELF dump of it, or run 'kwcheck capture FILE' in the "
			      "guest",
			      err);
	return 0;
}

int vmware_open(struct elfcore *ret, const struct vmware_state *state, int memory_fd,
		const char *path, struct error *err)
{
	struct layout layout = {0};
	struct elfcore core = {.fd = memory_fd};
	bool is_own = memory_fd == state->fd;
	struct stat st;
	uint64_t start, end;
	int r;

	if (fstat(memory_fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	r = read_layout(state->fd, &layout);
	if (r < 0)
		return refuse(state,
			      r == -ENOENT
				      ? "that has no group called memory: give a "
					"whole one, taken with the memory"
				      : "that is damaged: where the memory's regions "
					"lie cannot be read from it; copy it again",
			      err);
	if (is_own) {
		r = check_own(&layout, state, err);
		if (r < 0)
			return r;
	}
	start = is_own ? layout.at : 0;
	end = (uint64_t)st.st_size;
	if (is_own && layout.end < end)
		end = layout.end;
	r = add_regions(&core, &layout, start, end > start ? end : start);
	return elfcore_hand_over(ret, &core, r, path, err);
}

char *vmware_beside(const char *path, const char *ending)
{
	static const char *const packed[] = {"", ".gz", ".xz", ".zst"};
	static const char *const own[] = {".vmem", ".vmss", ".vmsn"};
	size_t length = strlen(path);

	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 3; j++) {
			char suffix[16];
			size_t nr;
			char *ret;

			/* A state file is read as it is. */
			if ((i > 0 && j > 0) || strcmp(own[j], ending) == 0)
				continue;
			nr = (size_t)snprintf(suffix, sizeof(suffix), "%s%s", own[j],
					      packed[i]);
			if (length <= nr || strcmp(path + length - nr, suffix) != 0)
				continue;
			return asprintf(&ret, "%.*s%s", (int)(length - nr), path,
					ending) < 0
				       ? NULL
				       : ret;
		}
	return NULL;
}
