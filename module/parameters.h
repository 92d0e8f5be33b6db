/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module's parameters, and the values given for them. */
#ifndef KWCHECK_MODULE_PARAMETERS_H
#define KWCHECK_MODULE_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/modimage.h"
#include "module/paramvalue.h"

enum { PARAMETER_HARDWARE = 1 << 1 }; /* include/linux/moduleparam.h */

struct parameter {
	const char *name;
	const char *ops;  /* "param_ops_int", or the module's own operations, or "" */
	uint64_t entry;	  /* address of its struct kernel_param */
	uint64_t handler; /* the module's own set function; 0: the kernel has it */
	uint16_t mode;	  /* of the file in sysfs; 0: none */
	uint8_t flags;	  /* PARAMETER_HARDWARE: not to be set under lockdown */
	uint64_t target;  /* the variable that is set; 0: not known */
	unsigned bytes;	  /* of it; 0: not known */
	bool is_given;
	bool is_written; /* by a value that is not rejected */
	bool has_value;	 /* an integer, which value is */
	uint64_t value;
};

/* One of the words given, as kernel/params.c:parse_args() splits them. */
struct argument {
	const char *name, *value;	   /* value NULL: there was no "=" */
	const struct parameter *parameter; /* NULL: the module has none of that name */
	enum paramvalue_status status;
	int errnum; /* of PARAMVALUE_REJECTED */
};

struct parameters {
	struct parameter *array;
	size_t nr;
	struct argument *arguments;
	size_t nr_arguments;
	char *text; /* theirs */
};

/* parameters_read - the parameters of a module, and the values of @words for them
 * @mod: relocate_load() has run.
 * @words: @nr_words of "name=value", as insmod takes them; a name that the module does
 * not have is left alone, as by the kernel. Returns 0 or -ENOMEM.
 */
int parameters_read(struct parameters *ret, const struct modimage *mod,
		    const char *const words[], size_t nr_words);
void parameters_free(struct parameters *parameters);

/* The words as one text with a blank between two, to be freed; NULL: no memory. */
char *parameters_join(const char *const words[], size_t nr_words);

/* Has any of them been given a value? */
bool parameters_are_given(const struct parameters *parameters);

/* The parameter that sets the variable at @va, or NULL. */
const struct parameter *parameters_at(const struct parameters *parameters, uint64_t va);

#endif
