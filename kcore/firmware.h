/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that the firmware left and no core has: ACPI's tables, a PC's ROM. /proc/kcore
 * has RAM, and of what is mapped as a device it gives zeros.
 */
#ifndef KWCHECK_KCORE_FIRMWARE_H
#define KWCHECK_KCORE_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIRMWARE_NAME_BYTES = 16 };

/* Of a table whose file is known, and its place is not. */
#define FIRMWARE_NO_PA UINT64_MAX

struct firmware_piece {
	char name[FIRMWARE_NAME_BYTES]; /* of its file: "DSDT", "SSDT2", ...; "" */
	uint64_t pa;
	size_t size_bytes;
	unsigned char *bytes;
};

/* Zero is nothing. */
struct firmware {
	struct firmware_piece *pieces;
	size_t nr, room;
	bool has_rom; /* rom_fd is /dev/mem */
	int rom_fd;
};

/* firmware_open - the files of a running kernel below @sysroot
 * /sys/firmware/acpi/tables, and /dev/mem for the ROM, which stays open. What cannot be
 * had is left out. Returns 0 or -ENOMEM.
 */
int firmware_open(struct firmware *ret, const char *sysroot);
void firmware_close(struct firmware *firmware);

/* firmware_place - says where the @instance-th table (from 1) of that signature lies
 * false: there is no such table, or it is not that long.
 */
bool firmware_place(struct firmware *firmware, const char signature[4], unsigned instance,
		    uint64_t pa, uint64_t size_bytes);

/* firmware_read - @size_bytes, within one page, at physical address @pa
 * Of a page that a table shares with nothing the rest is zeros. Returns 0; -EFAULT:
 * nothing of that page is known.
 */
int firmware_read(const struct firmware *firmware, uint64_t pa, void *buf,
		  size_t size_bytes);

/* firmware_note - all that has a place, for a capture's note; heap
 * Returns 0; -ENODATA: there is nothing; -ENOMEM.
 */
int firmware_note(const struct firmware *firmware, void **ret, size_t *ret_bytes);

/* firmware_parse - what a capture noted. 0, -EINVAL or -ENOMEM. */
int firmware_parse(struct firmware *ret, const void *data, size_t size_bytes);

#endif
