/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel asks of every module that is loaded. */
#ifndef KWCHECK_MODULE_POLICY_H
#define KWCHECK_MODULE_POLICY_H

#include <stdbool.h>

#include "kcore/keyring.h"

enum { POLICY_TEXT_BYTES = 256, POLICY_MAX_FILLED = 8 };

/* What the kernel's struct module asks of a file's. */
struct policy_module {
	unsigned bytes;	     /* its size; 0: not known */
	bool checks_bytes;   /* the loader compares sizes */
	uint32_t init, exit; /* offsets; 0: not known */
	/* What the loader has filled in before it relocates, where that is not 0. */
	struct policy_filled {
		uint32_t offset, bytes;
		bool wants_text; /* it is 0 for a module without .text */
	} filled[POLICY_MAX_FILLED];
	size_t nr_filled;
};

struct policy {
	bool is_disabled;	/* kernel.modules_disabled */
	bool wants_signature;	/* module.sig_enforce */
	bool is_locked_down;	/* as far as unsigned modules go, at least */
	bool checks_signatures; /* CONFIG_MODULE_SIG */
	struct keyring keys;	/* that signatures are held against */
	bool has_keys;		/* all of them are in @keys */
	uint32_t algorithms;	/* policy_has_algorithm() */
	bool has_keyrings; /* it has names for the keyrings: not having them is a lack */
	char vermagic[POLICY_TEXT_BYTES];  /* "": not known */
	char blacklist[POLICY_TEXT_BYTES]; /* module_blacklist=; "": none */
	struct policy_module module;
	/* The kernel has it, and it cannot be read: */
	bool lacks_vermagic, lacks_signature; /* one of the first three */
	bool is_nameless; /* no symbol of these variables: CONFIG_KALLSYMS_ALL is off */
	bool is_unheard;  /* and no files told what they hold */
};

/* What files of the running kernel say; NULL: there is no such file. */
struct policy_words {
	const char *modules_disabled; /* /proc/sys/kernel/modules_disabled */
	const char *sig_enforce;      /* /sys/module/module/parameters/sig_enforce */
	const char *lsm, *lockdown;   /* of /sys/kernel/security */
	const char *cmdline;	      /* /proc/cmdline */
};

/* By the kernel's own variables. The version magic is searched among its constants where
 * it has no name.
 */
void policy_read(struct policy *ret, struct kernel *kernel);
void policy_close(struct policy *policy);

/* Is it known that the kernel has algorithm @name ("sha256", "rsa") for signatures? */
bool policy_has_algorithm(const struct policy *policy, const char *name);

/* policy_hear - takes from files what a kernel without names for its variables has said
 * Nothing is done to a policy that was read from memory. is_unheard stays where the
 * files do not tell all of it.
 */
void policy_hear(struct policy *policy, const struct policy_words *words);

/* policy_read_text - the string at @va of the kernel, up to its NUL
 * false: unreadable, or not ended within POLICY_TEXT_BYTES.
 */
bool policy_read_text(struct kernel *kernel, uint64_t va, char ret[POLICY_TEXT_BYTES]);

#endif
