/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which form a dump of memory has, by its first bytes. */
#ifndef KWCHECK_KCORE_FORM_H
#define KWCHECK_KCORE_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum form_kind {
	FORM_NONE = 0, /* no form that is known: raw memory, if anything */
	FORM_ELF,
	FORM_KDUMP, /* makedumpfile's compressed pages: diskdump's form */
	FORM_FLAT,  /* makedumpfile -F: records of an ELF or a KDUMP */
	FORM_LIME,
	FORM_AVML,
	FORM_VMWARE, /* a .vmss or .vmsn, with the memory in it or beside it */
	FORM_GZIP,
	FORM_XZ,
	FORM_ZSTD,
	FORM_REFUSED, /* known, and not to be read */
};

/* Bytes of a file's start that tell the form. */
enum { FORM_HEAD_BYTES = 4096 };

struct form {
	enum form_kind kind;
	const char *name;   /* "a QEMU migration stream (savevm, virsh save)" */
	const char *advice; /* of FORM_REFUSED: what makes one that can be read */
};

/* The form of a file that starts with these bytes. Never NULL. */
const struct form *form_of(const void *head, size_t head_bytes);

/* The form of the file at @fd: of its first FORM_HEAD_BYTES. */
const struct form *form_of_file(int fd);

/* Is it one whose bytes come out of another file's? */
bool form_is_packed(enum form_kind kind);

#endif
