/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: what a kernel says of itself in its core, as KEY=value lines.
 * Documentation/admin-guide/kdump/vmcoreinfo.rst
 */
#ifndef KWCHECK_KCORE_VMCOREINFO_H
#define KWCHECK_KCORE_VMCOREINFO_H

#include <stddef.h>
#include <stdint.h>

struct vmcoreinfo {
	const char *text; /* borrowed from the note, not NUL-terminated */
	size_t size_bytes;
};

/* vmcoreinfo_string - the value of KEY= as text
 * @ret: room for @ret_bytes with the NUL. -ENOENT: no such key. -ERANGE: no room.
 */
int vmcoreinfo_string(const struct vmcoreinfo *info, const char *key, char *ret,
		      size_t ret_bytes);

/* SYMBOL(@name)=: an address, bare hexadecimal. -ENOENT, -EINVAL. */
int vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *ret);

/* NUMBER(@name)=: signed decimal, or 0x and hexadecimal on newer kernels. -ENOENT,
 * -EINVAL. */
int vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, int64_t *ret);

/* @key=: bytes, decimal, as SIZE(page) and OFFSET(page.flags) are. -ENOENT, -EINVAL. */
int vmcoreinfo_length(const struct vmcoreinfo *info, const char *key, size_t *ret);

/* @key=: bare hexadecimal, as KERNELOFFSET is. -ENOENT, -EINVAL. */
int vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *ret);

#endif
