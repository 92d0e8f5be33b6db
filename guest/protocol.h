/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's init says, and how it ends the machine. */
#ifndef KWCHECK_GUEST_PROTOCOL_H
#define KWCHECK_GUEST_PROTOCOL_H

#include <stdint.h>

/* Lines on the console around "KEY=value" lines, those of a capture's note. */
#define PROTOCOL_BEGIN "kwcheck-guest: begin"
#define PROTOCOL_END "kwcheck-guest: end"

/* QEMU's isa-debug-exit: a byte written there ends it with status 2 * byte + 1. */
#define PROTOCOL_PORT 0xf4
#define PROTOCOL_PORT_TEXT "0xf4"
#define PROTOCOL_VALUE 0x21
#define PROTOCOL_STATUS (2 * PROTOCOL_VALUE + 1)

/* Pages of init's memory that hold the text of /proc/kallsyms: the console would be slow,
 * and kernels before 6.0 do not say where the tables are that it is made of.
 */
#define PROTOCOL_PAGE_MAGIC "kwcheck-kallsyms" /* without its NUL */
enum { PROTOCOL_PAGE_BYTES = 4096, PROTOCOL_MAX_PAGES = 8192 };

struct protocol_page {
	char magic[16];
	uint32_t index, nr_pages; /* of all */
	uint32_t nr_bytes, reserved;
	char bytes[PROTOCOL_PAGE_BYTES - 32];
};

#endif
