/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signature at the end of a module's file, and what the kernel would make of it. */
#include "module/signature.h"

#include <stdio.h>
#include <string.h>

/* include/linux/module_signature.h: struct module_signature, before the marker. */
enum { TRAILER_BYTES = 12, TYPE_PKCS7 = 2 };

static void end(struct signature *signature, enum signature_state state, const char *why)
{
	signature->state = state;
	signature->why = why;
}

/* kernel/module_signature.c:mod_check_sig(). 0: @ret has the message's size. */
static int read_trailer(struct signature *signature, const struct kofile *file,
			size_t *ret)
{
	/* algo, hash, id_type, signer_len, key_id_len, pad[3], sig_len (big endian) */
	static const unsigned char zeros[8];
	const unsigned char *trailer = file->bytes + file->signed_bytes - TRAILER_BYTES;
	unsigned char rest[8];
	size_t bytes;

	if (file->signed_bytes <= TRAILER_BYTES) {
		end(signature, SIGNATURE_MALFORMED, "nothing is before the marker");
		return -1;
	}
	bytes = (size_t)trailer[8] << 24 | (size_t)trailer[9] << 16 |
		(size_t)trailer[10] << 8 | trailer[11];
	if (bytes >= file->signed_bytes - TRAILER_BYTES) {
		end(signature, SIGNATURE_MALFORMED, "it is longer than the file");
		return -1;
	}
	if (trailer[2] != TYPE_PKCS7) {
		end(signature, SIGNATURE_UNSUPPORTED,
		    "not signed with expected PKCS#7 message");
		return -1;
	}
	memcpy(rest, trailer, sizeof(rest));
	rest[2] = 0;
	if (memcmp(rest, zeros, sizeof(zeros)) != 0) {
		end(signature, SIGNATURE_MALFORMED,
		    "PKCS#7 signature info has unexpected non-zero params");
		return -1;
	}
	*ret = bytes;
	return 0;
}

#ifdef KWCHECK_CRYPTO

#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

bool signature_is_built(void)
{
	return true;
}

/* What is being read, and the message's parts; borrowed of cms. */
struct reading {
	struct signature *signature;
	const unsigned char *content;
	size_t content_bytes;
	const struct keyring *keys;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *signer;
	const EVP_MD *digest;
	ASN1_OCTET_STRING *value;
	unsigned char id[KEYRING_ID_BYTES]; /* as keyring.h has it */
	size_t id_bytes;
};

static void name_key(struct signature *signature, const unsigned char *bytes, int nr)
{
	for (int i = 0; i < nr && 2 * i + 3 < SIGNATURE_TEXT_BYTES; i++)
		snprintf(signature->key_id + 2 * i, 3, "%02x", bytes[i]);
}

/* The bytes behind the header of a name's DER. */
static const unsigned char *inside(const X509_NAME *name, size_t *ret)
{
	const unsigned char *der, *at;
	size_t der_bytes;
	long bytes;
	int tag, class;

	/* OpenSSL 1.1.1 asks for a name that could be changed, and does not change it. */
	if (!X509_NAME_get0_der((X509_NAME *)name, &der, &der_bytes))
		return NULL;
	at = der;
	if (ASN1_get_object(&at, &bytes, &tag, &class, (long)der_bytes) & 0x80)
		return NULL;
	*ret = (size_t)bytes;
	return at;
}

/* crypto/asymmetric_keys/pkcs7_parser.c:pkcs7_sig_note_serial() and its like. */
static bool read_id(struct reading *reading)
{
	struct signature *signature = reading->signature;
	ASN1_OCTET_STRING *skid = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	const unsigned char *name;
	unsigned char *der = NULL, *at;
	const unsigned char *value;
	size_t name_bytes;
	long bytes;
	int n, tag, class;

	if (!CMS_SignerInfo_get0_signer_id(reading->signer, &skid, &issuer, &serial))
		return false;
	if (skid) {
		n = ASN1_STRING_length(skid);
		name_key(signature, ASN1_STRING_get0_data(skid), n);
		if ((size_t)n > sizeof(reading->id))
			return false;
		memcpy(reading->id, ASN1_STRING_get0_data(skid), (size_t)n);
		reading->id_bytes = (size_t)n;
		return true;
	}
	X509_NAME_oneline(issuer, signature->signer, sizeof(signature->signer));
	name = inside(issuer, &name_bytes);
	n = i2d_ASN1_INTEGER(serial, &der);
	at = der;
	value = at;
	if (!name || n <= 0 || ASN1_get_object(&value, &bytes, &tag, &class, n) & 0x80 ||
	    (size_t)bytes + name_bytes > sizeof(reading->id)) {
		OPENSSL_free(der);
		return false;
	}
	name_key(signature, value, (int)bytes);
	memcpy(reading->id, value, (size_t)bytes);
	memcpy(reading->id + bytes, name, name_bytes);
	reading->id_bytes = (size_t)bytes + name_bytes;
	OPENSSL_free(der);
	return true;
}

