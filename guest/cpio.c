/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initramfs: a cpio archive in the "newc" form. */
#include "guest/cpio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER_BYTES = 110,
	ALIGNMENT = 4,
	NAME_MAX_BYTES = 4096, /* the kernel's PATH_MAX; a longer one is left out */
};

struct entry {
	const char *name;
	unsigned mode, major, minor;
	const void *data;
	size_t nr_data;
};

static size_t padded(size_t bytes)
{
	return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int reserve(struct cpio *cpio, size_t more)
{
	size_t room = cpio->room ? cpio->room : 4096;
	unsigned char *bytes;

	while (room - cpio->nr < more) {
		if (room > SIZE_MAX / 2)
			return -E2BIG;
		room *= 2;
	}
	bytes = realloc(cpio->bytes, room);
	if (!bytes)
		return -ENOMEM;
	cpio->bytes = bytes;
	cpio->room = room;
	return 0;
}

/* And zeros up to the next header or data. */
static void put(struct cpio *cpio, const void *data, size_t nr)
{
	size_t end = padded(cpio->nr + nr);

	if (nr)
		memcpy(cpio->bytes + cpio->nr, data, nr);
	memset(cpio->bytes + cpio->nr + nr, 0, end - cpio->nr - nr);
	cpio->nr = end;
}

static int add(struct cpio *cpio, const struct entry *entry)
{
	char header[HEADER_BYTES + NAME_MAX_BYTES + 1];
	size_t nr_name = strlen(entry->name) + 1;
	int r;

	if (nr_name > NAME_MAX_BYTES || entry->nr_data > UINT32_MAX)
		return -E2BIG;
	r = reserve(cpio, HEADER_BYTES + nr_name + entry->nr_data + 2 * ALIGNMENT);
	if (r < 0)
		return r;
	/* ino, mode, uid, gid, nlink, mtime, filesize, the file system's major and minor,
	 * the device's, namesize, check.
	 */
	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s",
		 ++cpio->nr_entries, entry->mode, 0, 0, 1, 0, (unsigned)entry->nr_data, 0,
		 0, entry->major, entry->minor, (unsigned)nr_name, 0, entry->name);
	put(cpio, header, HEADER_BYTES + nr_name);
	put(cpio, entry->data, entry->nr_data);
	return 0;
}

int cpio_add(struct cpio *cpio, const char *name, enum cpio_kind kind, const void *data,
	     size_t nr_data)
{
	const struct entry entry = {
		.name = name, .mode = kind, .data = data, .nr_data = nr_data};

	return add(cpio, &entry);
}

int cpio_add_device(struct cpio *cpio, const char *name, unsigned major, unsigned minor)
{
	const struct entry entry = {
		.name = name, .mode = CPIO_CHARDEV, .major = major, .minor = minor};

	return add(cpio, &entry);
}

int cpio_end(struct cpio *cpio)
{
	const struct entry entry = {.name = "TRAILER!!!"};

	return add(cpio, &entry);
}

void cpio_free(struct cpio *cpio)
{
	free(cpio->bytes);
	*cpio = (struct cpio){0};
}
