/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a kernel log on its way through terminals, mail and bug trackers. */
#ifndef KWCHECK_TESTS_MANGLE_H
#define KWCHECK_TESTS_MANGLE_H

#include <stdbool.h>
#include <stddef.h>

/* In the order in which it happens to a log. */
enum mangle_stage {
	MANGLE_PREFIX = 0,
	MANGLE_LINES,
	MANGLE_WRAP,
	MANGLE_QUOTE,
	MANGLE_TRACKER,
	MANGLE_ENCODE,
	MANGLE_BYTES,
};

struct mangle {
	const char *name;
	enum mangle_stage stage;
	/* Of @nr bytes of @text, by @seed; malloc'ed, *@ret_nr of it. */
	char *(*run)(const char *text, size_t nr, unsigned seed, size_t *ret_nr);
	bool is_lossy; /* some of the text is gone afterwards */
};

/* All of them, the last one without a name. */
extern const struct mangle mangles[];

#endif
