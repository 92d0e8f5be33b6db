/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/signature.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned char bytes[16384];

/* A file of these bytes, signed by @message of @message_bytes as sign-file writes it. */
static struct kofile sign(const char *content, const void *message, size_t message_bytes)
{
	struct kofile file = {.bytes = bytes, .is_signed = true};
	size_t nr = strlen(content);

	memcpy(bytes, content, nr);
	memcpy(bytes + nr, message, message_bytes);
	nr += message_bytes;
	memset(bytes + nr, 0, 12);
	bytes[nr + 2] = 2;
	bytes[nr + 10] = (unsigned char)(message_bytes >> 8);
	bytes[nr + 11] = (unsigned char)message_bytes;
	file.signed_bytes = nr + 12;
	file.size_bytes = file.signed_bytes + 28;
	return file;
}

static enum signature_state state_of(const struct kofile *file,
				     const struct keyring *keys)
{
	struct signature signature;

	signature_read(&signature, file, keys);
	return signature.state;
}

Test(module_signature, no_signature)
{
	const struct kofile file = {.bytes = bytes, .size_bytes = 100};

	cr_expect_eq(state_of(&file, NULL), SIGNATURE_NONE);
}

Test(module_signature, a_bad_trailer)
{
	struct kofile file = sign("content", "message", 7);

	bytes[file.signed_bytes - 12 + 2] = 1;
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_UNSUPPORTED);
	bytes[file.signed_bytes - 12 + 2] = 2;
	for (unsigned i = 0; i < 8; i++) {
		if (i == 2)
			continue;
		bytes[file.signed_bytes - 12 + i] = 1;
		cr_expect_eq(state_of(&file, NULL), SIGNATURE_MALFORMED, "byte %u", i);
		bytes[file.signed_bytes - 12 + i] = 0;
	}
	bytes[file.signed_bytes - 4] = 0xff;
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_MALFORMED);
	/* As long as all that is before it. */
	file = sign("", "message", 7);
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_MALFORMED);
	file.signed_bytes = 12;
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_MALFORMED);
	file.signed_bytes = 3;
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_MALFORMED);
}

