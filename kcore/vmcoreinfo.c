/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMCOREINFO: what a kernel says of itself in its core, as KEY=value lines. */
#include "kcore/vmcoreinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUE_BYTES = 128 };

int vmcoreinfo_string(const struct vmcoreinfo *info, const char *key, char *ret,
		      size_t ret_bytes)
{
	size_t key_bytes = strlen(key);
	const char *line = info->text, *end = info->text + info->size_bytes;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t line_bytes = (size_t)((newline ? newline : end) - line);

		if (line_bytes > key_bytes && memcmp(line, key, key_bytes) == 0 &&
		    line[key_bytes] == '=') {
			size_t value_bytes = line_bytes - key_bytes - 1;

			if (value_bytes >= ret_bytes)
				return -ERANGE;
			memcpy(ret, line + key_bytes + 1, value_bytes);
			ret[value_bytes] = '\0';
			return 0;
		}
		line += line_bytes + 1;
	}
	return -ENOENT;
}

/* The value of "KIND(name)=". */
static int value_of(const struct vmcoreinfo *info, const char *kind, const char *name,
		    char value[MAX_VALUE_BYTES])
{
	char key[MAX_VALUE_BYTES];

	if (snprintf(key, sizeof(key), "%s(%s)", kind, name) >= (int)sizeof(key))
		return -ENOENT;
	return vmcoreinfo_string(info, key, value, MAX_VALUE_BYTES);
}

static int parse_unsigned(const char *value, int base, uint64_t *ret)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(value, &end, base);
	if (end == value || *end != '\0' || errno)
		return -EINVAL;
	*ret = number;
	return 0;
}

int vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *ret)
{
	char value[MAX_VALUE_BYTES];
	int r = value_of(info, "SYMBOL", name, value);

	return r < 0 ? r : parse_unsigned(value, 16, ret);
}

int vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *ret)
{
	char value[MAX_VALUE_BYTES];
	int r = vmcoreinfo_string(info, key, value, sizeof(value));

	return r < 0 ? r : parse_unsigned(value, 16, ret);
}

int vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, int64_t *ret)
{
	char value[MAX_VALUE_BYTES], *end;
	uint64_t hex;
	long long number;
	int r = value_of(info, "NUMBER", name, value);

	if (r < 0)
		return r;
	if (value[0] == '0' && value[1] == 'x') {
		r = parse_unsigned(value, 16, &hex);
		if (r == 0)
			*ret = (int64_t)hex;
		return r;
	}
	errno = 0;
	number = strtoll(value, &end, 10);
	if (end == value || *end != '\0' || errno)
		return -EINVAL;
	*ret = number;
	return 0;
}

int vmcoreinfo_length(const struct vmcoreinfo *info, const char *key, size_t *ret)
{
	char value[MAX_VALUE_BYTES];
	int r = vmcoreinfo_string(info, key, value, sizeof(value));

	return r < 0 ? r : parse_unsigned(value, 10, ret);
}
