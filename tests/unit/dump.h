/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake kernel's memory, written in the forms of dumps. Each writes a memfd and
 * returns it. The memory holds VMCOREINFO's text at FAKE_FREE_PA.
 */
#ifndef KWCHECK_TESTS_DUMP_H
#define KWCHECK_TESTS_DUMP_H

#include "kcore/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dump_form {
	DUMP_ELF = 0, /* by physical address, as QEMU's */
	DUMP_XNUM,    /* a segment for each page, twice, and more than e_phnum can say */
	DUMP_LIME,    /* two ranges with a hole of one page before DUMP_HOLE_END */
	DUMP_AVML,
	DUMP_KDUMP, /* uncompressed pages; that at DUMP_LEFT_OUT_PA is not in it */
	DUMP_RAW,
	DUMP_XEN,
	DUMP_VBOX,
	DUMP_VMSN, /* VMware's, with the memory in it; the ranges of DUMP_LIME */
	DUMP_NR_FORMS,
};

#define DUMP_HOLE_PA 0x100000ULL
#define DUMP_HOLE_END 0x101000ULL
#define DUMP_LEFT_OUT_PA 0x4000ULL /* FAKE_SMALL_TABLE_PA */

int dump_write(enum dump_form form);

/* VMware's two files of that memory: the state, changed by @change, and the .vmem, which
 * leaves out the hole.
 */
struct dump_vmware {
	const char *group;   /* "memory" */
	uint32_t nr_regions; /* 2; 0: there are no tags of regions */
	struct {
		uint32_t frame, page, nr;
	} regions[2];
	bool lacks_size; /* of the second region there is no regionSize */
	bool has_memory; /* in the state file */
	bool is_packed;	 /* so its block says */
};
int dump_write_state(void (*change)(struct dump_vmware *state));
int dump_write_vmem(void);

/* The bytes of @fd in makedumpfile's flattened form, in records of @record_bytes, the
 * last ones first.
 */
int dump_flatten(int fd, size_t record_bytes);

/* The bytes of @fd through "gzip", "xz" or "zstd". */
int dump_pack(int fd, const char *program);

/* Opens the kernel that is in the dump at @fd; both are given back by dump_close().
 * Returns what kernel_open() does.
 */
struct dump {
	struct source source;
	struct kernel kernel;
};
int dump_open(struct dump *ret, int fd, struct error *err);
void dump_close(struct dump *dump);

#endif
