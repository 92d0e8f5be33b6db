/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the firmware left and no core has. */
#include "kcore/firmware.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/pagecache.h"

/* Those of a large server are some 2 MiB. */
enum { MAX_TABLE_BYTES = 4 * 1024 * 1024, MAX_ALL_BYTES = 16 * 1024 * 1024 };

/* Adapters' ROMs and the BIOS's own. Below it is a display's memory, which is no ROM. */
static const uint64_t ROM_PA = 0xc0000, ROM_END = 0x100000;

/* include/acpi/actbl.h: struct acpi_table_header begins with a signature of four letters
 * and the length.
 */
enum { SIGNATURE_BYTES = 4, HEADER_BYTES = 8 };

/* As a note has it, @size_bytes behind each. */
struct note_head {
	uint64_t pa, size_bytes;
};
_Static_assert(sizeof(struct note_head) == 16, "as captures have it");

static int add(struct firmware *firmware, const char *name, uint64_t pa,
	       const void *bytes, size_t size_bytes)
{
	unsigned char *copy = malloc(size_bytes);
	struct firmware_piece *piece;

	if (!copy || array_reserve(&firmware->pieces, firmware->nr, &firmware->room,
				   sizeof(*firmware->pieces)) < 0) {
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, bytes, size_bytes);
	piece = &firmware->pieces[firmware->nr++];
	*piece = (struct firmware_piece){
		.pa = pa, .size_bytes = size_bytes, .bytes = copy};
	snprintf(piece->name, sizeof(piece->name), "%s", name);
	return 0;
}

static int add_file(struct firmware *firmware, int folder, const char *name,
		    unsigned char *room, size_t *left)
{
	_cleanup_fd_ int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	size_t size_bytes = 0;
	ssize_t n = 0;

	while (fd >= 0 && size_bytes < MAX_TABLE_BYTES &&
	       (n = read(fd, room + size_bytes, MAX_TABLE_BYTES - size_bytes)) > 0)
		size_bytes += (size_t)n;
	if (fd < 0 || n < 0 || size_bytes < HEADER_BYTES || size_bytes > *left ||
	    size_bytes == MAX_TABLE_BYTES)
		return 0;
	*left -= size_bytes;
	return add(firmware, name, FIRMWARE_NO_PA, room, size_bytes);
}

static int add_tables(struct firmware *firmware, const char *path)
{
	_cleanup_free_ unsigned char *room = malloc(MAX_TABLE_BYTES);
	size_t left = MAX_ALL_BYTES;
	const struct dirent *entry;
	DIR *folder;
	int r = 0;

	if (!room)
		return -ENOMEM;
	folder = opendir(path);
	while (r == 0 && folder && (entry = readdir(folder)) != NULL)
		if (strlen(entry->d_name) < FIRMWARE_NAME_BYTES)
			r = add_file(firmware, dirfd(folder), entry->d_name, room, &left);
	if (folder)
		closedir(folder);
	return r;
}

int firmware_open(struct firmware *ret, const char *sysroot)
{
	_cleanup_free_ char *tables = NULL, *memory = NULL;
	int r = 0;

	*ret = (struct firmware){0};
	if (asprintf(&tables, "%s/sys/firmware/acpi/tables", sysroot) < 0)
		tables = NULL;
	if (asprintf(&memory, "%s/dev/mem", sysroot) < 0)
		memory = NULL;
	if (!tables || !memory)
		return -ENOMEM;
	r = add_tables(ret, tables);
	if (r < 0) {
		firmware_close(ret);
		return r;
	}
	ret->rom_fd = open(memory, O_RDONLY | O_CLOEXEC);
	ret->has_rom = ret->rom_fd >= 0;
	return 0;
}

void firmware_close(struct firmware *firmware)
{
	for (size_t i = 0; i < firmware->nr; i++)
		free(firmware->pieces[i].bytes);
	free(firmware->pieces);
	if (firmware->has_rom)
		close(firmware->rom_fd);
	*firmware = (struct firmware){0};
}

/* drivers/acpi/sysfs.c:acpi_table_attr_init(): the signature, and where there are several
 * of it, which one it is.
 */
static bool is_named(const char *name, const char signature[SIGNATURE_BYTES],
		     unsigned instance)
{
	char number[12];

	if (strncmp(name, signature, SIGNATURE_BYTES) != 0)
		return false;
	snprintf(number, sizeof(number), "%u", instance);
	name += SIGNATURE_BYTES;
	return strcmp(name, number) == 0 || (instance == 1 && *name == '\0');
}

