/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files a kernel is read from: opened first, while the privileges are there. */
#ifndef KWCHECK_KCORE_SOURCE_H
#define KWCHECK_KCORE_SOURCE_H

#include "kcore/error.h"
#include "kcore/firmware.h"

#include <stdbool.h>

/* Where names are to come from. */
enum source_symbols {
	SOURCE_SYMBOLS_AUTO = 0, /* memory where it works, else text */
	SOURCE_SYMBOLS_MEMORY,	 /* the tables in the kernel's memory */
	SOURCE_SYMBOLS_TEXT,	 /* /proc/kallsyms */
};

/* Files of a split dump beside the first. */
enum { SOURCE_MAX_PARTS = 31 };

struct source {
	bool is_live; /* /proc/kcore of the running kernel: it is on a proc file system */
	char *core_path; /* for messages */
	char *kallsyms_path;
	int core_fd;
	int *worker_fds; /* nr_worker_fds of them, of the core, too */
	unsigned nr_worker_fds;
	int part_fds[SOURCE_MAX_PARTS]; /* nr_parts of them, of a split dump */
	unsigned nr_parts;
	char *state_path; /* of the VMware state file beside a .vmem; NULL: none */
	int state_fd;
	int scratch_fd;	      /* where a compressed core is expanded to; -1: live */
	bool is_expanded;     /* it has been, in another process with this descriptor */
	int kallsyms_fd;      /* -1: none */
	int btf_fd;	      /* -1: none */
	const char *btf_path; /* of btf_fd where the user gave it, borrowed; else NULL */
	int pageflags_fd;     /* /proc/kpageflags; -1: none */
	struct firmware firmware; /* firmware_open(), until it is the kernel's */
	enum source_symbols symbols;
	bool no_btf;	    /* as on a kernel that has none */
	unsigned phys_bits; /* MAXPHYADDR of this CPU; 52 where the core is from elsewhere
			     */
};

/* MAXPHYADDR of this CPU; 52 where it does not say. */
unsigned source_phys_bits(void);

/* source_open_live - /proc/kcore, /proc/kallsyms, /proc/kpageflags and
 * /sys/kernel/btf/vmlinux below @sysroot ("" for the running system). Says which of the
 * many reasons it is when kcore cannot be had. Returns 0, or -errno with @err filled.
 */
int source_open_live(struct source *ret, const char *sysroot, struct error *err);
/* source_open_core - a capture of kwcheck's, plain or zstd, or a dump of an x86-64
 * kernel's memory in one of the forms of kcore/form.c
 * What libraries its form needs are loaded here. Of VMware's two files, a .vmem and a
 * .vmss or .vmsn of the same name, the other one is opened, too, where it is there.
 */
int source_open_core(struct source *ret, const char *path, struct error *err);
/* source_add_part - @path is one more file of the split dump that @source is. Returns 0,
 * or -errno with @err filled.
 */
int source_add_part(struct source *source, const char *path, struct error *err);
/* source_take_btf - the types come from the file at @path, which is borrowed
 * Returns 0, or -errno with @err filled.
 */
int source_take_btf(struct source *source, const char *path, struct error *err);
/* source_open_workers - opens the core @nr times more, for as many processes
 *
 * What the kernel reads for /proc/kcore goes through one page of its own per open file
 * (fs/proc/kcore.c), without a lock: two processes that read by one descriptor get each
 * other's bytes now and then. Files are not like that: nothing is done for them. Returns
 * 0, or -errno with @err filled.
 */
int source_open_workers(struct source *source, unsigned nr, struct error *err);
void source_close(struct source *source);

#endif
