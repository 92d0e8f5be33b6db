/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck dmesg: the kernel's log, out of its memory. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/session.h"
#include "cmd/verbs.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/printk.h"

/* Calls @each for every line, without its end. */
static void each_line(char *text, void (*each)(void *ctx, const char *line), void *ctx)
{
	for (char *line = text, *end; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		if (*end == '\0')
			return;
		*end = '\0';
		each(ctx, line);
	}
}

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	text_safe(stdout, line);
	putchar('\n');
}

static void put_line(void *ctx, const char *line)
{
	json_result(ctx, json_pack("{s:o}", "text", json_text(line)));
}

static int answer(const struct options *options, struct kernel *kernel)
{
	_cleanup_free_ char *text = NULL;
	struct kernelfacts facts;
	struct error err = {0};
	struct json json;
	uint64_t nr_lost;
	size_t nr_bytes;
	int r = printk_read(kernel, &text, &nr_bytes, &nr_lost, &err);

	if (r == 0)
		r = loss_check(&err);
	if (r < 0)
		return session_fail(options, &err);
	/* A NUL is no text. */
	for (size_t i = 0; i < nr_bytes; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	kernelfacts_of(kernel, &facts);
	if (options->json) {
		json_begin(&json, options->verb->name, &facts);
		each_line(text, put_line, &json);
		json_end(&json, NULL, 0);
	} else if (!options->quiet) {
		each_line(text, print_line, NULL);
	}
	if (nr_lost && !options->quiet)
		fprintf(stderr,
			"kwcheck: %" PRIu64 " records could not be read: their "
			"memory is not there, or was being written\n",
			nr_lost);
	return nr_lost ? EXIT_UNDECIDED : EXIT_YES;
}

int dmesg_run(const struct options *options)
{
	struct kernel kernel;
	struct source source;
	struct error err = {0};
	int status;

	if (session_open(options, &source, &kernel, &err) < 0)
		return session_fail(options, &err);
	status = answer(options, &kernel);
	session_close(&source, &kernel);
	return status;
}