#ifdef KWCHECK_CRYPTO

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static EVP_PKEY *make_key(int type)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY *key = NULL;

	cr_assert_eq(EVP_PKEY_keygen_init(ctx), 1);
	if (type == EVP_PKEY_RSA)
		EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024);
	else
		EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1);
	cr_assert_eq(EVP_PKEY_keygen(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void add_extension(X509 *to, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);

	cr_assert_not_null(extension);
	cr_assert_eq(X509_add_ext(to, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* A certificate for @key by @issuer's key; NULL: by its own. */
static X509 *make_certificate(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *ret = X509_new();
	const char *name = issuer ? "Leaf" : "Test";
	X509V3_CTX ctx;

	X509_set_version(ret, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(ret), issuer ? 0x4711 : 0x8000);
	X509_gmtime_adj(X509_getm_notBefore(ret), 0);
	X509_gmtime_adj(X509_getm_notAfter(ret), 3600);
	X509_set_pubkey(ret, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(ret), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(ret, X509_get_subject_name(issuer ? issuer : ret));
	X509V3_set_ctx(&ctx, issuer ? issuer : ret, ret, NULL, NULL, 0);
	add_extension(ret, &ctx, NID_subject_key_identifier, "hash");
	if (issuer)
		add_extension(ret, &ctx, NID_authority_key_identifier, "keyid");
	cr_assert_gt(X509_sign(ret, issuer_key ? issuer_key : key, EVP_sha256()), 0);
	return ret;
}

/* As the kernel's X.509 parser puts it into a keyring. */
static void put_key(struct keyring *keys, X509 *certificate, const char *algorithm)
{
	static struct keyring_key key;
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(certificate);
	ASN1_BIT_STRING *public = X509_get0_pubkey_bitstr(certificate);
	const unsigned char *name;
	size_t nr;

	memset(&key, 0, sizeof(key));
	strcpy(key.algorithm, algorithm);
	strcpy(key.name, "Test");
	memcpy(key.bytes, public->data, (size_t) public->length);
	key.size_bytes = (size_t) public->length;
	/* The name's header has two bytes, of a serial number's content three are here.
	 */
	X509_NAME_get0_der(X509_get_issuer_name(certificate), &name, &nr);
	memcpy(key.ids[0].bytes, "\0\x80\0", 3);
	memcpy(key.ids[0].bytes + 3, name + 2, nr - 2);
	key.ids[0].size_bytes = 3 + nr - 2;
	key.ids[1].size_bytes = (size_t)skid->length;
	memcpy(key.ids[1].bytes, skid->data, (size_t)skid->length);
	keys->array = &key;
	keys->nr = 1;
}

static struct kofile cms_sign(const char *content, X509 *certificate, EVP_PKEY *key,
			      const EVP_MD *digest, unsigned flags)
{
	BIO *in = BIO_new_mem_buf(content, (int)strlen(content));
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL,
					CMS_BINARY | CMS_PARTIAL | CMS_DETACHED);
	unsigned char *der = NULL;
	struct kofile file;
	int n;

	cr_assert_not_null(CMS_add1_signer(cms, certificate, key, digest,
					   CMS_BINARY | CMS_NOSMIMECAP | flags));
	cr_assert_eq(CMS_final(cms, in, NULL, CMS_BINARY | CMS_DETACHED), 1);
	n = i2d_CMS_ContentInfo(cms, &der);
	cr_assert_gt(n, 0);
	file = sign(content, der, (size_t)n);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	return file;
}

enum { PLAIN = CMS_NOATTR | CMS_NOCERTS };

static void try_kind(int type, const char *algorithm, unsigned more)
{
	EVP_PKEY *key = make_key(type), *other = make_key(type);
	X509 *certificate = make_certificate(key, NULL, NULL);
	X509 *impostor = make_certificate(other, NULL, NULL);
	struct keyring keys, others, none = {0};
	struct signature signature;
	struct kofile file = cms_sign("content", certificate, key, EVP_sha384(),
				      PLAIN | more);

	put_key(&keys, certificate, algorithm);
	signature_read(&signature, &file, &keys);
	cr_expect_eq(signature.state, SIGNATURE_GOOD, "%s", signature.why ?: "?");
	cr_expect_str_eq(signature.digest, "sha384");
	cr_expect_eq(signature.key, keys.array);
	if (!more) {
		cr_expect_str_eq(signature.signer, "/CN=Test");
		cr_expect_str_eq(signature.key_id, "008000");
	}
	bytes[0] ^= 1;
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_MISFIT);
	cr_expect_eq(state_of(&file, &none), SIGNATURE_NO_KEY);
	bytes[0] ^= 1;
	cr_expect_eq(state_of(&file, &none), SIGNATURE_NO_KEY);
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_UNKNOWN);
	strcpy(keys.array[0].algorithm, "sm2");
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_UNKNOWN);
	/* A key of the same name that is another. */
	put_key(&others, impostor, algorithm);
	if (!more)
		cr_expect_eq(state_of(&file, &others), SIGNATURE_MISFIT);
	else
		cr_expect_eq(state_of(&file, &others), SIGNATURE_NO_KEY);
	X509_free(certificate);
	X509_free(impostor);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

Test(module_signature, of_each_kind_of_key)
{
	try_kind(EVP_PKEY_RSA, "rsa", 0);
	try_kind(EVP_PKEY_EC, "ecdsa-nist-p256", 0);
	/* Named by the key's id instead of the issuer and serial number. */
	try_kind(EVP_PKEY_EC, "ecdsa-nist-p256", CMS_USE_KEYID);
}

Test(module_signature, of_other_forms)
{
	static const unsigned char ecdsa[] = {0x2a, 0x86, 0x48, 0xce,
					      0x3d, 0x04, 0x03, 0x02};
	unsigned char *at;
	EVP_PKEY *key = make_key(EVP_PKEY_EC);
	X509 *certificate = make_certificate(key, NULL, NULL);
	struct keyring keys;
	struct kofile file;

	put_key(&keys, certificate, "ecdsa-nist-p256");
	file = cms_sign("content", certificate, key, EVP_sha256(), CMS_NOCERTS);
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_REJECTED);
	file = cms_sign("content", certificate, key, EVP_sha1(), PLAIN);
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_UNKNOWN);
	file = cms_sign("content", certificate, key, EVP_sha256(), PLAIN);
	bytes[7] ^= 0xff;
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_MALFORMED);
	bytes[7] ^= 0xff;
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_GOOD);
	/* ecdsa-with-SHA256, altered: a 6.12 rejects that, or takes it for unsigned. */
	at = memmem(bytes, file.size_bytes, ecdsa, sizeof(ecdsa));
	cr_assert_not_null(at);
	at[6] ^= 1;
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_UNKNOWN);
	at[6] ^= 1;
	/* A tag within the signer's name: libcrypto takes no more of it, a 6.12 does. */
	at = memmem(bytes, file.size_bytes, "\x0c\x04Test", 6);
	cr_assert_not_null(at);
	*at = 0x1c;
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_UNKNOWN);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

Test(module_signature, with_a_certificate)
{
	EVP_PKEY *key = make_key(EVP_PKEY_EC), *leaf = make_key(EVP_PKEY_EC);
	X509 *root = make_certificate(key, NULL, NULL);
	X509 *certificate = make_certificate(leaf, root, key);
	X509 *forged = make_certificate(leaf, root, leaf);
	struct keyring keys, none = {0};
	struct kofile file;

	put_key(&keys, root, "ecdsa-nist-p256");
	file = cms_sign("content", root, key, EVP_sha256(), CMS_NOATTR);
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_GOOD);
	cr_expect_eq(state_of(&file, &none), SIGNATURE_NO_KEY);
	/* The certificate in it proves that the file was changed, whoever is trusted. */
	bytes[0] ^= 1;
	cr_expect_eq(state_of(&file, &none), SIGNATURE_MISFIT);
	cr_expect_eq(state_of(&file, NULL), SIGNATURE_MISFIT);
	file = cms_sign("content", certificate, leaf, EVP_sha256(), CMS_NOATTR);
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_GOOD);
	cr_expect_eq(state_of(&file, &none), SIGNATURE_UNKNOWN);
	file = cms_sign("content", forged, leaf, EVP_sha256(), CMS_NOATTR);
	cr_expect_eq(state_of(&file, &keys), SIGNATURE_MISFIT);
	X509_free(root);
	X509_free(certificate);
	X509_free(forged);
	EVP_PKEY_free(key);
	EVP_PKEY_free(leaf);
}

#endif
