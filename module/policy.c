/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel asks of every module that is loaded. */
#include "module/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/capture.h"
#include "kcore/constants.h"
#include "kcore/cryptoalgs.h"
#include "kcore/release.h"

bool policy_read_text(struct kernel *kernel, uint64_t va, char ret[POLICY_TEXT_BYTES])
{
	return kernel_read_string(kernel, kernel_read, va, ret, POLICY_TEXT_BYTES) == 0;
}

/* Variable @name; 0: there is none, or it cannot be read, which sets @is_lacking. */
static int read_int(struct kernel *kernel, const char *name, bool *is_lacking)
{
	uint64_t va;
	int value = 0;

	if (kernel_read_variable(kernel, name, &value, sizeof(value)) == 0)
		return value;
	*is_lacking |= symbols_address(&kernel->symbols, name, &va);
	return 0;
}

/* By BTF; a capture says it also where it is too small for that. */
static unsigned read_module_bytes(struct kernel *kernel)
{
	const struct elfcore_note *note = elfcore_note(&kernel->core, CAPTURE_NOTE,
						       CAPTURE_LOADER);
	struct vmcoreinfo loader = {0};
	char value[16];
	uint32_t size_bytes;

	if (types_size(&kernel->types, "module", &size_bytes) == 0)
		return size_bytes;
	if (note)
		loader = (struct vmcoreinfo){.text = note->data,
					     .size_bytes = note->size_bytes};
	if (!note || vmcoreinfo_string(&loader, "MODULE_BYTES", value, sizeof(value)) < 0)
		return 0;
	return (unsigned)strtoul(value, NULL, 10);
}

/* kernel/module/main.c:elf_validity_cache_copy() has compared sizes since 6.4, the first
 * release whose struct module has mem[].
 */
static bool checks_bytes(const struct kernel *kernel)
{
	uint32_t offset;

	if (types_offset(&kernel->types, "module", "init", &offset) == 0)
		return types_offset(&kernel->types, "module", "mem", &offset) == 0;
	return release_number(kernel->release) >= RELEASE(6, 4);
}

/* kernel/module/main.c:load_module(), what comes before apply_relocations(): of these no
 * byte that a pointer could lie in is left 0.
 */
static void find_filled(struct policy_module *module, const struct types *types)
{
	static const struct {
		const char *member;
		uint32_t bytes;
		bool wants_text;
	} rows[] = {
		{"state", 4, false},	    {"list", 16, false},
		{"source_list", 16, false}, {"target_list", 16, false},
		{"core_layout", 8, false}, /* its base */
		{"mem", 8, true},	   /* since 6.4: that of mem[MOD_TEXT] */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t offset;

		if (types_offset(types, "module", rows[i].member, &offset) < 0)
			continue;
		module->filled[module->nr_filled++] = (struct policy_filled){
			offset, rows[i].bytes, rows[i].wants_text};
	}
}

static void read_module(struct policy_module *ret, struct kernel *kernel)
{
	*ret = (struct policy_module){
		.bytes = read_module_bytes(kernel),
		.checks_bytes = checks_bytes(kernel),
	};
	types_offset(&kernel->types, "module", "init", &ret->init);
	types_offset(&kernel->types, "module", "exit", &ret->exit);
	find_filled(ret, &kernel->types);
}

/* Is it a version magic: the release, a blank, and words (include/linux/vermagic.h)? */
static bool is_vermagic(const char *text, size_t room, const char *release)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_ ";
	size_t bytes = strlen(release), length = strnlen(text, room);

	return length < room && length < POLICY_TEXT_BYTES && length > bytes + 1 &&
	       memcmp(text, release, bytes) == 0 && text[bytes] == ' ' &&
	       text[length - 1] == ' ' && strspn(text + bytes, letters) == length - bytes;
}

/* The one string among the kernel's constants that is a version magic. false: none, or
 * several that differ.
 */
static bool find_vermagic(struct kernel *kernel, char ret[POLICY_TEXT_BYTES])
{
	struct constants piece = {0};
	size_t bytes = strlen(kernel->release);
	char found[POLICY_TEXT_BYTES] = "";
	bool is_sole = true;

	while (bytes && constants_next(&piece, kernel) == 0) {
		const char *start = (const char *)piece.bytes, *at = start,
			   *end = start + piece.size_bytes;

		for (; (at = memmem(at, (size_t)(end - at), kernel->release, bytes));
		     at++) {
			if ((at > start && at[-1] != '\0') ||
			    !is_vermagic(at, (size_t)(end - at), kernel->release))
				continue;
			is_sole = is_sole && (!*found || strcmp(found, at) == 0);
			snprintf(found, sizeof(found), "%s", at);
		}
	}
	constants_close(&piece);
	if (!*found || !is_sole)
		return false;
	memcpy(ret, found, sizeof(found));
	return true;
}