/* A public key as the kernel keeps it, for libcrypto. NULL: of no kind that is known. */
static EVP_PKEY *make_key(const struct keyring_key *key)
{
	static const struct {
		const char *name;
		int algorithm, curve;
	} rows[] = {
		{"rsa", NID_rsaEncryption, 0},
		{"ecdsa-nist-p192", NID_X9_62_id_ecPublicKey, NID_X9_62_prime192v1},
		{"ecdsa-nist-p256", NID_X9_62_id_ecPublicKey, NID_X9_62_prime256v1},
		{"ecdsa-nist-p384", NID_X9_62_id_ecPublicKey, NID_secp384r1},
		{"ecdsa-nist-p521", NID_X9_62_id_ecPublicKey, NID_secp521r1},
	};
	X509_PUBKEY *public = X509_PUBKEY_new();
	unsigned char *bytes = OPENSSL_memdup(key->bytes, key->size_bytes);
	unsigned char *der = NULL;
	const unsigned char *at;
	EVP_PKEY *ret = NULL;
	int n;

	for (size_t i = 0; public && bytes && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, key->algorithm) != 0)
			continue;
		if (!X509_PUBKEY_set0_param(public, OBJ_nid2obj(rows[i].algorithm),
					    rows[i].curve ? V_ASN1_OBJECT : V_ASN1_NULL,
					    rows[i].curve ? OBJ_nid2obj(rows[i].curve)
							  : NULL,
					    bytes, (int)key->size_bytes))
			break;
		bytes = NULL;
		n = i2d_X509_PUBKEY(public, &der);
		at = der;
		ret = n > 0 ? d2i_PUBKEY(NULL, &at, n) : NULL;
	}
	OPENSSL_free(bytes);
	OPENSSL_free(der);
	X509_PUBKEY_free(public);
	return ret;
}

static bool is_of(const struct reading *reading, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool fits = ctx &&
		    EVP_DigestVerifyInit(ctx, NULL, reading->digest, NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, ASN1_STRING_get0_data(reading->value),
				     (size_t)ASN1_STRING_length(reading->value),
				     reading->content, reading->content_bytes) == 1;

	EVP_MD_CTX_free(ctx);
	return fits;
}

/* The certificate in the message that the signer's is; NULL: there is none, as sign-file
 * makes them.
 */
static X509 *find_certificate(const struct reading *reading, STACK_OF(X509) * all)
{
	for (int i = 0; i < sk_X509_num(all); i++)
		if (CMS_SignerInfo_cert_cmp(reading->signer, sk_X509_value(all, i)) == 0)
			return sk_X509_value(all, i);
	return NULL;
}

/* Is @certificate, by whose key the message is signed, signed by a key of the kernel? Its
 * issuer is looked for by the subject key identifier alone, and not in the message.
 */
static void hold_against_issuer(struct reading *reading, X509 *certificate)
{
	struct signature *signature = reading->signature;
	const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(certificate);
	EVP_PKEY *key;

	if (X509_check_issued(certificate, certificate) == X509_V_OK) {
		end(signature, SIGNATURE_NO_KEY, "self-signed, and not among the keys");
		return;
	}
	signature->key = id ? keyring_find(reading->keys, ASN1_STRING_get0_data(id),
					   (size_t)ASN1_STRING_length(id))
			    : NULL;
	key = signature->key ? make_key(signature->key) : NULL;
	if (!key)
		end(signature, SIGNATURE_UNKNOWN,
		    "whether the kernel trusts who issued the certificate in it is not "
		    "known");
	else if (X509_verify(certificate, key) == 1)
		end(signature, SIGNATURE_GOOD, NULL);
	else
		end(signature, SIGNATURE_MISFIT, "its certificate is not by that key");
	EVP_PKEY_free(key);
}

