/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an option is given. */
#include "cmd/optionvalue.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/nearest.h"

/* "a, b, c" */
static void join(const char *const words[OPTIONVALUE_MAX_WORDS], char *list, size_t room)
{
	size_t used = 0;

	*list = '\0';
	for (unsigned i = 0; i < OPTIONVALUE_MAX_WORDS; i++)
		if (words[i])
			used += (size_t)snprintf(list + used, room - used, "%s%s",
						 used ? ", " : "", words[i]);
}

int optionvalue_choose(const char *option, const char *value,
		       const char *const words[OPTIONVALUE_MAX_WORDS], unsigned *ret,
		       struct error *err)
{
	char list[128];

	for (unsigned i = 0; i < OPTIONVALUE_MAX_WORDS; i++)
		if (words[i] && strcmp(value, words[i]) == 0) {
			*ret = i;
			return 0;
		}
	join(words, list, sizeof(list));
	return error_set(err, ERROR_USAGE, -EINVAL, "--%s=%s: not one of %s", option,
			 value, list);
}

/* The place of @word among @words; OPTIONVALUE_MAX_WORDS: it is none of them. */
static unsigned place(const char *word, const char *const words[OPTIONVALUE_MAX_WORDS],
		      struct nearest *nearest)
{
	unsigned i = 0;

	for (; i < OPTIONVALUE_MAX_WORDS; i++) {
		if (!words[i])
			continue;
		if (strcmp(word, words[i]) == 0)
			break;
		nearest_offer(nearest, words[i]);
	}
	return i;
}

int optionvalue_some(const char *option, const char *value,
		     const char *const words[OPTIONVALUE_MAX_WORDS], unsigned *ret,
		     struct error *err)
{
	char list[128], word[64], guess[NEAREST_GUESS_BYTES];
	unsigned bits = 0;

	for (const char *at = value, *end; at; at = *end ? end + 1 : NULL) {
		struct nearest nearest = {.name = word};
		unsigned i;

		end = at + strcspn(at, ",");
		snprintf(word, sizeof(word), "%.*s", (int)(end - at), at);
		i = place(word, words, &nearest);
		if (i < OPTIONVALUE_MAX_WORDS) {
			bits |= 1U << i;
			continue;
		}
		join(words, list, sizeof(list));
		nearest_guess(&nearest, guess);
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "--%s=%.200s: '%s' is none of %s%s", option, value, word,
				 list, guess);
	}
	*ret = bits;
	return 0;
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
				 is_hex ? "--%s=%s: not a number it takes (0x and "
					  "hexadecimal)"
					: "--%s=%s: not a number it takes, from %" PRIu64
					  " to %" PRIu64,
				 option, value, min, max);
	*ret = number;
	return 0;
}

int optionvalue_limits(const char *value, struct machine_limits *ret, struct error *err)
{
	static const char *const names[] = {"instructions", "milliseconds", "pages",
					    "depth"};
	uint64_t numbers[4] = {ret->instructions, ret->milliseconds, ret->pages,
			       ret->depth};
	char text[256], option[64];

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
		snprintf(option, sizeof(option), "limit=%s", names[i]);
		if (optionvalue_number(option, equals + 1, false, 1, 1ULL << 40,
				       &numbers[i], err) < 0)
			return -EINVAL;
	}
	*ret = (struct machine_limits){.instructions = numbers[0],
				       .milliseconds = numbers[1],
				       .pages = numbers[2],
				       .depth = numbers[3]};
	return 0;
}
