/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel asks of every module that is loaded. */
#include "module/policy.h"

#include <string.h>

/* Page by page: the string may end before one that is not there. */
bool policy_read_text(struct kernel *kernel, uint64_t va, char ret[POLICY_TEXT_BYTES])
{
	for (size_t i = 0, n; i < POLICY_TEXT_BYTES; i += n) {
		n = PAGE_BYTES - (va + i) % PAGE_BYTES;
		if (n > POLICY_TEXT_BYTES - i)
			n = POLICY_TEXT_BYTES - i;
		if (kernel_read(kernel, va + i, ret + i, n) < 0)
			return false;
		if (memchr(ret + i, '\0', n))
			return true;
	}
	return false;
}

/* Variable @name; 0: not known. */
static int read_int(struct kernel *kernel, const char *name)
{
	uint64_t va;
	int value = 0;

	if (!symbols_address(&kernel->symbols, name, &va) ||
	    kernel_read(kernel, va, &value, sizeof(value)) < 0)
		return 0;
	return value;
}

void policy_read(struct policy *ret, struct kernel *kernel)
{
	enum { LOCKDOWN_MODULE_SIGNATURE = 1 }; /* include/linux/security.h */
	uint64_t va, pointer = 0;

	*ret = (struct policy){
		.is_disabled = read_int(kernel, "modules_disabled"),
		.wants_signature = read_int(kernel, "sig_enforce") & 0xff, /* a bool */
		.is_locked_down = read_int(kernel, "kernel_locked_down") >=
				  LOCKDOWN_MODULE_SIGNATURE,
	};
	if (!symbols_address(&kernel->symbols, "vermagic", &va) ||
	    !policy_read_text(kernel, va, ret->vermagic))
		ret->vermagic[0] = '\0';
	if (!symbols_address(&kernel->symbols, "module_blacklist", &va) ||
	    kernel_read(kernel, va, &pointer, sizeof(pointer)) < 0 || !pointer ||
	    !policy_read_text(kernel, pointer, ret->blacklist))
		ret->blacklist[0] = '\0';
}
