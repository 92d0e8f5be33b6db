/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a log line, taken one after the other. */
#include "oops/scan.h"

#include <ctype.h>
#include <string.h>

bool scan_word(const char **p, const char *word)
{
	size_t bytes = strlen(word);

	if (strncmp(*p, word, bytes) != 0)
		return false;
	*p += bytes;
	return true;
}

bool scan_past(const char **p, const char *word)
{
	const char *found = strstr(*p, word);

	if (!found)
		return false;
	*p = found + strlen(word);
	return true;
}

bool scan_hex(const char **p, int min, int max, uint64_t *ret)
{
	const char *c = *p;
	uint64_t value = 0;
	int nr = 0;

	for (; isxdigit((unsigned char)*c); c++, nr++) {
		int digit = isdigit((unsigned char)*c) ? *c - '0'
						       : (*c | 0x20) - 'a' + 10;

		if (nr == max)
			return false;
		value = value << 4 | (unsigned)digit;
	}
	if (nr < min)
		return false;
	*p = c;
	*ret = value;
	return true;
}

bool scan_pointer(const char **p, uint64_t *ret)
{
	const char *c = *p;

	if (scan_hex(p, 16, 16, ret))
		return true;
	while (*c == ' ')
		c++;
	if (!scan_word(&c, "(null)"))
		return false;
	*ret = 0;
	*p = c;
	return true;
}

bool scan_decimal(const char **p, unsigned *ret)
{
	const char *c = *p;
	unsigned value = 0;

	for (; isdigit((unsigned char)*c); c++) {
		if (c - *p == 9)
			return false;
		value = value * 10 + (unsigned)(*c - '0');
	}
	if (c == *p)
		return false;
	*p = c;
	*ret = value;
	return true;
}

void scan_text(const char **p, const char *stops, char *ret, size_t ret_bytes)
{
	size_t bytes = strcspn(*p, stops);
	size_t kept = bytes < ret_bytes ? bytes : ret_bytes - 1;

	memcpy(ret, *p, kept);
	ret[kept] = '\0';
	*p += bytes;
}

void scan_rest(const char *text, char *ret, size_t ret_bytes)
{
	scan_text(&text, "", ret, ret_bytes);
}
