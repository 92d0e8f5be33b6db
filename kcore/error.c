/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something could not be had: a stable code for machines, one line for people. */
#include "kcore/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kcore/limits.h"

enum { UNDECIDED = 2, USAGE = 64, BUG = 70 };

static const struct {
	const char *name;
	int exit_status;
} codes[ERROR_NR_CODES] = {
	[ERROR_NONE] = {"none", 0},
	[ERROR_USAGE] = {"usage", USAGE},
	[ERROR_MALFORMED_TARGET] = {"malformed-target", USAGE},
	[ERROR_RANGE_TOO_LARGE] = {"range-too-large", USAGE},
	[ERROR_NO_SUCH_SYMBOL] = {"no-such-symbol", UNDECIDED},
	[ERROR_NOT_ROOT] = {"not-root", UNDECIDED},
	[ERROR_NO_RAWIO] = {"no-cap-sys-rawio", UNDECIDED},
	[ERROR_LOCKDOWN] = {"lockdown", UNDECIDED},
	[ERROR_NO_KCORE] = {"no-kcore", UNDECIDED},
	[ERROR_MASKED_KCORE] = {"masked-kcore", UNDECIDED},
	[ERROR_NO_SYMBOLS] = {"no-symbols", UNDECIDED},
	[ERROR_KPTR_RESTRICT] = {"kptr-restrict", UNDECIDED},
	[ERROR_NO_KALLSYMS_ALL] = {"no-kallsyms-all", UNDECIDED},
	[ERROR_WRONG_ARCHITECTURE] = {"wrong-architecture", UNDECIDED},
	[ERROR_XEN_PV] = {"xen-pv", UNDECIDED},
	[ERROR_MALFORMED_CORE] = {"malformed-core", UNDECIDED},
	[ERROR_TRUNCATED_CORE] = {"truncated-core", UNDECIDED},
	[ERROR_NO_VMCOREINFO] = {"no-vmcoreinfo", UNDECIDED},
	[ERROR_SELF_TEST] = {"self-test", UNDECIDED},
	[ERROR_NO_SUCH_ROOT] = {"no-such-root", UNDECIDED},
	[ERROR_NO_SUCH_CPU] = {"no-such-cpu", UNDECIDED},
	[ERROR_UNREADABLE] = {"unreadable", UNDECIDED},
	[ERROR_FILE] = {"file", UNDECIDED},
	[ERROR_OTHER_BUILD] = {"other-build", UNDECIDED},
	[ERROR_PRIVILEGES] = {"privileges", UNDECIDED},
	[ERROR_NOT_BUILT_IN] = {"not-built-in", UNDECIDED},
	[ERROR_NO_PROCESS] = {"no-process", UNDECIDED},
	[ERROR_NO_RESOURCES] = {"no-resources", UNDECIDED},
	[ERROR_NO_QEMU] = {"no-qemu", UNDECIDED},
	[ERROR_NO_BOOT] = {"no-boot", UNDECIDED},
	[ERROR_INTERNAL] = {"internal", BUG},
};

bool error_is_of_machine(int errnum)
{
	static const int of_machine[] = {ENOMEM, EMFILE, ENFILE, EAGAIN,
					 ENOSPC, EIO,	 EINTR};

	for (size_t i = 0; i < sizeof(of_machine) / sizeof(of_machine[0]); i++)
		if (errnum == -of_machine[i])
			return true;
	return false;
}

int error_set(struct error *err, enum error_code code, int errnum, const char *format,
	      ...)
{
	va_list args;
	size_t written;

	if (err->code != ERROR_NONE)
		return errnum;
	err->code = code == ERROR_INTERNAL && error_is_of_machine(errnum)
			    ? ERROR_NO_RESOURCES
			    : code;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	written = strlen(err->message);
	limits_words(errnum, err->message + written, sizeof(err->message) - written);
	return errnum;
}

const char *error_code_name(enum error_code code)
{
	return codes[code].name;
}

int error_exit_status(enum error_code code)
{
	return codes[code].exit_status;
}