static void hold_against_key(struct reading *reading)
{
	struct signature *signature = reading->signature;
	EVP_PKEY *key = make_key(signature->key);

	if (!key)
		end(signature, SIGNATURE_UNKNOWN,
		    "the key is of a kind that is not known");
	else if (is_of(reading, key))
		end(signature, SIGNATURE_GOOD, NULL);
	else
		end(signature, SIGNATURE_MISFIT, NULL);
	EVP_PKEY_free(key);
}

/* crypto/asymmetric_keys/pkcs7_verify.c:pkcs7_verify_one(), then pkcs7_trust.c */
static void hold_against_keys(struct reading *reading, X509 *certificate)
{
	struct signature *signature = reading->signature;
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;

	if (certificate && (!key || !is_of(reading, key))) {
		end(signature, SIGNATURE_MISFIT, "by the certificate in it");
		return;
	}
	if (!reading->keys) {
		end(signature, SIGNATURE_UNKNOWN, "the kernel's keys could not be read");
		return;
	}
	signature->key = keyring_find(reading->keys, reading->id, reading->id_bytes);
	if (signature->key)
		hold_against_key(reading);
	else if (certificate)
		hold_against_issuer(reading, certificate);
	else
		end(signature, SIGNATURE_NO_KEY, NULL);
}

/* The digests that every kernel with signatures has. */
static const EVP_MD *find_digest(const ASN1_OBJECT *of)
{
	switch (OBJ_obj2nid(of)) {
	case NID_sha224:
		return EVP_sha224();
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	}
	return NULL;
}

/* Does the message say that a key of this kind signed it? Of other algorithms the kernel
 * may know nothing. crypto/asymmetric_keys/pkcs7_parser.c:pkcs7_sig_note_pkey_algo()
 */
static bool is_algorithm_known(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *of = NULL;

	if (algorithm)
		X509_ALGOR_get0(&of, NULL, NULL, algorithm);
	switch (of ? OBJ_obj2nid(of) : NID_undef) {
	case NID_rsaEncryption:
	case NID_ecdsa_with_SHA224:
	case NID_ecdsa_with_SHA256:
	case NID_ecdsa_with_SHA384:
	case NID_ecdsa_with_SHA512:
		return true;
	}
	return false;
}

/* crypto/asymmetric_keys/pkcs7_parser.c, pkcs7_verify.c */
static void read_signer(struct reading *reading)
{
	struct signature *signature = reading->signature;
	X509_ALGOR *digest = NULL, *algorithm = NULL;
	const ASN1_OBJECT *of = NULL;
	STACK_OF(X509) * certificates;

	reading->value = CMS_SignerInfo_get0_signature(reading->signer);
	CMS_SignerInfo_get0_algs(reading->signer, NULL, NULL, &digest, &algorithm);
	if (digest)
		X509_ALGOR_get0(&of, NULL, NULL, digest);
	if (!reading->value || !of || !read_id(reading)) {
		end(signature, SIGNATURE_UNKNOWN,
		    "its signer's id is not one that is known");
		return;
	}
	OBJ_obj2txt(signature->digest, sizeof(signature->digest), of, 0);
	if (CMS_signed_get_attr_count(reading->signer) >= 0) {
		end(signature, SIGNATURE_REJECTED, "it has authattrs");
		return;
	}
	reading->digest = find_digest(of);
	if (!reading->digest) {
		end(signature, SIGNATURE_UNKNOWN,
		    "whether this kernel has its digest is not known");
		return;
	}
	if (!is_algorithm_known(algorithm)) {
		end(signature, SIGNATURE_UNKNOWN,
		    "whether this kernel has its algorithm is not known");
		return;
	}
	certificates = CMS_get1_certs(reading->cms);
	hold_against_keys(reading, find_certificate(reading, certificates));
	sk_X509_pop_free(certificates, X509_free);
}

/* Did the library fail for that? What it says then is no answer. Forgets all errors. */
static bool has_lacked_memory(void)
{
	bool has_lacked = false;
	unsigned long code;

	while ((code = ERR_get_error()))
		has_lacked |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return has_lacked;
}
/* What comes first in a PKCS#7 signed message: the lengths, which the kernel follows, the
 * kind, and the version.
 */
