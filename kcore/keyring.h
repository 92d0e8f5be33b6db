/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Public keys in the kernel's keyrings. */
#ifndef KWCHECK_KCORE_KEYRING_H
#define KWCHECK_KCORE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"

enum {
	KEYRING_NAME_BYTES = 128,
	KEYRING_ID_BYTES = 1024,
	KEYRING_KEY_BYTES = 8192,
	KEYRING_NR_IDS = 2,
};

struct keyring_key {
	char name[KEYRING_NAME_BYTES];	  /* "Debian Secure Boot CA: 6ccece7e4c..." */
	char keyring[KEYRING_NAME_BYTES]; /* ".builtin_trusted_keys": which holds it */
	char algorithm[32];		  /* "rsa", "ecdsa-nist-p384" */
	/* By which signatures name it: serial number and issuer of its certificate,
	 * without their DER headers; its subject key identifier.
	 */
	struct {
		unsigned char bytes[KEYRING_ID_BYTES];
		size_t size_bytes; /* 0: it has none */
	} ids[KEYRING_NR_IDS];
	unsigned char bytes[KEYRING_KEY_BYTES]; /* a BIT STRING's, of its certificate */
	size_t size_bytes;
};

struct keyring {
	struct keyring_key *array;
	size_t nr, room;
};

/* Told of each piece of memory that is read. */
typedef int (*keyring_visit_fn)(void *ctx, uint64_t va, size_t size_bytes);

/* keyring_read - adds the keys that variable @variable's keyring leads to
 *
 * Keyrings linked to it are gone through, too; keys that are not public keys of
 * certificates are left out. @visit: may be NULL; what it
 * returns below 0 ends it. Returns 0, and adds nothing where the variable is 0; -ENOENT:
 * no such variable; -EFAULT: not all of it can be read, or it is laid out in no way that
 * is known; -ENOMEM; @ret has what was read. To be closed with keyring_close().
 */
int keyring_read(struct keyring *ret, struct kernel *kernel, const char *variable,
		 keyring_visit_fn visit, void *ctx);
void keyring_close(struct keyring *keyring);

/* The key that is named by @id, or NULL. */
const struct keyring_key *keyring_find(const struct keyring *keyring,
				       const unsigned char *id, size_t size_bytes);

#endif
