/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an option is given. Each function returns 0, or -EINVAL with @err filled. */
#ifndef KWCHECK_CMD_OPTIONVALUE_H
#define KWCHECK_CMD_OPTIONVALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "kcore/error.h"
#include "machine/limits.h"

enum { OPTIONVALUE_MAX_WORDS = 6 };

/* One of @words, some of which may be NULL; @ret: its place among them. */
int optionvalue_choose(const char *option, const char *value,
		       const char *const words[OPTIONVALUE_MAX_WORDS], unsigned *ret,
		       struct error *err);

/* "word,word": some of @words; @ret: a bit for the place of each among them. */
int optionvalue_some(const char *option, const char *value,
		     const char *const words[OPTIONVALUE_MAX_WORDS], unsigned *ret,
		     struct error *err);

/* A whole number from @min to @max: hexadecimal with 0x where @is_hex, else decimal. */
int optionvalue_number(const char *option, const char *value, bool is_hex, uint64_t min,
		       uint64_t max, uint64_t *ret, struct error *err);

/* "instructions=N,pages=N": any of the bounds; the others stay as they are in @ret. */
int optionvalue_limits(const char *value, struct machine_limits *ret, struct error *err);

#endif
