/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel in a file: an ELF core with page tables, VMCOREINFO and symbols, damaged
 *in the way a test asks for.
 *
 * Physical memory is FAKE_RAM_BYTES from 0; the image's frame 0 is at FAKE_PHYS_BASE plus
 * 16 MiB. The direct map starts at FAKE_DIRECT_MAP. Four levels.
 *
 *	ffffffff81000000  2M  r-x  .text           ffffffff81400000  2M  rw-  .data
 *	ffffffff81200000  2M  r--  .rodata, ro_after_init in its last MiB
 *	ffffffff81600000  4K  rw-  then r--, then nothing
 */
#ifndef KWCHECK_TESTS_FAKE_H
#define KWCHECK_TESTS_FAKE_H

#include "kcore/open.h"
#include "kcore/source.h"

#include <stddef.h>
#include <stdint.h>

#define FAKE_STEXT 0xffffffff81000000ULL
#define FAKE_RODATA 0xffffffff81200000ULL
#define FAKE_RO_AFTER_INIT 0xffffffff81300000ULL
#define FAKE_DATA 0xffffffff81400000ULL
#define FAKE_SMALL 0xffffffff81600000ULL
#define FAKE_ALIAS 0xffffffff81800000ULL
#define FAKE_DIRECT_MAP 0xffff888000000000ULL
#define FAKE_PHYS_BASE 0x1000000ULL
#define FAKE_RAM_BYTES 0x400000ULL

/* The kernel's own pages, by physical address: all below FAKE_RAM_BYTES. */
#define FAKE_ROOT_PA 0x1000ULL
#define FAKE_SMALL_TABLE_PA 0x4000ULL /* PTEs of FAKE_SMALL: two, then zeros */
#define FAKE_DOMAIN_TYPE_PA 0x7000ULL
#define FAKE_FREE_PA 0x8000ULL /* zeros */

struct fake {
	/* Knobs, set before fake_write(): zero is a sound kernel. */
	const char *vmcoreinfo; /* instead of the sound text */
	const char *kallsyms;	/* likewise */
	uint16_t machine;	/* e_machine, where not 0 */
	uint16_t type;		/* e_type, where not 0 */
	uint64_t cut_bytes;	/* leave out the file's last bytes */
	uint64_t image_pa_error;
	uint64_t stext_entry; /* PMD of _stext, where not 0 */
	uint64_t domain_type; /* xen_domain_type */
	uint64_t alias_entry; /* PMD of FAKE_ALIAS */
	uint64_t poisoned_pa; /* /proc/kpageflags calls its page HWPOISON */
	/* Writes what else is to be in memory: FAKE_RAM_BYTES of it. */
	void (*fill)(unsigned char *ram);
	/* What fake_write() made. */
	int core_fd, kallsyms_fd, pageflags_fd;
};

/* Writes both files as memfds and fills fds. */
void fake_write(struct fake *fake);
void fake_close(struct fake *fake);

/* The fake as a source that kernel_open() takes: a core, not live. */
struct source fake_source(const struct fake *fake);

/* The fake as DIR/proc/kcore and DIR/proc/kallsyms; @dir: a template for mkdtemp(). */
void fake_write_sysroot(struct fake *fake, char *dir);
void fake_remove_sysroot(const char *dir);

/* For .fill: makes it a Xen PV domain (.domain_type 1) whose frame N is the machine's
 * FAKE_XEN_FIRST_MFN + N. The kernel's list of them lies at FAKE_XEN_LIST_PA. All that it
 * maps has U set; of the direct map the second 2 MiB are read-only.
 */
enum { FAKE_XEN_FIRST_MFN = 0x10000, FAKE_XEN_LIST_PA = 0x100000 };
void fake_fill_xen(unsigned char *ram);
extern const char fake_xen_kallsyms[];

extern const char fake_vmcoreinfo[];
extern const char fake_kallsyms[];

#endif
