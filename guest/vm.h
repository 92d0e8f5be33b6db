/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel booted in QEMU up to its init, and the memory that it leaves. */
#ifndef KWCHECK_GUEST_VM_H
#define KWCHECK_GUEST_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "kcore/error.h"

enum {
	VM_DEFAULT_MIB = 256,
	VM_MIN_MIB = 64,
	VM_MAX_MIB = 3072, /* beyond, QEMU's memory has a hole below 4 GiB */
	VM_CPU_BYTES = 64,
	VM_PATH_BYTES = 256,
};

/* A file of the initramfs. */
struct vm_file {
	const char *name; /* below PROTOCOL_TRIAL_FOLDER */
	const void *bytes;
	size_t nr;
};

/* What is booted, and how. */
struct vm_wish {
	const char *name; /* of the image, for messages */
	const void *image;
	size_t image_bytes;
	const char *cpu;    /* QEMU's model; NULL: this host's, or what TCG has of it */
	const char *append; /* of the kernel's command line; "": nothing */
	unsigned mib;
	const struct vm_file
		*files; /* nr_files of a trial, protocol.h; 0: there is none */
	size_t nr_files;
	bool has_modprobe; /* in a trial, the kernel finds one to call */
};

/* QEMU as it is installed here. */
struct vm_qemu {
	char path[VM_PATH_BYTES];
	struct stat file;
	bool has_kvm;	   /* /dev/kvm can be opened, and was not found to be of no use */
	const char *notes; /* kvm.h's folder; NULL: nothing is remembered */
};

struct vm {
	int ram_fd; /* a file without a name: the guest's memory from address 0 on */
	/* What stood on the console; ends in a NUL. Untrusted. */
	char *console;
	bool is_kvm;
	/* false: of a trial that began, but the machine stopped or was stopped in it. */
	bool has_ended;
	char cpu[VM_CPU_BYTES];
};

/* vm_find_qemu - ERROR_NO_QEMU where there is none: what to install. Returns 0, or
 * -errno with @err filled.
 */
int vm_find_qemu(struct vm_qemu *ret, struct error *err);

/* vm_parse_memory - "512M", "1G", or a number of MiB, to MiB. Returns 0 or -EINVAL. */
int vm_parse_memory(const char *text, unsigned *ret);

/* vm_boot - boots a kernel, waits until init has spoken, ends the machine
 *
 * To be called before the privileges go; nothing that the guest wrote is parsed beyond a
 * search for three words. QEMU runs without privileges, and ends when this process does,
 * however that ends; it has no file of a name, no network, no disk. KVM is believed only
 * where a kernel starts to speak on it; else that is noted in @qemu and for the next
 * time, and the CPU is emulated. A kernel that ends in a
 * trial has booted. Returns 0, or -errno with @err filled (ERROR_NO_BOOT).
 */
int vm_boot(struct vm *ret, const struct vm_wish *wish, struct vm_qemu *qemu,
	    struct error *err);
void vm_close(struct vm *vm);

/* What init said: the "KEY=value" lines, without CRs. In a process without privileges.
 * Returns a new string, or NULL: no memory, or it did not speak.
 */
char *vm_about(const struct vm *vm);

/* vm_kallsyms - the text of the guest's /proc/kallsyms to @fd, out of its memory
 * In a process without privileges. Returns 0, -ENOENT: it is not there as a whole, or
 * -errno.
 */
int vm_kallsyms(const struct vm *vm, int fd);

#endif
