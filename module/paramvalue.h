/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's own set functions of parameters make of a value. */
#ifndef KWCHECK_MODULE_PARAMVALUE_H
#define KWCHECK_MODULE_PARAMVALUE_H

#include <stdbool.h>
#include <stdint.h>

enum paramvalue_status {
	PARAMVALUE_NOT_TESTED = 0, /* no rule is known, or kernels differ */
	PARAMVALUE_TAKEN,
	PARAMVALUE_REJECTED,
};

struct paramvalue {
	enum paramvalue_status status;
	int errnum;	/* of PARAMVALUE_REJECTED: EINVAL, ERANGE, ... */
	bool has_value; /* an integer, which value is */
	uint64_t value;
};

/* paramvalue_judge - kernel/params.c:param_set_*()
 * @ops: "param_ops_int" and the like. @value: NULL where there was no "=".
 */
struct paramvalue paramvalue_judge(const char *ops, const char *value);

/* How many bytes these operations of the kernel's write at arg; 0: not known. */
unsigned paramvalue_bytes(const char *ops);

#endif
