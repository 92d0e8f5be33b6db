/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel asks of every module that is loaded. */
#include "module/policy.h"

bool policy_read_text(struct kernel *kernel, uint64_t va, char ret[POLICY_TEXT_BYTES])
{
	return kernel_read_string(kernel, kernel_read, va, ret, POLICY_TEXT_BYTES) == 0;
}

/* Variable @name; 0: not known. */
static int read_int(struct kernel *kernel, const char *name)
{
	int value = 0;

	return kernel_read_variable(kernel, name, &value, sizeof(value)) == 0 ? value : 0;
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
	if (kernel_read_variable(kernel, "module_blacklist", &pointer, sizeof(pointer)) <
		    0 ||
	    !pointer || !policy_read_text(kernel, pointer, ret->blacklist))
		ret->blacklist[0] = '\0';
}
