/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a long run is, in one line of a terminal that is wiped before anything else. */
#include "cmd/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cmd/terminal.h"

static const uint64_t LEAST_NS = 100 * 1000 * 1000;

static uint64_t now_ns(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void progress_open(struct progress *ret, const struct options *options)
{
	*ret = (struct progress){.is_shown = !options->quiet && isatty(STDERR_FILENO) &&
					     terminal_can_go_back()};
}

void progress_tell(struct progress *progress, const char *format, ...)
{
	uint64_t now = progress->is_shown ? now_ns() : 0;
	va_list args;

	if (!progress->is_shown ||
	    (progress->last_ns && now - progress->last_ns < LEAST_NS))
		return;
	progress->last_ns = now;
	progress->is_on_screen = true;
	fputs("\r\033[K", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

void progress_wipe(struct progress *progress)
{
	if (progress->is_on_screen)
		fputs("\r\033[K", stderr);
	progress->is_on_screen = false;
}