bool firmware_place(struct firmware *firmware, const char signature[4], unsigned instance,
		    uint64_t pa, uint64_t size_bytes)
{
	for (size_t i = 0; i < firmware->nr; i++) {
		struct firmware_piece *piece = &firmware->pieces[i];

		if (piece->pa != FIRMWARE_NO_PA || piece->size_bytes != size_bytes ||
		    memcmp(piece->bytes, signature, SIGNATURE_BYTES) != 0 ||
		    !is_named(piece->name, signature, instance))
			continue;
		piece->pa = pa;
		return true;
	}
	return false;
}

/* Copies what of [@pa, @pa + @size_bytes) the piece has. */
static bool copy_part(const struct firmware_piece *piece, uint64_t pa, unsigned char *buf,
		      size_t size_bytes)
{
	uint64_t from = pa > piece->pa ? pa : piece->pa, end = pa + size_bytes,
		 piece_end = piece->pa + piece->size_bytes;

	if (piece->pa == FIRMWARE_NO_PA)
		return false;
	if (end > piece_end)
		end = piece_end;
	if (from >= end)
		return false;
	memcpy(buf + (from - pa), piece->bytes + (from - piece->pa), end - from);
	return true;
}

static bool is_rom(uint64_t pa, size_t size_bytes)
{
	return pa >= ROM_PA && pa < ROM_END && size_bytes <= ROM_END - pa;
}

int firmware_read(const struct firmware *firmware, uint64_t pa, void *buf,
		  size_t size_bytes)
{
	uint64_t page = pa & ~(uint64_t)(PAGE_BYTES - 1);
	unsigned char bytes[PAGE_BYTES] = {0};
	bool is_known = false;

	if (size_bytes > page + PAGE_BYTES - pa)
		return -EFAULT;
	if (firmware->has_rom && is_rom(page, PAGE_BYTES))
		is_known = pread(firmware->rom_fd, bytes, PAGE_BYTES, (off_t)page) ==
			   PAGE_BYTES;
	for (size_t i = 0; i < firmware->nr; i++)
		is_known |= copy_part(&firmware->pieces[i], page, bytes, PAGE_BYTES);
	if (!is_known)
		return -EFAULT;
	memcpy(buf, bytes + (pa - page), size_bytes);
	return 0;
}

/* The ROM as a piece; false: it cannot be read. */
static bool read_rom(const struct firmware *firmware, unsigned char *ret)
{
	size_t size_bytes = ROM_END - ROM_PA;

	return firmware->has_rom && pread(firmware->rom_fd, ret, size_bytes,
					  (off_t)ROM_PA) == (ssize_t)size_bytes;
}

static unsigned char *put(unsigned char *at, uint64_t pa, const void *bytes,
			  size_t size_bytes)
{
	const struct note_head head = {.pa = pa, .size_bytes = size_bytes};

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), bytes, size_bytes);
	return at + sizeof(head) + size_bytes;
}

int firmware_note(const struct firmware *firmware, void **ret, size_t *ret_bytes)
{
	_cleanup_free_ unsigned char *rom = malloc(ROM_END - ROM_PA);
	size_t size_bytes = sizeof(struct note_head) + (ROM_END - ROM_PA);
	unsigned char *bytes, *at;

	for (size_t i = 0; i < firmware->nr; i++)
		size_bytes += sizeof(struct note_head) + firmware->pieces[i].size_bytes;
	bytes = at = malloc(size_bytes);
	if (!rom || !bytes) {
		free(bytes);
		return -ENOMEM;
	}
	if (read_rom(firmware, rom))
		at = put(at, ROM_PA, rom, ROM_END - ROM_PA);
	for (size_t i = 0; i < firmware->nr; i++) {
		const struct firmware_piece *piece = &firmware->pieces[i];

		if (piece->pa != FIRMWARE_NO_PA)
			at = put(at, piece->pa, piece->bytes, piece->size_bytes);
	}
	if (at == bytes) {
		free(bytes);
		return -ENODATA;
	}
	*ret = bytes;
	*ret_bytes = (size_t)(at - bytes);
	return 0;
}

int firmware_parse(struct firmware *ret, const void *data, size_t size_bytes)
{
	struct firmware firmware = {0};
	const unsigned char *at = data;
	struct note_head head;
	int r = 0;

	while (r == 0 && size_bytes) {
		if (size_bytes < sizeof(head)) {
			r = -EINVAL;
			break;
		}
		memcpy(&head, at, sizeof(head));
		at += sizeof(head);
		size_bytes -= sizeof(head);
		if (!head.size_bytes || head.size_bytes > size_bytes ||
		    head.pa > UINT64_MAX - head.size_bytes) {
			r = -EINVAL;
			break;
		}
		r = add(&firmware, "", head.pa, at, head.size_bytes);
		at += head.size_bytes;
		size_bytes -= head.size_bytes;
	}
	if (r < 0)
		firmware_close(&firmware);
	else
		*ret = firmware;
	return r;
}