static const char *const algorithms[] = {
	"sha224",	   "sha256",	      "sha384",		 "sha512",	    "rsa",
	"ecdsa-nist-p192", "ecdsa-nist-p256", "ecdsa-nist-p384", "ecdsa-nist-p521",
};
enum { NR_ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

bool policy_has_algorithm(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < NR_ALGORITHMS; i++)
		if (strcmp(algorithms[i], name) == 0)
			return policy->algorithms >> i & 1;
	return false;
}

/* certs/system_keyring.c:verify_pkcs7_message_sig(), for VERIFY_USE_SECONDARY_KEYRING and
 * VERIFY_USE_PLATFORM_KEYRING. The builtin and the machine's keyring are linked to the
 * secondary one.
 */
static void read_keys(struct policy *policy, struct kernel *kernel)
{
	uint64_t va;
	int r;

	policy->checks_signatures =
		symbols_address(&kernel->symbols, "mod_verify_sig", &va) ||
		symbols_address(&kernel->symbols, "module_sig_check", &va);
	if (!policy->checks_signatures)
		return;
	policy->has_keyrings = symbols_address(&kernel->symbols, "builtin_trusted_keys",
					       &va);
	r = keyring_read(&policy->keys, kernel, "secondary_trusted_keys", NULL, NULL);
	if (r == -ENOENT)
		r = keyring_read(&policy->keys, kernel, "builtin_trusted_keys", NULL,
				 NULL);
	if (r == 0)
		r = keyring_read(&policy->keys, kernel, "platform_trusted_keys", NULL,
				 NULL);
	cryptoalgs_find(kernel, algorithms, NR_ALGORITHMS, NULL, NULL,
			&policy->algorithms);
	policy->has_keys = policy->has_keyrings && (r == 0 || r == -ENOENT);
}

void policy_close(struct policy *policy)
{
	keyring_close(&policy->keys);
}

void policy_read(struct policy *ret, struct kernel *kernel)
{
	enum { LOCKDOWN_MODULE_SIGNATURE = 1 }; /* include/linux/security.h */
	uint64_t va, pointer = 0;
	bool is_lacking = false, has_vermagic;

	*ret = (struct policy){
		.is_disabled = read_int(kernel, "modules_disabled", &is_lacking),
		/* a bool */
		.wants_signature = read_int(kernel, "sig_enforce", &is_lacking) & 0xff,
		.is_locked_down = read_int(kernel, "kernel_locked_down", &is_lacking) >=
				  LOCKDOWN_MODULE_SIGNATURE,
	};
	ret->lacks_signature = is_lacking;
	read_module(&ret->module, kernel);
	read_keys(ret, kernel);
	has_vermagic = symbols_address(&kernel->symbols, "vermagic", &va);
	ret->lacks_vermagic = has_vermagic &&
			      !policy_read_text(kernel, va, ret->vermagic);
	if (!has_vermagic || ret->lacks_vermagic)
		ret->vermagic[0] = '\0';
	ret->is_nameless = kernel->has_symbols &&
			   !symbols_address(&kernel->symbols, "modules_disabled", &va);
	ret->is_unheard = ret->is_nameless;
	if (ret->is_nameless && !has_vermagic)
		find_vermagic(kernel, ret->vermagic);
	if (kernel_read_variable(kernel, "module_blacklist", &pointer, sizeof(pointer)) <
		    0 ||
	    !pointer || !policy_read_text(kernel, pointer, ret->blacklist))
		ret->blacklist[0] = '\0';
}

/* "module_blacklist=a,b" of the command line; the last of several counts. */
static void hear_blacklist(struct policy *policy, const char *cmdline)
{
	static const char key[] = "module_blacklist=";

	for (const char *word = cmdline; *word; word += strspn(word, " \n")) {
		size_t bytes = strcspn(word, " \n");

		if (strncmp(word, key, sizeof(key) - 1) == 0)
			snprintf(policy->blacklist, sizeof(policy->blacklist), "%.*s",
				 (int)(bytes - (sizeof(key) - 1)),
				 word + sizeof(key) - 1);
		word += bytes;
	}
}

void policy_hear(struct policy *policy, const struct policy_words *words)
{
	if (!policy->is_nameless || !words->modules_disabled || !words->cmdline)
		return;
	policy->is_disabled = *words->modules_disabled == '1';
	/* Without CONFIG_MODULE_SIG there is no such file. */
	policy->wants_signature = words->sig_enforce && *words->sig_enforce == 'Y';
	policy->is_locked_down = words->lockdown && !strstr(words->lockdown, "[none]");
	hear_blacklist(policy, words->cmdline);
	/* securityfs that is not mounted says nothing of lockdown. */
	policy->is_unheard = !words->lsm;
}
