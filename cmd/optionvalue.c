/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an option is given. */
#include "cmd/optionvalue.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int optionvalue_choose(const char *option, const char *value,
		       const char *const words[OPTIONVALUE_MAX_WORDS], unsigned *ret,
		       struct error *err)
{
	char list[128] = "";
	size_t used = 0;

	for (unsigned i = 0; i < OPTIONVALUE_MAX_WORDS; i++) {
		if (!words[i])
			continue;
		if (strcmp(value, words[i]) == 0) {
			*ret = i;
			return 0;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 used ? ", " : "", words[i]);
	}
	return error_set(err, ERROR_USAGE, -EINVAL, "--%s=%s: not one of %s", option,
			 value, list);
}

int optionvalue_number(const char *option, const char *value, bool is_hex, uint64_t min,
		       uint64_t max, uint64_t *ret, struct error *err)
{
	const char *digits = is_hex && strncmp(value, "0x", 2) == 0 ? value + 2 : value;
	bool is_prefixed = digits != value;
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(digits, &end, is_hex ? 16 : 10);
	if (errno || end == digits || *end || !isxdigit((unsigned char)*digits) ||
	    is_hex != is_prefixed || number < min || number > max)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s=%s: not a number it takes%s", option, value,
				 is_hex ? " (0x and hexadecimal)" : "");
	*ret = number;
	return 0;
}

int optionvalue_limits(const char *value, struct machine_limits *ret, struct error *err)
{
	static const char *const names[] = {"instructions", "milliseconds", "pages",
					    "depth"};
	uint64_t numbers[4] = {ret->instructions, ret->milliseconds, ret->pages,
			       ret->depth};
	char text[256];

	if (snprintf(text, sizeof(text), "%s", value) >= (int)sizeof(text))
		return error_set(err, ERROR_USAGE, -EINVAL, "--limit: too long a list");
	for (char *save = NULL, *word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(word, '=');
		size_t i = 0;

		if (equals)
			*equals = '\0';
		while (i < 4 && strcmp(word, names[i]) != 0)
			i++;
		if (!equals || i == 4)
			return error_set(err, ERROR_USAGE, -EINVAL,
					 "--limit=%s: a list of instructions=N, "
					 "milliseconds=N, pages=N, depth=N",
					 value);
		if (optionvalue_number("limit", equals + 1, false, 1, 1ULL << 40,
				       &numbers[i], err) < 0)
			return -EINVAL;
	}
	*ret = (struct machine_limits){.instructions = numbers[0],
				       .milliseconds = numbers[1],
				       .pages = numbers[2],
				       .depth = numbers[3]};
	return 0;
}
