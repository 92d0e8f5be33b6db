/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What standard output leads to. */
#include "cmd/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_UNTOLD = 80, WIDTH_LEAST = 20, WIDTH_MOST = 10000 };

static struct {
	bool has_looked, is_terminal;
	unsigned width;
} seen;

/* As long as it is a number that a terminal may have. */
static unsigned width_of(const char *columns)
{
	long width = columns ? strtol(columns, NULL, 10) : 0;

	return width >= WIDTH_LEAST && width <= WIDTH_MOST ? (unsigned)width : 0;
}

void terminal_look(void)
{
	struct winsize size = {0};

	seen.has_looked = true;
	seen.is_terminal = isatty(STDOUT_FILENO);
	if (!seen.is_terminal)
		return;
	seen.width = width_of(getenv("COLUMNS"));
	if (!seen.width && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		seen.width = size.ws_col;
	if (seen.width < WIDTH_LEAST)
		seen.width = WIDTH_UNTOLD;
}

bool terminal_is_one(void)
{
	if (!seen.has_looked)
		terminal_look();
	return seen.is_terminal;
}

unsigned terminal_width(void)
{
	return terminal_is_one() ? seen.width : 0;
}

/* A serial console's and Emacs's shell is "dumb"; nobody said what another one is. */
bool terminal_can_go_back(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && strcmp(term, "unknown") != 0;
}

bool terminal_has_color(void)
{
	return terminal_is_one() && terminal_can_go_back();
}
