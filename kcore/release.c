/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's release as a number. */
#include "kcore/release.h"

#include <ctype.h>
#include <stdbool.h>

enum { MAX_NUMBER = 255 };

static bool take_number(const char **text, unsigned *ret)
{
	const char *at = *text;
	unsigned number = 0;

	for (; isdigit((unsigned char)*at) && number <= MAX_NUMBER; at++)
		number = number * 10 + (unsigned)(*at - '0');
	if (at == *text || number > MAX_NUMBER)
		return false;
	*text = at;
	*ret = number;
	return true;
}

unsigned release_number(const char *release)
{
	unsigned major, minor;

	if (!take_number(&release, &major) || *release++ != '.' ||
	    !take_number(&release, &minor))
		return 0;
	return RELEASE(major, minor);
}
