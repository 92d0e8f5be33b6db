/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something could not be had: a stable code for machines, one line for people. */
#ifndef KWCHECK_KCORE_ERROR_H
#define KWCHECK_KCORE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* Each row of error.c's table gives the code's name in JSON and the exit status it calls
 * for. A new code is a new row.
 */
enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE,
	ERROR_MALFORMED_TARGET,
	ERROR_RANGE_TOO_LARGE,
	ERROR_NO_SUCH_SYMBOL,
	ERROR_NOT_ROOT,
	ERROR_NO_RAWIO,
	ERROR_LOCKDOWN,
	ERROR_NO_KCORE,
	ERROR_MASKED_KCORE,
	ERROR_NO_SYMBOLS,
	ERROR_KPTR_RESTRICT,
	ERROR_NO_KALLSYMS_ALL,
	ERROR_WRONG_ARCHITECTURE,
	ERROR_XEN_PV,
	ERROR_MALFORMED_CORE,
	ERROR_TRUNCATED_CORE,
	ERROR_NO_VMCOREINFO,
	ERROR_SELF_TEST,
	ERROR_NO_SUCH_ROOT,
	ERROR_NO_SUCH_CPU,
	ERROR_UNREADABLE,
	ERROR_FILE,
	ERROR_OTHER_BUILD,
	ERROR_PRIVILEGES,
	ERROR_NOT_BUILT_IN,
	ERROR_NO_PROCESS,
	ERROR_NO_RESOURCES,
	ERROR_NO_QEMU,
	ERROR_NO_BOOT,
	ERROR_INTERNAL,
	ERROR_NR_CODES,
};

struct error {
	enum error_code code;
	/* What, why, what to do, in one line. May hold bytes of untrusted input. */
	char message[512];
};

/* error_set - fills @err and returns @errnum (a negative errno) for the caller to return.
 *
 * The innermost call wins: an @err that already holds a code is left as it is, because
 * the point of knowledge is deepest. ERROR_INTERNAL with an @errnum by which the machine
 * says that it has no memory, file or disk left is no bug of ours: ERROR_NO_RESOURCES.
 * Where a limit of this process explains @errnum the message ends with that (limits.h).
 */
__attribute__((format(printf, 4, 5))) int
error_set(struct error *err, enum error_code code, int errnum, const char *format, ...);

/* Is @errnum (negative) one by which the machine says that it has no memory, file,
 * process or disk left, or that a device failed?
 */
bool error_is_of_machine(int errnum);

/* "no-such-symbol", ...: stable. */
const char *error_code_name(enum error_code code);

/* The exit status a failure of this kind calls for: 2, 64 or 70. */
int error_exit_status(enum error_code code);

#endif
