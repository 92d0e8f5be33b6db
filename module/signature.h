/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signature at the end of a module's file, and what the kernel would make of it. */
#ifndef KWCHECK_MODULE_SIGNATURE_H
#define KWCHECK_MODULE_SIGNATURE_H

#include "kcore/keyring.h"
#include "module/kofile.h"

enum signature_state {
	SIGNATURE_NONE = 0,
	SIGNATURE_MALFORMED, /* EBADMSG, whatever is enforced */
	SIGNATURE_REJECTED,  /* EKEYREJECTED, likewise: of a form that the kernel refuses
			      */
	SIGNATURE_MISFIT,    /* EKEYREJECTED, likewise: it is of other bytes */
	SIGNATURE_UNSUPPORTED, /* ENOPKG: as if there were none */
	SIGNATURE_NO_KEY,      /* ENOKEY: as if there were none */
	SIGNATURE_GOOD,
	SIGNATURE_UNKNOWN, /* it could not be tested: see why */
};

enum { SIGNATURE_TEXT_BYTES = 160 };

struct signature {
	enum signature_state state;
	const char *why;		   /* of what is neither good nor none; or NULL */
	char signer[SIGNATURE_TEXT_BYTES]; /* the issuer of its certificate, "" */
	char key_id[SIGNATURE_TEXT_BYTES]; /* its serial number or subject key id, in hex
					    */
	char digest[32];		   /* "SHA256", "" */
	const struct keyring_key *key; /* that it was held against; in @keys, or NULL */
};

/* signature_read - the signature of @file, held against @keys
 *
 * As kernel/module/signing.c:mod_verify_sig() and crypto/asymmetric_keys/pkcs7_*.c do.
 * @file: parsed. @keys: all keys that the kernel would ask; NULL: they are not known.
 */
void signature_read(struct signature *ret, const struct kofile *file,
		    const struct keyring *keys);

/* Was this program built with what reads signatures? */
bool signature_is_built(void);

#endif
