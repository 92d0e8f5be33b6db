/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel asks of every module that is loaded. */
#include "module/policy.h"

#include <stdlib.h>

#include "kcore/capture.h"

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
	ret->module_bytes = read_module_bytes(kernel);
	has_vermagic = symbols_address(&kernel->symbols, "vermagic", &va);
	ret->lacks_vermagic = has_vermagic &&
			      !policy_read_text(kernel, va, ret->vermagic);
	if (!has_vermagic || ret->lacks_vermagic)
		ret->vermagic[0] = '\0';
	if (kernel_read_variable(kernel, "module_blacklist", &pointer, sizeof(pointer)) <
		    0 ||
	    !pointer || !policy_read_text(kernel, pointer, ret->blacklist))
		ret->blacklist[0] = '\0';
}
