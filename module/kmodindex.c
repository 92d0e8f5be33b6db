/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The indices that depmod(8) makes of a folder of modules.
 *
 * A trie, all numbers with their highest byte first (kmod: libkmod/libkmod-index.c):
 * magic, version, reference to the root. A reference is an offset with three bits that
 * say which parts its node has: a prefix (a string), children (the first and the last
 * character, a reference for each from one to the other, 0: none), values (their number,
 * then a priority and a string for each). Up to kmod 31 depmod writes a node behind its
 * children, later before them.
 */
#include "module/kmodindex.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

enum {
	HEADER_BYTES = 12,
	MAGIC = (int)0xb007f457,
	VERSION = 0x00020001,
	OFFSET_MASK = 0x0fffffff,
	NR_CHARACTERS = 128,
	MAX_DEPTH = 1024, /* a name's or an alias's characters: real ones have 60 */
};

static const uint32_t HAS_PREFIX = 1U << 31, HAS_VALUES = 1U << 30,
		      HAS_CHILDREN = 1U << 29;

struct walk {
	const unsigned char *bytes;
	size_t nr, at;
	size_t nr_visits; /* of nodes: each lies somewhere else */
	const char *why;
};

static bool fail(struct walk *walk, const char *why)
{
	walk->why = walk->why ?: why;
	return false;
}

static bool read_number(struct walk *walk, uint32_t *ret)
{
	const unsigned char *at = walk->bytes + walk->at;

	if (walk->nr - walk->at < 4)
		return fail(walk, "it is cut short");
	*ret = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
	walk->at += 4;
	return true;
}

static bool skip_string(struct walk *walk)
{
	const unsigned char *end = memchr(walk->bytes + walk->at, '\0',
					  walk->nr - walk->at);

	if (!end)
		return fail(walk, "a string in it has no end");
	walk->at = (size_t)(end - walk->bytes) + 1;
	return true;
}

static bool skip_values(struct walk *walk)
{
	uint32_t nr, priority;

	if (!read_number(walk, &nr))
		return false;
	while (nr-- > 0)
		if (!read_number(walk, &priority) || !skip_string(walk))
			return false;
	return true;
}

static bool visit(struct walk *walk, uint32_t reference, unsigned depth);

static bool visit_children(struct walk *walk, unsigned depth)
{
	unsigned first, last;

	if (walk->nr - walk->at < 2)
		return fail(walk, "it is cut short");
	first = walk->bytes[walk->at++];
	last = walk->bytes[walk->at++];
	if (first > last || last >= NR_CHARACTERS)
		return fail(walk, "a node has children for no characters");
	for (unsigned i = first; i <= last; i++) {
		uint32_t child;
		size_t next;

		if (!read_number(walk, &child))
			return false;
		next = walk->at;
		if (child & OFFSET_MASK && !visit(walk, child, depth + 1))
			return false;
		walk->at = next;
	}
	return true;
}

/* A node that is reached again and again exceeds the number that the bytes have room for.
 */
static bool visit(struct walk *walk, uint32_t reference, unsigned depth)
{
	uint32_t offset = reference & OFFSET_MASK;

	if (offset < HEADER_BYTES || offset >= walk->nr)
		return fail(walk, "a node lies where none can");
	if (depth > MAX_DEPTH || ++walk->nr_visits > walk->nr / 4)
		return fail(walk, "its nodes are no tree");
	walk->at = offset;
	return (!(reference & HAS_PREFIX) || skip_string(walk)) &&
	       (!(reference & HAS_CHILDREN) || visit_children(walk, depth)) &&
	       (!(reference & HAS_VALUES) || skip_values(walk));
}

const char *kmodindex_why_bad(const unsigned char *bytes, size_t nr_bytes)
{
	struct walk walk = {.bytes = bytes, .nr = nr_bytes};
	uint32_t magic, version, root;

	if (nr_bytes > OFFSET_MASK)
		return "it is too large";
	/* So depmod leaves it where there is nothing to put in. */
	if (nr_bytes == 0)
		return NULL;
	if (!read_number(&walk, &magic) || !read_number(&walk, &version) ||
	    !read_number(&walk, &root))
		return walk.why;
	if (magic != (uint32_t)MAGIC || version >> 16 != VERSION >> 16)
		return "it does not begin as one";
	/* An index of nothing has a root without parts, at the very end. */
	if (root & (HAS_PREFIX | HAS_VALUES | HAS_CHILDREN))
		visit(&walk, root, 0);
	return walk.why;
}

static int read_index(const char *path, unsigned char **ret, size_t *nr_bytes)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_free_ unsigned char *bytes = NULL;
	struct stat st;
	ssize_t r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > OFFSET_MASK)
		return -EBADMSG;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return -ENOMEM;
	r = loss_pread(fd, bytes, (size_t)st.st_size, 0);
	if (r < 0)
		return (int)r;
	*nr_bytes = (size_t)r;
	*ret = TAKE_PTR(bytes);
	return 0;
}

int kmodindex_check(const char *tree, struct error *err)
{
	static const char *const names[] = {"modules.dep.bin", "modules.alias.bin",
					    "modules.symbols.bin", "modules.builtin.bin",
					    "modules.builtin.alias.bin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_free_ unsigned char *bytes = NULL;
		const char *why = "it is no file";
		char path[PATH_MAX + 32];
		size_t nr_bytes = 0;
		int r;

		snprintf(path, sizeof(path), "%s/%s", tree, names[i]);
		r = read_index(path, &bytes, &nr_bytes);
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0 && r != -EBADMSG)
			return error_set(err, ERROR_FILE, r, "%.300s: not used: %s", path,
					 strerror(-r));
		if (r == 0)
			why = kmodindex_why_bad(bytes, nr_bytes);
		if (why)
			return error_set(err, ERROR_FILE, -EBADMSG,
					 "%.300s: not used: %s; depmod makes it anew",
					 path, why);
	}
	return 0;
}