static bool begins_well(const unsigned char *at, size_t nr_bytes)
{
	static const unsigned char kind[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					     0xf7, 0x0d, 0x01, 0x07, 0x02},
				   tags[] = {0x30, 0xa0, 0x30};
	const unsigned char *end = at + nr_bytes;

	for (size_t i = 0; i < sizeof(tags); i++) {
		long bytes;
		int tag, class;

		if (at == end || *at != tags[i] ||
		    ASN1_get_object(&at, &bytes, &tag, &class, end - at) & 0x81 ||
		    at + bytes != end)
			return false;
		if (i > 0)
			continue;
		if ((size_t)(end - at) < sizeof(kind) ||
		    memcmp(at, kind, sizeof(kind)) != 0)
			return false;
		at += sizeof(kind);
	}
	return end - at > 2 && at[0] == 0x02 && at[1] == 0x01;
}

static void read_message(struct signature *signature, const struct kofile *file,
			 size_t bytes, const struct keyring *keys)
{
	const unsigned char *at = file->bytes + file->signed_bytes - TRAILER_BYTES -
				  bytes;
	struct reading reading = {
		.signature = signature,
		.content = file->bytes,
		.content_bytes = file->signed_bytes - TRAILER_BYTES - bytes,
		.keys = keys,
	};
	ASN1_OCTET_STRING **content;
	STACK_OF(CMS_SignerInfo) * signers;

	ERR_clear_error();
	/* No file may be opened here: a sandbox has closed that. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	reading.cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes);
	signers = reading.cms && OBJ_obj2nid(CMS_get0_type(reading.cms)) ==
					  NID_pkcs7_signed
			  ? CMS_get0_SignerInfos(reading.cms)
			  : NULL;
	content = signers ? CMS_get0_content(reading.cms) : NULL;
	if (!reading.cms && begins_well(file->bytes + reading.content_bytes, bytes)) {
		/* The kernel does not look into names and dates, and takes more. */
		end(signature, SIGNATURE_UNKNOWN,
		    "libcrypto does not take it, and the kernel might");
	} else if (!signers || sk_CMS_SignerInfo_num(signers) == 0) {
		end(signature, SIGNATURE_MALFORMED, "it is no PKCS#7 signed message");
	} else if (content && *content) {
		end(signature, SIGNATURE_MALFORMED,
		    "PKCS#7 signature with non-detached data");
	} else if (OBJ_obj2nid(CMS_get0_eContentType(reading.cms)) != NID_pkcs7_data) {
		end(signature, SIGNATURE_REJECTED, "Invalid module sig (not pkcs7-data)");
	} else if (sk_CMS_SignerInfo_num(signers) > 1) {
		end(signature, SIGNATURE_UNKNOWN, "it has several signers");
	} else {
		reading.signer = sk_CMS_SignerInfo_value(signers, 0);
		read_signer(&reading);
	}
	CMS_ContentInfo_free(reading.cms);
	if (has_lacked_memory())
		end(signature, SIGNATURE_UNKNOWN, "no memory");
}

#else

bool signature_is_built(void)
{
	return false;
}

static void read_message(struct signature *signature, const struct kofile *file,
			 size_t bytes, const struct keyring *keys)
{
	(void)file;
	(void)bytes;
	(void)keys;
	end(signature, SIGNATURE_UNKNOWN,
	    "this kwcheck was built without libcrypto, which reads signatures");
}

#endif

static void read_once(struct signature *ret, const struct kofile *file,
		      const struct keyring *keys)
{
	size_t bytes;

	*ret = (struct signature){.state = SIGNATURE_NONE};
	if (file->is_signed && read_trailer(ret, file, &bytes) == 0)
		read_message(ret, file, bytes, keys);
}

/* A library that lacks memory may say the same as of a bad signature. */
void signature_read(struct signature *ret, const struct kofile *file,
		    const struct keyring *keys)
{
	struct signature again;

	read_once(ret, file, keys);
	if (ret->state != SIGNATURE_MALFORMED && ret->state != SIGNATURE_MISFIT)
		return;
	read_once(&again, file, keys);
	if (again.state != ret->state)
		end(ret, SIGNATURE_UNKNOWN, "no memory");
}
